"""What the journal knows of people and channels beside what they did: whether Slack still finds them well, and which
one-time codes they used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.clock import from_text, to_text


@dataclass(frozen=True)
class Standing:
    """What Slack said of a person or a channel at a moment. No words: found well."""

    words: str
    at: datetime

    @property
    def well(self) -> bool:
        """Tell whether there was nothing against them."""
        return not self.words


class People:
    """People and channels as one transaction sees them."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = now

    def standing(self, subject: str) -> Standing | None:
        """Return what Slack last said of a user or channel id; None when it was never asked."""
        row = self._db.execute("SELECT standing, at FROM standings WHERE subject = ?", [subject]).fetchone()
        return Standing(str(row[0]), from_text(row[1])) if row else None

    def seen(self, subject: str, words: str) -> None:
        """Note what Slack says of a user or channel id now."""
        self._db.execute(
            "INSERT INTO standings (subject, standing, at) VALUES (?, ?, ?) "
            "ON CONFLICT (subject) DO UPDATE SET standing = excluded.standing, at = excluded.at",
            [subject, words, to_text(self._now)],
        )

    def stale(self, subjects: Iterable[str], before: datetime) -> list[str]:
        """Return which of the subjects were last asked about before a moment, or never, longest ago first."""
        found = {subject: self.standing(subject) for subject in subjects}
        # Asked about in the future: noted before the clock went back, and worth nothing now.
        old = {
            subject: standing.at
            if standing and standing.at <= self._now
            else datetime.min.replace(tzinfo=before.tzinfo)
            for subject, standing in found.items()
            if standing is None or standing.at < before or standing.at > self._now
        }
        return sorted(old, key=lambda subject: (old[subject], subject))

    def last_step(self, person: str) -> int | None:
        """Return the time step of the latest one-time code a person used, None when there was none."""
        row = self._db.execute("SELECT max(step) FROM codes WHERE person = ?", [person]).fetchone()
        return None if row[0] is None else int(row[0])

    def wrong_codes(self, person: str, since: datetime) -> int:
        """Return how many wrong codes a person gave since a moment."""
        row = self._db.execute(
            "SELECT count(*) FROM codes WHERE person = ? AND at > ? AND step IS NULL", [person, to_text(since)]
        ).fetchone()
        return int(row[0])

    def code_given(self, person: str, step: int | None) -> None:
        """Note a try: the time step of a right code, None for a wrong one."""
        self._db.execute("INSERT INTO codes (person, step, at) VALUES (?, ?, ?)", [person, step, to_text(self._now)])
