"""The same transfer once more, as a new one that names it: nothing is ever sent a second time."""

from __future__ import annotations

from dataclasses import dataclass

from bot import words
from bot.accounts import Route
from bot.desk.house import Ask, House, Person
from bot.desk.requests import propose_now
from bot.desk.steps import second_step
from bot.errors import GrammarError
from bot.grammar import TransferIntent, parse, typed
from bot.journal import Transaction
from bot.transfers import Transfer


@dataclass(frozen=True)
class Repeat:
    """Somebody wants a transfer once more. `key` names the delivery, `text` is what was typed."""

    key: str
    person: Person
    channel: str
    text: str
    transfer_id: int


def again(tx: Transaction, house: House, repeat: Repeat) -> str:
    """Propose a transfer once more, both steps where it has two. Returns the private answer."""
    return tx.once(repeat.key, lambda: _again(tx, house, repeat))


def _again(tx: Transaction, house: House, repeat: Repeat) -> str:
    before = tx.get(repeat.transfer_id)
    if before is None or before.team != repeat.person.team:
        return words.NO_TRANSFER.format(transfer=f"T{repeat.transfer_id}")
    part_of = _part_of(tx, before)
    if part_of is not None:
        return words.PART_OF_STEPS.format(transfer=before.name, first=f"T{part_of}")
    second = second_step(tx, before)
    route = Route(before.route.source, second.route.destination) if second else before.route
    same = TransferIntent(route, before.currency, before.amount, before.reason)
    try:
        # Through the grammar once more: accounts and decimals may no longer be what they were.
        intent = parse(typed(same, house.config.venues.get(route.exchange)), house.config.venues)
    except GrammarError as error:
        return words.NOT_AS_IT_WAS.format(transfer=before.name, why=error)
    if intent != same:
        return words.NOT_AS_IT_WAS.format(transfer=before.name, why=words.TYPE_ANEW)
    return propose_now(tx, house, Ask(repeat.key, repeat.person, repeat.channel, repeat.text, same, None, before.id))


def _part_of(tx: Transaction, transfer: Transfer) -> int | None:
    """Return the first step of the route a transfer is a later part of: its second step, or what came of that."""
    if transfer.follows:
        return transfer.follows
    tried = tx.get(transfer.retry_of) if transfer.retry_of else None
    return tried.follows if tried else None
