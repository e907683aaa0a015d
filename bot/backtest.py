"""What another policy would have said: recorded requests are judged again, with the usage of their time. Pure.

What happened is not played again differently: a transfer that the other policy would have refused still counts as
spent for those that came after it, as it did.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.accounts import Account, Route
from bot.clock import from_text
from bot.journal.chain import Event
from bot.policy import Request, Rule, Spent, Verdict, decide
from bot.transfers import SPENT, SPENT_FOR, Transfer


@dataclass(frozen=True)
class Recorded:
    """A request of the past and what became of it.

    Attributes:
        name: how people find it: `T12`, or `#345` for an event without a transfer.
        transfer_id: 0 when it was refused.
        rule: the rule that allowed it; empty when it was refused.
        approvals: how many people had to agree.
        tier: who they were, as a tier writes it; empty where nobody had to agree or the record does not say.
        why: what it was refused with.
    """

    at: datetime
    name: str
    transfer_id: int
    request: Request
    rule: str = ""
    approvals: int = 0
    tier: str = ""
    why: str = ""


@dataclass(frozen=True)
class Counted:
    """A transfer that counted against limits from one moment until another; None: it still does."""

    transfer_id: int
    spent: Spent
    since: datetime
    until: datetime | None


class Kind(StrEnum):
    """How a verdict changes; the text is what people read in the tally. The gravest comes first."""

    REFUSED = "allowed → refused"
    ALLOWED = "refused → allowed"
    FEWER = "fewer approvals"
    MORE = "more approvals"
    OTHERS = "other approvers"
    RULE = "another rule"


@dataclass(frozen=True)
class Change:
    """A recorded request of which the other policy says something else. `words` says what."""

    recorded: Recorded
    kind: Kind
    words: str


def proposed(event: Event, transfer: Transfer) -> Recorded:
    """Read a `proposed` event and its transfer, whose row may be of a later version with another rule."""
    request = Request(transfer.requester, transfer.route, transfer.currency, transfer.amount, transfer.reason)
    return Recorded(
        at=from_text(event.at),
        name=transfer.name,
        transfer_id=transfer.id,
        request=request,
        rule=str(event.data["rule"]),
        approvals=int(event.data.get("approvals", 0)),
        tier=str(event.data.get("tier", "")),
    )


def turned_away(event: Event) -> Recorded | None:
    """Read a `turned_away` event; None when it is not about a transfer that the policy refused."""
    intent: Mapping[str, Any] | None = event.data.get("intent")
    if intent is None:
        return None
    source, _, destination = str(intent["route"]).partition(" -> ")
    route = Route(Account.from_canonical(source), Account.from_canonical(destination))
    request = Request(event.actor, route, intent["currency"], Decimal(intent["amount"]), str(intent.get("reason", "")))
    return Recorded(from_text(event.at), f"#{event.seq}", 0, request, why=str(event.data["why"]))


def counted(transfer: Transfer) -> Counted | None:
    """Return how long a transfer counted against limits; None for one that never did."""
    if transfer.reserved_at is None:
        return None
    until = transfer.settled_at
    if until is not None and transfer.state in SPENT:
        until += SPENT_FOR
    spent = Spent(transfer.requester, transfer.route, transfer.currency, transfer.amount)
    return Counted(transfer.id, spent, transfer.reserved_at, until)


def replay(recorded: Iterable[Recorded], rules: Sequence[Rule], history: Iterable[Counted]) -> Iterator[Change]:
    """Judge recorded requests by other rules, oldest first, and yield those of which they say something else."""
    ahead = deque(sorted(history, key=lambda one: one.since))
    counting: list[Counted] = []
    for one in sorted(recorded, key=lambda one: one.at):
        while ahead and ahead[0].since <= one.at:
            counting.append(ahead.popleft())
        counting = [spend for spend in counting if spend.until is None or spend.until > one.at]
        # Confirmed within the very millisecond it was proposed in, it would count against itself.
        spent = (spend.spent for spend in counting if spend.transfer_id != one.transfer_id)
        change = compare(one, decide(one.request, rules, one.at, spent))
        if change is not None:
            yield change


def compare(recorded: Recorded, verdict: Verdict) -> Change | None:
    """Say what differs between what was recorded and another verdict; None when they agree."""
    if verdict.rule is None or not verdict.allowed:
        if not recorded.rule:
            return None
        reasons = " ".join(verdict.reasons)
        return Change(recorded, Kind.REFUSED, f"was allowed by {recorded.rule}, would be refused: {reasons}")
    needed, tier = (verdict.tier.count, str(verdict.tier)) if verdict.tier else (0, "")
    if not recorded.rule:
        agreement = f" with the approval of {tier}" if tier else ""
        would = f"would be allowed by {verdict.rule.name}{agreement}"
        return Change(recorded, Kind.ALLOWED, f"{would}, was refused: {recorded.why}")
    kinds: list[Kind] = []
    differs: list[str] = []
    others = bool(recorded.tier and tier and recorded.tier != tier)
    if needed != recorded.approvals or others:
        kinds.append(
            Kind.OTHERS if needed == recorded.approvals else Kind.MORE if needed > recorded.approvals else Kind.FEWER
        )
        asked = recorded.tier or f"{recorded.approvals or 'no'} approval{'' if recorded.approvals == 1 else 's'}"
        differs.append(f"took {asked}, would take {tier or 'no approvals'}")
    if verdict.rule.name != recorded.rule:
        kinds.append(Kind.RULE)
        differs.append(f"was allowed by {recorded.rule}, would be by {verdict.rule.name}")
    return Change(recorded, kinds[0], "; ".join(differs)) if kinds else None


def tally(changes: Iterable[Change], total: int) -> str:
    """Count what changes by kind: `312 requests: 3 allowed → refused, 1 more approvals, 308 as before`."""
    counts = Counter(change.kind for change in changes)
    told = [f"{counts[kind]} {kind}" for kind in Kind if counts[kind]]
    return f"{total} requests: {', '.join([*told, f'{total - counts.total()} as before'])}"
