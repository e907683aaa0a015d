"""What a person may ask of the desk by typing, and how each of it is typed; `bot.grammar` reads it back as the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.accounts import Route, Venue, plain
from bot.amounts import Share
from bot.examples import transfer_text
from bot.filters import EVERYTHING, Filter
from bot.text import delivered


@dataclass(frozen=True)
class TransferIntent:
    """Move `amount` of `currency` (upper case) along `route`. Nobody has allowed it yet.

    Attributes:
        reason: why, in the person's own words: one line of 1 to 200 characters of any script, or empty.
        share: how the amount was typed where it was a share of what was there: `all`, `half`, `25%`.
    """

    route: Route
    currency: str
    amount: Decimal
    reason: str = ""
    share: str = ""


@dataclass(frozen=True)
class ShareIntent:
    """Move a share of what is there, once somebody has looked how much that is. `reason` as with `TransferIntent`."""

    route: Route
    currency: str
    share: Share
    reason: str = ""

    def resolved(self, amount: Decimal) -> TransferIntent:
        """Return the transfer of the figure that the share turned out to be."""
        return TransferIntent(self.route, self.currency, amount, self.reason, str(self.share))


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
    """List transfers, the latest first."""

    filter: Filter = EVERYTHING


@dataclass(frozen=True)
class Mine:
    """List the person's own transfers, the latest first."""


@dataclass(frozen=True)
class Export:
    """Hand out transfers as a file."""

    filter: Filter = EVERYTHING


@dataclass(frozen=True)
class Again:
    """Propose the transfer people call `T<id>` once more, as a new one."""

    id: int


@dataclass(frozen=True)
class Balances:
    """Say what is in the accounts of one exchange connection, or of all when `exchange` is empty."""

    exchange: str = ""


REPORT_DAYS = 7
REPORT_DAYS_MAX = 365


@dataclass(frozen=True)
class Report:
    """Sum up the last so many days."""

    days: int = REPORT_DAYS


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


@dataclass(frozen=True)
class Form:
    """Put a form before the person: nothing was typed."""


Command = (
    TransferIntent
    | ShareIntent
    | Why
    | Show
    | Cancel
    | Again
    | History
    | Mine
    | Export
    | Balances
    | Report
    | Limits
    | Freeze
    | Unfreeze
    | Help
    | Form
)


def typed(intent: TransferIntent | ShareIntent, venue: Venue | None) -> str:
    """Write a transfer as a person types it, sub-accounts by alias, the reason last."""
    amount = str(intent.share) if isinstance(intent, ShareIntent) else plain(intent.amount)
    return transfer_text(amount, intent.currency, intent.route, venue) + tail(intent.reason)


def tail(reason: str, person: str = "") -> str:
    """Write what may follow the accounts of a transfer: ` reason topping up for BTC as bob`."""
    return (f" reason {delivered(reason)}" if reason else "") + (f" as {person}" if person else "")


def spelled(command: Command, venues: Mapping[str, Venue]) -> str:
    """Write any command as a person types it."""
    match command:
        case TransferIntent() | ShareIntent():
            return typed(command, venues.get(command.route.exchange))
        case Why(intent, person):
            return f"why {typed(intent, venues.get(intent.route.exchange))}{tail('', person)}"
        case Show(id) | Cancel(id) | Again(id):
            return f"{type(command).__name__.lower()} T{id}"
        case History(wanted) | Export(wanted):
            return f"{type(command).__name__.lower()}{wanted}"
        case Balances(exchange):
            return f"balances {exchange}".strip()
        case Report(days):
            return f"report {days}d"
        case Freeze(exchange, reason):
            return f"freeze {exchange or 'all'}{tail(reason)}"
        case Unfreeze(exchange):
            return f"unfreeze {exchange or 'all'}"
        case Mine() | Limits() | Help():
            return type(command).__name__.lower()
        case Form():
            return ""
