"""`exact_sum` for Datasette's queries: amounts are decimal text, and SQLite's own `sum` would make floats of them."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

from datasette import hookimpl

from bot.accounts import plain

# Holds millions of the longest amounts there can be, to the last digit.
_EXACT = Context(prec=60)


class ExactSum:
    """An SQLite aggregate: the sum of decimal texts, as decimal text; NULL of none, as SQLite's own."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, amount: str | None) -> None:
        """Add one; nothing for NULL."""
        if amount is not None:
            self._sum = _EXACT.add(self._sum, Decimal(amount))

    def finalize(self) -> str:
        """Return the sum."""
        return plain(self._sum)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any) -> None:
    """Let every query use it."""
    conn.create_aggregate("exact_sum", 1, ExactSum)
