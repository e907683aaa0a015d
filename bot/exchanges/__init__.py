"""The exchanges: what the desk asks of one, in the desk's own words. One file an exchange, a line in `registry`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from bot.accounts import Account, Route
from bot.evidence import Balance, Line, Reading, Snapshot, Statement
from bot.findings import Finding
from bot.transfers import Outcome

__all__ = ["Balance", "Exchange", "Finding", "Line", "Order", "Reading", "Snapshot", "Statement"]


@dataclass(frozen=True)
class Order:
    """All an adapter may know of a transfer: what to move, nothing about who or why."""

    route: Route
    currency: str
    amount: Decimal
    margin_account: str


class Exchange(Protocol):
    """One connection with one key, used by one thread at a time."""

    @property
    def name(self) -> str:
        """The connection's name in desk.toml."""
        ...

    @property
    def fingerprint(self) -> str:
        """First 12 hex digits of the sha256 of the access key: which key, without the key."""
        ...

    @property
    def pace_s(self) -> float:
        """Least seconds between the end of one send and the start of the next."""
        ...

    def snapshot(self, order: Order) -> Snapshot:
        """Read the balance the order touches and the records of its ledger key, on the connection the send will use.

        Raises:
            ExchangeUnreadable: no usable answer; the text says why, without URL or secret.
        """
        ...

    def available(self, account: Account, currency: str) -> str:
        """Read what can be moved out of one account, in plain decimal digits; negative where it owes.

        Raises:
            BalanceHidden: the exchange's API does not say it.
            ExchangeUnreadable: no usable answer, as for `snapshot`.
        """
        ...

    def look(self, order: Order, sent_at: datetime, snapshot: Snapshot) -> Reading:
        """Read what the exchange's records show of an order sent at a moment, after a snapshot. Changes nothing.

        Second opinions (other records, balances) that cannot be read are said to be unreadable, not raised.

        Raises:
            ExchangeUnreadable: the records themselves gave no usable answer.
        """
        ...

    def statement(self, since: datetime, currencies: frozenset[str]) -> Statement:
        """Read every movement the records show since a moment, and a little before it, at a pace that leaves room.

        Args:
            currencies: upper case; where the records are kept by currency, only these are read.

        Raises:
            ExchangeUnreadable: no usable answer, also not when asked a second time where it was asked too often.
        """
        ...

    def transfer(self, order: Order) -> Outcome:
        """Send one signed request, once. Never raises, never retries, never follows a redirect."""
        ...

    def probe(self, accounts: frozenset[Account]) -> list[Finding]:
        """Check clock, key, permissions and the given accounts, read-only, moving nothing."""
        ...

    def user(self) -> str:
        """Return the exchange's own id of the user behind the key, or what stands for it where it has none.

        Equal for two keys of one user, so that two connections with one user are seen.

        Raises:
            ExchangeUnreadable: no usable answer.
        """
        ...

    def close(self) -> None:
        """Close the connection pool. Safe from another thread only when no call is under way."""
        ...
