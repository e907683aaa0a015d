"""Why a request gets the verdict it gets, what is left of each limit, who would approve, and what would pass instead.

Nothing is suggested that `decide` does not allow: a variant is the request with something changed, and it is kept only
when its own verdict says yes. Selecting a rule does not look at amount, time or reason, so a variant for the same
person is judged by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from bot.accounts import Route, for_people
from bot.policy.decide import Case, Request, Spent, Used, Verdict, added_up, decide, reasons, select, usage
from bot.policy.rules import Quorum, Rule, Tier

NAMES_MAX = 5
# Stands for whatever the person would write; only that there is a reason matters to a rule.
SOME_REASON = "…"


@dataclass(frozen=True)
class Limit:
    """One limit of a rule in one currency and what is used of it. `name` is its key in desk.toml."""

    name: str
    limit: Decimal | None
    used: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal | None:
        """What may still be moved now; None: as much as anybody likes."""
        return None if self.limit is None else max(self.limit - self.used, Decimal(0))


@dataclass(frozen=True)
class Asked:
    """A quorum of the tier, and the names of those who may approve: its members without the requester."""

    quorum: Quorum
    names: tuple[str, ...]


@dataclass(frozen=True)
class Variant:
    """Something like the request that passes.

    Attributes:
        words: what differs, for people: "up to 41,250.00 USDT now".
        request, at: what was judged, and for which moment.
        joining: groups that need another member first, one entry for each new person.
        names: the people for whom it passes, where that is what differs; `request` is that of the first.
    """

    words: str
    request: Request
    at: datetime
    joining: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """A verdict with everything a person asks next.

    Attributes:
        who: what desk.toml calls the requester.
        limits: of the deciding rule, in the request's currency; empty when no rule was selected.
        asked: who would approve; empty when the requester's word is enough.
        variants: what passes instead when it was refused, and what takes fewer approvals; nearest first.
    """

    request: Request
    who: str
    verdict: Verdict
    limits: tuple[Limit, ...]
    asked: tuple[Asked, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class RuleLimits:
    """What is used and left of a rule's limits in one currency."""

    rule: str
    currency: str
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class LimitsLeft:
    """What is left of the first of several limits, and how many more there are."""

    first: tuple[RuleLimits, ...]
    more: int = 0


def explain(
    request: Request,
    rules: Sequence[Rule],
    now: datetime,
    spent: Iterable[Spent],
    people: Mapping[str, str],
    decimals: int | None = None,
) -> Explanation:
    """Judge a request as `decide` does, and say what a person would ask next.

    Args:
        now: with a time zone.
        spent: what counts against limits.
        people: name → Slack user id, everybody on the allowlist.
        decimals: how many an amount of this currency may have; suggested amounts are rounded down to as many.
    """
    counted = tuple(one for one in _merged(spent) if one.currency == request.currency)
    verdict = decide(request, rules, now, counted)
    names = {user: name for name, user in people.items()}
    search = _Search(request, verdict, _for_the_same(request, rules), now, counted, people, decimals)
    return Explanation(
        request=request,
        who=names.get(request.requester, request.requester),
        verdict=verdict,
        limits=_limits(verdict.rule, request.currency, verdict.used) if verdict.rule else (),
        asked=_asked(verdict.tier, request.requester, names),
        variants=(*search.by_the_same_person(), *search.by_others()),
    )


def limits_of(person: str, rules: Sequence[Rule], spent: Iterable[Spent], most: int) -> LimitsLeft:
    """Return what is used and left of every rule that names a person, by currency.

    Whom no rule names sees all of them: admins and lookers-on want to know how far the others have come.

    Args:
        most: how many are added up, which takes a while for each; the rest is counted.
    """
    counted = _merged(spent)
    mine = [rule for rule in rules if person in rule.who] or rules
    every = [(rule, currency) for rule in mine for currency in sorted(rule.currencies)]
    first = tuple(
        RuleLimits(rule.name, currency, _limits(rule, currency, _used(rule, currency, person, counted)))
        for rule, currency in every[:most]
    )
    return LimitsLeft(first, len(every) - len(first))


def named(names: Sequence[str]) -> str:
    """List names, at most `NAMES_MAX` of them and then how many more."""
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")


def _limits(rule: Rule, currency: str, used: Used) -> tuple[Limit, ...]:
    return (
        Limit("per_transfer", rule.per_transfer.get(currency)),
        Limit("per_day", rule.per_day.get(currency), used.by_all),
        Limit("per_person_per_day", rule.per_person_per_day.get(currency), used.by_person),
    )


def _used(rule: Rule, currency: str, person: str, spent: Iterable[Spent]) -> Used:
    # Usage looks at who and which currency only, so any route and amount will do.
    anything = Request(person, Route(min(rule.sources), min(rule.destinations)), currency, Decimal(0))
    return usage(rule, anything, spent)


def _by_all_and_each(rule: Rule, spent: Iterable[Spent]) -> tuple[Decimal, Mapping[str, Decimal]]:
    """Return what everybody and what each person spent of a rule's limits; all of it is in one currency."""
    counted = [one for one in spent if select(one, (rule,))]
    theirs: dict[str, list[Spent]] = {}
    for one in counted:
        theirs.setdefault(one.requester, []).append(one)
    return added_up(counted), {person: added_up(some) for person, some in theirs.items()}


def _asked(tier: Tier | None, requester: str, names: Mapping[str, str]) -> tuple[Asked, ...]:
    if tier is None:
        return ()
    return tuple(
        Asked(quorum, tuple(sorted(names.get(user, user) for user in quorum.members - {requester})))
        for quorum in tier.quorums
    )


def _merged(spent: Iterable[Spent]) -> tuple[Spent, ...]:
    """Add up what one person moved along one route: it is looked at once for everybody who might do it instead."""
    totals: dict[Spent, Decimal] = {}
    for one in spent:
        key = replace(one, amount=Decimal(0))
        totals[key] = totals.get(key, Decimal(0)) + one.amount
    return tuple(replace(key, amount=amount) for key, amount in totals.items())


def _for_the_same(request: Request, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules that could be selected for anybody's request of this route and currency, in order."""
    return tuple(
        rule
        for rule in rules
        if request.route.source in rule.sources
        and request.route.destination in rule.destinations
        and request.currency in rule.currencies
    )


@dataclass(frozen=True)
class _Search:
    """The hunt for variants: everything `decide` needs to judge one."""

    request: Request
    verdict: Verdict
    rules: Sequence[Rule]
    now: datetime
    spent: Sequence[Spent]
    people: Mapping[str, str]
    decimals: int | None

    def by_the_same_person(self) -> Iterator[Variant]:
        rule = self.verdict.rule
        if rule is None:
            return
        complete, at, words = self._completed(rule)
        judged = self._judge(complete, at)
        best: tuple[Request, Tier | None] | None = (complete, judged.tier)
        if not judged.allowed:
            best = None
            passing = self._smaller(rule, complete, at)
            largest = next(passing, None)
            if largest is not None:
                best = largest
                change = _tier_words(largest[1]) if largest[1] != judged.tier else ""
                amount = f"{self._up_to(largest[0])}{'' if at > self.now else ' now'}"
                yield Variant(", ".join(filter(None, (amount, *words, change))), largest[0], at)
            yield from self._with_more_approvers(rule, complete, at, words)
        elif not self.verdict.allowed:
            yield Variant(", ".join(words), complete, at)
        if best is not None:
            yield from self._with_fewer_approvals(rule, *best, at, words)

    def by_others(self) -> Iterator[Variant]:
        """Find the people for whom the same request passes; with a reason if it takes one and has none."""
        with_reason = replace(self.request, reason=self.request.reason or SOME_REASON)
        if self._judge(with_reason, self.now).allowed:
            return  # as it is, or with a reason, it needs nobody else
        for request in dict.fromkeys((self.request, with_reason)):
            passing = tuple(self._whom_it_passes_for(request))
            if passing:
                reason = "" if request == self.request else ", with a reason"
                first = replace(request, requester=self.people[passing[0]])
                yield Variant(f"for {named(passing)}{reason}", first, self.now, names=passing)
                return

    def _whom_it_passes_for(self, request: Request) -> Iterator[str]:
        """Yield names; judged as `decide` does, but usage is added up once for each rule, not once for each person."""
        totals: dict[int, tuple[Decimal, Mapping[str, Decimal]]] = {}
        for name, user in self.people.items():
            their = replace(request, requester=user)
            rule = select(their, self.rules)
            if rule is None:
                continue
            if id(rule) not in totals:
                totals[id(rule)] = _by_all_and_each(rule, self.spent)
            by_all, by_person = totals[id(rule)]
            used = Used(by_all, by_person.get(user, Decimal(0)))
            if not reasons(Case(rule, their, self.now, used)):
                yield name

    def _judge(self, request: Request, at: datetime) -> Verdict:
        return decide(request, self.rules, at, self.spent)

    def _completed(self, rule: Rule) -> tuple[Request, datetime, tuple[str, ...]]:
        """Return the request with what costs nothing but a word or a wait: a reason, and the next opening."""
        complete, at, words = self.request, self.now, []
        if rule.hours is not None and not rule.hours.is_open(self.now):
            opens = rule.hours.opens(self.now)
            # In UTC: on the night the clocks change, a time of day can name another moment, or one that has passed.
            at = max(opens.astimezone(UTC), self.now)
            today = self.now.astimezone(opens.tzinfo).date()
            day = f"{opens:%A}" if opens.date() - today < timedelta(weeks=1) else f"{opens:%A, %Y-%m-%d}"
            words.append(f"from {day} {opens:%H:%M} {rule.hours.zone}")
        if rule.reason_required and not self.request.reason:
            complete = replace(complete, reason=SOME_REASON)
            words.append("with a reason")
        return complete, at, tuple(words)

    def _smaller(self, rule: Rule, request: Request, at: datetime) -> Iterator[tuple[Request, Tier | None]]:
        """Yield the smaller amounts worth a look that pass, largest first, each with its tier.

        Between two of them a verdict does not change: it can only at what is left of a limit and where a tier begins.
        """
        used, currency = self.verdict.used, request.currency
        edges = [limit.left for limit in _limits(rule, currency, used)]
        edges += [tier.above.get(currency) for tier in rule.tiers]
        amounts = {self._rounded(edge) for edge in edges if edge is not None}
        for amount in sorted(amounts, reverse=True):
            if 0 < amount < request.amount:
                smaller = replace(request, amount=amount)
                verdict = self._judge(smaller, at)
                if verdict.allowed:
                    yield smaller, verdict.tier

    def _rounded(self, amount: Decimal) -> Decimal:
        if self.decimals is None:
            return amount
        return amount.quantize(Decimal(1).scaleb(-self.decimals), ROUND_DOWN)

    def _with_fewer_approvals(
        self, rule: Rule, request: Request, tier: Tier | None, at: datetime, words: tuple[str, ...]
    ) -> Iterator[Variant]:
        """Find the largest amount that takes less approval than a request that passes, and the largest without any."""
        easier = [one for one in self._smaller(rule, request, at) if _effort(one[1]) < _effort(tier)]
        without = [one for one in easier[1:] if one[1] is None and easier[0][1] is not None]
        for smaller, lower in (*easier[:1], *without[:1]):
            yield Variant(", ".join((f"{self._up_to(smaller)} {_tier_words(lower)}", *words)), smaller, at)

    def _with_more_approvers(
        self, rule: Rule, request: Request, at: datetime, words: tuple[str, ...]
    ) -> Iterator[Variant]:
        """Find whom the tier lacks, when that is all that is missing."""
        tier = rule.tier(request.currency, request.amount)
        joining = _joining(tier, request.requester, self.people) if tier else ()
        if not joining:
            return
        larger = replace(rule, tiers=tuple(_joined(one, joining) if one is tier else one for one in rule.tiers))
        if decide(request, (larger,), at, self.spent).allowed:
            groups = Counter(joining)
            more = " and ".join(
                f"{'one more approver' if count == 1 else f'{count} more approvers'} from {group}"
                for group, count in groups.items()
            )
            yield Variant(", ".join((f"with {more}", *words)), request, at, joining)

    def _up_to(self, request: Request) -> str:
        return f"up to {for_people(request.amount)} {request.currency}"


def _effort(tier: Tier | None) -> tuple[int, bool]:
    return (tier.count, tier.second_factor) if tier else (0, False)


def _tier_words(tier: Tier | None) -> str:
    return f"with the approval of {tier}" if tier else "without approval"


def _joining(tier: Tier, requester: str, people: Mapping[str, str]) -> tuple[str, ...]:
    """Return the groups that need one more member each, so that a requester finds enough people beside them.

    Nobody can join a quorum that names a person; empty when it takes that, or nothing.
    """
    joining: tuple[str, ...] = ()
    while missing := _missing(_joined(tier, joining), requester):
        larger = [(*joining, quorum.group) for quorum in tier.quorums if quorum.group not in people]
        helpful = [groups for groups in larger if _missing(_joined(tier, groups), requester) < missing]
        if not helpful:
            return ()
        joining = helpful[0]
    return joining


def _missing(tier: Tier, requester: str) -> int:
    return tier.missing(tier.members - {requester})


def _joined(tier: Tier, joining: Sequence[str]) -> Tier:
    """Return the tier as it is once people nobody knows yet have joined its groups."""

    def grown(quorum: Quorum) -> Quorum:
        new = {f"new {number}" for number, group in enumerate(joining) if group == quorum.group}
        return replace(quorum, members=quorum.members | new)

    return replace(tier, quorums=tuple(grown(quorum) for quorum in tier.quorums))
