"""What a person's Home tab says, read in one transaction so that it belongs together, and whose tabs are kept fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.accounts import label
from bot.desk.approving import agreed, tier_of
from bot.desk.asking import LimitsQuestion, limits
from bot.desk.freezing import frozen_in_words
from bot.desk.house import FAILED, House, Person
from bot.desk.steps import is_stranded
from bot.journal import Holding, Transaction
from bot.journal.homes import Shown
from bot.transfers import FINAL, OPEN, WITHOUT_ANSWER, State, Transfer

LISTED_MAX = 10  # of one kind; the rest is counted
# Of what is open so much is looked at, the newest first, and of what ended so far back for a sign of life
# and for money half way.
OPEN_MAX = 200
LOOKED_BACK_MAX = 1000
UNREAD_MAX = 3

# Who has not opened it for so long is not looking.
KEPT_FOR = timedelta(days=7)


def _in(states: Iterable[State]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


# The sign keeps this out of the choice of an index: nearly all have ended, so the latest are soon found by their ids.
ENDED = f"team = ? AND +state IN ({_in(FINAL)})"


@dataclass(frozen=True)
class Entry:
    """A transfer as a list shows it; `source` and `destination` as people type them."""

    transfer: Transfer
    source: str
    destination: str


@dataclass(frozen=True)
class Listed:
    """The first of several transfers, and how many more there are."""

    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True)
class Health:
    """How it goes with one exchange, as far as the journal knows.

    Attributes:
        answered_at: when it last carried out a transfer or let a balance be read; None: not lately.
        unread: accounts as people type them whose balance could not be read when that was last tried, and why.
        unanswered: transfers sent without an answer yet.
        held: confirmed transfers that have not left, and say why.
    """

    exchange: str
    answered_at: datetime | None
    unread: tuple[tuple[str, Holding], ...]
    unanswered: tuple[Entry, ...]
    held: tuple[Entry, ...]


@dataclass(frozen=True)
class Home:
    """Everything on one person's Home tab.

    Attributes:
        confirm: their own, which only they can confirm.
        approve: which their approval would bring further.
        settle: without an answer, which they may settle as an admin.
        stranded: second steps of theirs that failed, whose money is half way.
        others: whatever else is open.
        last: the latest that ended.
        limits: what is asked about what is left of theirs; None: no rule names them.
        frozen: a sentence for each freeze.
        names: what desk.toml calls user ids.
    """

    confirm: Listed
    approve: Listed
    settle: Listed
    stranded: Listed
    others: Listed
    last: tuple[Entry, ...]
    limits: LimitsQuestion | None
    frozen: tuple[str, ...]
    health: tuple[Health, ...]
    names: Mapping[str, str]


def opened(tx: Transaction, house: House, person: Person) -> bool:
    """Have somebody's Home tab kept fresh from now on. False: they are not on the allowlist, and it is not."""
    listed = house.config.is_listed(person.team, person.user)
    if listed:
        tx.homes.opened(person.user)
    return listed


def kept(tx: Transaction, house: House) -> list[Shown]:
    """Return the Home tabs that somebody may be looking at, the latest opened first.

    Whoever left the allowlist finds nothing on theirs, however long they have not looked.
    """
    since, people = tx.now - KEPT_FOR, frozenset(house.config.people.values())
    return [shown for shown in tx.homes.all() if shown.at >= since or shown.person not in people]


def home(tx: Transaction, house: House, person: Person) -> Home | None:
    """Return what stands on somebody's Home tab; None: they are not on the allowlist."""
    config, user = house.config, person.user
    if not config.is_listed(person.team, user):
        return None
    states = _in(OPEN - {State.WAITING})
    found = list(tx.select(f"team = ? AND state IN ({states})", person.team, order="id DESC", limit=OPEN_MAX))
    confirm = [one for one in found if one.state is State.PROPOSED and one.requester == user]
    approve = [one for one in found if one.state is State.AWAITING_APPROVAL and _is_wanted(tx, house, one, user)]
    settle = [one for one in found if one.state is State.UNKNOWN and one.requester != user and user in config.admins]
    mine = {one.id for one in (*confirm, *approve, *settle)}
    last = tx.select(ENDED, person.team, order="id DESC", limit=LISTED_MAX)
    return Home(
        confirm=_listed(house, confirm),
        approve=_listed(house, approve),
        settle=_listed(house, settle),
        stranded=_listed(house, _stranded(tx, person)),
        others=_listed(house, [one for one in found if one.id not in mine]),
        last=_entries(house, last),
        limits=limits(tx, house, person) if any(user in rule.who for rule in config.rules) else None,
        frozen=tuple(frozen_in_words(house, freeze) for freeze in tx.freezes.all()),
        health=tuple(_health(tx, house, exchange, found) for exchange in config.venues),
        names={known: name for name, known in config.people.items()},
    )


def _stranded(tx: Transaction, person: Person) -> list[Transfer]:
    failed = tx.select(
        f"team = ? AND requester = ? AND follows > ? AND state IN ({_in(FAILED)})",
        *(person.team, person.user, tx.last_transfer() - LOOKED_BACK_MAX),
        order="id DESC",
        index="transfers_by_follows",
    )
    return [second for second in list(failed) if is_stranded(tx, second)]


def _is_wanted(tx: Transaction, house: House, transfer: Transfer, user: str) -> bool:
    tier = tier_of(tx, house, transfer)
    return tier is not None and user in tier.wanted(transfer.requester, agreed(tx, transfer))


def _health(tx: Transaction, house: House, exchange: str, found: Sequence[Transfer]) -> Health:
    here = [one for one in found if one.route.exchange == exchange]
    last = tx.select(
        "exchange = ? AND state = ? AND id > ? AND settled_at IS NOT NULL",
        exchange,
        State.SUCCEEDED.value,
        tx.last_transfer() - LOOKED_BACK_MAX,
        order="id DESC",
        limit=1,
        index="transfers_by_exchange",
    )
    held = [one for one in here if one.state is State.APPROVED and one.outcome]
    readings, venue = tx.balances.at(exchange), house.config.venues.get(exchange)
    answers = [holding.at for _, _, holding in readings if holding.available is not None]
    answers += [one.settled_at for one in last if one.settled_at]
    unread = [(label(account, venue), holding) for account, _, holding in readings if holding.available is None]
    return Health(
        exchange=exchange,
        answered_at=max(answers, default=None),
        unread=tuple(unread[:UNREAD_MAX]),
        unanswered=_entries(house, [one for one in here if one.state in WITHOUT_ANSWER][:LISTED_MAX]),
        held=_entries(house, held[:LISTED_MAX]),
    )


def _listed(house: House, transfers: Sequence[Transfer]) -> Listed:
    return Listed(_entries(house, transfers[:LISTED_MAX]), max(0, len(transfers) - LISTED_MAX))


def _entries(house: House, transfers: Iterable[Transfer]) -> tuple[Entry, ...]:
    return tuple(_entry(house, transfer) for transfer in transfers)


def _entry(house: House, transfer: Transfer) -> Entry:
    venue = house.config.venues.get(transfer.route.exchange)
    return Entry(transfer, label(transfer.route.source, venue), label(transfer.route.destination, venue))
