"""Why a verdict is what it is, and what would pass instead: every suggestion is one that `decide` allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Account, Adapter, Route, Venue
from bot.policy import Hours, Quorum, Request, Rule, Spent, Tier, decide
from bot.policy.explained import LIMITS_MAX, explained, limits_explained
from bot.policy.why import Explanation, Variant, explain, limits_of

PEOPLE = {name: f"U0{number}{name.upper()}" for number, name in enumerate(("alice", "bob", "carol", "dan", "erin"))}
ALICE, BOB, CAROL, DAN, ERIN = PEOPLE.values()
SPOT, SWAP, MAKER = Account("htx", "spot"), Account("htx", "linear-swap"), Account("coinw", "39000001")
ROUTE = Route(SPOT, SWAP)
TREASURERS = frozenset({CAROL, DAN})
OFFICE = Hours(frozenset(range(5)), time(8), time(18), "Europe/Berlin")
SATURDAY = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
FRIDAY = SATURDAY - timedelta(days=1)


def usdt(amount: str) -> dict[str, Decimal]:
    return {"USDT": Decimal(amount)}


def tier(above: str, count: int = 1, members: frozenset[str] = TREASURERS, **more: Any) -> Tier:
    return Tier(usdt(above), (Quorum("treasurers", members, count),), **more)


RULE = Rule(
    name="collateral",
    who=frozenset({ALICE, BOB}),
    sources=frozenset({SPOT}),
    destinations=frozenset({SWAP}),
    currencies=frozenset({"USDT"}),
)
REQUEST = Request(BOB, ROUTE, "USDT", Decimal(50000))


def ask(
    rules: Sequence[Rule] | Rule, request: Request = REQUEST, now: datetime = FRIDAY, *spent: Spent, **more: Any
) -> Explanation:
    rules = (rules,) if isinstance(rules, Rule) else rules
    return explain(request, rules, now, iter(spent), PEOPLE, **more)


def words(explanation: Explanation) -> list[str]:
    return [variant.words for variant in explanation.variants]


def moved(amount: str, by: str = ALICE) -> Spent:
    return Spent(by, ROUTE, "USDT", Decimal(amount))


# One claim each


def test_what_is_allowed_without_approval_needs_no_suggestion() -> None:
    explanation = ask(RULE)
    assert explanation.verdict.allowed
    assert explanation.variants == explanation.asked == ()


def test_the_largest_amount_that_passes_is_what_is_left_of_the_tightest_limit() -> None:
    rule = replace(
        RULE, per_transfer=usdt("45000"), per_day=usdt("100000"), per_person_per_day=usdt("60000"), who=frozenset({BOB})
    )
    assert words(ask(rule)) == ["up to 45,000.00 USDT now"]
    assert words(ask(rule, REQUEST, FRIDAY, moved("58750"))) == ["up to 45,000.00 USDT now"]
    assert words(ask(rule, REQUEST, FRIDAY, moved("18750", BOB), moved("1"))) == ["up to 41,250.00 USDT now"]


def test_nothing_is_suggested_where_nothing_is_left() -> None:
    rule = replace(RULE, per_day=usdt("100000"))
    assert words(ask(rule, REQUEST, FRIDAY, moved("100000"))) == []


def test_a_suggested_amount_has_the_decimals_the_currency_may_have() -> None:
    rule = replace(RULE, per_day=usdt("100.123456"))
    assert words(ask(rule)) == ["up to 100.123456 USDT now"]
    assert words(ask(rule, decimals=2)) == ["up to 100.12 USDT now"]
    assert words(ask(rule, REQUEST, FRIDAY, moved("100.12"), decimals=2)) == []


def test_an_amount_that_needs_less_approval_is_suggested_even_for_what_is_allowed() -> None:
    rule = replace(RULE, tiers=(tier("10000"), tier("20000", 2)))
    explanation = ask(rule)
    assert explanation.verdict.allowed
    assert words(explanation) == [
        "up to 20,000.00 USDT with the approval of 1 of treasurers",
        "up to 10,000.00 USDT without approval",
    ]


def test_an_amount_without_a_one_time_code_is_less_approval() -> None:
    rule = replace(RULE, tiers=(tier("0"), tier("20000", second_factor=True)))
    assert words(ask(rule)) == ["up to 20,000.00 USDT with the approval of 1 of treasurers"]


def test_an_amount_below_a_limit_says_what_approval_it_takes_if_that_is_another() -> None:
    rule = replace(RULE, per_transfer=usdt("41250"), tiers=(tier("10000"), tier("45000", 2)))
    assert words(ask(rule)) == [
        "up to 41,250.00 USDT now, with the approval of 1 of treasurers",
        "up to 10,000.00 USDT without approval",
    ]


def test_people_who_are_missing_are_named_by_their_group() -> None:
    rule = replace(RULE, tiers=(tier("10000", 4),))
    assert words(ask(rule)) == ["up to 10,000.00 USDT now, without approval", "with 2 more approvers from treasurers"]


def test_the_requester_is_no_approver_of_their_own() -> None:
    rule = replace(RULE, who=frozenset({BOB, CAROL}), tiers=(tier("0", 2),))
    explanation = ask(rule, replace(REQUEST, requester=CAROL))
    assert [asked.names for asked in explanation.asked] == [("dan",)]
    assert words(explanation) == ["with one more approver from treasurers", "for bob"]


def test_each_group_that_lacks_people_is_named() -> None:
    both = Tier(usdt("0"), (Quorum("treasurers", TREASURERS, 3), Quorum("directors", frozenset({DAN}), 1)))
    assert words(ask(replace(RULE, tiers=(both,)))) == ["with 2 more approvers from treasurers"]
    same = Tier(usdt("0"), (Quorum("treasurers", TREASURERS, 2), Quorum("directors", frozenset({BOB}), 1)))
    assert words(ask(replace(RULE, tiers=(same,)))) == ["with one more approver from directors", "for alice"]


def test_nobody_can_join_a_quorum_that_names_a_person() -> None:
    alone = Tier(usdt("0"), (Quorum("bob", frozenset({BOB}), 1),))
    assert words(ask(replace(RULE, tiers=(alone,)))) == ["for alice"]


def test_more_approvers_are_no_help_against_a_limit() -> None:
    rule = replace(RULE, per_transfer=usdt("41250"), tiers=(tier("10000", 3),))
    assert words(ask(rule)) == ["up to 10,000.00 USDT now, without approval"]


def test_a_closed_rule_says_when_it_opens() -> None:
    rule = replace(RULE, hours=OFFICE)
    explanation = ask(rule, REQUEST, SATURDAY)
    assert words(explanation) == ["from Monday 08:00 Europe/Berlin"]
    assert explanation.variants[0].at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_an_opening_a_week_away_has_its_date() -> None:
    saturdays = replace(OFFICE, days=frozenset({5}), end=time(9))
    assert words(ask(replace(RULE, hours=saturdays), REQUEST, SATURDAY)) == [
        "from Saturday, 2026-11-28 08:00 Europe/Berlin"
    ]


def test_a_missing_reason_is_all_it_takes() -> None:
    assert words(ask(replace(RULE, reason_required=True))) == ["with a reason"]


def test_what_is_wrong_at_once_is_mended_at_once() -> None:
    rule = replace(RULE, reason_required=True, hours=OFFICE, per_transfer=usdt("41250"), tiers=(tier("10000"),))
    assert words(ask(rule, REQUEST, SATURDAY)) == [
        "up to 41,250.00 USDT, from Monday 08:00 Europe/Berlin, with a reason",
        "up to 10,000.00 USDT without approval, from Monday 08:00 Europe/Berlin, with a reason",
    ]


def test_whom_the_rules_let_do_it_instead_is_named() -> None:
    explanation = ask(RULE, replace(REQUEST, requester=CAROL))
    assert explanation.verdict.rule is None
    assert words(explanation) == ["for alice, bob"]


def test_somebody_else_may_have_to_give_a_reason() -> None:
    explanation = ask(replace(RULE, reason_required=True), replace(REQUEST, requester=CAROL))
    assert words(explanation) == ["for alice, bob, with a reason"]


def test_of_many_people_five_are_named() -> None:
    many = {f"p{number}": f"U{number:03}" for number in range(40)}
    rule = replace(RULE, who=frozenset(many.values()))
    assert words(explain(REQUEST, [rule], FRIDAY, (), many)) == ["for p0, p1, p2, p3, p4 and 35 more"]


def test_the_usage_of_somebody_else_is_not_mine() -> None:
    rule = replace(RULE, per_person_per_day=usdt("60000"))
    explanation = ask(rule, REQUEST, FRIDAY, moved("30000", BOB), moved("5000"))
    assert words(explanation) == ["up to 30,000.00 USDT now", "for alice"]
    assert [limit.left for limit in explanation.limits] == [None, None, Decimal(30000)]


def test_two_steps_of_the_same_money_leave_as_much_for_somebody_else() -> None:
    rule = replace(RULE, who=RULE.who | {CAROL}, sources=frozenset({SPOT, SWAP}), destinations=frozenset({SPOT, SWAP}))
    limited = replace(rule, per_day=usdt("80000"), per_person_per_day=usdt("60000"))
    back = Spent(ALICE, Route(SWAP, SPOT), "USDT", Decimal(30000), 7)
    on = replace(back, requester=BOB, route=ROUTE)
    assert words(ask(limited, REQUEST, FRIDAY, back, on)) == ["up to 30,000.00 USDT now", "for carol"]


def test_limits_are_told_for_every_rule_that_names_somebody_and_to_lookers_on_for_all() -> None:
    second = replace(RULE, name="second", who=frozenset({ALICE}), currencies=frozenset({"USDT", "BTC"}))
    first = replace(RULE, per_day=usdt("100"), per_person_per_day=usdt("60"))
    spent = (moved("30", BOB), moved("40"))
    (mine,) = limits_of(BOB, (first, second), iter(spent), 9).first
    assert (mine.rule, mine.currency) == ("collateral", "USDT")
    assert [(limit.used, limit.left) for limit in mine.limits] == [(0, None), (70, 30), (30, 30)]
    assert [(one.rule, one.currency) for one in limits_of(DAN, (first, second), spent, 9).first] == [
        ("collateral", "USDT"),
        ("second", "BTC"),
        ("second", "USDT"),
    ]


# Lines


def test_an_explanation_reads_as_a_person_would_say_it() -> None:
    rule = replace(
        RULE, per_transfer=usdt("250000"), per_day=usdt("100000"), tiers=(tier("10000", second_factor=True),)
    )
    explanation = ask(rule, REQUEST, FRIDAY, moved("58750"))
    assert explained(explanation, None) == [
        "No: bob may not move 50,000.00 USDT from `htx:spot` to `htx:linear-swap` now.",
        "Rule collateral decides.",
        f"• {explanation.verdict.reasons[0]}",
        "Left of USDT: 250,000.00 in one transfer; 41,250.00 of 100,000.00 in 24 hours by everybody; "
        "no limit in 24 hours by one person.",
        "Approval: 1 of treasurers (carol, dan), with a one-time code.",
        "This would pass:",
        "• up to 41,250.00 USDT now",
        "• up to 10,000.00 USDT without approval",
    ]


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        (RULE, "now, without approval."),
        (replace(RULE, tiers=(tier("0"),)), "now, with approval."),
    ],
)
def test_a_yes_says_whether_it_takes_approval(rule: Rule, first: str) -> None:
    assert explained(ask(rule), None)[0].startswith("Yes: bob may move ")
    assert explained(ask(rule), None)[0].endswith(first)


def test_a_sub_account_is_shown_by_its_alias() -> None:
    venue = Venue("coinw", Adapter.COINW, {"maker": "39000001"})
    request = replace(REQUEST, route=Route(Account("coinw", "master"), MAKER))
    assert "from `coinw:master` to `coinw:maker`" in explained(ask(RULE, request), venue)[0]


def test_limits_read_as_what_is_left_and_used() -> None:
    rule = replace(RULE, per_transfer=usdt("50"), per_day=usdt("100"), per_person_per_day=usdt("60"))
    assert limits_explained(limits_of(BOB, [rule], [moved("30", BOB), moved("40")], 1)) == [
        "Rule collateral, USDT: 50 in one transfer; 30 of 100 in 24 hours by everybody, 70 used; "
        "30 of 60 in 24 hours by one person, 30 used."
    ]


def test_limits_that_are_not_added_up_are_counted() -> None:
    left = limits_of(BOB, [RULE, replace(RULE, name="second", currencies=frozenset({"USDT", "BTC"}))], (), 2)
    assert [(one.rule, one.currency) for one in left.first] == [("collateral", "USDT"), ("second", "BTC")]
    assert left.more == 1


def test_a_long_list_of_limits_ends() -> None:
    lines = limits_explained(limits_of(BOB, [RULE] * (LIMITS_MAX + 7), (), LIMITS_MAX))
    assert len(lines) == LIMITS_MAX + 1
    assert lines[-1] == "… and 7 more; desk.toml has all of them."


# Whatever the rules are

amounts = st.decimals(min_value="0.01", max_value="1000", places=2)
limits = st.just({}) | amounts.map(lambda amount: {"USDT": amount})
somebody = st.sampled_from(list(PEOPLE.values()))
some = st.frozensets(somebody)
quorums = st.builds(Quorum, st.sampled_from(["treasurers", "directors", "dan"]), some, st.integers(1, 3))
tiers = st.lists(
    st.builds(Tier, limits, st.lists(quorums, min_size=1, max_size=3).map(tuple), st.booleans()), max_size=3
)
hours = st.none() | st.builds(
    Hours,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.times(),
    st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe"]),
)
rules = st.lists(
    st.builds(
        Rule,
        name=st.sampled_from(["a", "b"]),
        who=some,
        sources=st.just(frozenset({SPOT})),
        destinations=st.frozensets(st.sampled_from([SWAP, SPOT]), min_size=1),
        currencies=st.just(frozenset({"USDT"})),
        per_transfer=limits,
        per_day=limits,
        per_person_per_day=limits,
        tiers=tiers.map(tuple),
        hours=hours,
        reason_required=st.booleans(),
    ),
    max_size=3,
)
requests = st.builds(Request, somebody, st.just(ROUTE), st.just("USDT"), amounts, st.sampled_from(["", "topping up"]))
routes = st.sampled_from([ROUTE, Route(SPOT, SPOT)])
spendings = st.lists(st.builds(Spent, somebody, routes, st.just("USDT"), amounts, st.integers(0, 2)), max_size=4)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def with_new_members(rule: Rule, groups: Sequence[str]) -> Rule:
    """The rule once somebody new has joined each of these groups."""

    def grown(quorum: Quorum) -> Quorum:
        new = {f"U9NEW{number}" for number, group in enumerate(groups) if group == quorum.group}
        return replace(quorum, members=quorum.members | new)

    return replace(rule, tiers=tuple(replace(one, quorums=tuple(map(grown, one.quorums))) for one in rule.tiers))


def passes(variant: Variant, rules: Sequence[Rule], spent: Sequence[Spent]) -> bool:
    enlarged = [with_new_members(rule, variant.joining) for rule in rules]
    people = [PEOPLE[name] for name in variant.names] or [variant.request.requester]
    return all(
        decide(replace(variant.request, requester=person), enlarged, variant.at, spent).allowed for person in people
    )


@given(rules, requests, moments, spendings, st.none() | st.integers(0, 3))
def test_whatever_is_suggested_passes(
    rules: list[Rule], request: Request, now: datetime, spent: list[Spent], decimals: int | None
) -> None:
    explanation = explain(request, rules, now, spent, PEOPLE, decimals)
    assert explanation.verdict == decide(request, rules, now, spent)
    for variant in explanation.variants:
        assert passes(variant, rules, spent), variant.words
        assert variant.at >= now
        assert 0 < variant.request.amount <= request.amount
        if decimals is not None and variant.request.amount != request.amount:
            assert variant.request.amount == round(variant.request.amount, decimals)


@given(rules, requests, moments, spendings, amounts)
def test_no_larger_amount_passes_than_the_one_that_is_suggested(
    rules: list[Rule], request: Request, now: datetime, spent: list[Spent], other: Decimal
) -> None:
    explanation = explain(request, rules, now, spent, PEOPLE)
    smaller = [one for one in explanation.variants if not one.names and one.request.amount < request.amount]
    if explanation.verdict.allowed or explanation.verdict.rule is None or other > request.amount:
        return
    largest = max((one.request.amount for one in explanation.variants if not one.names and not one.joining), default=0)
    at = smaller[0].at if smaller else now
    if other > largest:
        assert not decide(replace(request, amount=other, reason="…"), rules, at, spent).allowed


@given(rules, requests, moments, spendings, amounts)
def test_no_larger_amount_passes_without_approval_than_the_one_that_is_suggested(
    rules: list[Rule], request: Request, now: datetime, spent: list[Spent], other: Decimal
) -> None:
    explanation = explain(request, rules, now, spent, PEOPLE)
    if not explanation.verdict.allowed or explanation.verdict.tier is None or other > request.amount:
        return
    free = [one.request.amount for one in explanation.variants if "without approval" in one.words]
    verdict = decide(replace(request, amount=other), rules, now, spent)
    if verdict.allowed and verdict.tier is None:
        assert other <= max(free, default=Decimal(0))


@given(rules, requests, moments, spendings)
def test_every_line_is_one_line(rules: list[Rule], request: Request, now: datetime, spent: list[Spent]) -> None:
    lines = explained(explain(request, rules, now, spent, PEOPLE), None)
    assert all(line and "\n" not in line for line in lines)
    assert len(lines) <= 20
