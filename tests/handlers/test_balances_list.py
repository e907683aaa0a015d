"""The list that follows `/transfer balances`: whole, inert, as soon as it is read, and never awaited for ever."""

from __future__ import annotations

import asyncio
import ssl
from decimal import Decimal

import pytest
from desk_bench import ALICE, DeskBench
from shares import MAKER, SPOT, read
from shown import HOSTILE, NOW, obeyed

from bot.accounts import Account
from bot.desk import Inquiry, Line
from bot.journal import Holding
from handlers.balances import BalanceAnswers, balances
from handlers.bell import Bell
from handlers.replies import Replies

READ = f"<!date^{int(NOW.timestamp())}^{{date_short_pretty}} {{time_secs}}|2026-11-21 10:15:00 UTC>"
URL = "http://127.0.0.1:9/response/1"


def line(account: str = "htx:spot", currency: str = "USDT", available: str | None = "1250.5", **more: object) -> Line:
    holding = Holding(None if available is None else Decimal(available), str(more.get("problem", "")), NOW)
    awaited, hidden = bool(more.get("awaited")), str(more.get("hidden", ""))
    return Line(account, currency, None if more.get("unread") else holding, hidden, awaited)


def test_an_account_is_one_line_with_every_currency_and_its_age() -> None:
    told = balances((line(), line(currency="BTC", available="0"), line("htx:swap", "BTC", "-0.5")))
    assert told.split("\n") == [
        "*What can leave each account*",
        f"`htx:spot` *1,250.50 USDT*, read {READ}; *0 BTC*, read {READ}",
        f"`htx:swap` *-0.5 BTC*, read {READ}",
    ]


def test_what_is_not_known_is_told_with_the_reason() -> None:
    told = balances(
        (
            line("coinw:master", hidden="not readable through the API"),
            line("htx:otc", unread=True, awaited=True),
            line("htx:spot", available=None, problem="could not be read: HTTP 502"),
            line("htx:swap", awaited=True),
        )
    ).split("\n")
    assert told[1:4] == [
        "`coinw:master` USDT not readable through the API",
        "`htx:otc` USDT being read",
        f"`htx:spot` USDT could not be read: HTTP 502, tried {READ}",
    ]
    assert told[4].endswith(", being read")


@pytest.mark.parametrize("digits", [10, 40])
def test_a_list_of_any_length_is_one_message_that_says_what_it_leaves_out(digits: int) -> None:
    told = balances(tuple(line(f"{'c' * 21}:{number:018d}", available="9" * digits) for number in range(500)))
    assert len(told) < 4000
    shown = told.count("`") // 2
    assert told.endswith(f"and {500 - shown} more accounts")


def test_an_account_of_many_currencies_is_told_as_far_as_it_fits_and_so_are_those_after_it() -> None:
    many = tuple(line(currency=f"COIN{number:03d}", available="9" * 15) for number in range(200))
    told = balances((*many, line("htx:swap"))).split("\n")
    assert told[1].startswith(f"`htx:spot` *999,999,999,999,999.00 COIN000*, read {READ}; ")
    assert told[1].endswith(f"and {200 - told[1].count('COIN')} more currencies")
    assert told[2] == f"`htx:swap` *1,250.50 USDT*, read {READ}"


def test_nothing_in_it_is_obeyed() -> None:
    assert obeyed({"text": balances((line(HOSTILE, available=None, problem=HOSTILE * 20),))}) == []


class Heard(Replies):
    """Private answers, kept instead of sent."""

    def __init__(self, bench: DeskBench) -> None:
        super().__init__(bench.clock, ssl.create_default_context(), local=True)
        self.told: list[tuple[str, str]] = []

    async def answer(self, response_url: str, text: str, blocks: list[dict[str, object]] | None = None) -> None:
        self.told.append((response_url, text))


def inquiry(bench: DeskBench) -> Inquiry:
    asked = bench.desk.ask_balances(ALICE, "htx", bench.soon).result()
    assert isinstance(asked, Inquiry)
    return asked


def test_the_list_follows_the_last_reading_at_once(threaded_bench: DeskBench) -> None:
    async def act() -> None:
        heard = Heard(threaded_bench)
        answers = BalanceAnswers(threaded_bench.desk, heard, wait_s=60)
        follow = asyncio.create_task(answers.follow(inquiry(threaded_bench), URL))
        await asyncio.to_thread(read, threaded_bench, "7")
        await asyncio.to_thread(read, threaded_bench, "8", MAKER)
        assert heard.told == []
        await asyncio.to_thread(read, threaded_bench, "9", Account("htx", "linear-swap"))
        async with asyncio.timeout(10):
            await follow
        ((url, told),) = heard.told
        assert url == URL
        assert "`htx:spot` *7 USDT*" in told
        assert "`htx:linear-swap` *9 USDT*" in told

    asyncio.run(act())


def test_after_a_while_the_list_comes_with_what_there_is(threaded_bench: DeskBench) -> None:
    async def act() -> None:
        heard = Heard(threaded_bench)
        asked = inquiry(threaded_bench)
        read(threaded_bench, "7", SPOT)
        await BalanceAnswers(threaded_bench.desk, heard, wait_s=0.05).follow(asked, URL)
        ((_, told),) = heard.told
        assert "`htx:spot` *7 USDT*" in told
        assert "`htx:linear-swap` USDT being read" in told

    asyncio.run(act())


def test_a_bell_rings_for_everybody_who_listens_and_for_nobody_else(threaded_bench: DeskBench) -> None:
    async def act() -> None:
        bell = Bell(threaded_bench.desk)
        with bell.listening() as first, bell.listening() as second:
            threaded_bench.ask()
            async with asyncio.timeout(10):
                await asyncio.gather(first.wait(), second.wait())
        with bell.listening() as late:
            threaded_bench.journal.run(lambda tx: None).result()
            await asyncio.sleep(0)
            assert not late.is_set()

    asyncio.run(act())
