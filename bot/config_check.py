"""What is wrong with a desk.toml that loads: `transferdesk check` says it, a start refuses it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.accounts import Venue
from bot.config import Config
from bot.config_rules import legal_routes
from bot.findings import Finding
from bot.policy import Rule

_NAMES_MAX = 5

Value = TypeVar("Value", bound=Hashable)


def weaknesses(config: Config) -> list[Finding]:
    """Return what is wrong with a configuration as a whole, nothing when all is well. Pure: asks nobody, reads nothing.

    Warnings are among them: what does no harm, and is hardly meant.
    """
    return [*_unsettled(config), *_frozen(config), *_unreachable(config), *_undecided(config), *_unused(config)]


def _unsettled(config: Config) -> Iterator[Finding]:
    """A requester never settles their own transfer.

    Without `resolve_by` admins beside them, one lost answer would leave it `unknown`, and its ledger key locked, for
    good.
    """
    requesters = frozenset(user for rule in config.rules for user in rule.who)
    for user in sorted(requesters, key=config.name_of):
        others = len(config.admins - {user})
        if others < config.resolve_by:
            name = config.name_of(user)
            yield Finding(
                False,
                "desk.resolve_by",
                f"{config.resolve_by} admins beside {name} are needed to settle {name}'s transfers by hand, "
                f"there are {others}",
                "name more people in desk.admins, or lower resolve_by",
            )


def _frozen(config: Config) -> Iterator[Finding]:
    """Everybody may freeze, and nobody lifts their own freeze."""
    for user in sorted(frozenset(config.people.values()), key=config.name_of):
        if not config.admins - {user}:
            yield Finding(
                False,
                "desk.admins",
                f"what {config.name_of(user)} freezes takes another admin to unfreeze, and there is none",
                "name more people in desk.admins",
            )


def _unreachable(config: Config) -> Iterator[Finding]:
    """Approvals that cannot be had without the requester's own."""
    for rule in config.rules:
        for tier in rule.tiers:
            stuck = tier.stuck(rule.who, tier.members)
            if stuck:
                yield Finding(
                    False,
                    f"rule {rule.name}",
                    f"{tier} cannot be reached without the requester when that is {_names(config, stuck)}",
                    "name more people in the groups that approve, or lower the count",
                )


def _names(config: Config, users: Collection[str]) -> str:
    names = sorted(map(config.name_of, users))
    more = len(names) - _NAMES_MAX
    return ", ".join(names[:_NAMES_MAX]) + (f" or {more} more" if more > 0 else "")


def _undecided(config: Config) -> Iterator[Finding]:
    for place, deciding in covered(config.rules, config.venues).items():
        names = ", ".join(config.rules[other].name for other in deciding)
        yield Finding(
            False,
            f"rule {config.rules[place].name}",
            f"never decides: all it names is decided above it, by {names}",
            "move it up, or remove it",
        )


def covered(rules: Sequence[Rule], venues: Mapping[str, Venue]) -> dict[int, list[int]]:
    """Return the places of the rules that never decide, and for each the rules above it that do.

    Exact: rules above select every person such a rule names, on every route money can go, with every currency. Sets of
    rules and of people are bits of a number: hundreds of rules with a thousand people are compared in a moment.
    """
    sources = _bits([rule.sources for rule in rules])
    destinations = _bits([rule.destinations for rule in rules])
    currencies = _bits([rule.currencies for rule in rules])
    numbers = {user: 1 << number for number, user in enumerate(frozenset().union(*(rule.who for rule in rules)))}
    who = [sum(numbers[user] for user in rule.who) for rule in rules]
    found = {}
    for place, rule in enumerate(rules):
        routes = legal_routes(rule.sources, rule.destinations, venues)
        naming_both = {sources[route.source] & destinations[route.destination] for route in routes}
        above = (1 << place) - 1
        selecting = {both & currencies[currency] & above for both in naming_both for currency in rule.currencies}
        deciding: set[int] = set()
        if all(_all_decided(who[place], some, who, deciding) for some in selecting):
            found[place] = sorted(deciding)
    return found


def _bits(named: Sequence[frozenset[Value]]) -> dict[Value, int]:
    """Return, for every value, the places of the sets that hold it."""
    bits: dict[Value, int] = {}
    for place, values in enumerate(named):
        for value in values:
            bits[value] = bits.get(value, 0) | 1 << place
    return bits


def _all_decided(people: int, rules: int, who: Sequence[int], deciding: set[int]) -> bool:
    """Give each of the people to the first of the rules that names them; tell whether that leaves nobody."""
    while people and rules:
        first = (rules & -rules).bit_length() - 1
        if people & who[first]:
            people &= ~who[first]
            deciding.add(first)
        rules &= rules - 1
    return not people


def _unused(config: Config) -> Iterator[Finding]:
    for group in config.groups_unused:
        yield Finding(True, f"group {group}", "no rule names it, nor does desk.admins", "remove it", warning=True)
