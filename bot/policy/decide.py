"""The verdict. Default deny.

Who, from, to and currency select the first matching rule, top to bottom; the rest of that rule can then only refuse,
or ask for approvals. Nothing falls through to a later rule. A condition is a function of what is being judged that
returns a reason, a sentence for the requester, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce

from bot.accounts import Route, for_people
from bot.policy.rules import Limits, Rule, Tier, total


@dataclass(frozen=True)
class Request:
    """What somebody wants to move, and why, if they said so."""

    requester: str
    route: Route
    currency: str
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Spent:
    """A transfer that counts against the limits: reserved, sent, done, or without an answer.

    Attributes:
        money_id: equal for the steps of one route and their tries, see `added_up`; 0 for what stands alone.
    """

    requester: str
    route: Route
    currency: str
    amount: Decimal
    money_id: int = 0


@dataclass(frozen=True)
class Used:
    """What was spent under a rule in the last 24 hours, in one currency: by everybody, and by one person."""

    by_all: Decimal = Decimal(0)
    by_person: Decimal = Decimal(0)


@dataclass(frozen=True)
class Verdict:
    """The answer: the deciding rule, if one was selected, and why not. No reasons and a rule: allowed.

    Attributes:
        tier: whose approval it takes before it may go ahead; None: the requester's word is enough.
        used: what was spent of the deciding rule's limits.
    """

    rule: Rule | None
    reasons: tuple[str, ...] = ()
    tier: Tier | None = None
    used: Used = Used()

    @property
    def allowed(self) -> bool:
        """Tell whether the transfer may go ahead, once the tier's people agree."""
        return self.rule is not None and not self.reasons


@dataclass(frozen=True)
class Case:
    """All a condition may look at."""

    rule: Rule
    request: Request
    now: datetime
    used: Used

    @property
    def tier(self) -> Tier | None:
        """What the amount takes."""
        return self.rule.tier(self.request.currency, self.request.amount)


def _who(rule: Rule, request: Request) -> str | None:
    return None if request.requester in rule.who else "does not name you"


def _source(rule: Rule, request: Request) -> str | None:
    return None if request.route.source in rule.sources else f"has no `{request.route.source}` under from"


def _destination(rule: Rule, request: Request) -> str | None:
    wanted = request.route.destination
    return None if wanted in rule.destinations else f"has no `{wanted}` under to"


def _currency(rule: Rule, request: Request) -> str | None:
    if request.currency in rule.currencies:
        return None
    return f"is for {', '.join(sorted(rule.currencies))}, not {request.currency}"


def _per_transfer(case: Case) -> str | None:
    rule, request = case.rule, case.request
    limit = rule.per_transfer.get(request.currency)
    if limit is None or request.amount <= limit:
        return None
    return (
        f"Rule {rule.name} allows up to {for_people(limit)} {request.currency} in one transfer; "
        f"this is {for_people(request.amount)}."
    )


def _per_day(case: Case) -> str | None:
    return _over(case, case.rule.per_day, case.used.by_all, "by everybody together")


def _per_person_per_day(case: Case) -> str | None:
    return _over(case, case.rule.per_person_per_day, case.used.by_person, "by one person")


def _over(case: Case, limits: Limits, used: Decimal, whose: str) -> str | None:
    request = case.request
    limit = limits.get(request.currency)
    if limit is None or used + request.amount <= limit:
        return None
    left = max(limit - used, Decimal(0))
    return (
        f"Rule {case.rule.name} allows {for_people(limit)} {request.currency} in 24 hours {whose}; "
        f"{for_people(left)} of it is left now and this is {for_people(request.amount)}."
    )


def _hours(case: Case) -> str | None:
    hours = case.rule.hours
    if hours is None or hours.is_open(case.now):
        return None
    opens = hours.opens(case.now)
    return f"Rule {case.rule.name} is open {hours} only; it opens next on {opens:%A, %Y-%m-%d at %H:%M} {hours.zone}."


def _reason(case: Case) -> str | None:
    if not case.rule.reason_required or case.request.reason:
        return None
    return f"Rule {case.rule.name} wants a reason: end the command with `reason` and why it is needed."


def _reachable(case: Case) -> str | None:
    request = case.request
    # The lower tiers too: what is refused for want of people is not allowed by asking for more money.
    for tier in reversed(case.rule.tiers_below(request.currency, request.amount)):
        missing = tier.missing(tier.members - {request.requester})
        if missing:
            return f"Rule {case.rule.name} asks for the approval of {tier} besides the requester; {_too_few(missing)}"
    return None


def _too_few(missing: int) -> str:
    return f"that is {missing} more {'person' if missing == 1 else 'people'} than there are."


SELECTING: tuple[Callable[[Rule, Request], str | None], ...] = (_who, _source, _destination, _currency)
RESTRICTING: tuple[Callable[[Case], str | None], ...] = (
    _per_transfer,
    _per_day,
    _per_person_per_day,
    _hours,
    _reason,
    _reachable,
)


def select(request: Request | Spent, rules: Sequence[Rule]) -> Rule | None:
    """Return the first rule that names the requester, both accounts and the currency."""
    return next((rule for rule in rules if _selects(rule, request)), None)


def _selects(rule: Rule, request: Request | Spent) -> bool:
    return (
        request.requester in rule.who
        and request.route.source in rule.sources
        and request.route.destination in rule.destinations
        and request.currency in rule.currencies
    )


def decide(request: Request, rules: Sequence[Rule], now: datetime, spent: Iterable[Spent] = ()) -> Verdict:
    """Judge a request.

    Args:
        now: with a time zone.
        spent: what counts against limits, of other transfers; only looked at when the deciding rule has such limits.
    """
    rule = select(request, rules)
    if rule is None:
        return Verdict(None, (_no_rule(request, rules),))
    case = Case(rule, request, now, usage(rule, request, spent))
    return Verdict(rule, reasons(case), case.tier, case.used)


def together(verdicts: Sequence[Verdict], requester: str) -> Verdict:
    """Judge a route by the verdicts on its steps: each must be allowed, and it takes the people of all.

    Returns the first that is not allowed, else the one on the first step, with whom the whole route takes.
    """
    refused = next((verdict for verdict in verdicts if not verdict.allowed), None)
    if refused is not None:
        return refused
    tiers = [verdict.tier for verdict in verdicts if verdict.tier]
    tier = reduce(Tier.joined, tiers) if tiers else None
    missing = tier.missing(tier.members - {requester}) if tier else 0
    if not missing:
        return replace(verdicts[0], tier=tier)
    why = f"The steps together ask for the approval of {tier} besides the requester; {_too_few(missing)}"
    return replace(verdicts[0], tier=tier, reasons=(why,))


def reasons(case: Case) -> tuple[str, ...]:
    """Return every condition of the deciding rule that fails."""
    return tuple(reason for condition in RESTRICTING if (reason := condition(case)))


def usage(rule: Rule, request: Request, spent: Iterable[Spent]) -> Used:
    """Add up what was spent of a rule's limits in the request's currency.

    What counts is what the rule would select today, whatever rule let it through then.
    """
    if request.currency not in {*rule.per_day, *rule.per_person_per_day}:
        return Used()
    counted = [one for one in spent if one.currency == request.currency and _selects(rule, one)]
    # Each for itself: what one person began and another took further counts against both.
    by_person = [one for one in counted if one.requester == request.requester]
    return Used(added_up(counted), added_up(by_person))


def added_up(spent: Iterable[Spent]) -> Decimal:
    """Add up what was spent. The steps of one route are the same money and count once.

    Tries of one step count each: what people settled as not executed may have moved, and then the next try moves more.
    """
    alone: list[Decimal] = []
    together: dict[int, dict[Route, Decimal]] = {}
    for one in spent:
        if one.money_id:
            steps = together.setdefault(one.money_id, {})
            steps[one.route] = total((steps.get(one.route, Decimal(0)), one.amount))
        else:
            alone.append(one.amount)
    return total([*alone, *(max(steps.values()) for steps in together.values())])


def _no_rule(request: Request, rules: Sequence[Rule]) -> str:
    """Say that no rule matches and, when one misses by a single condition, which one and why."""
    what = f"No rule lets you move {request.currency} from `{request.route.source}` to `{request.route.destination}`."
    for rule in rules:
        misses = [miss for condition in SELECTING if (miss := condition(rule, request))]
        if len(misses) == 1:
            return f"{what} The nearest rule, {rule.name}, {misses[0]}."
    return what
