"""What a use case may do inside one transaction: read and write transfers, events, deliveries, votes and the outbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from sqlite_utils import Database

from bot.accounts import Account, Route, plain
from bot.clock import from_text, to_text
from bot.journal.balances import Balances
from bot.journal.chain import GENESIS, Event, Head, canonical, link
from bot.journal.freezes import Freezes
from bot.journal.homes import Homes
from bot.journal.looks import Looks
from bot.journal.outbox import Outbox
from bot.journal.people import People
from bot.journal.rows import read
from bot.journal.wishes import Wishes
from bot.policy import Spent
from bot.transfers import SPENT, SPENT_FOR, State, Transfer

Answer = TypeVar("Answer")

DESK = "desk"  # the actor of what nobody pressed

_COLUMNS = (
    "version, state, exchange, source, destination, currency, amount, margin_account, connection, requester, team, "
    "channel, card_ts, rule, rule_hash, policy_hash, seal, approvals_needed, deadline, created_at, reserved_at, "
    "sent_at, settled_at, exchange_reference, outcome, follows, retry_of, reason, share"
)
_NAMES = _COLUMNS.split(", ")


class Overtaken(Exception):
    """A compare-and-set found another state or version than was read. One writer excludes it; checked anyway."""


@dataclass(frozen=True)
class Vote:
    """One person's decision about one version of a transfer; `seal` is what they were shown."""

    person: str
    decision: str
    at: datetime
    seal: str


class Transaction:
    """One `BEGIN IMMEDIATE` transaction. `now` is the same throughout; `policy` is the hash of the one in force."""

    def __init__(self, db: Database, now: datetime, policy: str = "") -> None:
        self.now = now
        self.policy = policy
        self.once_committed: list[Callable[[], None]] = []  # called in the writing thread, before anything else runs
        self.approved: set[str] = set()  # the exchanges where a transfer may leave now
        self.outbox = Outbox(db, now)
        self.looks = Looks(db)
        self.balances = Balances(db, now)
        self.wishes = Wishes(db, now)
        self.people = People(db, now)
        self.freezes = Freezes(db, now)
        self.homes = Homes(db, now)
        self._db = db

    # Transfers

    def get(self, transfer_id: int) -> Transfer | None:
        """Return one transfer."""
        return next(self.select("id = ?", transfer_id), None)

    def select(
        self, where: str, *values: object, order: str = "id", limit: int = -1, index: str = ""
    ) -> Iterator[Transfer]:
        """Return transfers by a condition written here in the code, never by a person.

        Args:
            index: the one to go by, where SQLite would take another one that goes past more rows.
        """
        by = f"INDEXED BY {index}" if index else ""
        sql = f"SELECT id, {_COLUMNS} FROM transfers {by} WHERE {where} ORDER BY {order} LIMIT {limit:d}"  # noqa: S608
        return (_transfer(row) for row in read(self._db, sql, values))

    def first_to_die(self, states: Iterable[State]) -> Transfer | None:
        """Return the transfer in one of these states whose deadline comes first; None when none has one."""
        # A state at a time, each the first of its part of an index: all at once would be sorted.
        of_each = [
            self.select("state = ? AND deadline IS NOT NULL", state.value, order="deadline", limit=1)
            for state in states
        ]
        found = [transfer for transfers in of_each for transfer in transfers]
        return min(found, key=lambda transfer: transfer.deadline or self.now, default=None)

    def behind(self, states: Iterable[State]) -> frozenset[str]:
        """Return the Slack ids behind every transfer in one of these states.

        The requester, those who decided on this version, and the channel of its card.
        """
        listed = ", ".join(f"'{state.value}'" for state in states)
        rows = self._db.execute(
            f"SELECT requester FROM transfers WHERE state IN ({listed}) "  # noqa: S608
            f"UNION SELECT channel FROM transfers WHERE state IN ({listed}) "
            "UNION SELECT approver FROM transfers JOIN approvals "
            f"ON transfer_id = id AND approvals.version = transfers.version WHERE state IN ({listed})"
        )
        return frozenset(str(row[0]) for row in rows)

    def first_since(self, moment: datetime) -> int | None:
        """Return the least id of the transfers asked for since a moment; None when there are none."""
        # Without the sign SQLite would go by id from the first one on, until one is young enough.
        row = self._db.execute("SELECT min(+id) FROM transfers WHERE created_at >= ?", [to_text(moment)]).fetchone()
        return None if row[0] is None else int(row[0])

    def currencies(self, exchange: str) -> frozenset[str]:
        """Return every currency an exchange was asked to move."""
        rows = self._db.execute("SELECT DISTINCT currency FROM transfers WHERE exchange = ?", [exchange])
        return frozenset(str(row[0]) for row in rows)

    def insert(self, transfer: Transfer) -> Transfer:
        """Add a transfer and return it with its id."""
        marks = ", ".join("?" * len(_NAMES))
        sql = f"INSERT INTO transfers ({_COLUMNS}) VALUES ({marks})"  # noqa: S608
        cursor = self._db.execute(sql, _values(transfer))
        return replace(transfer, id=int(cursor.lastrowid or 0))

    def advance(self, before: Transfer, after: Transfer) -> Transfer:
        """Compare-and-set: write `after` where the row is still in `before`'s state and version."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM transfers WHERE id = ?", [before.id]).fetchone()  # noqa: S608
        columns = zip(_NAMES, row or [None] * len(_NAMES), _values(after), strict=True)
        # Not what is so already: whatever an update names is written anew in every index it is in.
        changes = {name: value for name, was, value in columns if value != was or name == "version"}
        settings = ", ".join(f"{name} = ?" for name in changes)
        sql = f"UPDATE transfers SET {settings} WHERE id = ? AND state = ? AND version = ?"  # noqa: S608
        cursor = self._db.execute(sql, [*changes.values(), before.id, before.state.value, before.version])
        if cursor.rowcount != 1:
            raise Overtaken(before.name)
        if after.state is State.APPROVED:
            self.approved.add(after.route.exchange)
        return after

    # Events

    def event(self, kind: str, actor: str, transfer: Transfer | None = None, **data: object) -> Event:
        """Append one event to the chain. `data` is what an auditor needs, texts and numbers only, no secret.

        Every event names the policy in force.
        """
        data = {"policy": self.policy, **data} if self.policy else data
        last, previous = self._last_link()
        seq = last + 1
        at, text = to_text(self.now), canonical(data)
        transfer_id = transfer.id if transfer else None
        digest = link(seq, at, transfer_id, kind, actor, text, previous)
        self._db.execute(
            "INSERT INTO events (seq, at, transfer_id, kind, actor, data, previous_hash, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [seq, at, transfer_id, kind, actor, text, previous, digest],
        )
        return Event(seq, at, transfer_id, kind, actor, data, previous, digest)

    def events(self, where: str = "1", *values: object, order: str = "seq", limit: int = -1) -> Iterator[Event]:
        """Return events by a condition written here in the code, never by a person."""
        sql = f"SELECT * FROM events WHERE {where} ORDER BY {order} LIMIT {limit:d}"  # noqa: S608
        for row in read(self._db, sql, values):
            yield Event(**{**row, "data": json.loads(row["data"])})

    def count_events(self, where: str, *values: object) -> int:
        """Return how many events meet a condition written here in the code, never by a person."""
        return int(self._db.execute(f"SELECT count(*) FROM events WHERE {where}", values).fetchone()[0])  # noqa: S608

    def head(self) -> Head:
        """Return the end of the chain."""
        return Head(self.uuid, *self._last_link())

    @property
    def uuid(self) -> str:
        """The journal's own name, 32 hex digits; a restored journal has a new one."""
        return str(self._db.execute("SELECT uuid FROM journal ORDER BY rowid DESC LIMIT 1").fetchone()[0])

    @property
    def uuids(self) -> tuple[str, ...]:
        """Every name this journal had, and those of its kin (`begin_anew`), the present one last."""
        return tuple(str(row[0]) for row in self._db.execute("SELECT uuid FROM journal ORDER BY rowid"))

    def begin_anew(self, transfers: int, parcels: int, kin: Iterable[str] = ()) -> str:
        """Make this another journal, with a name of its own, and return that name.

        No id up to these is given again: the journal this one continues gave them. What waits in the outbox, or was
        given up, may have been posted from there, so it is looked for before it is posted.

        Args:
            kin: journals that may have gone on from the same backup, and posted what waits in it.
        """
        now = to_text(self.now)
        for uuid in kin:
            self._db.execute("INSERT OR IGNORE INTO journal VALUES (?, ?)", [uuid, now])
        self._db.execute("INSERT INTO journal VALUES (lower(hex(randomblob(16))), ?)", [now])
        for table, last in (("transfers", transfers), ("outbox", parcels)):
            used = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
            self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            self._db.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", [table, max(last, used[0] if used else 0)])
        self._db.execute("UPDATE outbox SET tried_at = coalesce(tried_at, created_at) WHERE state <> 'done'")
        return self.uuid

    def last_transfer(self) -> int:
        """Return the greatest transfer id given so far, 0 when there was none."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM transfers").fetchone()[0])

    def _last_link(self) -> tuple[int, str]:
        row = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, GENESIS)

    def latest_since(self, kind: str, transfer: Transfer) -> datetime:
        """Return the latest time on record since a transfer's last event of a kind; now, while there is none.

        Not the last event's: after a clock went back, every new event would hide it.
        """
        last = f"SELECT max(seq) FROM events WHERE transfer_id = ? AND kind = '{kind}'"  # noqa: S608
        row = self._db.execute(f"SELECT max(at) FROM events WHERE seq >= ({last})", [transfer.id]).fetchone()  # noqa: S608
        return from_text(row[0]) if row[0] else self.now

    def was_restored_since(self, event: Event) -> bool:
        """Tell whether this journal was gone on with from a backup after an event: what came between is not in it."""
        if len(self.uuids) < 2:  # events are not indexed by kind, and hardly any journal was ever restored
            return False
        return next(self.events("kind = 'restored' AND seq > ?", event.seq, limit=1), None) is not None

    # Deliveries

    def answer_given(self, key: str) -> str | None:
        """Return what was answered when this delivery came before."""
        row = self._db.execute("SELECT answer FROM deliveries WHERE key = ?", [_digest(key)]).fetchone()
        return str(row[0]) if row else None

    def once(self, key: str, act: Callable[[], Answer]) -> Answer | str:
        """Do what a delivery asks for when it comes first; a repeat gets the same answer and does nothing.

        Only a text is an answer that is kept. An act that returns anything else must not have written.
        """
        given = self.answer_given(key)
        if given is not None:
            return given
        answer = act()
        if isinstance(answer, str):
            self.remember(key, answer)
        return answer

    def remember(self, key: str, answer: str) -> None:
        """Keep the answer to a delivery, so that a repeat gets the same one and does nothing."""
        self._db.execute(
            "INSERT INTO deliveries (key, answer, at) VALUES (?, ?, ?)", [_digest(key), answer, to_text(self.now)]
        )

    # Votes

    def approve(self, transfer: Transfer, person: str, decision: str) -> None:
        """Record an approver's decision on this version; who approved may still deny."""
        self._vote("approvals", transfer, person, decision, transfer.seal)

    def approvals(self, transfer: Transfer) -> tuple[Vote, ...]:
        """Return the approvers' decisions on this version, oldest first."""
        return self._votes("approvals", transfer)

    def vote(self, transfer: Transfer, person: str, decision: str, seal: str) -> None:
        """Record an admin's decision on an unknown; a later one replaces the earlier one (events keep both)."""
        self._vote("resolutions", transfer, person, decision, seal)

    def votes(self, transfer: Transfer) -> tuple[Vote, ...]:
        """Return the admins' decisions on this version of an unknown, oldest first."""
        return self._votes("resolutions", transfer)

    def _vote(self, table: str, transfer: Transfer, person: str, decision: str, seal: str) -> None:
        sql = (
            f"INSERT INTO {table} (transfer_id, version, approver, decision, seal, at) VALUES (?, ?, ?, ?, ?, ?) "  # noqa: S608
            "ON CONFLICT (transfer_id, version, approver) DO UPDATE SET decision = excluded.decision, "
            "seal = excluded.seal, at = excluded.at"
        )
        self._db.execute(sql, [transfer.id, transfer.version, person, decision, seal, to_text(self.now)])

    def _votes(self, table: str, transfer: Transfer) -> tuple[Vote, ...]:
        sql = f"SELECT approver, decision, seal, at FROM {table} WHERE transfer_id = ? AND version = ? "  # noqa: S608
        rows = read(self._db, f"{sql} ORDER BY at, approver", [transfer.id, transfer.version])
        return tuple(Vote(row["approver"], row["decision"], from_text(row["at"]), row["seal"]) for row in rows)

    # Usage

    def spent(self, currency: str, besides: int = 0) -> Iterator[Spent]:
        """Return what counts against limits in a currency, but for one sum of money (`Transfer.money_id`).

        Approved, being sent and without an answer counts for as long as it is so; done, and what people settled as not
        executed, until 24 hours after it ended: absence from the records is no proof, and the money may be gone. That
        counts against its next try as well. A second step that waits counts from when its first step does.
        """
        counted = ", ".join(f"'{state.value}'" for state in SPENT)
        sql = (
            "SELECT CASE WHEN follows IS NULL AND NOT EXISTS "  # noqa: S608
            "(SELECT 1 FROM transfers AS later WHERE later.follows = one.id) THEN 0 ELSE coalesce(follows, id) END "
            "AS money_id, requester, source, destination, currency, amount "
            "FROM transfers AS one WHERE currency = ? AND coalesce(settled_at, 'open') > ? "
            "AND (coalesce(follows, id) <> ? OR state = 'not_executed') "
            f"AND state <> 'proposed' AND state IN ({counted}, 'waiting') AND (state <> 'waiting' OR "
            "(SELECT first.reserved_at FROM transfers AS first WHERE first.id = one.follows) IS NOT NULL)"
        )
        rows = self._db.execute(sql, [currency, to_text(self.now - SPENT_FOR), besides])
        for money_id, requester, source, destination, moved, amount in rows:
            yield Spent(requester, _route(source, destination), moved, Decimal(amount), money_id)

    # Policies

    def keep_policy(self, digest: str, text: str) -> None:
        """Keep the text a policy hash stands for."""
        self._db.execute(
            "INSERT INTO policies (hash, text, at) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            [digest, text, to_text(self.now)],
        )


def _values(transfer: Transfer) -> list[object]:
    """A transfer as column values, in the order of `_COLUMNS`."""
    values: Mapping[str, object] = {
        **{name: getattr(transfer, name) for name in _NAMES if hasattr(transfer, name)},
        "state": transfer.state.value,
        "exchange": transfer.route.exchange,
        "source": str(transfer.route.source),
        "destination": str(transfer.route.destination),
        "amount": plain(transfer.amount),
        **{name: _text(getattr(transfer, name)) for name in _MOMENTS},
    }
    return [values[name] for name in _NAMES]


def _digest(key: str) -> str:
    # A delivery's id from Slack is good for opening a form in that person's name while it lives; only its hash is kept.
    return hashlib.sha256(key.encode()).hexdigest()


_MOMENTS = ("deadline", "created_at", "reserved_at", "sent_at", "settled_at")


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None


@lru_cache(maxsize=1024)
def _route(source: str, destination: str) -> Route:
    """Read a route back. A journal has few, and one question about limits reads the day's transfers."""
    return Route(Account.from_canonical(source), Account.from_canonical(destination))


def _transfer(row: dict[str, Any]) -> Transfer:
    exchange, source, destination = row.pop("exchange"), row.pop("source"), row.pop("destination")
    route = _route(source, destination)
    if route.exchange != exchange:
        raise ValueError(f"T{row['id']}: the row's exchange and route differ")
    moments = {name: from_text(row[name]) if row[name] else None for name in _MOMENTS}
    return Transfer(
        **{**row, **moments, "state": State(row["state"]), "amount": Decimal(row["amount"]), "route": route}
    )
