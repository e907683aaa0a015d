"""Stricter never lets more through: a larger amount, a smaller limit, a larger count, an approver who leaves.

A refusal is stricter than any approval; more people, or a one-time code, are stricter than fewer and none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st
from ruling import ALICE, BARE, BOB, CAROL, DAN, EVE, ISOLATED, NOON, SPOT, SWAP

from bot.accounts import Account, Route
from bot.policy import Hours, Quorum, Request, Rule, Spent, Tier, Verdict, decide

USERS, CURRENCIES, GROUPS = [ALICE, BOB, CAROL, DAN, EVE], ["USDT", "BTC"], ["treasurers", "directors", "traders"]

# Few amounts, so that edges are met; every one of them has neighbours a step away.
STEP = Decimal("0.00000001")
amounts = st.builds(
    lambda whole, step: whole + step * STEP, st.sampled_from([Decimal(1), Decimal(5), Decimal(10)]), st.integers(-1, 1)
)
limits = st.dictionaries(
    st.sampled_from(CURRENCIES), st.builds(Decimal.__mul__, amounts, st.sampled_from([Decimal(1), Decimal(3)]))
)


def some(*values: Any) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(values), min_size=1)


def mostly(often: Any, seldom: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(often), st.just(often), st.just(often), seldom)


hours = st.builds(
    Hours, some(*range(7)), st.builds(time, st.integers(0, 23)), st.builds(time, st.integers(0, 23)), st.just("UTC")
)
moments = st.integers(0, 7 * 24).map(lambda hour: datetime(2026, 11, 16, tzinfo=UTC) + timedelta(hours=hour))


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Tiers as desk.toml may have them: each above the last in every currency, and asking for no less."""
    found: list[Tier] = []
    above, count, second_factor = [Decimal(0), Decimal(0)], 1, False
    for _ in range(draw(st.integers(0, 3))):
        quorum = st.builds(Quorum, st.sampled_from(GROUPS), mostly(frozenset(USERS), some(*USERS)), st.integers(1, 2))
        quorums = draw(st.lists(quorum, min_size=1, max_size=3))
        short = count - sum(quorum.count for quorum in quorums)
        quorums[0] = replace(quorums[0], count=quorums[0].count + max(short, 0))
        second_factor = second_factor or draw(st.booleans())
        tier = Tier(dict(zip(CURRENCIES, above, strict=True)), tuple(quorums), second_factor)
        above = [last + draw(amounts) for last in above]
        count = tier.count
        found.append(tier)
    return tuple(found)


rules = st.builds(
    Rule,
    name=st.sampled_from(["a", "b"]),
    who=mostly(frozenset(USERS), some(*USERS)),
    sources=mostly(frozenset({SPOT}), some(SPOT, SWAP)),
    destinations=mostly(frozenset({SWAP, ISOLATED}), some(SWAP, ISOLATED)),
    currencies=mostly(frozenset(CURRENCIES), some(*CURRENCIES)),
    per_transfer=limits,
    per_day=limits,
    per_person_per_day=limits,
    tiers=tiers(),
    hours=mostly(None, hours),
    reason_required=mostly(False, st.just(True)),
)
policies = st.lists(rules, min_size=1, max_size=3)
tiered = st.builds(replace, st.just(BARE), who=st.just(frozenset(USERS)), tiers=tiers())
limited = st.builds(replace, st.just(BARE), who=st.just(frozenset(USERS)), per_day=limits, per_person_per_day=limits)
routes = st.builds(Route, st.just(SPOT), st.sampled_from([SWAP, ISOLATED]))
requests = st.builds(
    Request, st.sampled_from(USERS), routes, st.sampled_from(CURRENCIES), amounts, mostly("topping up", st.just(""))
)
past = st.lists(st.builds(Spent, st.sampled_from(USERS), routes, st.sampled_from(CURRENCIES), amounts), max_size=3)


def is_at_most_as_permissive(strict: Verdict, loose: Verdict) -> bool:
    """Tell whether one verdict lets no more through than another."""
    event(f"{loose.allowed} then {strict.allowed}")
    if not strict.allowed:
        return True
    if not loose.allowed:
        return False
    asked, before = asks(strict.tier), asks(loose.tier)
    return all(more >= less for more, less in zip(asked, before, strict=True))


def asks(tier: Tier | None) -> tuple[int, bool]:
    return (tier.count, tier.second_factor) if tier else (0, False)


@given(policies, requests, amounts, moments, past)
def test_a_larger_amount_is_never_easier(
    policy: list[Rule], request: Request, more: Decimal, now: datetime, past: list[Spent]
) -> None:
    larger = replace(request, amount=request.amount + more)
    small, large = decide(request, policy, now, past), decide(larger, policy, now, past)
    assert large.rule is small.rule
    assert is_at_most_as_permissive(large, small)


@given(limited, requests, past, past)
def test_more_spent_is_never_easier(rule: Rule, request: Request, past: list[Spent], more: list[Spent]) -> None:
    assert is_at_most_as_permissive(decide(request, [rule], NOON, past + more), decide(request, [rule], NOON, past))


@given(
    policies,
    requests,
    moments,
    past,
    limits,
    st.sampled_from(["per_transfer", "per_day", "per_person_per_day"]),
    st.data(),
)
def test_a_smaller_limit_is_never_easier(
    policy: list[Rule],
    request: Request,
    now: datetime,
    past: list[Spent],
    limits: dict[str, Decimal],
    which: str,
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(policy) - 1))
    before = getattr(policy[at], which)
    smaller = {**before, **{one: min(limit, before.get(one, limit)) for one, limit in limits.items()}}
    tighter = replaced(policy, at, replace(policy[at], **{which: smaller}))
    assert is_at_most_as_permissive(decide(request, tighter, now, past), decide(request, policy, now, past))


@given(tiered, requests, st.data())
def test_a_larger_count_is_never_easier(rule: Rule, request: Request, data: st.DataObject) -> None:
    def one_more(quorum: Quorum) -> Quorum:
        return replace(quorum, count=quorum.count + 1)

    assert_stricter(rule, request, data, one_more)


@given(tiered, requests, st.sampled_from(USERS), st.data())
def test_an_approver_who_leaves_makes_nothing_easier(
    rule: Rule, request: Request, leaving: str, data: st.DataObject
) -> None:
    def without(quorum: Quorum) -> Quorum:
        return replace(quorum, members=quorum.members - {leaving})

    assert_stricter(rule, request, data, without)


@given(policies, requests, moments, past)
def test_a_reason_or_hours_make_nothing_easier(
    policy: list[Rule], request: Request, now: datetime, past: list[Spent]
) -> None:
    office = Hours(frozenset({0, 1}), time(8), time(18), "UTC")
    stricter = [replace(rule, reason_required=True, hours=rule.hours or office) for rule in policy]
    assert is_at_most_as_permissive(decide(request, stricter, now, past), decide(request, policy, now, past))


@given(policies, requests, moments, past)
def test_only_a_rule_that_names_person_route_and_currency_allows(
    policy: list[Rule], request: Request, now: datetime, past: list[Spent]
) -> None:
    verdict = decide(request, policy, now, past)
    if verdict.rule is not None:
        named: Iterable[frozenset[str | Account]] = (verdict.rule.who, verdict.rule.sources, verdict.rule.destinations)
        asked = (request.requester, request.route.source, request.route.destination)
        assert all(one in among for one, among in zip(asked, named, strict=True))
        assert request.currency in verdict.rule.currencies
    assert verdict.allowed <= (verdict.rule is not None)


def assert_stricter(rule: Rule, request: Request, data: st.DataObject, change: Callable[[Quorum], Quorum]) -> None:
    """One quorum somewhere is changed; a request takes no less afterwards."""
    places = [(level, number) for level, tier in enumerate(rule.tiers) for number in range(len(tier.quorums))]
    if not places:
        return
    level, number = data.draw(st.sampled_from(places))
    tier = rule.tiers[level]
    quorums = replaced(tier.quorums, number, change(tier.quorums[number]))
    stricter = replace(rule, tiers=tuple(replaced(rule.tiers, level, replace(tier, quorums=tuple(quorums)))))
    assert is_at_most_as_permissive(decide(request, [stricter], NOON), decide(request, [rule], NOON))


def replaced(values: Sequence[Any], at: int, value: Any) -> list[Any]:
    return [*values[:at], value, *values[at + 1 :]]
