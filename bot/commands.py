"""What a person may ask of the desk by typing, and how each of it is typed; `bot.grammar` reads it back as the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.accounts import Route, Venue, plain
from bot.examples import transfer_text
from bot.text import delivered


@dataclass(frozen=True)
class TransferIntent:
    """Move `amount` of `currency` (upper case) along `route`. Nobody has allowed it yet.

    Attributes:
        reason: why, in the person's own words: one line of 1 to 200 characters of any script, or empty.
    """

    route: Route
    currency: str
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Why:
    """Explain what the policy says of a transfer without asking for it.

    Attributes:
        person: whose transfer it would be: a Slack user id, or a name of desk.toml in lower case; empty for oneself.
    """

    intent: TransferIntent
    person: str = ""


@dataclass(frozen=True)
class Show:
    """Show the transfer people call `T<id>`."""

    id: int


@dataclass(frozen=True)
class Cancel:
    """Cancel the transfer people call `T<id>`."""

    id: int


@dataclass(frozen=True)
class History:
    """List the latest transfers."""


@dataclass(frozen=True)
class Limits:
    """Say what is left of the limits."""


@dataclass(frozen=True)
class Freeze:
    """Let nothing leave one exchange connection, or any when `exchange` is empty. `reason` is never empty."""

    exchange: str
    reason: str


@dataclass(frozen=True)
class Unfreeze:
    """Let money leave an exchange connection again, or all of them when `exchange` is empty."""

    exchange: str


@dataclass(frozen=True)
class Help:
    """Say what can be typed."""


Command = TransferIntent | Why | Show | Cancel | History | Limits | Freeze | Unfreeze | Help


def typed(intent: TransferIntent, venue: Venue | None) -> str:
    """Write a transfer as a person types it, sub-accounts by alias, the reason last."""
    return transfer_text(plain(intent.amount), intent.currency, intent.route, venue) + tail(intent.reason)


def tail(reason: str, person: str = "") -> str:
    """Write what may follow the accounts of a transfer: ` reason topping up for BTC as bob`."""
    return (f" reason {delivered(reason)}" if reason else "") + (f" as {person}" if person else "")


def spelled(command: Command, venues: Mapping[str, Venue]) -> str:
    """Write any command as a person types it."""
    match command:
        case TransferIntent():
            return typed(command, venues.get(command.route.exchange))
        case Why(intent, person):
            return f"why {typed(intent, venues.get(intent.route.exchange))}{tail('', person)}"
        case Show(id):
            return f"show T{id}"
        case Cancel(id):
            return f"cancel T{id}"
        case Freeze(exchange, reason):
            return f"freeze {exchange or 'all'}{tail(reason)}"
        case Unfreeze(exchange):
            return f"unfreeze {exchange or 'all'}"
        case History() | Limits() | Help():
            return type(command).__name__.lower()
