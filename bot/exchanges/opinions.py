"""What is said of an exchange's records and balances beside them: short sentences for a treasurer, no jargon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Context, Decimal

from bot.accounts import for_people
from bot.errors import ExchangeUnreadable
from bot.evidence import Balance

LISTED_MAX = 3

# Holds the difference of any two balances without rounding it: no balance that is read has more than 80 digits, while
# decimal by itself keeps 28, too few for millions with 18 decimals.
EXACT = Context(prec=81)


def opinion(subject: str, look: Callable[[], str]) -> str:
    """Return what a second look says, or that it could not be had; it never stands in the way of the first."""
    try:
        return look()
    except ExchangeUnreadable as problem:
        return unreadable(subject, problem)


def unreadable(subject: str, problem: ExchangeUnreadable) -> str:
    """Say that something could not be read, and why."""
    return f"{subject} could not be read: {str(problem).rstrip('.')}."


def weigh(whose: str, currency: str, change: Decimal, before: str, now: str) -> tuple[Balance, str]:
    """Hold a balance against the one before a send.

    Args:
        change: what the send would have done to it, signed.
        before, now: plain digits; `before` may be empty, where no snapshot has it.
    """
    if not before:
        return Balance.UNCLEAR, f"{whose} before the request is not on record."
    was, now_is = Decimal(before), Decimal(now)
    moved = EXACT.subtract(now_is, was)
    if not moved:
        return Balance.UNMOVED, f"{whose} is unchanged since before the request: {for_people(was)} {currency}."
    from_to = f"from {for_people(was)} to {for_people(now_is)}"
    if moved == change:
        verb = "rose" if change > 0 else "fell"
        return Balance.MOVED, f"{whose} {verb} by exactly {for_people(abs(change))} {currency}, {from_to}."
    return Balance.UNCLEAR, f"{whose} went {from_to} {currency}, which is not this transfer alone."


def at(moment: datetime) -> str:
    """Write a time of day as the sentences do: `10:15:02 UTC`."""
    return f"{moment:%H:%M:%S} UTC"


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does: `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`."""
    if len(words) > LISTED_MAX:
        words = [*words[:LISTED_MAX], f"{len(words) - LISTED_MAX} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
