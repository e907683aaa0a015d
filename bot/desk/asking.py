"""Questions about the policy: what it says of a transfer nobody has proposed, and what is left of the limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from bot import words
from bot.accounts import near_miss, quoted, steps
from bot.config import Config
from bot.desk.freezing import frozen_in_words
from bot.desk.house import House, Person
from bot.grammar import TransferIntent
from bot.journal import Transaction
from bot.policy import Request, Rule, Spent
from bot.policy.why import Explanation, LimitsLeft, explain, limits_of


@dataclass(frozen=True)
class Question:
    """All it takes to answer a question about a transfer without the journal, which has others waiting."""

    config: Config
    requester: str
    intent: TransferIntent
    now: datetime
    spent: tuple[Spent, ...]
    frozen: str

    def answer(self) -> list[Explanation]:
        """Explain each step; takes up to a second where hundreds of rules name thousands of people."""
        return about(self.config, self.requester, self.intent, self.now, self.spent)


@dataclass(frozen=True)
class LimitsQuestion:
    """All it takes to say without the journal what is left of somebody's limits."""

    person: str
    rules: tuple[Rule, ...]
    spent: tuple[Spent, ...]

    def answer(self, most: int) -> LimitsLeft:
        """Add up the first so many; takes as long as `Question.answer`."""
        return limits_of(self.person, self.rules, self.spent, most)


def why(tx: Transaction, house: House, person: Person, intent: TransferIntent, as_person: str) -> Question | str:
    """Return what is asked about a transfer by somebody, as of now, or say why that cannot be answered.

    Args:
        person: who asks; only people on the allowlist get an answer.
        as_person: whose transfer it would be, a Slack user id or a name of desk.toml; empty for one's own.
    """
    config = house.config
    if not config.is_listed(person.team, person.user):
        return words.NOT_LISTED
    requester = find_person(config, as_person or person.user)
    if requester is None:
        return nobody(config, as_person)
    freeze = tx.freezes.of(intent.route.exchange)
    frozen = frozen_in_words(house, freeze) if freeze else ""
    return Question(config, requester, intent, tx.now, tuple(tx.spent(intent.currency)), frozen)


def about(
    config: Config, requester: str, intent: TransferIntent, now: datetime, spent: Iterable[Spent]
) -> list[Explanation]:
    """Explain what a policy says of each step of a transfer by somebody on its allowlist."""
    venue, counted = config.venues[intent.route.exchange], tuple(spent)
    decimals = venue.decimals_max(intent.currency)
    requests = [
        Request(requester, route, intent.currency, intent.amount, intent.reason) for route in steps(intent.route, venue)
    ]
    return [explain(request, config.rules, now, counted, config.people, decimals) for request in requests]


def find_person(config: Config, named: str) -> str | None:
    """Return the Slack user id of somebody on the allowlist, from that id or the name desk.toml gives it."""
    return config.people.get(named) or next((user for user in config.people.values() if user == named), None)


def nobody(config: Config, named: str) -> str:
    """Say that somebody is not on the allowlist."""
    return words.NOBODY_NAMED.format(name=quoted(named), hint=near_miss(named, config.people))


def limits(tx: Transaction, house: House, person: Person) -> LimitsQuestion:
    """Return what is asked about the limits somebody comes under, as of now; a stranger comes under none."""
    rules = house.config.rules if house.config.is_listed(person.team, person.user) else ()
    currencies = sorted({currency for rule in rules for currency in rule.currencies})
    spent = chain.from_iterable(tx.spent(currency) for currency in currencies)
    return LimitsQuestion(person.user, rules, tuple(spent))
