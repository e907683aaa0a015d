"""What the lanes, the readers and the clock ask of the desk; each waits for the future."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Next:
    """What a lane may do next, each None when there is no such thing.

    Attributes:
        transfer: what may be tried now.
        unanswered: the next look at a transfer without an answer.
        watched: the next look at one that should not have happened.
    """

    transfer: Transfer | None
    unanswered: Look | None
    watched: Look | None


class ForLanes(Bound):
    """The use cases of the threads that send, read and keep deadlines."""

    def close(self) -> None:
        """Let no further transfer leave. What is in flight can still be settled."""
        self._closing = True

    def what_next(self, exchange: str, resting: frozenset[int] = frozenset()) -> Future[Next]:
        """Return what a lane may do next; see `sending.next_to_send` and `looking.soonest`."""

        def following(tx: Transaction) -> Next:
            freezing.obey(tx, self.house, self._freeze_orders())
            transfer = sending.next_to_send(tx, self.house, exchange, resting)
            # After it: it may have found transfers without an owner, which are unknown from now on.
            return Next(transfer, *(looking.soonest(tx, exchange, watched=watched) for watched in (False, True)))

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
