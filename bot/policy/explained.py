"""An explanation and a list of limits as lines of plain text, for Slack (escaped there) and a terminal alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.accounts import Venue, for_people, label
from bot.policy.decide import together
from bot.policy.why import Asked, Explanation, Limit, LimitsLeft, named

# A message nobody reads to its end helps nobody.
LIMITS_MAX = 30

_IN_WORDS = {
    "per_transfer": "in one transfer",
    "per_day": "in 24 hours by everybody",
    "per_person_per_day": "in 24 hours by one person",
}


def explained(explanation: Explanation, venue: Venue | None) -> list[str]:
    """Write an explanation, one thing a line.

    Args:
        venue: of the request's exchange, for the names of its sub-accounts.
    """
    return list(_explained(explanation, venue))


def steps_explained(explanations: Sequence[Explanation], venue: Venue | None) -> list[str]:
    """Write what is said of each step of a route, one after the other; of a single one as ever."""
    if len(explanations) == 1:
        return explained(explanations[0], venue)
    told = [f"It takes {len(explanations)} steps; each must be allowed before the first."]
    for number, explanation in enumerate(explanations, 1):
        told += [f"Step {number}:", *explained(explanation, venue)]
    verdicts = [explanation.verdict for explanation in explanations]
    if all(verdict.allowed for verdict in verdicts):
        told += together(verdicts, explanations[0].request.requester).reasons
    return told


def _explained(explanation: Explanation, venue: Venue | None) -> Iterator[str]:
    request, verdict = explanation.request, explanation.verdict
    source, destination = (label(side, venue) for side in (request.route.source, request.route.destination))
    what = f"{for_people(request.amount)} {request.currency} from `{source}` to `{destination}`"
    if not verdict.allowed:
        yield f"No: {explanation.who} may not move {what} now."
    elif verdict.tier is None:
        yield f"Yes: {explanation.who} may move {what} now, without approval."
    else:
        yield f"Yes: {explanation.who} may move {what} now, with approval."
    if verdict.rule is not None:
        yield f"Rule {verdict.rule.name} decides."
    yield from (f"• {reason}" for reason in verdict.reasons)
    if explanation.limits:
        yield f"Left of {request.currency}: {'; '.join(map(_left, explanation.limits))}."
    if verdict.tier is not None:
        code = ", with a one-time code" if verdict.tier.second_factor else ""
        yield f"Approval: {' and '.join(map(_people, explanation.asked))}{code}."
    if explanation.variants:
        yield "This takes less:" if verdict.allowed else "This would pass:"
        yield from (f"• {variant.words}" for variant in explanation.variants)


def limits_explained(limits: LimitsLeft) -> list[str]:
    """Write what is used and left, a line for each rule and currency."""
    lines = [f"Rule {one.rule}, {one.currency}: {'; '.join(map(_used_and_left, one.limits))}." for one in limits.first]
    return [*lines, f"… and {limits.more} more; desk.toml has all of them."] if limits.more else lines


def _left(limit: Limit) -> str:
    return f"{_most(limit)} {_IN_WORDS[limit.name]}"


def _used_and_left(limit: Limit) -> str:
    used = f", {for_people(limit.used)} used" if limit.used else ""
    return f"{_left(limit)}{used}"


def _most(limit: Limit) -> str:
    if limit.limit is None or limit.left is None:
        return "no limit"
    whole = for_people(limit.limit)
    return whole if limit.left == limit.limit else f"{for_people(limit.left)} of {whole}"


def _people(asked: Asked) -> str:
    return f"{asked.quorum} ({named(asked.names) or 'nobody'})"
