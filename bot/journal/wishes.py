"""Transfers asked for as a share of what is there, until that is read. They outlive the desk's process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlite_utils import Database

from bot.accounts import Account, Route, plain
from bot.clock import from_text, to_text
from bot.journal.rows import read


@dataclass(frozen=True)
class Wish:
    """One row.

    Attributes:
        person: Slack user id of whoever wants it; with `team` the identity.
        text: what they typed.
        percent: the share, above 0 and at most 100.
    """

    id: int
    team: str
    person: str
    channel: str
    text: str
    route: Route
    currency: str
    percent: Decimal
    reason: str
    at: datetime


class Wishes:
    """The wishes as one transaction sees them."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = to_text(now)

    def add(self, wish: Wish) -> None:
        """Keep a wish, as of now; it gets an id."""
        self._db.execute(
            "INSERT INTO wishes (team, person, channel, text, source, destination, currency, percent, reason, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(wish.team, wish.person, wish.channel, wish.text),
                *(str(wish.route.source), str(wish.route.destination), wish.currency),
                *(plain(wish.percent), wish.reason, self._now),
            ],
        )

    def remove(self, wish: Wish) -> None:
        """Forget a wish that came true or was refused."""
        self._db.execute("DELETE FROM wishes WHERE id = ?", [wish.id])

    def all(self) -> list[Wish]:
        """Return every wish, oldest first."""
        return [_wish(row) for row in read(self._db, "SELECT * FROM wishes ORDER BY id")]

    def on(self, source: Account, currency: str) -> list[Wish]:
        """Return the wishes that wait for one reading, oldest first."""
        rows = read(
            self._db, "SELECT * FROM wishes WHERE source = ? AND currency = ? ORDER BY id", [str(source), currency]
        )
        return [_wish(row) for row in rows]

    def count_of(self, person: str) -> int:
        """Return how many wishes of one person wait."""
        return int(self._db.execute("SELECT count(*) FROM wishes WHERE person = ?", [person]).fetchone()[0])


def _wish(row: dict[str, object]) -> Wish:
    text = {name: str(value) for name, value in row.items()}
    return Wish(
        id=int(text["id"]),
        team=text["team"],
        person=text["person"],
        channel=text["channel"],
        text=text["text"],
        route=Route(Account.from_canonical(text["source"]), Account.from_canonical(text["destination"])),
        currency=text["currency"],
        percent=Decimal(text["percent"]),
        reason=text["reason"],
        at=from_text(text["at"]),
    )
