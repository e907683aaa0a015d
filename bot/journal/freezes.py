"""Which exchanges nothing leaves, by whose word and why. Survives restarts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.clock import from_text, to_text
from bot.journal.rows import read

EVERYTHING = ""


@dataclass(frozen=True)
class Freeze:
    """One order that nothing may leave. `exchange` is a connection's name, or `EVERYTHING`."""

    exchange: str
    actor: str
    reason: str
    at: datetime


class Freezes:
    """The freezes as one transaction sees them."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = to_text(now)

    def all(self) -> tuple[Freeze, ...]:
        """Return every freeze in force, the one of everything first."""
        rows = read(self._db, "SELECT exchange, actor, reason, at FROM freezes ORDER BY exchange")
        return tuple(Freeze(**{**row, "at": from_text(row["at"])}) for row in rows)

    def of(self, exchange: str) -> Freeze | None:
        """Return what keeps an exchange frozen, if anything does."""
        return next((freeze for freeze in self.all() if freeze.exchange in (EVERYTHING, exchange)), None)

    def add(self, exchange: str, actor: str, reason: str) -> bool:
        """Freeze. Returns False when exactly that was frozen already; the first word stands."""
        cursor = self._db.execute(
            "INSERT INTO freezes (exchange, actor, reason, at) VALUES (?, ?, ?, ?) ON CONFLICT (exchange) DO NOTHING",
            [exchange, actor, reason, self._now],
        )
        return cursor.rowcount == 1

    def lift(self, exchange: str) -> None:
        """Unfreeze exactly that."""
        self._db.execute("DELETE FROM freezes WHERE exchange = ?", [exchange])
