"""Asking the policy: people on the allowlist get what it says now, of themselves or of somebody else."""

from __future__ import annotations

from decimal import Decimal

import pytest
from desk_bench import ALICE, BOB, CAROL, COMMAND, STRANGER, DeskBench

from bot.desk import Person
from bot.policy.explained import steps_explained
from bot.policy.why import Explanation, RuleLimits
from bot.transfers import Accepted, Refused

LIMITED = ('per_transfer = "1000"', 'per_transfer = "1000"\nper_day = "600"\nper_person_per_day = "400"')


def why(bench: DeskBench, text: str = COMMAND, by: Person = ALICE, as_person: str = "") -> Explanation | str:
    question = bench.desk.why(by, bench.typed(text).intent, as_person).result()
    return question if isinstance(question, str) else question.answer()[0]


def explained(bench: DeskBench, text: str = COMMAND, by: Person = ALICE, as_person: str = "") -> Explanation:
    found = why(bench, text, by, as_person)
    assert isinstance(found, Explanation)
    return found


def limits(bench: DeskBench, by: Person = ALICE) -> tuple[RuleLimits, ...]:
    return bench.desk.limits(by).result().answer(9).first


def test_it_says_what_a_proposal_would_be_told(bench: DeskBench) -> None:
    found = explained(bench, "1001 usdt htx:spot -> htx:linear-swap")
    assert bench.ask("1001 usdt htx:spot -> htx:linear-swap").endswith(found.verdict.reasons[0])
    assert explained(bench).verdict.allowed


def test_every_step_of_a_route_past_the_hub_is_explained(bench: DeskBench) -> None:
    question = bench.desk.why(ALICE, bench.typed("250 usdt htx:otc -> htx:linear-swap").intent, "").result()
    assert not isinstance(question, str)
    first, second = question.answer()
    assert not first.verdict.allowed and second.verdict.allowed
    told = steps_explained([first, second], None)
    assert told[:2] == ["It takes 2 steps; each must be allowed before the first.", "Step 1:"]


def test_asking_writes_nothing(bench: DeskBench) -> None:
    before = bench.counts()
    why(bench)
    why(bench, as_person="nobody")
    limits(bench)
    assert bench.counts() == before


@pytest.mark.parametrize("as_person", ["carol", "U03CAROL"])
def test_somebody_else_may_be_asked_about_by_name_or_slack_id(bench: DeskBench, as_person: str) -> None:
    found = explained(bench, as_person=as_person)
    assert (found.who, found.request.requester) == ("carol", CAROL.user)
    assert not found.verdict.allowed
    assert [variant.words for variant in found.variants] == ["for alice, bob"]


def test_somebody_the_desk_does_not_know_is_said(bench: DeskBench) -> None:
    assert why(bench, as_person="carrol") == (
        "There is nobody `carrol` under [people] in desk.toml. Did you mean `carol`?"
    )
    assert why(bench, as_person="U66STRANGER") == "There is nobody `U66STRANGER` under [people] in desk.toml."


@pytest.mark.parametrize("by", [STRANGER, Person("T66OTHER", ALICE.user)])
def test_a_stranger_learns_nothing(bench: DeskBench, by: Person) -> None:
    assert why(bench, by=by) == "You are not on this desk's allowlist."
    assert limits(bench, by) == ()


def test_what_is_on_its_way_and_what_is_done_counts(bench: DeskBench) -> None:
    bench.restart(LIMITED)
    bench.settled(Accepted("900001"))
    bench.settled(Refused("1010", "insufficient balance"), "100 usdt htx:spot -> htx:linear-swap")
    bench.approved("50 usdt htx:spot -> htx:linear-swap", BOB)
    found = explained(bench, "401 usdt htx:spot -> htx:linear-swap")
    assert [limit.left for limit in found.limits] == [1000, 300, 150]
    assert [variant.words for variant in found.variants] == ["up to 150 USDT now"]
    mine = limits(bench)[0]
    assert (mine.rule, mine.currency) == ("collateral", "USDT")
    assert [(limit.used, limit.left) for limit in mine.limits] == [(0, 1000), (300, 300), (250, 150)]


def test_after_a_day_it_is_all_there_again(bench: DeskBench) -> None:
    bench.restart(LIMITED)
    bench.settled(Accepted("900001"))
    bench.clock.advance(hours=24)
    assert [limit.left for limit in explained(bench).limits] == [1000, 600, 400]


def test_everybody_listed_sees_limits_and_whom_no_rule_names_sees_all(bench: DeskBench) -> None:
    assert len(limits(bench)) == len(limits(bench, CAROL)) == 3


def test_a_suggested_amount_can_be_typed(bench: DeskBench) -> None:
    bench.restart(('adapter = "coinw"', 'adapter = "coinw"\ndecimals = { USDT = 2 }'), (LIMITED[0], LIMITED[1]))
    found = explained(bench, "401 usdt htx:spot -> htx:linear-swap")
    (largest,) = found.variants
    assert largest.request.amount == Decimal(400)
    assert explained(bench, f"{largest.request.amount} usdt htx:spot -> htx:linear-swap").verdict.allowed
