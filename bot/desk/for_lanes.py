"""What the lanes, the readers and the clock ask of the desk; each waits for the future."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal

import bot.desk.balances as balances
import bot.desk.freezing as freezing
import bot.desk.heading as heading
import bot.desk.looking as looking
import bot.desk.reminding as reminding
import bot.desk.requests as requests
import bot.desk.sending as sending
from bot.accounts import Account
from bot.desk.balances import Taken
from bot.desk.bound import Bound
from bot.desk.looking import Look
from bot.evidence import Reading, Snapshot
from bot.journal import Transaction
from bot.transfers import Outcome, Transfer


class ForLanes(Bound):
    """The use cases of the threads that send, read and keep deadlines."""

    def close(self) -> None:
        """Let no further transfer leave. What is in flight can still be settled."""
        self._closing = True

    def next_to_send(self, exchange: str, resting: frozenset[int] = frozenset()) -> Future[Transfer | None]:
        """See `sending.next_to_send`."""

        def following(tx: Transaction) -> Transfer | None:
            freezing.obey(tx, self.house, self._freeze_orders())
            return sending.next_to_send(tx, self.house, exchange, resting)

        return self._journal.run_behind(following)

    def hold(self, transfer: Transfer, why: str) -> Future[None]:
        """See `sending.hold`."""
        return self._journal.run_behind(lambda tx: sending.hold(tx, transfer, why))

    def claim(self, transfer_id: int, snapshot: Snapshot, available: Decimal | None = None) -> Future[Transfer | None]:
        """See `sending.claim`."""

        def take(tx: Transaction) -> Transfer | None:
            freezing.obey(tx, self.house, self._freeze_orders())
            return None if self._closing else sending.claim(tx, self.house, transfer_id, snapshot, available)

        return self._journal.run_behind(take)

    def settle(self, transfer_id: int, outcome: Outcome) -> Future[None]:
        """See `sending.settle`."""
        return self._journal.run_behind(lambda tx: sending.settle(tx, self.house, transfer_id, outcome))

    def soonest_looks(self, exchange: str) -> Future[tuple[Look | None, Look | None]]:
        """Return the next look at a transfer without an answer, and at one that is watched; see `looking.soonest`."""
        return self._journal.run_behind(
            lambda tx: (looking.soonest(tx, exchange, watched=False), looking.soonest(tx, exchange, watched=True))
        )

    def looked(self, transfer_id: int, result: Reading | str) -> Future[None]:
        """See `looking.looked`."""
        return self._journal.run_behind(lambda tx: looking.looked(tx, self.house, transfer_id, result))

    def next_reading(self, exchange: str) -> Future[tuple[Account, str] | None]:
        """See `balances.wanted`."""
        return self._journal.run_behind(lambda tx: balances.wanted(tx, exchange))

    def note_reading(self, taken: Taken) -> Future[None]:
        """See `balances.noted`."""
        return self._journal.run_behind(lambda tx: balances.noted(tx, self.house, taken))

    def remind_due(self) -> Future[datetime | None]:
        """See `reminding.remind_due`."""
        return self._journal.run_behind(lambda tx: reminding.remind_due(tx, self.house))

    def tell_head(self) -> Future[datetime]:
        """See `heading.tell_head`."""
        return self._journal.run_behind(heading.tell_head)

    def expire_due(self) -> Future[datetime | None]:
        """See `requests.expire_due`."""
        return self._journal.run_behind(requests.expire_due)
