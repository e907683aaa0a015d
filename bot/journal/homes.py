"""Whose Home tab Slack shows, since when, and a digest of what stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.clock import from_text, to_text
from bot.journal.rows import read


@dataclass(frozen=True)
class Shown:
    """One person's Home tab.

    Attributes:
        digest: of what Slack was last given; empty when it must be given something.
        at: when it was last opened.
    """

    person: str
    digest: str
    at: datetime


class Homes:
    """The Home tabs as one transaction sees them."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = to_text(now)

    def opened(self, person: str) -> None:
        """Note that a person looks at their Home tab now; whatever it showed, they are given it anew."""
        self._db.execute(
            "INSERT INTO homes (person, shown, at) VALUES (?, '', ?) "
            "ON CONFLICT (person) DO UPDATE SET shown = excluded.shown, at = excluded.at",
            [person, self._now],
        )

    def all(self) -> list[Shown]:
        """Return every Home tab, the latest opened first."""
        rows = read(self._db, "SELECT * FROM homes ORDER BY at DESC, person")
        return [Shown(str(row["person"]), str(row["shown"]), from_text(row["at"])) for row in rows]

    def show(self, person: str, digest: str) -> None:
        """Note what Slack was given; nothing where the person is no longer of interest."""
        self._db.execute("UPDATE homes SET shown = ? WHERE person = ?", [digest, person])

    def forget(self, person: str) -> None:
        """Keep a person's Home tab up to date no more, until they open it again."""
        self._db.execute("DELETE FROM homes WHERE person = ?", [person])
