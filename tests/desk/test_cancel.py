"""Taking a transfer back, by button and by command, as long as nothing was sent."""

from __future__ import annotations

import pytest
from desk_bench import ALICE, BOB, SNAPSHOT, DeskBench

from bot.desk import Person
from bot.transfers import Accepted, NotSent, Outcome, Refused, State, Unknown


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("by_command", [False, True])
def test_the_requester_cancels_what_was_not_sent(bench: DeskBench, confirmed: bool, by_command: bool) -> None:
    transfer = bench.approved() if confirmed else bench.proposed()
    bench.post()
    answer = bench.cancel_by_command(transfer.id) if by_command else bench.cancel(transfer)
    assert answer == "T1 is cancelled. Nothing was sent."
    after = bench.get(1)
    assert (after.state, after.settled_at, after.deadline) == (State.CANCELLED, bench.clock.now(), None)
    assert bench.events("cancelled")[0].actor == "U01ALICE"
    # The requester pressed it and knows; the auditors do not.
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card"]


def test_a_cancelled_transfer_cannot_be_confirmed(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.cancel(transfer)
    assert bench.confirm(transfer) == "T1 is already cancelled. Nothing changed."
    assert bench.state(transfer) == "cancelled"


def test_a_cancelled_transfer_is_not_sent(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.cancel(transfer)
    assert bench.desk.what_next("htx").result().transfer is None
    assert bench.desk.claim(transfer.id, SNAPSHOT).result() is None
    assert bench.state(transfer) == "cancelled"


def test_while_it_is_being_sent_there_is_nothing_to_cancel(bench: DeskBench) -> None:
    transfer = bench.sending()
    assert bench.cancel(transfer) == "T1 is being sent; there is nothing to cancel."
    assert bench.cancel_by_command(1) == "T1 is being sent; there is nothing to cancel."
    assert bench.get(1) == transfer


@pytest.mark.parametrize("outcome", [Accepted("1"), Refused("1300", "no"), NotSent("no route"), Unknown("no answer")])
def test_once_it_was_sent_there_is_nothing_to_cancel(bench: DeskBench, outcome: Outcome) -> None:
    transfer = bench.settled(outcome)
    assert bench.cancel(transfer).endswith("there is nothing to cancel.")
    assert bench.cancel_by_command(1).endswith("there is nothing to cancel.")
    assert bench.get(1) == transfer


def test_only_the_requester_cancels_by_command(bench: DeskBench) -> None:
    transfer = bench.proposed()
    assert bench.cancel_by_command(1, BOB) == "Only alice, who asked for T1, can cancel it."
    assert bench.get(1) == transfer
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"]) == ("U02BOB", "cancel T1")


@pytest.mark.parametrize(("number", "person"), [(2, ALICE), (1, Person("T99OTHER", ALICE.user))])
def test_what_is_not_there_for_this_team_cannot_be_cancelled(bench: DeskBench, number: int, person: Person) -> None:
    transfer = bench.proposed()
    assert bench.cancel_by_command(number, person) == f"There is no transfer T{number}."
    assert bench.get(1) == transfer


def test_a_repeated_cancel_command_gets_the_same_answer(bench: DeskBench) -> None:
    bench.proposed()
    assert bench.cancel_by_command(1, key="envelope-1") == bench.cancel_by_command(1, key="envelope-1")
    assert len(bench.events("cancelled")) == 1


def test_a_cancel_after_the_deadline_finds_it_expired(bench: DeskBench) -> None:
    first, second = bench.proposed(), bench.proposed(by=BOB)
    bench.clock.advance(minutes=10)
    assert bench.cancel(first).startswith("T1 has expired.")
    assert bench.cancel_by_command(2, BOB) == "T2 had already expired. Nothing was sent."
    assert {bench.state(first), bench.state(second)} == {"expired"}
