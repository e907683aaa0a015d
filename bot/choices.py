"""What a person can choose in the form, step by step: only what a rule of theirs lets them move. Pure.

An account is chosen without its margin account, which is asked for apart. From one margin account to another that one
question would not do; such a transfer is typed. What can be chosen is what the policy may allow: amounts, limits and
hours are judged when the form is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.accounts import CROSS_MARGIN, Account, Route, Venue, label, steps
from bot.config import Config
from bot.policy import Request, Rule, select

_WITH_MARGIN = "linear-swap"


@dataclass(frozen=True)
class Draft:
    """What somebody has chosen so far; empty: nothing yet. From outside these may be any texts.

    Attributes:
        source, destination: canonical addresses, without a margin account.
        margin: `USDT` for cross, a contract code for isolated; empty where there is no choice.
    """

    exchange: str = ""
    source: str = ""
    destination: str = ""
    margin: str = ""
    currency: str = ""


@dataclass(frozen=True)
class Choices:
    """What there is to choose from; nothing where an earlier choice is still to be made.

    Attributes:
        chosen: what of the draft can be, and what there is no choice about.
        sources, destinations: without their margin accounts, the hub first.
        margins: cross first; empty where there is no other, or none at all.
        route: set once both sides are known.
        reason_required: by a rule that decides about the transfer.
    """

    chosen: Draft = Draft()
    exchanges: tuple[str, ...] = ()
    sources: tuple[Account, ...] = ()
    destinations: tuple[Account, ...] = ()
    margins: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    route: Route | None = None
    reason_required: bool = False


# Ways money can go, with the currencies that can go there.
Moves = Mapping[Route, frozenset[str]]


def choices(config: Config, user: str, draft: Draft) -> Choices:
    """Return what somebody can choose next; no exchange at all where no rule lets them move anything."""
    rules = [rule for rule in config.rules if user in rule.who]
    steps_of = {name: _steps(rules, venue) for name, venue in config.venues.items()}
    exchanges = tuple(name for name, steps in steps_of.items() if steps)
    exchange = _standing(draft.exchange, exchanges)
    if not exchange:
        return Choices(exchanges=exchanges)
    venue, single = config.venues[exchange], steps_of[exchange]
    sources = _ordered({_bare(route.source) for route in single}, venue)
    source = _standing(draft.source, list(map(str, sources)))
    if not source:
        return Choices(Draft(exchange), exchanges, sources)
    moves = _from(Account.from_canonical(source), single, venue)
    destinations = _ordered({_bare(route.destination) for route in moves}, venue)
    destination = _standing(draft.destination, list(map(str, destinations)))
    by_margin = {_margin(route): route for route in moves if str(_bare(route.destination)) == destination}
    margin = _standing(draft.margin, by_margin)
    margins = sorted(by_margin, key=lambda name: (name != CROSS_MARGIN, name))
    route = by_margin.get(margin)
    currencies = tuple(sorted(moves[route])) if route else ()
    currency = _standing(draft.currency, currencies)
    return Choices(
        chosen=Draft(exchange, source, destination, margin, currency),
        exchanges=exchanges,
        sources=sources,
        destinations=destinations,
        margins=tuple(margins) if set(margins) - {CROSS_MARGIN, ""} else (),
        currencies=currencies,
        route=route,
        reason_required=route is not None and _wants_reason(rules, user, route, currency, venue),
    )


def _steps(rules: Sequence[Rule], venue: Venue) -> Moves:
    """Return every single transfer that some rule names, all of which have the hub on one side."""
    # By currencies first: hundreds of rules name the same few sets of them, and sets are joined quickly.
    ends: dict[frozenset[str], set[Account]] = {}
    starts: dict[frozenset[str], set[Account]] = {}
    for rule in rules:
        if venue.hub in rule.sources:
            ends.setdefault(rule.currencies, set()).update(rule.destinations)
        if venue.hub in rule.destinations:
            starts.setdefault(rule.currencies, set()).update(rule.sources)
    out = [(Route(venue.hub, end), currencies) for currencies, some in ends.items() for end in some]
    back = [(Route(start, venue.hub), currencies) for currencies, some in starts.items() for start in some]
    found: dict[Route, frozenset[str]] = {}
    for route, currencies in (*out, *back):
        if route.source != route.destination and route.source.exchange == route.destination.exchange:
            found[route] = found.get(route, frozenset()) | currencies
    return found


def _from(source: Account, single: Moves, venue: Venue) -> Moves:
    """Return the ways from one account, whatever its margin account, those of two steps by way of the hub too."""
    found = {route: currencies for route, currencies in single.items() if _bare(route.source) == source}
    if source == venue.hub:
        return found
    # From one margin account to another is none of them, and there may be hundreds.
    onward = [
        (route.destination, currencies)
        for route, currencies in single.items()
        if route.source == venue.hub and _bare(route.destination) != source
    ]
    for first, currencies in list(found.items()):
        for end, also in onward:
            if both := currencies & also:
                found[Route(first.source, end)] = both
    return found


def _wants_reason(rules: Sequence[Rule], user: str, route: Route, currency: str, venue: Venue) -> bool:
    deciding = [select(Request(user, step, currency, Decimal(0)), rules) for step in steps(route, venue)]
    return any(rule.reason_required for rule in deciding if rule)


def _standing(wanted: str, known: Collection[str]) -> str:
    """Return what is chosen of what can be: what was wanted, or the only one there is; else nothing."""
    if wanted in known:
        return wanted
    return next(iter(known)) if len(known) == 1 else ""


def _ordered(accounts: Collection[Account], venue: Venue) -> tuple[Account, ...]:
    return tuple(sorted(accounts, key=lambda account: (account != venue.hub, label(account, venue))))


def _margin(route: Route) -> str:
    sides = [side for side in (route.source, route.destination) if side.name == _WITH_MARGIN]
    return sides[0].isolated or CROSS_MARGIN if sides else ""


def _bare(account: Account) -> Account:
    return replace(account, isolated="")
