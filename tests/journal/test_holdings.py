"""Readings on record: what is asked for is read once, in a fair order, and nothing from another time is believed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

import pytest
from clock import VirtualClock

from bot.accounts import Account
from bot.journal import Holding, Journal, Transaction

T = TypeVar("T")
SPOT, OTC = Account("htx", "spot"), Account("htx", "otc")
MAKER = Account("coinw", "39000001")


@pytest.fixture
def do(journal: Journal) -> Callable[[Callable[[Transaction], T]], T]:
    return lambda fn: journal.run(fn).result()


def note(do, account: Account, clock: VirtualClock, available: str | None = "10", problem: str = "") -> None:
    amount = None if available is None else Decimal(available)
    do(lambda tx: tx.balances.note(account, "USDT", Holding(amount, problem, clock.now())))


def want(do, account: Account) -> None:
    do(lambda tx: tx.balances.want(account, "USDT"))


def wanted(do, exchange: str = "htx") -> Account | None:
    found = do(lambda tx: tx.balances.wanted(exchange))
    return found[0] if found else None


def of(do, account: Account) -> Holding | None:
    return do(lambda tx: tx.balances.of(account, "USDT"))


def test_what_was_read_is_kept_to_the_last_digit_with_its_time(do, clock):
    note(do, SPOT, clock, "500009.195917362872650001")
    assert of(do, SPOT) == Holding(Decimal("500009.195917362872650001"), "", clock.now())
    note(do, SPOT, clock, None, "could not be read: no answer")
    assert of(do, SPOT) == Holding(None, "could not be read: no answer", clock.now())


def test_nothing_is_known_before_the_first_reading(do, clock):
    want(do, SPOT)
    assert of(do, SPOT) is None
    assert do(lambda tx: tx.balances.of(SPOT, "BTC")) is None


def test_a_reading_answers_who_asked_before_it_began_and_nobody_else(do, clock):
    want(do, SPOT)
    began = clock.now()
    clock.advance(1)
    want(do, SPOT)
    do(lambda tx: tx.balances.note(SPOT, "USDT", Holding(Decimal(1), "", began)))
    assert wanted(do) == SPOT
    clock.advance(1)
    note(do, SPOT, clock)
    assert wanted(do) is None


def test_each_exchange_is_asked_for_its_own_accounts(do, clock):
    want(do, MAKER)
    assert (wanted(do, "htx"), wanted(do, "coin"), wanted(do, "coinw")) == (None, None, MAKER)


def test_what_was_read_longest_ago_comes_first_however_often_another_is_asked_for(do, clock):
    for account in (OTC, SPOT):
        note(do, account, clock)
        clock.advance(1)
    want(do, OTC)
    for _ in range(3):
        clock.advance(1)
        want(do, OTC)
        want(do, SPOT)
    assert wanted(do) == OTC
    note(do, OTC, clock)
    want(do, OTC)
    assert wanted(do) == SPOT


def test_a_clock_that_went_back_makes_nothing_read_for_ever_and_nothing_believed(do, clock):
    want(do, SPOT)
    note(do, OTC, clock)
    clock.set(-3600)
    assert of(do, OTC) is None
    note(do, SPOT, clock)
    assert wanted(do) is None
