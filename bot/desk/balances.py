"""What can leave the accounts a transfer touches: read beside everything else, shown on cards, waited for by nobody.

Whoever wants to see a balance asks the journal for it. The exchange's reader takes what is asked for, and hands back
what it read; cards that show it are drawn anew then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bot import words
from bot.accounts import Account, is_readable, label
from bot.amounts import EXACT
from bot.desk.house import PREVIEWED, House, Person, ends, redraw
from bot.desk.wishes import grant
from bot.journal import Holding, Transaction
from bot.transfers import State, Transfer

# Who asks again within this is told the same: an exchange has better things to do.
NEW_FOR = timedelta(seconds=10)


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


def noted(tx: Transaction, house: House, taken: Taken) -> None:
    """Keep a reading, have the cards that show it drawn anew, and decide the shares that waited for it."""
    tx.balances.note(taken.account, taken.currency, taken.holding)
    states = ", ".join(f"'{state.value}'" for state in (*PREVIEWED, State.WAITING))
    # The sign keeps the currency out of the choice of an index: these states are soon over, a currency's past is long.
    touching = f"state IN ({states}) AND +currency = ? AND ? IN (source, destination)"
    for transfer in list(tx.select(touching, taken.currency, str(taken.account))):
        redraw(tx, transfer)
    grant(tx, house, taken.holding, tx.wishes.on(taken.account, taken.currency))


def preview(tx: Transaction, transfer: Transfer) -> Preview | None:
    """Return what both ends of a transfer have and would have; None once it is on its way or ended."""
    goes_on = transfer.state is State.APPROVED and transfer.card_of != transfer.id
    if transfer.state not in PREVIEWED or goes_on:  # a second step that just goes on asks nobody anything
        return None
    (source, destination), amount = ends(tx, transfer), transfer.amount
    return Preview(_side(tx, source, transfer.currency, -amount), _side(tx, destination, transfer.currency, amount))


def _side(tx: Transaction, account: Account, currency: str, change: Decimal) -> Side:
    if not is_readable(account):
        return Side(None, None, None, words.HIDDEN)
    holding = tx.balances.of(account, currency)
    if holding is None:
        return Side(None, None, None, "")
    after = None if holding.available is None else EXACT.add(holding.available, change)
    return Side(holding.available, after, holding.at, holding.problem)


@dataclass(frozen=True)
class Inquiry:
    """What somebody was promised to be told.

    Attributes:
        since: readings that began before this are not the promised ones.
    """

    accounts: tuple[tuple[Account, str], ...]
    since: datetime


@dataclass(frozen=True)
class Line:
    """What can leave one account in one currency.

    Attributes:
        account: the address as people type it.
        hidden: why the exchange tells nobody; empty where it does.
        is_awaited: the promised reading is not there yet.
    """

    account: str
    currency: str
    holding: Holding | None
    hidden: str
    is_awaited: bool


def ask(tx: Transaction, house: House, person: Person, exchange: str) -> Inquiry | str:
    """Have read anew what this person's rules name, at one exchange or at all; or say that they name nothing there.

    An admin, who settles what others moved, is told of every account some rule names.
    """
    accounts = _named(house, person, exchange)
    if not accounts:
        return words.NO_ACCOUNTS_AT.format(exchange=exchange) if exchange else words.NO_ACCOUNTS
    return look(tx, accounts)


def look(tx: Transaction, accounts: tuple[tuple[Account, str], ...]) -> Inquiry:
    """Have accounts read anew that were not read just now."""
    since = tx.now - NEW_FOR
    for account, currency in accounts:
        holding = tx.balances.of(account, currency)
        if is_readable(account) and (holding is None or holding.at < since):
            tx.balances.want(account, currency)
    return Inquiry(accounts, since)


def listed(tx: Transaction, house: House, inquiry: Inquiry) -> tuple[Line, ...]:
    """Return what is known by now of what somebody asked, in its order."""
    return tuple(_line(tx, house, account, currency, inquiry.since) for account, currency in inquiry.accounts)


def _line(tx: Transaction, house: House, account: Account, currency: str, since: datetime) -> Line:
    name = label(account, house.config.venues.get(account.exchange))
    if not is_readable(account):
        return Line(name, currency, None, words.HIDDEN, is_awaited=False)
    holding = tx.balances.of(account, currency)
    return Line(name, currency, holding, "", is_awaited=holding is None or holding.at < since)


def _named(house: House, person: Person, exchange: str) -> tuple[tuple[Account, str], ...]:
    config = house.config
    if not config.is_listed(person.team, person.user):
        return ()
    rules = [rule for rule in config.rules if person.user in rule.who or person.user in config.admins]
    named = {
        (account, currency)
        for rule in rules
        for account in rule.sources | rule.destinations
        for currency in rule.currencies
        if exchange in ("", account.exchange)
    }
    return tuple(sorted(named))
