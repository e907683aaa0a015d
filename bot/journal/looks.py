"""Looks that are due: which sends the exchange's records are read for, and when next. One row a transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.clock import from_text, to_text
from bot.journal.rows import read


@dataclass(frozen=True)
class Due:
    """One row.

    Attributes:
        watched: the transfer did not happen and is only watched; else its answer is missing and others wait for it.
        step: how many looks there were.
    """

    transfer_id: int
    watched: bool
    step: int
    due_at: datetime


class Looks:
    """The looks as one transaction sees them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def plan(self, exchange: str, due: Due) -> None:
        """Write down when a transfer is looked at next."""
        self._db.execute(
            "INSERT INTO looks (transfer_id, exchange, watched, step, due_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (transfer_id) DO UPDATE SET watched = excluded.watched, step = excluded.step, "
            "due_at = excluded.due_at",
            [due.transfer_id, exchange, int(due.watched), due.step, to_text(due.due_at)],
        )

    def end(self, transfer_id: int) -> None:
        """Look no more."""
        self._db.execute("DELETE FROM looks WHERE transfer_id = ?", [transfer_id])

    def of(self, transfer_id: int) -> Due | None:
        """Return when one transfer is looked at next."""
        rows = read(
            self._db, "SELECT transfer_id, watched, step, due_at FROM looks WHERE transfer_id = ?", [transfer_id]
        )
        return next((_due(row) for row in rows), None)

    def planned(self, exchange: str, watched: bool) -> list[Due]:
        """Return the look planned soonest and the one planned last, which tells whether the clock went back."""
        sql = (
            "SELECT transfer_id, watched, step, due_at FROM looks WHERE exchange = ? AND watched = ? "
            "ORDER BY due_at {order}, transfer_id LIMIT 1"
        )
        ends = (next(read(self._db, sql.format(order=order), [exchange, int(watched)]), None) for order in ("", "DESC"))
        return [_due(row) for row in ends if row]


def _due(row: dict[str, object]) -> Due:
    return Due(int(str(row["transfer_id"])), bool(row["watched"]), int(str(row["step"])), from_text(str(row["due_at"])))
