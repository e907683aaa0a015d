"""Transfers as a person would type them, made of what a refused line got right; the grammar shows them as examples.

Nothing here decides a transfer: what is offered is typed anew by the person, or not. Where an account or the direction
is in doubt there is no route to offer, only the usual one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from bot.accounts import Account, Route, Venue, check_route, label, parse_account, swapped_margin
from bot.errors import GrammarError

# An amount for where none is understood; it suits every currency, and nobody takes it for their own.
EXAMPLE_AMOUNT = "250"


def transfer_text(amount: str, currency: str, route: Route, venue: Venue | None) -> str:
    """Write a transfer as a person types it, sub-accounts by alias: `1.250 usdt from htx:spot to htx:swap`."""
    return f"{amount} {currency.lower()} from {label(route.source, venue)} to {label(route.destination, venue)}"


def route_meant(sides: list[str], venues: Mapping[str, Venue]) -> Route | None:
    """Return a possible route from the accounts named, none if an account or the direction is in doubt."""
    words = sides[1:] if sides[:1] == ["from"] else sides
    accounts = {word: _closest(word, venues) for word in words}
    if any(":" in word and account is None for word, account in accounts.items()):
        return None
    match [accounts[word] or word for word in words]:
        case [Account() as destination, "<-", Account() as source]:
            return _possible(source, destination, venues)
        case ["to", Account() as destination, "from", Account() as source]:
            return _possible(source, destination, venues)
        case ["to" | "->", Account() as destination]:
            back = _from(destination, venues)
            return back and Route(back.destination, back.source)
    if {"<-", "<"} & set(words) or "from" in words[1:] or words[:1] == ["to"]:
        return None
    match [account for word in words if (account := accounts[word])]:
        case []:
            return _usual_route(venues)
        case [source]:
            return _from(source, venues)
        case [source, destination]:
            return _possible(source, destination, venues)
    return None


def usual(venues: Mapping[str, Venue], text: str) -> str:
    """Return a transfer that parses, on the exchange the text names first, if it names one."""
    named = [name for name in re.findall(r"[\w-]+(?=:)", text.lower()) if name in venues]
    route = _usual_route({name: venues[name] for name in [*named[:1], *venues]})
    if route is None:
        return f"{EXAMPLE_AMOUNT} usdt from htx:spot to htx:linear-swap"
    return transfer_text(EXAMPLE_AMOUNT, "USDT", route, venues[route.exchange])


def _possible(source: Account, destination: Account, venues: Mapping[str, Venue]) -> Route | None:
    """Return the route, or where it is impossible one that at least leaves the same account."""
    try:
        return check_route(source, destination, venues)
    except GrammarError:
        return _from(source, venues)


def _closest(word: str, venues: Mapping[str, Venue]) -> Account | None:
    """Return the account a word names or nearly names. A uid is never near another: those are other people's money."""
    try:
        return parse_account(word, venues)
    except GrammarError:
        name, slash, isolated = word.partition("/")
        known = [address for venue in venues.values() for address in venue.addresses]
        close = get_close_matches(name, known, n=1, cutoff=0.65)
        if not close or name.partition(":")[2].isdigit():
            return None
    try:
        return parse_account(close[0] + slash + (swapped_margin(isolated) or isolated), venues)
    except GrammarError:
        return None


def _from(account: Account, venues: Mapping[str, Venue]) -> Route | None:
    """Return a possible route that leaves the account."""
    venue = venues[account.exchange]
    for address in (str(venue.hub), *venue.addresses):
        other = parse_account(address, venues)
        if other != account and venue.hub in (account, other):
            return Route(account, other)
    return None


def _usual_route(venues: Mapping[str, Venue]) -> Route | None:
    routes = (_from(venue.hub, venues) for venue in venues.values())
    return next((route for route in routes if route), None)
