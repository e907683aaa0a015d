"""The exchanges: what the desk asks of one, in the desk's own words. One file an exchange, a line in `registry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bot.accounts import Account, Route
from bot.findings import Finding
from bot.transfers import Outcome

__all__ = ["Exchange", "Finding", "Order", "Snapshot"]


@dataclass(frozen=True)
class Order:
    """All an adapter may know of a transfer: what to move, nothing about who or why."""

    route: Route
    currency: str
    amount: Decimal
    margin_account: str


@dataclass(frozen=True)
class Snapshot:
    """What the exchange said just before a send, kept in the claim's event as evidence. Plain texts only."""

    evidence: Mapping[str, str]


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
        """Read the balance the order touches, on the connection the send will use a moment later.

        Raises:
            ExchangeUnreadable: no usable answer; the text says why, without URL or secret.
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
