"""What can leave each account, as last read from its exchange, and which of it somebody waits to see read anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlite_utils import Database

from bot.accounts import Account, plain
from bot.clock import from_text, to_text
from bot.transfers import State

# A step that waits is shown on the card of the one before it.
_UNDECIDED = ", ".join(f"'{state.value}'" for state in (State.PROPOSED, State.AWAITING_APPROVAL, State.WAITING))
_WANTED = f"""
    SELECT account, currency FROM balances WHERE wanted_at IS NOT NULL AND substr(account, 1, ?) = ?
    ORDER BY
        EXISTS (
            SELECT 1 FROM wishes WHERE wishes.source = balances.account AND wishes.currency = balances.currency
        ) DESC,
        (account, currency) IN (
            SELECT source, currency FROM transfers WHERE state IN ({_UNDECIDED})
            UNION ALL SELECT destination, currency FROM transfers WHERE state IN ({_UNDECIDED})
        ) DESC,
        coalesce(at, ''), wanted_at, account, currency
    LIMIT 1
"""  # noqa: S608 - written here, nothing of a person's in it


@dataclass(frozen=True)
class Holding:
    """The last reading of one account in one currency.

    Attributes:
        available: what can leave it, negative where it owes; None where it could not be read.
        problem: why it could not be read, as the end of a sentence; empty where it could.
        at: when the reading began.
    """

    available: Decimal | None
    problem: str
    at: datetime


class Balances:
    """The balances as one transaction sees them."""

    def __init__(self, db: Database, now: datetime) -> None:
        self._db = db
        self._now = now

    def want(self, account: Account, currency: str) -> None:
        """Ask for a reading that begins after this."""
        self._db.execute(
            "INSERT INTO balances (account, currency, wanted_at) VALUES (?, ?, ?) "
            "ON CONFLICT (account, currency) DO UPDATE SET wanted_at = excluded.wanted_at",
            [str(account), currency, to_text(self._now)],
        )

    def note(self, account: Account, currency: str, holding: Holding) -> None:
        """Keep a reading. Whoever asked for one before it began has it now."""
        self._db.execute(
            "INSERT INTO balances (account, currency, available, problem, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (account, currency) DO UPDATE SET available = excluded.available, "
            "problem = excluded.problem, at = excluded.at, "
            # Asked for in the future: before the clock went back. Kept, it would be read again and again till then.
            "wanted_at = CASE WHEN wanted_at > excluded.at AND wanted_at <= ? THEN wanted_at END",
            [
                str(account),
                currency,
                None if holding.available is None else plain(holding.available),
                holding.problem,
                to_text(holding.at),
                to_text(self._now),
            ],
        )

    def of(self, account: Account, currency: str) -> Holding | None:
        """Return the last reading; None where there is none, or it is from before the clock went back."""
        row = self._db.execute(
            "SELECT available, problem, at FROM balances WHERE account = ? AND currency = ? AND at <= ?",
            [str(account), currency, to_text(self._now)],
        ).fetchone()
        return None if row is None else _holding(*row)

    def at(self, exchange: str) -> list[tuple[Account, str, Holding]]:
        """Return the last readings of one exchange's accounts, the latest first."""
        rows = self._db.execute(
            "SELECT account, currency, available, problem, at FROM balances "
            "WHERE substr(account, 1, ?) = ? AND at <= ? ORDER BY at DESC, account, currency",
            [len(exchange) + 1, f"{exchange}:", to_text(self._now)],
        ).fetchall()
        return [(Account.from_canonical(row[0]), str(row[1]), _holding(*row[2:])) for row in rows]

    def wanted(self, exchange: str) -> tuple[Account, str] | None:
        """Return what to read next at one exchange.

        What a share waits for comes first, then what people look at before they decide about a transfer, then the rest:
        a list of hundreds of accounts takes minutes. Of each what was read longest ago.
        """
        row = self._db.execute(_WANTED, [len(exchange) + 1, f"{exchange}:"]).fetchone()
        return (Account.from_canonical(row[0]), str(row[1])) if row else None


def _holding(available: str | None, problem: str, at: str) -> Holding:
    return Holding(None if available is None else Decimal(available), problem, from_text(at))
