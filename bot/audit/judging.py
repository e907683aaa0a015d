"""What the policy of a moment says of what was done then: claims, approvals, denials, settlements by hand.

It is read and asked by the same code as at the time: `bot.config` and `bot.policy`. Where events tell no policy,
nothing is judged, and how often is counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

from bot.audit.policies import Policy, route_of
from bot.audit.record import UNTOLD, Record, Shown
from bot.audit.replay import Replay, Told, lasts
from bot.clock import from_text, to_text
from bot.desk.looking import NOTHING_SEEN
from bot.desk.resolving import Decision
from bot.journal import DESK
from bot.policy import Request, Tier
from bot.policy.decide import Case, reasons
from bot.reconcile import EXECUTED_WITHIN, Trace
from bot.transfers import SPENT_FOR, State

APPROVED, DENIED = "approved", "denied"


def duration(replay: Replay, setting: str) -> timedelta | None:
    """Return how long something may take by the policy in force; None where that is not known."""
    if replay.policy is None:
        return None
    within: timedelta = getattr(replay.policy.config, setting)
    return within


def _policy(replay: Replay) -> Policy | None:
    if replay.policy is None:
        replay.unjudged += 1
    return replay.policy


def _tier(replay: Replay, policy: Policy, record: Record) -> Tier | None:
    """Return who must agree to a transfer and to the step that waits for it: see `bot.desk.house.judge_steps`."""
    second = replay.second(record)
    # Asked at every step of a transfer, and hardly ever another.
    key = (policy.config.hash, record.version, second.version if second else 0)
    if record.tier_key != key:
        tiers = []
        for shown in (record.shown, second.shown) if second else (record.shown,):
            rule = policy.rule(shown.requester, shown.route, shown.currency)
            tier = rule.tier(shown.currency, Decimal(shown.amount)) if rule is not None and rule.tiers else None
            if tier is not None:
                tiers.append(tier)
        record.tier_key, record.tier = key, reduce(Tier.joined, tiers) if tiers else None
    return record.tier


def drawn(replay: Replay, event: Told, record: Record, before: Shown | None = None) -> None:
    """Check that a card shows the rule that decides. `before`: what it showed as the version before this one."""
    policy, shown = replay.policy, record.shown
    if before is not None and (shown.rule, shown.rule_hash, shown.policy_hash) == (
        before.rule,
        before.rule_hash,
        before.policy_hash,
    ):
        return
    if policy is None:
        return
    replay.expect(event, "data.policy_hash", shown.policy_hash, replay.in_force)
    rule = policy.rule(shown.requester, shown.route, shown.currency)
    if rule is None and before is None:
        replay.wrong(event, "data.rule", shown.rule, "none, as no rule lets anybody do this")
    elif rule is not None:
        replay.expect(event, "data.rule", shown.rule, rule.name)
        replay.expect(event, "data.rule_hash", shown.rule_hash, rule.hash)
    if before is None:
        listed(replay, event, record)


def needed(replay: Replay, event: Told, record: Record) -> None:
    """Check how many must agree."""
    if replay.policy is not None:
        tier = _tier(replay, replay.policy, record)
        replay.expect(event, "data.approvals_needed", record.approvals_needed, tier.count if tier else 0)


def listed(replay: Replay, event: Told, record: Record) -> None:
    """Check that the requester is on the allowlist."""
    policy, shown = replay.policy, record.shown
    if policy is None:
        return
    if shown.requester not in policy.people:
        replay.wrong(event, "data.requester", shown.requester, "somebody on the allowlist")
    replay.expect(event, "data.team", shown.team, policy.config.team)


def claimed(replay: Replay, event: Told, record: Record) -> None:
    """Check what `bot.desk.sending.claim` checks of rules, limits and people."""
    policy = _policy(replay)
    if policy is None:
        return
    at = from_text(event.at)
    since = to_text(at - SPENT_FOR)
    listed(replay, event, record)
    channel = record.shown.channel
    if channel is not UNTOLD and channel not in policy.config.channels:
        replay.wrong(event, "data.channel", channel, "a channel the desk serves")
    second = replay.second(record)
    for step in (record, second) if second else (record,):
        _allowed(replay, event, policy, step, at, since)
    agreed_by(replay, event, record)


def _allowed(replay: Replay, event: Told, policy: Policy, record: Record, at: datetime, since: str) -> None:
    shown = record.shown
    rule = policy.rule(shown.requester, shown.route, shown.currency)
    if rule is None:
        replay.wrong(event, "data.rule", shown.rule, "none, as no rule lets this through; it must not be sent")
        return
    replay.expect(event, "data.rule_hash", shown.rule_hash, rule.hash)
    used = replay.usage.of(rule, shown.requester, shown.currency, record.money_id, since)
    request = Request(shown.requester, route_of(shown.route), shown.currency, Decimal(shown.amount), shown.reason)
    for reason in reasons(Case(rule, request, at, used)):
        replay.wrong(event, "kind", "sending", f"blocked: {reason}")


def agreed_by(replay: Replay, event: Told, record: Record) -> None:
    """Check that enough people other than the requester agreed to what it says now."""
    policy = replay.policy
    if policy is None:
        return
    tier, people = _tier(replay, policy, record), record.agreed()
    if record.shown.requester in people:
        replay.wrong(event, "approvals", record.shown.requester, "people other than who asked for it")
    if tier is not None and policy.missing(tier, people):
        replay.wrong(event, "approvals", ", ".join(people) or "nobody's", f"those of {tier}")


# Approvals -----------------------------------------------------------------------------------------------------------


def voted(replay: Replay, event: Told, record: Record) -> None:
    """Somebody approves."""
    data = event.data
    replay.restate_all(event, record)
    replay.expect(event, "kind", f"approve_vote while {record.state}", "approve_vote while awaiting_approval")
    replay.expect(event, "data.decision", data["decision"], APPROVED)
    if event.actor in record.agreed():
        replay.wrong(event, "actor", event.actor, "somebody who has not approved it already")
    tier = _may_decide(replay, event, record)
    second = replay.second(record)
    for step in (record, second) if second else (record,):
        _vote(step, event, APPROVED)
    if tier is not None and replay.policy is not None:
        replay.expect(event, "data.missing", data["missing"], replay.policy.missing(tier, record.agreed()))
        # The desk writes so only after a right code.
        replay.expect(event, "data.second_factor", data["second_factor"], tier.second_factor)


def denied(replay: Replay, event: Told, record: Record) -> None:
    """Somebody denies."""
    _may_decide(replay, event, record)
    _vote(record, event, DENIED)


def _may_decide(replay: Replay, event: Told, record: Record) -> Tier | None:
    if event.actor == record.shown.requester:
        replay.wrong(event, "actor", event.actor, "somebody other than who asked for it")
    policy = _policy(replay)
    if policy is None:
        return None
    tier = _tier(replay, policy, record)
    if tier is None:
        replay.wrong(event, "kind", event.kind, "nobody's decision, as the policy asks for none")
    elif event.actor not in tier.members or event.actor not in policy.people:
        replay.wrong(event, "actor", event.actor, f"one of those who may decide: {tier}")
    return tier


def _vote(record: Record, event: Told, decision: str) -> None:
    record.votes = record.votes or {}
    record.votes[record.version, event.actor] = (decision, record.shown.seal, event.at)


# Settling an unknown -------------------------------------------------------------------------------------------------


def resolved(replay: Replay, event: Told, record: Record) -> None:
    """An admin says what they found."""
    data, decision = event.data, event.data["decision"]
    replay.restate_all(event, record)
    replay.expect(event, "kind", f"resolve_vote while {record.state}", "resolve_vote while unknown")
    replay.expect(event, "data.evidence", data["evidence"], record.digest or NOTHING_SEEN)
    if event.actor == record.shown.requester:
        replay.wrong(event, "actor", event.actor, "somebody other than who asked for it")
    policy = _policy(replay)
    if policy is not None and event.actor not in policy.config.admins:
        replay.wrong(event, "actor", event.actor, "an admin")
    if decision not in set(Decision):
        replay.wrong(event, "data.decision", decision, "executed or not_executed")
    early = record.sent_at is not None and lasts(record.sent_at, event.at) < EXECUTED_WITHIN
    if decision == Decision.NOT_EXECUTED and early:
        replay.wrong(event, "at", event.at, f"at least {EXECUTED_WITHIN} after it was sent at {record.sent_at}")
    record.resolutions = record.resolutions or {}
    record.resolutions[record.version, event.actor] = (decision, _bound_to(record), event.at)


def _bound_to(record: Record) -> str:
    return f"{record.shown.seal}.{record.digest or NOTHING_SEEN}"


def settled(replay: Replay, event: Told, record: Record) -> None:
    """An unknown ends: by an answer that came after all, by evidence, or by people."""
    by = event.data.get("settled_by")
    if isinstance(by, list):
        _settled_by_people(replay, event, record, by)
        return
    replay.expect(event, "actor", event.actor, DESK)
    if event.kind != State.SUCCEEDED or (by is None and event.data["reference"] is None):
        replay.wrong(event, "data.settled_by", by, "the admins who settled it")
    elif by is not None:
        replay.expect(event, "data.settled_by", by, "evidence")
        replay.expect(event, "data.looked", record.trace, Trace.FOUND.value)
        if replay.policy is not None:
            allowed = replay.policy.config.settle_by_evidence
            replay.expect(event, "data.settled_by", "the desk, by evidence", f"the {allowed}, by evidence")


def _settled_by_people(replay: Replay, event: Told, record: Record, by: list[str]) -> None:
    policy = replay.policy
    decision = Decision.EXECUTED if event.kind == State.SUCCEEDED else Decision.NOT_EXECUTED
    votes = {
        person: (said, bound_to)
        for (version, person), (said, bound_to, _) in (record.resolutions or {}).items()
        if version == record.version and (policy is None or person in policy.config.admins)
    }
    agreeing = sorted(person for person, vote in votes.items() if vote == (decision, _bound_to(record)))
    replay.expect(event, "data.settled_by", ", ".join(sorted(by)), ", ".join(agreeing))
    if event.actor not in agreeing:
        replay.wrong(event, "actor", event.actor, "one of the admins who settled it")
    opposed = [person for person, (said, _) in votes.items() if said == Decision.EXECUTED]
    if decision is Decision.NOT_EXECUTED and opposed:
        replay.wrong(event, "kind", event.kind, f"still unknown, as {', '.join(opposed)} found it executed")
    found = decision is Decision.EXECUTED and record.trace == Trace.FOUND
    enough = 1 if found or policy is None else policy.config.resolve_by
    if len(agreeing) < enough:
        replay.wrong(event, "data.settled_by", ", ".join(agreeing) or "nobody", f"{enough} admins")
