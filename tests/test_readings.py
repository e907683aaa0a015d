"""Readers: one balance at a time, at the exchange's pace, and the cards that show it drawn anew."""

from __future__ import annotations

from decimal import Decimal

import pytest
from clock import VirtualClock
from desk_bench import BOB, DeskBench, ScriptedExchange, rule_says

from bot.accounts import Account
from bot.desk import Preview, Side
from bot.errors import BalanceHidden, ExchangeUnreadable
from bot.journal import Holding
from bot.lanes import IDLE_S, JOURNAL_RETRY_S, RATE_LIMIT_REST_S
from bot.readings import Reader

SPOT, CROSS = "htx:spot", "htx:linear-swap"
ISOLATED = "250 usdt htx:spot -> htx:linear-swap/BTC-USDT"
NO_NOTING = (
    "CREATE TRIGGER no_noting BEFORE UPDATE ON balances WHEN NEW.at IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
)


@pytest.fixture
def exchange(clock: VirtualClock) -> ScriptedExchange:
    return ScriptedExchange(clock)


@pytest.fixture
def reader(bench: DeskBench, exchange: ScriptedExchange) -> Reader:
    return Reader(exchange, bench.desk, bench.clock)


def read_all(bench: DeskBench, reader: Reader) -> None:
    """Let the reader do all that is wanted, taking the time it asks for."""
    while (wait := reader.step()) < IDLE_S:
        bench.clock.advance(wait)


def holding(bench: DeskBench, account: str) -> Holding | None:
    return bench.journal.run(lambda tx: tx.balances.of(Account.from_canonical(account), "USDT")).result()


# What is read


def test_a_proposal_has_both_sides_read_and_shown_before_and_after(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    exchange.balances = {SPOT: "1200", CROSS: "0.5"}
    transfer = bench.proposed()
    unread = Side(None, None, None, "")
    assert bench.view(transfer).preview == Preview(unread, unread)
    first = bench.clock.now()
    read_all(bench, reader)
    assert exchange.balances_asked == [(CROSS, "USDT"), (SPOT, "USDT")]
    shown = bench.view(transfer).preview
    assert shown is not None
    assert (shown.source.now, shown.source.after) == (Decimal(1200), Decimal(950))
    assert shown.destination == Side(Decimal("0.5"), Decimal("250.5"), first, "")
    assert not shown.is_short


def test_too_little_is_known_as_soon_as_it_is_read(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    exchange.balances = {SPOT: "249.99999999"}
    transfer = bench.proposed()
    read_all(bench, reader)
    shown = bench.view(transfer).preview
    assert shown is not None
    assert shown.is_short
    assert shown.source.after == Decimal("-0.00000001")


def test_each_reading_draws_the_open_cards_that_show_it_anew_and_no_others(bench: DeskBench, reader: Reader) -> None:
    mine, other = bench.proposed(), bench.proposed("10 usdt coinw:master -> coinw:maker", BOB)
    gone = bench.proposed("20 usdt htx:linear-swap -> htx:spot")
    bench.cancel(gone)
    bench.post()
    reader.step()
    assert [parcel.transfer_id for parcel in bench.parcels("card")] == [mine.id]
    assert other.id not in [parcel.transfer_id for parcel in bench.parcels()]


def test_a_transfer_on_its_way_shows_no_preview_and_is_not_drawn_anew(bench: DeskBench, reader: Reader) -> None:
    transfer = bench.sending()
    assert bench.view(transfer).preview is None
    bench.post()
    read_all(bench, reader)
    assert bench.parcels("card") == []


def test_both_sides_are_read_again_when_others_are_asked_and_when_it_is_asked_again(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    bench.restart(rule_says('approvals = [{ above = "100", count = 1, from = "treasurers" }]'))
    reader = Reader(exchange, bench.desk, bench.clock)
    transfer = bench.proposed()
    read_all(bench, reader)
    bench.confirm(transfer)
    assert bench.state(transfer) == "awaiting_approval"
    read_all(bench, reader)
    assert len(exchange.balances_asked) == 4
    bench.reload(('per_transfer = "1000"', 'per_transfer = "900"'))
    assert bench.get(transfer.id).version == 2
    read_all(bench, reader)
    assert len(exchange.balances_asked) == 6


@pytest.mark.parametrize("text", [ISOLATED, "10 usdt coinw:master -> coinw:maker"])
def test_what_no_api_tells_is_never_asked_for_and_said_at_once(
    bench: DeskBench, clock: VirtualClock, text: str
) -> None:
    transfer = bench.proposed(text)
    shown = bench.view(transfer).preview
    assert shown is not None
    hidden = Side(None, None, None, "not readable through the API")
    assert hidden in (shown.source, shown.destination)
    exchange = ScriptedExchange(clock, transfer.route.exchange)
    read_all(bench, Reader(exchange, bench.desk, clock))
    assert len(exchange.balances_asked) == 1


# What cannot be read


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (BalanceHidden("HTX answered HTTP 200, invalid-parameter"), "not readable through the API"),
        (ExchangeUnreadable("no complete answer within 10 s"), "could not be read: no complete answer within 10 s"),
        (RuntimeError("https://x?Signature=1"), "could not be read: the answer is not as expected"),
    ],
    ids=["hidden", "unreadable", "unexpected"],
)
def test_a_reading_that_fails_is_told_and_ends_nothing(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader, raised: Exception, told: str
) -> None:
    exchange.balances = {SPOT: raised}
    transfer = bench.proposed()
    read_all(bench, reader)
    shown = bench.view(transfer).preview
    assert shown is not None
    assert (shown.source.problem, shown.source.now) == (told, None)
    assert shown.destination.now == Decimal(5000)
    assert not shown.is_short


def test_an_account_that_is_no_number_of_ours_is_unreadable_not_the_end(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    exchange.balances = {SPOT: "a lot"}
    bench.proposed()
    read_all(bench, reader)
    assert holding(bench, SPOT) is not None
    assert "not as expected" in str(holding(bench, SPOT))


# When


def test_what_stands_on_a_card_is_read_before_a_list(bench: DeskBench, clock: VirtualClock) -> None:
    coinw = ScriptedExchange(clock, "coinw")
    bench.desk.ask_balances(BOB, "coinw", bench.soon).result()
    clock.advance(1)
    bench.proposed("7 usdt coinw:arbitrage -> coinw:master")
    read_all(bench, Reader(coinw, bench.desk, clock))
    assert coinw.balances_asked[0] == ("coinw:39000002", "USDT")
    assert len(coinw.balances_asked) == 4


def test_nothing_is_asked_that_nobody_wants(bench: DeskBench, exchange: ScriptedExchange, reader: Reader) -> None:
    assert reader.step() == IDLE_S
    assert exchange.balances_asked == []


def test_readings_keep_the_pace_whatever_wakes_the_reader(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    bench.proposed()
    reader.step()
    assert reader.step() == pytest.approx(exchange.pace_s)
    bench.clock.advance(exchange.pace_s / 2)
    assert reader.step() == pytest.approx(exchange.pace_s / 2)
    assert len(exchange.balances_asked) == 1


def test_an_exchange_that_gives_no_answer_is_left_alone_for_longer(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    exchange.balances = dict.fromkeys((SPOT, CROSS), ExchangeUnreadable("29001: API access frequently"))
    bench.proposed()
    reader.step()
    assert reader.step() == pytest.approx(RATE_LIMIT_REST_S)


def test_a_reading_the_journal_cannot_take_is_read_again(
    bench: DeskBench, exchange: ScriptedExchange, reader: Reader
) -> None:
    bench.proposed()
    bench.tamper(NO_NOTING)
    assert reader.step() == JOURNAL_RETRY_S
    bench.tamper("DROP TRIGGER no_noting")
    read_all(bench, reader)
    assert exchange.balances_asked[0] == exchange.balances_asked[1]
    assert holding(bench, SPOT) is not None


def test_what_was_wanted_is_read_after_a_restart(bench: DeskBench, exchange: ScriptedExchange) -> None:
    bench.proposed()
    bench.restart()
    read_all(bench, Reader(exchange, bench.desk, bench.clock))
    assert sorted(exchange.balances_asked) == [(CROSS, "USDT"), (SPOT, "USDT")]
