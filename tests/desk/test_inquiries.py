"""Asking what is where: everybody is told of the accounts their rules name, admins of all, strangers of none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, RULES, STRANGER, DeskBench, Person
from shares import MAKER, SPOT, read

from bot.desk import Inquiry
from bot.desk.balances import NEW_FOR

HTX = {("htx:spot", "USDT"), ("htx:linear-swap", "USDT"), ("htx:linear-swap/BTC-USDT", "USDT")}
COINW = {(f"coinw:{name}", currency) for name in ("master", "maker", "arbitrage") for currency in ("USDT", "BTC")}
BOB_ALONE = RULES[RULES.index("[[rules]]") :].replace('who = ["traders"]', 'who = ["bob"]', 1)


def asked(bench: DeskBench, by: Person = ALICE, exchange: str = "") -> Inquiry | str:
    return bench.desk.ask_balances(by, exchange, bench.soon).result()


def named(bench: DeskBench, by: Person, exchange: str = "") -> set[tuple[str, str]]:
    inquiry = asked(bench, by, exchange)
    assert isinstance(inquiry, Inquiry)
    return {(line.account, line.currency) for line in bench.desk.balances(inquiry).result()}


def test_people_are_told_of_what_their_rules_name_and_nothing_else(bench: DeskBench) -> None:
    assert named(bench, ALICE) == HTX | COINW
    bench.restart((RULES[RULES.index("[[rules]]") :], BOB_ALONE))
    assert named(bench, ALICE) == COINW
    assert named(bench, BOB) == HTX | COINW


def test_admins_are_told_of_every_account_a_rule_names(bench: DeskBench) -> None:
    assert named(bench, CAROL) == HTX | COINW
    assert named(bench, CAROL, "coinw") == COINW


def test_whom_no_rule_names_is_told_so_and_nothing_is_read(bench: DeskBench) -> None:
    assert asked(bench, STRANGER) == "No rule names an account for you."
    bench.restart((RULES[RULES.index("[[rules]]") :], BOB_ALONE))
    assert asked(bench, ALICE, "htx") == "No rule names an account at htx for you."
    assert bench.desk.next_reading("htx").result() is None


def test_a_reading_that_is_old_is_awaited_and_shown_until_a_new_one_comes(bench: DeskBench) -> None:
    read(bench, "7")
    bench.clock.advance(NEW_FOR.total_seconds() + 0.001)
    inquiry = asked(bench)
    assert isinstance(inquiry, Inquiry)

    def spot() -> tuple[Decimal | None, bool]:
        (line,) = [line for line in bench.desk.balances(inquiry).result() if line.account == str(SPOT)]
        return line.holding.available if line.holding else None, line.is_awaited

    assert spot() == (Decimal(7), True)
    read(bench, "8")
    assert spot() == (Decimal(8), False)


def test_what_was_read_just_now_is_not_read_again(bench: DeskBench) -> None:
    read(bench, "7")
    read(bench, "8", MAKER)
    bench.clock.advance(NEW_FOR.total_seconds())
    asked(bench)
    wanted = bench.read("SELECT account FROM balances WHERE wanted_at IS NOT NULL AND currency = 'USDT'")
    assert sorted(account for (account,) in wanted) == ["coinw:39000002", "htx:linear-swap"]


@pytest.mark.parametrize("exchange", ["", "coinw"])
def test_what_no_api_tells_is_neither_read_nor_awaited(bench: DeskBench, exchange: str) -> None:
    inquiry = asked(bench, exchange=exchange)
    assert isinstance(inquiry, Inquiry)
    lines = {line.account: line for line in bench.desk.balances(inquiry).result()}
    assert (lines["coinw:master"].hidden, lines["coinw:master"].is_awaited) == ("not readable through the API", False)
    assert bench.read("SELECT count(*) FROM balances WHERE account = 'coinw:master'") == [(0,)]
