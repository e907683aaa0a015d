"""What Slack still has to be told. Rows are written in the transaction that makes them true, posted later.

`card`: one row a transfer, rendered from the state as it is when posted; new changes raise its generation. `thread`
and `audit`: one row an event, rendered from that event, never merged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlite_utils import Database

from bot.clock import from_text, to_text

Kind = Literal["card", "thread", "audit"]


@dataclass(frozen=True)
class Parcel:
    """One pending row."""

    id: int
    kind: Kind
    transfer_id: int
    event_seq: int | None
    generation: int
    due_at: datetime
    attempts: int


class Outbox:
    """The outbox as one transaction sees it."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = to_text(now)

    def card(self, transfer_id: int) -> None:
        """Ask for a transfer's card to be posted, or edited to what is true then."""
        self._db.execute(
            "INSERT INTO outbox (kind, transfer_id, generation, state, due_at, attempts, created_at) "
            "VALUES ('card', ?, 1, 'pending', ?, 0, ?) "
            "ON CONFLICT (transfer_id) WHERE kind = 'card' DO UPDATE SET "
            # A parked card is tried again with every change: a card nobody can reach is a transfer nobody can settle.
            "generation = generation + 1, state = 'pending', "
            "due_at = CASE state WHEN 'pending' THEN due_at ELSE excluded.due_at END, "
            "attempts = CASE state WHEN 'pending' THEN attempts ELSE 0 END",
            [transfer_id, self._now, self._now],
        )

    def tell(self, kind: Literal["thread", "audit"], transfer_id: int, event_seq: int) -> None:
        """Ask for one line about one event: under the card, or in the audit channel."""
        self._db.execute(
            "INSERT INTO outbox (kind, transfer_id, event_seq, generation, state, due_at, attempts, created_at) "
            "VALUES (?, ?, ?, 1, 'pending', ?, 0, ?)",
            [kind, transfer_id, event_seq, self._now, self._now],
        )

    def pending(self, limit: int = 20) -> Iterator[Parcel]:
        """Return what waits, soonest due first; `due_at` may lie ahead."""
        rows = self._db.query(
            "SELECT id, kind, transfer_id, event_seq, generation, due_at, attempts FROM outbox "
            "WHERE state = 'pending' ORDER BY due_at, id LIMIT ?",
            [limit],
        )
        return (Parcel(**{**row, "due_at": from_text(row["due_at"])}) for row in rows)

    def done(self, parcel: Parcel) -> None:
        """Mark a parcel as delivered, unless something newer was asked of the same row meanwhile."""
        self._db.execute(
            "UPDATE outbox SET state = 'done', problem = NULL WHERE id = ? AND generation = ?",
            [parcel.id, parcel.generation],
        )

    def again(self, parcel: Parcel, due_at: datetime, problem: str) -> None:
        """Put a parcel off."""
        self._db.execute(
            "UPDATE outbox SET due_at = ?, attempts = attempts + 1, problem = ? WHERE id = ?",
            [to_text(due_at), problem, parcel.id],
        )

    def park(self, parcel: Parcel, problem: str) -> bool:
        """Give a parcel up: Slack will not take it as things are. Returns False when its row asks for more by now."""
        cursor = self._db.execute(
            "UPDATE outbox SET state = 'parked', problem = ? WHERE id = ? AND generation = ?",
            [problem, parcel.id, parcel.generation],
        )
        return cursor.rowcount == 1

    def revive(self) -> None:
        """Try everything once more, now: what was given up, as whoever started the desk may have mended the reason,
        and what is due later, as the clock may have been set back since."""
        self._db.execute(
            "UPDATE outbox SET state = 'pending', due_at = ?, attempts = 0 WHERE state <> 'done'", [self._now]
        )

    def revive_replies(self, transfer_id: int) -> None:
        """Try a transfer's replies once more: the card they belong under is there now."""
        self._db.execute(
            "UPDATE outbox SET state = 'pending', due_at = ?, attempts = 0 "
            "WHERE transfer_id = ? AND kind = 'thread' AND state <> 'done'",
            [self._now, transfer_id],
        )
