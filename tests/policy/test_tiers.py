"""Whose approval an amount takes, when it is enough, and whether it can be had at all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruling import ALICE, BARE, BOB, CAROL, DAN, EVE, asking, judged, quorum, tier

from bot.policy import Quorum, Rule, Tier

LOW = tier("0", quorum(1, CAROL, DAN, EVE))
MIDDLE = tier("10000", quorum(2, CAROL, DAN, EVE))
HIGH = tier("100000", quorum(2, CAROL, DAN, EVE), quorum(1, ALICE, BOB, group="directors"), second_factor=True)
TIERED = replace(BARE, tiers=(MIDDLE, HIGH))


# Which tier an amount comes under


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.00000001", None),
        ("9999.99999999", None),
        ("10000", None),
        ("10000.00000001", MIDDLE),
        ("99999.99999999", MIDDLE),
        ("100000", MIDDLE),
        ("100000.00000001", HIGH),
        ("999999999999999", HIGH),
    ],
)
def test_a_tier_begins_above_its_amount(amount: str, expected: Tier | None) -> None:
    verdict = judged(TIERED, asking(amount))
    assert verdict.allowed
    assert verdict.tier is expected


def test_a_tier_above_nothing_is_for_every_amount() -> None:
    assert judged(replace(BARE, tiers=(LOW, MIDDLE)), asking("0.00000001")).tier is LOW


def test_a_currency_a_tier_does_not_name_does_not_come_under_it() -> None:
    assert judged(TIERED, asking("200000", currency="BTC")).tier is None


def test_a_refused_request_still_says_what_it_would_have_taken() -> None:
    verdict = judged(replace(TIERED, per_transfer={"USDT": Decimal(50000)}), asking("60000"))
    assert not verdict.allowed
    assert verdict.tier is MIDDLE


def test_a_tier_reads_as_people_would_say_it() -> None:
    assert str(LOW) == "1 of treasurers"
    assert str(HIGH) == "2 of treasurers and 1 of directors, with a one-time code"


# When it is enough


@pytest.mark.parametrize(
    ("agreed", "missing"),
    [
        ([], 3),
        ([CAROL], 2),
        ([CAROL, CAROL], 2),
        ([CAROL, DAN], 1),
        ([CAROL, DAN, EVE], 1),
        ([BOB], 2),
        ([BOB, ALICE], 2),
        ([CAROL, DAN, BOB], 0),
        ([CAROL, DAN, EVE, BOB, ALICE], 0),
        (["U66STRANGER"], 3),
    ],
)
def test_every_quorum_takes_its_own_people(agreed: list[str], missing: int) -> None:
    assert HIGH.missing(agreed) == missing


@pytest.mark.parametrize(
    ("agreed", "missing"),
    [([CAROL], 1), ([CAROL, DAN], 0), ([DAN], 1), ([DAN, EVE], 1), ([CAROL, EVE], 0)],
)
def test_nobody_counts_for_two_quorums(agreed: list[str], missing: int) -> None:
    carol_is_both = tier("0", quorum(1, CAROL, DAN, EVE), quorum(1, CAROL, group="directors"))
    assert carol_is_both.missing(agreed) == missing


def test_those_are_asked_who_would_bring_it_further() -> None:
    assert HIGH.wanted(ALICE, []) == {BOB, CAROL, DAN, EVE}
    assert HIGH.wanted(ALICE, [BOB]) == {CAROL, DAN, EVE}
    assert HIGH.wanted(ALICE, [CAROL, DAN]) == {BOB}
    assert HIGH.wanted(ALICE, [CAROL, DAN, BOB]) == frozenset()
    assert LOW.wanted(CAROL, []) == {DAN, EVE}, "the requester is never asked"


people = st.frozensets(st.sampled_from([ALICE, BOB, CAROL, DAN, EVE]))
quorums = st.lists(
    st.builds(Quorum, st.sampled_from(["treasurers", "directors"]), people, st.integers(1, 3)), min_size=1, max_size=4
).map(tuple)


def most_seats(seats: list[frozenset[str]], waiting: list[str]) -> int:
    """How many of the people can sit down, each on a seat that is for them, tried out one by one."""
    if not waiting:
        return 0
    person, others = waiting[0], waiting[1:]
    seated = [
        1 + most_seats(seats[:number] + seats[number + 1 :], others)
        for number, seat in enumerate(seats)
        if person in seat
    ]
    return max([most_seats(seats, others), *seated])


@given(quorums, people)
def test_missing_is_what_the_best_seating_leaves_empty(quorums: tuple[Quorum, ...], agreed: frozenset[str]) -> None:
    seats = [quorum.members for quorum in quorums for _ in range(min(quorum.count, 2))]
    small = tuple(replace(quorum, count=min(quorum.count, 2)) for quorum in quorums)
    assert Tier({}, small).missing(agreed) == len(seats) - most_seats(seats, sorted(agreed))


@given(quorums, people, people)
def test_whoever_is_wanted_brings_it_one_further_and_nobody_else_does(
    quorums: tuple[Quorum, ...], agreed: frozenset[str], others: frozenset[str]
) -> None:
    tier = Tier({}, quorums)
    wanted = tier.wanted(ALICE, agreed)
    for person in others - agreed - {ALICE}:
        assert tier.missing({*agreed, person}) == tier.missing(agreed) - (person in wanted)
    assert ALICE not in wanted
    assert not wanted & agreed


# Whether it can be had at all


@pytest.mark.parametrize(
    ("of", "missing"),
    [
        (quorum(2, CAROL, DAN), 0),
        (quorum(1, ALICE, CAROL), 0),
        (quorum(2, ALICE, CAROL), 1),
        (quorum(1, ALICE), 1),
        (quorum(3, ALICE, CAROL), 2),
    ],
)
def test_approvals_that_would_take_the_requesters_own_are_refused(of: Quorum, missing: int) -> None:
    verdict = judged(replace(BARE, tiers=(Tier({"USDT": Decimal(0)}, (of,)),)), asking("1"))
    assert verdict.allowed is (missing == 0)
    if missing:
        assert verdict.reasons == (
            f"Rule collateral asks for the approval of {of.count} of treasurers besides the requester; "
            f"that is {missing} more {'person' if missing == 1 else 'people'} than there are.",
        )


def test_it_is_the_requester_who_is_missing_and_nobody_else() -> None:
    both = replace(BARE, tiers=(tier("0", quorum(1, ALICE)),))
    assert not judged(both, asking("1", requester=ALICE)).allowed
    assert judged(both, asking("1", requester=BOB)).allowed


def test_one_person_in_two_quorums_does_not_make_them_reachable() -> None:
    both = tier("0", quorum(1, CAROL), quorum(1, CAROL, group="directors"))
    assert not judged(replace(BARE, tiers=(both,)), asking("1")).allowed


def test_more_money_does_not_get_around_a_lower_tier_that_has_too_few_people() -> None:
    rule = replace(BARE, tiers=(tier("0", quorum(2, ALICE, CAROL)), tier("100", quorum(2, DAN, EVE))))
    assert not judged(rule, asking("100")).allowed
    assert not judged(rule, asking("101")).allowed


# An edited rule asks again


def renamed(rule: Rule) -> Rule:
    (first, *others) = rule.tiers[0].quorums
    return replace(rule, tiers=(replace(rule.tiers[0], quorums=(replace(first, group="others"), *others)),))


@pytest.mark.parametrize(
    "edited",
    [
        replace(TIERED, tiers=(MIDDLE,)),
        replace(TIERED, tiers=(tier("10001", quorum(2, CAROL, DAN, EVE)), HIGH)),
        replace(TIERED, tiers=(tier("10000", quorum(1, CAROL, DAN, EVE)), HIGH)),
        replace(TIERED, tiers=(tier("10000", quorum(2, CAROL, DAN)), HIGH)),
        replace(TIERED, tiers=(replace(MIDDLE, second_factor=True), HIGH)),
        renamed(TIERED),
    ],
)
def test_approvals_edited_anywhere_make_another_rule(edited: Rule) -> None:
    assert edited.hash != TIERED.hash


@given(
    st.lists(
        st.builds(Quorum, st.just("some"), st.frozensets(st.sampled_from("abcdef"), min_size=1), st.integers(1, 4)),
        min_size=1,
        max_size=4,
    ),
    st.sets(st.sampled_from("abcdefgh")),
    st.sets(st.sampled_from("abcdefgh")),
)
def test_whoever_cannot_have_it_without_themselves_is_stuck(
    quorums: list[Quorum], people: set[str], approvers: set[str]
) -> None:
    asked = Tier({}, tuple(quorums))
    assert sorted(asked.stuck(people, approvers)) == sorted(
        person for person in people if asked.missing(approvers - {person})
    )
