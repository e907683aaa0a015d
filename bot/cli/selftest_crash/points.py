"""Kill points: the edges of a desk, each of which can be the moment the process dies.

A point lies before and after every commit that changes something, every call of an exchange, every call that changes
something at Slack, and every ack. The parts of the desk are wrapped here, from outside; none of them knows.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.accounts import Account
from bot.clock import Clock
from bot.evidence import Reading, Snapshot, Statement
from bot.exchanges import Exchange, Finding, Order
from bot.journal import Journal, Transaction
from bot.transfers import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

# A private answer changes nothing that anybody goes on from.
_CHANGES_SLACK = frozenset({"chat.postMessage", "chat.update", "views.open"})


class Points:
    """Counts the points a process passes, and ends it at one of them as `kill -9` does."""

    def __init__(self, die_at: int | None, last_word: Callable[[str], None]) -> None:
        """Take the number of the fatal point, from 1, and whom to tell its name just before."""
        self._passed = 0
        self._names: list[str] = []
        self._die_at = die_at
        self._last_word = last_word

    def reach(self, name: str) -> None:
        """Pass a point, or die there."""
        self._passed += 1
        self._names.append(name)
        if self._passed == self._die_at:
            self._last_word(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def names(self) -> list[str]:
        """Return the points passed since this was last asked."""
        names, self._names = self._names, []
        return names

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        """Pass a point before and one after."""
        self.reach(f"before {name}")
        yield
        self.reach(f"after {name}")


class MortalJournal(Journal):
    """A journal that can die before and after each commit that changes something."""

    def __init__(self, path: Path, clock: Clock, points: Points) -> None:
        self._points = points
        super().__init__(path, clock, threaded=False)

    def run(
        self, fn: Callable[[Transaction], T], not_after: float | None = None, *, patience_s: float = 0.0
    ) -> Future[T]:
        """See `Journal`."""
        name, changed = f"the commit of {_use_case(fn)}", False

        def watched(tx: Transaction) -> T:
            nonlocal changed
            before = tx._db.conn.total_changes
            result = fn(tx)
            changed = tx._db.conn.total_changes != before
            if changed:
                self._points.reach(f"before {name}")
            return result

        future = super().run(watched, not_after, patience_s=patience_s)
        if changed and future.exception() is None:
            self._points.reach(f"after {name}")
        return future


def leaves_a_mark(name: str) -> bool:
    """Tell whether a death at a point leaves something else behind than one at the point before it.

    A death before a step finds disk, exchange and Slack as the step before it left them; so does one after a read.
    """
    return name.startswith("after ") and not name.startswith("after reading ")


def _use_case(fn: Callable[..., object]) -> str:
    """Return what a function is called by people who read the desk: `Desk.claim.<locals>.<lambda>` is `claim`."""
    return fn.__qualname__.partition(".<locals>")[0].rpartition(".")[2]


class MortalExchange:
    """An exchange whose caller can die before and after each call."""

    def __init__(self, exchange: Exchange, points: Points) -> None:
        self._exchange = exchange
        self._points = points

    @property
    def name(self) -> str:
        """See `Exchange`, likewise below."""
        return self._exchange.name

    @property
    def fingerprint(self) -> str:
        return self._exchange.fingerprint

    @property
    def pace_s(self) -> float:
        return self._exchange.pace_s

    def snapshot(self, order: Order) -> Snapshot:
        with self._points.around("reading the snapshot"):
            return self._exchange.snapshot(order)

    def available(self, account: Account, currency: str) -> str:
        with self._points.around("reading a balance"):
            return self._exchange.available(account, currency)

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        with self._points.around("reading the records"):
            return self._exchange.look(order, sent_at, snapshot)

    def statement(self, since: datetime, currencies: frozenset[str]) -> Statement:
        return self._exchange.statement(since, currencies)

    def transfer(self, order: Order) -> Outcome:
        with self._points.around("the transfer request"):
            return self._exchange.transfer(order)

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        return self._exchange.probe(accounts)

    def user(self) -> str:
        return self._exchange.user()

    def close(self) -> None:
        self._exchange.close()


def mortal(client: T, points: Points) -> T:
    """Let whoever uses a Slack client die before and after each call that changes something."""
    call: Callable[..., Any] = client.api_call  # type: ignore[attr-defined]

    async def api_call(api_method: str, **arguments: Any) -> Any:
        if api_method not in _CHANGES_SLACK:
            return await call(api_method, **arguments)
        with points.around(api_method):
            return await call(api_method, **arguments)

    client.api_call = api_call  # type: ignore[attr-defined]
    return client
