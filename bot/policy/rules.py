"""What a rule is: whom and what it selects, how far it lets them go, and who must agree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from zoneinfo import ZoneInfo

from bot.accounts import Account, plain

Limits = Mapping[str, Decimal]  # by currency; a currency without an entry has no such limit

# Every subset of a tier's quorums is looked at when approvals are counted.
QUORUMS_MAX = 4
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Quorum:
    """So many people of one group. `members` are Slack user ids."""

    group: str
    members: frozenset[str]
    count: int

    def __str__(self) -> str:
        return f"{self.count} of {self.group}"


@dataclass(frozen=True)
class Tier:
    """What an amount strictly above `above` takes: every one of the quorums, each person counting for one of them.

    Attributes:
        second_factor: an approval takes a one-time code, not the Slack account alone.
    """

    above: Limits
    quorums: tuple[Quorum, ...]
    second_factor: bool = False

    @property
    def count(self) -> int:
        """How many people must agree."""
        return sum(quorum.count for quorum in self.quorums)

    @cached_property
    def members(self) -> frozenset[str]:
        """Everybody whose approval can count, but for the requester, who is never asked."""
        return frozenset().union(*(quorum.members for quorum in self.quorums))

    def missing(self, people: Collection[str]) -> int:
        """Return how many more must agree when these did.

        Nobody counts for two quorums. The most that can be matched is, over every subset of the quorums, the least of:
        the people in any of them, plus what the other quorums ask for (Hall).
        """
        agreed = self.members & frozenset(people)
        if len(self.quorums) == 1:
            return max(0, self.count - len(agreed))
        matched = self.count
        for size in range(1, len(self.quorums) + 1):
            for some in combinations(self.quorums, size):
                inside = frozenset().union(*(quorum.members for quorum in some))
                asked = sum(quorum.count for quorum in some)
                matched = min(matched, len(agreed & inside) + self.count - asked)
        return self.count - matched

    def wanted(self, requester: str, people: Collection[str]) -> frozenset[str]:
        """Return whose approval would bring it further when these have agreed; never the requester."""
        missing = self.missing(people)
        others = self.members - frozenset(people) - {requester}
        return frozenset(person for person in others if self.missing({*people, person}) < missing)

    def joined(self, other: Tier | None) -> Tier:
        """Return what takes the people of both: whoever may agree to it may agree to either."""
        if other is None or other.quorums == self.quorums:
            return replace(self, second_factor=self.second_factor or (other is not None and other.second_factor))
        quorums = {(quorum.group, quorum.members): quorum for quorum in self.quorums}
        for quorum in other.quorums:
            same = quorums.get((quorum.group, quorum.members))
            if same is None or same.count < quorum.count:
                quorums[quorum.group, quorum.members] = quorum
        return Tier({}, tuple(quorums.values()), self.second_factor or other.second_factor)

    def stuck(self, requesters: Iterable[str], approvers: Collection[str]) -> list[str]:
        """Return the requesters for whom it cannot be had from these approvers, who do not count for themselves."""
        # Of those who count for the same quorums, and may approve alike, one stands for all.
        alike: dict[tuple[bool, ...], list[str]] = {}
        for person in requesters:
            counts_for = (person in approvers, *(person in quorum.members for quorum in self.quorums))
            alike.setdefault(counts_for, []).append(person)
        others = frozenset(approvers)
        return [person for some in alike.values() if self.missing(others - {some[0]}) for person in some]

    def __str__(self) -> str:
        people = " and ".join(map(str, self.quorums))
        return f"{people}, with a one-time code" if self.second_factor else people


@dataclass(frozen=True)
class Hours:
    """When a rule lets anything through: from `start` until `end` on each of the days (0 is Monday), in `zone`.

    An `end` that is not after `start` is on the following day.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: str

    def is_open(self, now: datetime) -> bool:
        """Tell whether a moment lies inside."""
        local = now.astimezone(ZoneInfo(self.zone))
        today, yesterday = local.weekday(), (local.weekday() - 1) % 7
        clock = local.time()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)

    def opens(self, now: datetime) -> datetime:
        """Return the next moment after now, while it is closed, at which it opens; in its own zone."""
        zone = ZoneInfo(self.zone)
        today = now.astimezone(zone).date()
        for ahead in range(15):  # more than a week: the clocks may skip the hours of the only day
            day = today + timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            # One moment, but where the clocks change: a start they skip comes at the change, one they repeat twice.
            starts = [datetime.combine(day, self.start, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
            moment = min(starts)
            while moment <= max(starts):
                if moment > now and self.is_open(moment):
                    return moment.astimezone(zone)
                moment += timedelta(minutes=1)
        raise ValueError("hours without a day")

    def __str__(self) -> str:
        days = ", ".join(DAYS[day] for day in sorted(self.days))
        return f"{days} {self.start:%H:%M} to {self.end:%H:%M} {self.zone}"


@dataclass(frozen=True)
class Rule:
    """One `[[rules]]` entry with its groups and aliases resolved.

    Who, sources, destinations and currencies select it; all the rest can then only refuse, or ask for more people.

    Attributes:
        who: Slack user ids.
        per_transfer: largest single amount.
        per_day: most in any 24 hours, everybody together.
        per_person_per_day: most in any 24 hours by one person.
        tiers: lowest first.
        aliases: what desk.toml calls the sub-accounts the rule names, by uid: it is what people are shown.
    """

    name: str
    who: frozenset[str]
    sources: frozenset[Account]
    destinations: frozenset[Account]
    currencies: frozenset[str]
    per_transfer: Limits = field(default_factory=dict)
    per_day: Limits = field(default_factory=dict)
    per_person_per_day: Limits = field(default_factory=dict)
    tiers: tuple[Tier, ...] = ()
    hours: Hours | None = None
    reason_required: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)

    def tiers_below(self, currency: str, amount: Decimal) -> tuple[Tier, ...]:
        """Return every tier an amount is above, lowest first."""
        none = amount  # a tier that names no amount for the currency does not apply to it
        return tuple(tier for tier in self.tiers if amount > tier.above.get(currency, none))

    def tier(self, currency: str, amount: Decimal) -> Tier | None:
        """Return the highest tier an amount comes under, or None."""
        below = self.tiers_below(currency, amount)
        return below[-1] if below else None

    @cached_property
    def hash(self) -> str:
        """Sha256 over everything the rule says, in hex; part of the seal, so that an edited rule asks again."""
        says = {
            "name": self.name,
            "who": sorted(self.who),
            "from": sorted(map(str, self.sources)),
            "to": sorted(map(str, self.destinations)),
            "currencies": sorted(self.currencies),
            "per_transfer": _plain(self.per_transfer),
            "per_day": _plain(self.per_day),
            "per_person_per_day": _plain(self.per_person_per_day),
            "approvals": [_tier(tier) for tier in self.tiers],
            "hours": str(self.hours) if self.hours else "",
            "reason": self.reason_required,
            "aliases": dict(self.aliases),
        }
        return hashlib.sha256(json.dumps(says, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(limits: Limits) -> dict[str, str]:
    return {currency: plain(limit) for currency, limit in limits.items()}


def _tier(tier: Tier) -> dict[str, object]:
    return {
        "above": _plain(tier.above),
        "quorums": [[quorum.group, quorum.count, sorted(quorum.members)] for quorum in tier.quorums],
        "second_factor": tier.second_factor,
    }


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add amounts up, exactly."""
    return sum(amounts, Decimal(0))
