"""What can leave the accounts a transfer touches: read beside everything else, shown on cards, waited for by nobody.

Whoever wants to see a balance asks the journal for it. The exchange's reader takes what is asked for, and hands back
what it read; cards that show it are drawn anew then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.accounts import Account, is_readable
from bot.amounts import EXACT
from bot.desk.house import PREVIEWED, ends, redraw
from bot.journal import Holding, Transaction
from bot.transfers import State, Transfer

HIDDEN = "not readable through the API"


@dataclass(frozen=True)
class Taken:
    """A reading of what can leave one account."""

    account: Account
    currency: str
    holding: Holding


@dataclass(frozen=True)
class Side:
    """One account of a transfer that has not been sent.

    Attributes:
        now: what can leave it; None where that is not known.
        after: what could, after the transfer and nothing else.
        read_at: when that was read, or could not be; None where there is no reading.
        problem: why it is not known, as the end of a sentence; empty while it is being read.
    """

    now: Decimal | None
    after: Decimal | None
    read_at: datetime | None
    problem: str


@dataclass(frozen=True)
class Preview:
    """Both sides of a transfer, before and after it; of two steps, where it starts and where it ends."""

    source: Side
    destination: Side

    @property
    def is_short(self) -> bool:
        """Tell whether the source is known to have less than the amount."""
        return self.source.after is not None and self.source.after < 0


def wanted(tx: Transaction, exchange: str) -> tuple[Account, str] | None:
    """Return the account and currency an exchange's reader should look at next, if any."""
    return tx.balances.wanted(exchange)


def noted(tx: Transaction, taken: Taken) -> None:
    """Keep a reading, and have the cards that show it drawn anew."""
    tx.balances.note(taken.account, taken.currency, taken.holding)
    states = ", ".join(f"'{state.value}'" for state in (*PREVIEWED, State.WAITING))
    touching = f"state IN ({states}) AND currency = ? AND ? IN (source, destination)"
    for transfer in list(tx.select(touching, taken.currency, str(taken.account))):
        redraw(tx, transfer)


def preview(tx: Transaction, transfer: Transfer) -> Preview | None:
    """Return what both ends of a transfer have and would have; None once it is on its way or ended."""
    goes_on = transfer.state is State.APPROVED and transfer.card_of != transfer.id
    if transfer.state not in PREVIEWED or goes_on:  # a second step that just goes on asks nobody anything
        return None
    (source, destination), amount = ends(tx, transfer), transfer.amount
    return Preview(_side(tx, source, transfer.currency, -amount), _side(tx, destination, transfer.currency, amount))


def _side(tx: Transaction, account: Account, currency: str, change: Decimal) -> Side:
    if not is_readable(account):
        return Side(None, None, None, HIDDEN)
    holding = tx.balances.of(account, currency)
    if holding is None:
        return Side(None, None, None, "")
    after = None if holding.available is None else EXACT.add(holding.available, change)
    return Side(holding.available, after, holding.at, holding.problem)
