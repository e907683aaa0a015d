"""The true books of a look-alike: what each account holds and every movement that really happened.

The desk never sees these; people and tests hold what the desk believes against them.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.clock import Clock
from bot.errors import TransferdeskError


class InsufficientFunds(TransferdeskError):
    """The source holds less than the amount. Nothing moved; a look-alike answers with its exchange's refusal."""


@dataclass(frozen=True)
class Movement:
    """One movement that happened.

    Attributes:
        id: counts from 1 within a book.
        source, destination: account names in the book, like `spot`, `linear-swap/BTC-USDT`, `master`, `39000001`.
        currency: upper case.
        detail: what the request named beside the accounts: HTX's margin account, CoinW's sub-account uid.
        by_hand: moved at the exchange itself, not through its API.
    """

    id: int
    at: datetime
    source: str
    destination: str
    currency: str
    amount: Decimal
    detail: str = ""
    by_hand: bool = False


class Book:
    """Balances per account and currency, changed only by movements. Safe to read and to move from any thread."""

    def __init__(self, clock: Clock, opening: Mapping[str, Mapping[str, str]]) -> None:
        """Open the book with balances per account and upper-case currency, as plain decimal text."""
        self._clock = clock
        self._lock = threading.Lock()
        self._held: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._changes: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._movements: list[Movement] = []
        for account, balances in opening.items():
            for currency, text in balances.items():
                self._held[account, currency] = Decimal(text)

    def balance(self, account: str, currency: str) -> Decimal:
        """Return what an account holds of an upper-case currency; nothing when it never held any."""
        with self._lock:
            return self._held.get((account, currency), Decimal(0))

    def changes(self, account: str, currency: str) -> int:
        """Return how often this balance has changed (HTX's `seq-num`, htx-api.md §3)."""
        with self._lock:
            return self._changes.get((account, currency), 0)

    def balances(self) -> dict[str, dict[str, Decimal]]:
        """Return every account that ever held something, with its currencies."""
        listed: dict[str, dict[str, Decimal]] = {}
        with self._lock:
            for (account, currency), amount in sorted(self._held.items()):
                listed.setdefault(account, {})[currency] = amount
        return listed

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Everything that happened, oldest first."""
        with self._lock:
            return tuple(self._movements)

    def move(
        self,
        source: str,
        destination: str,
        currency: str,
        amount: Decimal,
        *,
        detail: str = "",
        by_hand: bool = True,
    ) -> Movement:
        """Move money and write it down: by default as a person would on the exchange's own web page.

        Raises:
            InsufficientFunds: the source holds less than the amount.
            ValueError: the amount is not above zero.
        """
        if not amount > 0:
            raise ValueError("an amount to move is above zero")
        with self._lock:
            if self._held.get((source, currency), Decimal(0)) < amount:
                raise InsufficientFunds(f"{source} holds less than {digits(amount)} {currency}")
            for account, change in ((source, -amount), (destination, amount)):
                self._held[account, currency] += change
                self._changes[account, currency] += 1
            movement = Movement(
                id=len(self._movements) + 1,
                at=self._clock.now(),
                source=source,
                destination=destination,
                currency=currency,
                amount=amount,
                detail=detail,
                by_hand=by_hand,
            )
            self._movements.append(movement)
            return movement


def digits(amount: Decimal) -> str:
    """Write an amount in plain digits, without exponent and trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
