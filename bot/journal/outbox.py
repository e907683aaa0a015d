"""What Slack still has to be told. Rows are written in the transaction that makes them true, posted later.

`card`: one row a transfer, rendered from the state as it is when posted; new changes raise its generation. `thread`,
`audit` and `private`: one row an event, rendered from that event, never merged. A private line leaves nothing behind
that could be looked for, so it may be told twice.

Slack has no idempotency key (slack.md §2.6). So `tried_at` is committed before a message is posted and taken back only
when Slack certainly did not take it: while it is set, the message may be there, and is looked for before another post.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlite_utils import Database

from bot.clock import from_text, to_text
from bot.journal.rows import read

Kind = Literal["card", "thread", "audit", "private"]

# Nothing is put off for longer. A row due later than that was put off before the clock went back, and is due now.
PUT_OFF_MAX = timedelta(seconds=60)
# A message that was cut off on its way may still arrive: it is looked for after this, not at once.
ON_ITS_WAY_MAX = timedelta(seconds=3)

# A backlog drains outcomes before previews. A reply that has no card yet to stand under waits for it, at the end.
_IMPORTANCE = """
    CASE
        WHEN outbox.kind = 'card' AND transfers.state = 'unknown' THEN 0
        WHEN outbox.kind = 'card' AND transfers.settled_at IS NOT NULL THEN 1
        WHEN outbox.kind IN ('audit', 'private') OR (outbox.kind = 'thread' AND transfers.card_ts IS NOT NULL) THEN 2
        WHEN outbox.kind = 'card' THEN 3
        ELSE 4
    END
"""
# Slack counts posts by channel, edits and look-ups apart, so a queue that must wait holds up none of the others: each
# gives its first few. LEFT JOIN: a line may be about no transfer; and SQLite then looks only at what is pending.
_PENDING = f"""
    SELECT id, kind, transfer_id, event_seq, generation, due_at, attempts, tried_at, tried_in, channel, has_card
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY kind = 'audit', channel, kind = 'card' AND has_card, tried_at IS NULL
            ORDER BY is_ahead, importance, due_at, id
        ) AS place
        FROM (
            SELECT outbox.*, coalesce(transfers.channel, '') AS channel, transfers.card_ts IS NOT NULL AS has_card,
                outbox.due_at > :now AND outbox.due_at <= :horizon AS is_ahead,
                {_IMPORTANCE} AS importance
            FROM outbox LEFT JOIN transfers ON transfers.id = outbox.transfer_id
            WHERE outbox.state = 'pending'
        )
    )
    WHERE place <= :limit
    ORDER BY is_ahead, CASE WHEN is_ahead THEN 0 ELSE importance END, due_at, id
"""  # noqa: S608 - written here, nothing of a person's in it


@dataclass(frozen=True)
class Parcel:
    """One pending row.

    Attributes:
        tried_at: when a post was begun of which nobody knows what became; None when there is no such post.
        tried_in: under which card that was, for a reply: people may delete a card, and another one takes its place.
        transfer_id: None for an audit or private line that is about no transfer.
        channel: where the transfer's card stands, or will; empty without a transfer.
        has_card: whether there is a card on record, so that another one is an edit.
    """

    id: int
    kind: Kind
    transfer_id: int | None
    event_seq: int | None
    generation: int
    due_at: datetime
    attempts: int
    tried_at: datetime | None
    tried_in: str | None
    channel: str
    has_card: bool

    @property
    def about(self) -> str:
        """What it is about, for a log: a transfer's name, or the desk itself."""
        return "the desk" if self.transfer_id is None else f"T{self.transfer_id}"

    def wait_s(self, now: datetime) -> float:
        """Return the seconds until this may be delivered; 0 when it may be now."""
        ahead = self.due_at - now
        waits = ahead if ahead <= PUT_OFF_MAX else timedelta()
        if self.tried_at is not None and self.tried_at <= now:
            waits = max(waits, self.tried_at + ON_ITS_WAY_MAX - now)
        return max(0.0, waits.total_seconds())


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

    def tell(self, kind: Literal["thread", "audit", "private"], transfer_id: int | None, event_seq: int) -> None:
        """Ask for one line about one event: under the card; or, of no transfer too, in the audit channel or private."""
        self._db.execute(
            "INSERT INTO outbox (kind, transfer_id, event_seq, generation, state, due_at, attempts, created_at) "
            "VALUES (?, ?, ?, 1, 'pending', ?, 0, ?)",
            [kind, transfer_id, event_seq, self._now, self._now],
        )

    def pending(self, limit: int = 20) -> Iterator[Parcel]:
        """Return the first `limit` of every queue: what is due by importance, then what is put off, soonest first.

        Importance: cards of transfers without an answer, cards of ended ones, replies and audit lines, other cards.
        """
        horizon = to_text(from_text(self._now) + PUT_OFF_MAX)
        rows = read(self._db, _PENDING, {"now": self._now, "horizon": horizon, "limit": limit})
        return (
            Parcel(
                **{
                    **row,
                    "due_at": from_text(row["due_at"]),
                    "tried_at": from_text(row["tried_at"]) if row["tried_at"] else None,
                    "has_card": bool(row["has_card"]),
                }
            )
            for row in rows
        )

    def trying(self, parcel: Parcel, card_ts: str | None = None) -> None:
        """Note that a message is about to be posted. An earlier try nobody knows the end of stays the one on record."""
        self._db.execute(
            "UPDATE outbox SET tried_at = coalesce(tried_at, ?), tried_in = ? WHERE id = ?",
            [self._now, card_ts, parcel.id],
        )

    def untried(self, parcel: Parcel) -> None:
        """Take a try back: Slack certainly did not take the message. What was tried before it stays on record."""
        self._db.execute(
            "UPDATE outbox SET tried_at = ?, tried_in = ? WHERE id = ?",
            [_text(parcel.tried_at), parcel.tried_in, parcel.id],
        )

    def found(self, parcel: Parcel) -> None:
        """Note that a message thought lost is there. The parcel still waits: what it says may be outdated."""
        self._db.execute("UPDATE outbox SET tried_at = NULL, tried_in = NULL WHERE id = ?", [parcel.id])

    def done(self, parcel: Parcel) -> None:
        """Mark a parcel as delivered, unless something newer was asked of the same row meanwhile."""
        self.found(parcel)
        self._db.execute(
            "UPDATE outbox SET state = 'done', problem = NULL WHERE id = ? AND generation = ?",
            [parcel.id, parcel.generation],
        )

    def again(self, parcel: Parcel, due_at: datetime, problem: str) -> None:
        """Put a parcel off, for `PUT_OFF_MAX` at most."""
        latest = from_text(self._now) + PUT_OFF_MAX
        self._db.execute(
            "UPDATE outbox SET due_at = ?, attempts = attempts + 1, problem = ? WHERE id = ?",
            [to_text(min(due_at, latest)), problem, parcel.id],
        )

    def park(self, parcel: Parcel, problem: str) -> bool:
        """Give a parcel up: Slack will not take it as things are. Returns False when its row asks for more by now."""
        self.untried(parcel)
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


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None
