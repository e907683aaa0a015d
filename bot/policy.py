"""Who may move what, where: a request and the rules go in, a verdict with its reasons comes out. Default deny.

Who, from, to and currency select the first matching rule, top to bottom; the rest of that rule can then only refuse.
Nothing falls through to a later rule. A condition is a function `(rule, request) → reason or None`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.accounts import Account, Route, for_people, plain


@dataclass(frozen=True)
class Rule:
    """One `[[rules]]` entry with its groups and aliases resolved.

    Attributes:
        who: Slack user ids.
        per_transfer: largest single amount per currency; a currency without an entry has no such limit.
    """

    name: str
    who: frozenset[str]
    sources: frozenset[Account]
    destinations: frozenset[Account]
    currencies: frozenset[str]
    per_transfer: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Sha256 over everything the rule says, in hex; part of the seal, so that an edited rule asks again."""
        says = {
            "name": self.name,
            "who": sorted(self.who),
            "from": sorted(map(str, self.sources)),
            "to": sorted(map(str, self.destinations)),
            "currencies": sorted(self.currencies),
            "per_transfer": {currency: plain(limit) for currency, limit in sorted(self.per_transfer.items())},
        }
        return hashlib.sha256(json.dumps(says, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True)
class Request:
    """What somebody wants to move."""

    requester: str
    route: Route
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Verdict:
    """The answer: the deciding rule, if one was selected, and why not. No reasons and a rule: allowed."""

    rule: Rule | None
    reasons: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Tell whether the transfer may go ahead."""
        return self.rule is not None and not self.reasons


Condition = Callable[[Rule, Request], str | None]


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


def _per_transfer(rule: Rule, request: Request) -> str | None:
    limit = rule.per_transfer.get(request.currency)
    if limit is None or request.amount <= limit:
        return None
    return (
        f"Rule {rule.name} allows up to {for_people(limit)} {request.currency} in one transfer; "
        f"this is {for_people(request.amount)}."
    )


SELECTING: tuple[Condition, ...] = (_who, _source, _destination, _currency)
RESTRICTING: tuple[Condition, ...] = (_per_transfer,)


def decide(request: Request, rules: Sequence[Rule]) -> Verdict:
    """Judge a request. The reasons are sentences for the requester."""
    for rule in rules:
        if not any(condition(rule, request) for condition in SELECTING):
            return Verdict(rule, tuple(filter(None, (condition(rule, request) for condition in RESTRICTING))))
    return Verdict(None, (_no_rule(request, rules),))


def _no_rule(request: Request, rules: Sequence[Rule]) -> str:
    """Say that no rule matches and, when one misses by a single condition, which one and why."""
    what = f"No rule lets you move {request.currency} from `{request.route.source}` to `{request.route.destination}`."
    for rule in rules:
        misses = [miss for condition in SELECTING if (miss := condition(rule, request))]
        if len(misses) == 1:
            return f"{what} The nearest rule, {rule.name}, {misses[0]}."
    return what
