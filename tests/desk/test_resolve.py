"""Settling an unknown by hand: admins, never the requester, several of them, each with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, ERIN, SNAPSHOT, STRANGER, DeskBench

from bot.desk import Decision, Person
from bot.transfers import Accepted, State

EXECUTED, NOT_EXECUTED = Decision.EXECUTED, Decision.NOT_EXECUTED


@pytest.mark.parametrize(("decision", "state"), [(EXECUTED, "succeeded"), (NOT_EXECUTED, "not_executed")])
def test_two_admins_who_agree_settle_it(bench: DeskBench, decision: Decision, state: str) -> None:
    lost = bench.lost()
    words = decision.value.replace("_", " ")
    assert bench.resolve(lost, CAROL, decision) == (
        f"Noted: you found T1 {words}. It takes one more admin to settle it."
    )
    assert bench.state(lost) == "unknown"
    assert bench.resolve(lost, DAN, decision, "order 17 in the records") == f"T1 is settled as {words}."
    after = bench.get(1)
    assert (after.state.value, after.settled_at) == (state, bench.clock.now())
    assert after.outcome == (f"Settled by hand as {words}. carol: seen in the records; dan: order 17 in the records")


def test_each_decision_is_an_event_with_its_reason(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.resolve(lost, CAROL, EXECUTED, "balance went down by 250")
    bench.resolve(lost, DAN, EXECUTED, "order 17 in the records")
    votes = [(event.actor, event.data["decision"], event.data["reason"]) for event in bench.events("resolve_vote")]
    assert votes == [
        ("U03CAROL", "executed", "balance went down by 250"),
        ("U04DAN", "executed", "order 17 in the records"),
    ]
    (event,) = bench.events("succeeded")
    assert event.data["settled_by"] == ["U03CAROL", "U04DAN"]
    assert event.data["reasons"] == {"U03CAROL": "balance went down by 250", "U04DAN": "order 17 in the records"}


def test_a_transfer_that_was_asked_for_with_a_reason_can_be_settled_too(bench: DeskBench) -> None:
    lost = bench.lost("250 usdt htx:spot -> htx:linear-swap reason margin call")
    bench.resolve(lost, CAROL, EXECUTED, "order 17 in the records")
    bench.resolve(lost, DAN, EXECUTED)
    assert bench.state(lost) == "succeeded"
    assert bench.events("resolve_vote")[0].data["reason"] == "order 17 in the records"
    assert bench.events("succeeded")[0].data["reason"] == "margin call"


def test_a_decision_redraws_the_card_which_names_it(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.post()
    bench.resolve(lost, CAROL, EXECUTED)
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]
    view = bench.view(lost)
    assert [(vote.person, vote.decision) for vote in view.votes] == [("U03CAROL", "executed")]
    assert view.reasons == {"U03CAROL": "seen in the records"}
    assert view.resolvers == ("U02BOB", "U03CAROL", "U04DAN", "U05ERIN")


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (ALICE, "Only admins of this desk can settle T1."),
        (STRANGER, "Only admins of this desk can settle T1."),
        (Person("T99OTHER", CAROL.user), "There is no transfer T1 here."),
    ],
    ids=["trader", "stranger", "foreign-team"],
)
def test_who_is_no_admin_settles_nothing(bench: DeskBench, who: Person, why: str) -> None:
    lost = bench.unknown()
    assert bench.desk.may_resolve(bench.click(lost, who), EXECUTED, bench.soon).result() == why
    assert bench.resolve(lost, who, EXECUTED) == f"{why} Nothing changed."
    assert bench.view(lost).votes == ()
    attempts = {(event.actor, event.data["attempt"]) for event in bench.events("turned_away")}
    assert attempts == {(who.user, "settle T1 version 1 as executed")}


def test_an_admin_does_not_settle_their_own_transfer(bench: DeskBench) -> None:
    lost = bench.unknown(by=BOB)
    assert bench.resolve(lost, BOB, EXECUTED) == "You asked for T1, so others must settle it. Nothing changed."
    assert bench.view(lost).votes == ()
    assert "U02BOB" not in bench.view(lost).resolvers


def test_an_admin_may_be_shown_the_form(bench: DeskBench) -> None:
    lost = bench.unknown()
    assert bench.desk.may_resolve(bench.click(lost, CAROL), EXECUTED, bench.soon).result() is None
    assert bench.events("turned_away") == []


def test_absence_cannot_be_decided_while_the_request_could_still_be_carried_out(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.clock.advance(minutes=5)
    answer = bench.resolve(lost, CAROL, NOT_EXECUTED)
    assert answer.startswith("The exchange could still carry out T1.")
    assert "in about 1 minute;" in answer
    bench.clock.advance(59.999)
    refused = bench.desk.may_resolve(bench.click(lost, CAROL), NOT_EXECUTED, bench.soon).result()
    assert refused is not None
    assert bench.view(lost).votes == ()
    bench.clock.advance(0.001)
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    assert [vote.person for vote in bench.view(lost).votes] == ["U03CAROL"]


def test_presence_can_be_decided_at_once(bench: DeskBench) -> None:
    lost = bench.unknown()
    for admin in (CAROL, DAN):
        bench.resolve(lost, admin, EXECUTED)
    assert bench.state(lost) == "succeeded"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": 2}, "has changed since"),
        ({"message_ts": "1795000000.999999"}, "is not the card of"),
        ({"channel": "C99OTHER"}, "is not the card of"),
        ({"transfer_id": 999}, "There is no transfer T999"),
    ],
)
def test_a_decision_from_anywhere_but_the_present_card_does_not_count(
    bench: DeskBench, changes: dict[str, Any], why: str
) -> None:
    lost = bench.unknown()
    assert why in bench.resolve(lost, CAROL, EXECUTED, **changes)
    assert bench.view(lost).votes == ()


@pytest.mark.parametrize("reason", ["", "   \n", "x" * 501])
def test_a_reason_of_sensible_length_is_required(bench: DeskBench, reason: str) -> None:
    lost = bench.unknown()
    assert "A reason of 1 to 500 characters is needed" in bench.resolve(lost, CAROL, EXECUTED, reason)
    assert bench.view(lost).votes == ()
    assert bench.events("resolve_vote") == []


def test_one_person_deciding_twice_is_still_one_person(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.resolve(lost, CAROL, EXECUTED)
    assert "one more admin" in bench.resolve(lost, CAROL, EXECUTED)
    assert bench.state(lost) == "unknown"


def test_a_repeated_delivery_of_a_decision_counts_once(bench: DeskBench) -> None:
    lost = bench.unknown()
    answers = {bench.resolve(lost, CAROL, EXECUTED, key="submission-1") for _ in range(3)}
    assert len(answers) == 1
    assert len(bench.events("resolve_vote")) == 1


def test_not_executed_is_not_settled_while_an_admin_stands_by_executed(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, EXECUTED)
    stands = "Noted. carol found T1 executed, and while that stands it is not settled otherwise."
    assert bench.resolve(lost, DAN, NOT_EXECUTED) == stands
    assert bench.resolve(lost, ERIN, NOT_EXECUTED) == stands
    assert bench.state(lost) == "unknown"
    bench.clock.advance(60)
    assert bench.resolve(lost, CAROL, NOT_EXECUTED) == "T1 is settled as not executed."


def test_an_admin_who_left_does_not_hold_up_what_the_others_found(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, EXECUTED)
    bench.restart(('treasurers = ["bob", "carol", "dan", "erin"]', 'treasurers = ["bob", "dan", "erin"]'))
    bench.resolve(lost, DAN, NOT_EXECUTED)
    bench.resolve(lost, ERIN, NOT_EXECUTED)
    assert bench.state(lost) == "not_executed"


def test_executed_is_settled_by_enough_admins_whatever_another_found(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    assert "one more admin" in bench.resolve(lost, DAN, EXECUTED)
    bench.resolve(lost, ERIN, EXECUTED)
    assert bench.state(lost) == "succeeded"


def test_somebody_who_changes_their_mind_counts_for_the_later_decision_only(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, EXECUTED)
    bench.clock.advance(60)
    assert "one more admin" in bench.resolve(lost, CAROL, NOT_EXECUTED)
    assert "one more admin" in bench.resolve(lost, DAN, EXECUTED)
    assert bench.state(lost) == "unknown"
    bench.clock.advance(60)
    bench.resolve(lost, DAN, NOT_EXECUTED)
    assert bench.state(lost) == "not_executed"
    assert [event.data["decision"] for event in bench.events("resolve_vote")] == [
        "executed",
        "not_executed",
        "executed",
        "not_executed",
    ]


def test_the_outcome_quotes_those_who_agreed_with_what_they_said_last(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, NOT_EXECUTED, "no order in the records")
    bench.clock.advance(60)
    bench.resolve(lost, CAROL, EXECUTED, "order 17, it came late")
    bench.resolve(lost, DAN, NOT_EXECUTED, "looked at the wrong account")
    bench.resolve(lost, ERIN, EXECUTED, "the balance fits")
    assert bench.get(1).outcome == "Settled by hand as executed. carol: order 17, it came late; erin: the balance fits"


def test_the_decision_of_somebody_who_is_no_admin_any_more_does_not_count(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.resolve(lost, CAROL, EXECUTED)
    bench.restart(('treasurers = ["bob", "carol", "dan", "erin"]', 'treasurers = ["bob", "dan", "erin"]'))
    assert "one more admin" in bench.resolve(lost, DAN, EXECUTED)
    assert bench.state(lost) == "unknown"


@pytest.mark.parametrize("people", [1, 3])
def test_it_takes_as_many_people_as_desk_toml_says(bench: DeskBench, people: int) -> None:
    bench.restart(("resolve_by = 2", f"resolve_by = {people}"))
    lost = bench.unknown()
    for admin in (CAROL, DAN, ERIN)[: people - 1]:
        bench.resolve(lost, admin, EXECUTED)
        assert bench.state(lost) == "unknown"
    bench.resolve(lost, BOB, EXECUTED)
    assert bench.state(lost) == "succeeded"


def test_what_is_not_unknown_cannot_be_settled_by_hand(bench: DeskBench) -> None:
    done = bench.settled(Accepted("1"))
    assert bench.resolve(done, CAROL, NOT_EXECUTED) == "T1 is done; there is nothing to settle. Nothing changed."
    sending = bench.sending("1 usdt htx:linear-swap -> htx:spot")
    assert "is being sent; there is nothing to settle." in bench.resolve(sending, CAROL, NOT_EXECUTED)
    assert (bench.state(done), bench.state(sending)) == ("succeeded", "sending")


def test_a_settled_unknown_frees_its_ledger_key(bench: DeskBench) -> None:
    lost = bench.lost()
    follower = bench.approved("10 usdt htx:spot -> htx:linear-swap", BOB)
    assert bench.desk.claim(follower.id, SNAPSHOT).result() is None
    for admin in (CAROL, DAN):
        bench.resolve(lost, admin, NOT_EXECUTED)
    claimed = bench.desk.claim(follower.id, SNAPSHOT).result()
    assert claimed is not None
    assert claimed.state is State.SENDING
