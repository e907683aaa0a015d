"""Where a replay stands: every transfer that has not ended, what is frozen, which policy is in force, what counts.

`kinds` says what each kind of event does to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from bot.accounts import ledger_key
from bot.audit.differences import Differences
from bot.audit.names import Names
from bot.audit.policies import Policies, Policy, route_of
from bot.audit.record import RENEWED, UNTOLD, Record, Shown, read
from bot.audit.usage import Usage
from bot.clock import from_text
from bot.transfers import FINAL, SPENT, WITHOUT_ANSWER, State

FINALS = frozenset(state.value for state in FINAL)
SPENTS = frozenset(state.value for state in SPENT)
UNANSWERED = frozenset(state.value for state in WITHOUT_ANSWER)


class Told(NamedTuple):
    """One event, as far as a replay reads it."""

    seq: int
    at: str
    transfer_id: int | None
    kind: str
    actor: str
    data: Mapping[str, Any]


class Rows(Protocol):
    """What the other tables hold."""

    def row(self, transfer_id: int) -> tuple[Any, ...] | None:
        """Return a transfer's row, in the order of `record.COLUMNS`."""
        ...

    def agrees(self, record: Record) -> bool:
        """Tell whether the row of a transfer that has ended says the same."""
        ...

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of an event."""
        ...


class Replay:
    """What follows from the events so far.

    Attributes:
        in_force: the hash of the policy in force; empty until an event told.
        policy: that policy; None where it is not known or cannot be loaded.
        all_name_it: every event names the policy in force by now.
        announced: when each policy came into force first.
        unannounced_until: before this moment an older version kept policies of which no event tells.
        restoring: the events just now are those of a restore, which goes by no policy.
        whole: events tell all by now that this version writes into them.
        holders: which transfer without an answer holds each ledger key.
        waiting_on: the second step that waits, by its first.
        doubtful: ended transfers whose row says something else, unless a later event explains it, and by which event.
        unjudged: events that could not be judged, as they tell no policy.
    """

    def __init__(self, policies: Policies, rows: Rows, differences: Differences) -> None:
        """Begin before the first event."""
        self.open: dict[int, Record] = {}
        self.done: set[int] = set()
        self.doubtful: dict[int, tuple[Record, int]] = {}
        self.in_force = ""
        self.policy: Policy | None = None
        self.all_name_it = False
        self.announced: dict[str, str] = {}
        self.unannounced_until = ""
        self.restoring = False
        self.whole = False
        self.frozen: dict[str, tuple[str, str, str]] = {}
        self.names = Names()
        self.holders: dict[tuple[str, ...], int] = {}
        self.waiting_on: dict[int, int] = {}
        self.usage = Usage()
        self.unjudged = 0
        self._policies = policies
        self._rows = rows
        self._differences = differences

    # Telling what is wrong

    def wrong(self, event: Told, column: str, found: object, expected: object) -> None:
        """Note that something about an event is not as it should be."""
        self._differences.add("events", f"#{event.seq}", column, found, expected, event.seq)

    def expect(self, event: Told, column: str, found: object, expected: object) -> None:
        """Note it where what is found is not what is expected; what was never told is expected to be anything."""
        if found != expected and expected is not UNTOLD and found is not UNTOLD:
            self.wrong(event, column, found, expected)

    # Policies

    def load(self, event: Told, digest: str) -> None:
        """Put a policy in force."""
        self.in_force = digest
        self.policy = self._policies.get(digest)
        if not self.announced and event.seq > 1:
            self.unannounced_until = event.at
        if digest not in self.announced:
            self.announced[digest] = event.at
            if self.policy is None:
                expected = "one that is there and that desk.toml's rules can be read from"
                self._differences.add("policies", digest[:12], "text", "unusable", expected, event.seq)

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of an event."""
        return self._rows.hash_of(seq)

    # Transfers

    def find(self, transfer_id: int | None) -> Record | None:
        """Return a transfer some event has told of."""
        if transfer_id is None:
            return None
        record = self.open.get(transfer_id)
        if record is None and transfer_id in self.done:
            if transfer_id in self.doubtful:
                return self.doubtful[transfer_id][0]
            row = self._rows.row(transfer_id)
            return Record.from_row(transfer_id, row) if row is not None else None
        return record

    def keep(self, record: Record, seq: int) -> None:
        """Have a transfer that has ended compared with its row once more, after all events."""
        if record.id in self.done:
            self.doubtful.setdefault(record.id, (record, seq))

    def second(self, record: Record) -> Record | None:
        """Return the step that waits for a transfer."""
        if not self.waiting_on:
            return None
        waiting = self.waiting_on.get(record.id)
        return self.open.get(waiting) if waiting is not None else None

    def begin(self, event: Told, transfer_id: int) -> Record:
        """Take up a transfer with the first event that tells of it."""
        shown = Shown._make(read(event.data))
        record = self.open[transfer_id] = Record(transfer_id, shown, event.at)
        record.approvals_needed = event.data["approvals_needed"]
        record.deadline = event.data["deadline"]
        return record

    def restate(self, event: Told, record: Record, renewed: bool = False) -> None:
        """Hold what an event repeats of its transfer against what is known of it, and take what is new of it.

        Args:
            renewed: it is another version now.
        """
        told = read(event.data)
        # Here the reason is the admin's.
        if event.kind == "resolve_vote":
            told = (*told[:12], record.shown.reason, *told[13:])
        if told == record.shown:
            return
        kept = list(record.shown)
        for place, (name, known, said) in enumerate(zip(Shown._fields, record.shown, told, strict=True)):
            if known is UNTOLD or (renewed and name in RENEWED and said is not UNTOLD):
                kept[place] = said
            elif said is not UNTOLD and said != known:
                self.wrong(event, f"data.{name}", said, known)
            elif renewed and name in RENEWED:
                kept[place] = UNTOLD
        record.shown = Shown._make(kept)

    def restate_all(self, event: Told, record: Record) -> None:
        """Hold everything an event repeats against what is known, where it says that nothing of it changed."""
        self.restate(event, record)
        data = event.data
        self.expect(event, "data.version", data["version"], record.version)
        self.expect(event, "data.outcome", data["outcome"], record.outcome)
        self.expect(event, "data.reference", data["reference"], record.reference)
        self.expect(event, "data.deadline", data["deadline"], record.deadline)
        self.expect(event, "data.approvals_needed", data["approvals_needed"], record.approvals_needed)

    def stand(self, event: Told, record: Record, state: str) -> None:
        """Let a transfer be in a state, with all that follows: locks, usage, the step that waits, its row."""
        before, record.state = record.state, state
        if state in FINALS:
            record.settled_at, record.deadline = event.at, None
        self._hold_key(record, before, state)
        if before == "waiting" and state != "waiting" and record.shown.follows:
            self.waiting_on.pop(record.shown.follows, None)
        self._count(record)
        second = self.second(record)
        if second is not None:
            self._count(second)
        if state in FINALS:
            del self.open[record.id]
            self.done.add(record.id)
            if not self._rows.agrees(record):
                self.keep(record, event.seq)

    def _hold_key(self, record: Record, before: str, state: str) -> None:
        if state in UNANSWERED:
            self.holders[self.key(record)] = record.id
        elif before in UNANSWERED:
            self.holders.pop(self.key(record), None)

    def key(self, record: Record) -> tuple[str, ...]:
        """Return what the exchange's records can tell apart: see `bot.accounts.ledger_key`."""
        return _ledger_key(record.shown.route, record.shown.currency)

    def _count(self, record: Record) -> None:
        """Let a transfer count against limits, or no more: see `bot.journal.transaction.Transaction.spent`."""
        counts = record.state in SPENTS
        if record.state == "waiting":
            first = self.find(record.shown.follows)
            counts = first is not None and first.reserved_at is not None
        if counts and record.id not in self.usage:
            self.usage.add(record.id, record.spent(), record.shown.route)
        elif not counts and record.id in self.usage:
            self.usage.remove(record.id)
        if counts and record.settled_at is not None:
            self.usage.end(record.id, record.settled_at, executed=record.state != State.NOT_EXECUTED)


@lru_cache(maxsize=10_000)
def _ledger_key(route: str, currency: str) -> tuple[str, ...]:
    return ledger_key(route_of(route), currency)


def lasts(at: str, deadline: str) -> timedelta:
    """Return how far a deadline lies after a moment."""
    return from_text(deadline) - from_text(at)
