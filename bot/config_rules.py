"""The `[[rules]]` of desk.toml, resolved: names to Slack ids, addresses to accounts, tiers in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from bot.accounts import Account, Route, Venue, near_miss, parse_account
from bot.config_file import DeskFile, HoursTable, RuleTable, TierTable
from bot.errors import GrammarError
from bot.policy.rules import DAYS, Hours, Quorum, Rule, Tier


def resolve_people(key: str, names: Iterable[str], file: DeskFile, problems: list[str]) -> frozenset[str]:
    """Turn names of groups and people into Slack user ids."""
    users: set[str] = set()
    for name in names:
        if name in file.groups:
            users.update(file.people[member] for member in file.groups[name] if member in file.people)
        elif name in file.people:
            users.add(file.people[name])
        else:
            known = [*file.groups, *file.people]
            problems.append(f"{key}: there is no group or person {name!r}.{near_miss(name, known)}")
    return frozenset(users)


def resolve_rule(key: str, table: RuleTable, file: DeskFile, venues: Mapping[str, Venue], problems: list[str]) -> Rule:
    """Resolve one rule; what cannot be is added to `problems`, one line each that begins with its key."""
    known = len(problems)
    sources = _accounts(f"{key}.from", table.sources, venues, problems)
    destinations = _accounts(f"{key}.to", table.destinations, venues, problems)
    if len(problems) == known:  # a misspelt account would make its partners look wrong as well
        _check_routes(key, sources, destinations, venues, problems)
    currencies = sorted(set(table.currencies))
    return Rule(
        name=table.name,
        who=resolve_people(f"{key}.who", table.who, file, problems),
        sources=sources,
        destinations=destinations,
        currencies=frozenset(currencies),
        per_transfer=_limits(f"{key}.per_transfer", table.per_transfer, currencies, problems),
        per_day=_limits(f"{key}.per_day", table.per_day, currencies, problems),
        per_person_per_day=_limits(f"{key}.per_person_per_day", table.per_person_per_day, currencies, problems),
        tiers=_tiers(f"{key}.approvals", table, file, problems),
        hours=_hours(table.hours) if table.hours else None,
        reason_required=table.reason is not None,
        aliases=_aliases(sources | destinations, venues),
    )


def legal_routes(
    sources: Iterable[Account], destinations: Iterable[Account], venues: Mapping[str, Venue]
) -> Iterator[Route]:
    """Yield every pair between which money can go in one transfer: one of the two is the exchange's hub."""
    starts, ends = frozenset(sources), frozenset(destinations)
    for venue in venues.values():
        hub = venue.hub
        if hub in starts:
            yield from (Route(hub, end) for end in ends if end.exchange == venue.name and end != hub)
        if hub in ends:
            yield from (Route(start, hub) for start in starts if start.exchange == venue.name and start != hub)


def _limits(
    key: str, limits: Decimal | Mapping[str, Decimal] | None, currencies: list[str], problems: list[str]
) -> Mapping[str, Decimal]:
    """Give every currency of a rule its limit, or none of them one."""
    if limits is None:
        return {}
    if isinstance(limits, Decimal):
        if len(currencies) > 1 and limits:  # 250000 USDT is a limit; 250000 BTC is none
            each = ", ".join(f'{currency} = "…"' for currency in currencies)
            problems.append(f"{key}: expected an amount for each currency, like {{ {each} }}")
        return dict.fromkeys(currencies, limits)
    problems.extend(
        f"{key}.{currency}: missing; an amount for one currency takes one for every currency of the rule"
        for currency in currencies
        if currency not in limits
    )
    problems.extend(
        f"{key}.{currency}: the rule's currencies do not name {currency}"
        for currency in limits
        if currency not in currencies
    )
    return limits


def _tiers(key: str, table: RuleTable, file: DeskFile, problems: list[str]) -> tuple[Tier, ...]:
    """Read the tiers and put them in order, lowest first."""
    known, currencies = len(problems), sorted(set(table.currencies))
    tiers = {
        f"{key}[{number}]": _tier(f"{key}[{number}]", tier, file, currencies, problems)
        for number, tier in enumerate(table.approvals)
    }
    if len(problems) > known:  # tiers misread cannot be compared
        return ()
    ordered = sorted(tiers.items(), key=lambda keyed: keyed[1].above[currencies[0]])
    for number, (where, tier) in enumerate(ordered):
        wrong = [text for _, lower in ordered[:number] if (text := _out_of_order(lower, tier))]
        problems.extend(f"{where}: {text}" for text in wrong[:1])
    return tuple(tier for _, tier in ordered)


def _tier(key: str, table: TierTable, file: DeskFile, currencies: list[str], problems: list[str]) -> Tier:
    quorums: list[Quorum] = []
    for number, (count, group) in enumerate(table.quorums):
        where = f"{key}.all[{number}]" if table.all else key
        people = resolve_people(f"{where}.from", [group], file, problems)
        if people and count > len(people):
            problems.append(f"{where}.count: expected at most {len(people)}, as many as {group} names")
        if group in {quorum.group for quorum in quorums}:
            problems.append(f"{where}.from: {group!r} is named twice; add up the counts")
        quorums.append(Quorum(group, people, count))
    above = _limits(f"{key}.above", table.above, currencies, problems)
    return Tier(above, tuple(quorums), table.second_factor is not None)


def _out_of_order(lower: Tier, higher: Tier) -> str:
    """Say what is wrong with one tier after another, if anything: more money never takes less."""
    for currency, above in sorted(higher.above.items()):
        if above == lower.above[currency]:
            return f"expected another above for {currency}; two tiers of the rule have this one"
        if above < lower.above[currency]:
            return f"expected the tiers of the rule in one order for every currency; {currency} has another"
    if higher.count < lower.count:
        return f"expected at least {lower.count} people in all, as a lower tier of the rule asks for"
    if lower.second_factor and not higher.second_factor:
        return 'expected second_factor = "totp", as a lower tier of the rule has'
    asked = {quorum.group: quorum.count for quorum in lower.quorums}
    for quorum in higher.quorums:
        if quorum.count < asked.get(quorum.group, 0):
            return f"expected at least {asked[quorum.group]} from {quorum.group}, as a lower tier of the rule asks for"
    return ""


def _hours(table: HoursTable) -> Hours:
    return Hours(frozenset(map(DAYS.index, table.days)), table.start, table.end, table.zone)


def _aliases(accounts: frozenset[Account], venues: Mapping[str, Venue]) -> Mapping[str, str]:
    named = {account.name: venues[account.exchange].alias_of(account.name) for account in sorted(accounts)}
    return {uid: alias for uid, alias in named.items() if alias}


def _accounts(key: str, texts: list[str], venues: Mapping[str, Venue], problems: list[str]) -> frozenset[Account]:
    accounts: set[Account] = set()
    for text in texts:
        try:
            accounts.add(_same(parse_account(text, venues)))
        except GrammarError as error:
            problems.append(f"{key}: {error}")
    return frozenset(accounts)


@lru_cache(maxsize=4096)
def _same(account: Account) -> Account:
    """Return the first account equal to this one: sets of the same things are joined without comparing them."""
    return account


def _check_routes(
    key: str,
    sources: frozenset[Account],
    destinations: frozenset[Account],
    venues: Mapping[str, Venue],
    problems: list[str],
) -> None:
    """Every account a rule names must be able to play the part the rule gives it."""
    routes = list(legal_routes(sources, destinations, venues))
    problems.extend(
        f"{key}.from: no money can go from {account} to any account under {key}.to in one transfer"
        for account in sorted(sources - {route.source for route in routes})
    )
    problems.extend(
        f"{key}.to: no money can come to {account} from any account under {key}.from in one transfer"
        for account in sorted(destinations - {route.destination for route in routes})
    )
