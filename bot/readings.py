"""Readers: one thread per exchange connection that reads what people want to see, so that no send waits for it.

A reader has an HTTP client of its own. It keeps the lane's pace beside the lane, and leaves the exchange alone for a
while after an answer that was none, which may have been one request too many.
"""

from __future__ import annotations

import logging
from decimal import Decimal

from bot import words
from bot.accounts import Account
from bot.clock import Clock
from bot.desk import Desk, Taken
from bot.errors import BalanceHidden, ExchangeUnreadable, JournalError
from bot.exchanges import Exchange
from bot.journal import Holding
from bot.lanes import IDLE_S, JOURNAL_RETRY_S, RATE_LIMIT_REST_S

log = logging.getLogger(__name__)


class Reader:
    """Reads what can leave the accounts of one connection."""

    def __init__(self, exchange: Exchange, desk: Desk, clock: Clock) -> None:
        """Take an exchange nobody else uses: it serves one thread at a time."""
        self._exchange = exchange
        self._desk = desk
        self._clock = clock
        self._not_before = clock.monotonic()

    def step(self) -> float:
        """Read at most one balance. Returns seconds to wait before the next step."""
        try:
            return self._step()
        except JournalError:
            # What was read is lost; it is still wanted, so it is read again.
            return JOURNAL_RETRY_S

    def _step(self) -> float:
        wait_s = self._not_before - self._clock.monotonic()
        if wait_s > 0:
            return wait_s
        wanted = self._desk.next_reading(self._exchange.name).result()
        if wanted is None:
            return IDLE_S
        account, currency = wanted
        self._desk.note_reading(Taken(account, currency, self._read(account, currency))).result()
        return 0.0

    def _read(self, account: Account, currency: str) -> Holding:
        began, rest_s = self._clock.now(), self._exchange.pace_s
        available: Decimal | None = None
        problem = ""
        try:
            available = Decimal(self._exchange.available(account, currency))
        except BalanceHidden:
            problem = words.HIDDEN
        except ExchangeUnreadable as error:
            problem = words.UNREADABLE.format(why=str(error).rstrip("."))
            rest_s = RATE_LIMIT_REST_S
        except Exception as error:  # noqa: BLE001 - an answer nobody expected must not end the desk; its text is foreign
            log.error("%s: reading a balance failed with %s", self._exchange.name, type(error).__name__)
            problem = words.UNREADABLE.format(why=words.UNEXPECTED)
            rest_s = RATE_LIMIT_REST_S
        self._not_before = self._clock.monotonic() + rest_s
        return Holding(available, problem, began)
