"""Approving and denying: whom it takes, who may, for how long, and who is called."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, ERIN, SNAPSHOT, STRANGER, DeskBench, rule_says

from bot.desk import Person
from bot.journal import TooLate
from bot.transfers import Accepted, State, Transfer, Unknown

ONE = rule_says('approvals = [{ count = 1, from = "treasurers" }]')
TWO = rule_says('approvals = [{ count = 2, from = "treasurers" }]')
LADDER = rule_says(
    'approvals = [{ above = "100", count = 1, from = "treasurers" }, { above = "500", count = 2, from = "treasurers" }]'
)
BOTH = rule_says('approvals = [{ all = [{ count = 1, from = "treasurers" }, { count = 1, from = "erin" }] }]')

Change = Callable[..., object]


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


def approvers(bench: DeskBench, transfer: Transfer) -> list[tuple[str, str]]:
    return [(vote.person, vote.decision) for vote in bench.view(transfer).approvals]


# Whom it takes -------------------------------------------------------------------------------------------------------


def test_a_confirmed_transfer_waits_for_approval_and_nothing_of_it_may_leave(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.proposed()
    assert bench.confirm(transfer) == "T1 is confirmed and waits for the approval of 1 of treasurers."
    waiting = bench.get(1)
    assert (waiting.state, waiting.reserved_at, waiting.approvals_needed) == (State.AWAITING_APPROVAL, None, 1)
    assert waiting.deadline == bench.clock.now() + timedelta(hours=1)
    assert bench.desk.what_next("htx").result().transfer is None
    assert claim(bench, waiting) is None
    assert bench.get(1) == waiting


def test_one_approver_lets_it_leave(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.clock.advance(60)
    answer = bench.approve(transfer, CAROL)
    assert answer == "You approved T1, and it goes out next. The card shows how it ends."
    after = bench.get(1)
    assert (after.state, after.reserved_at) == (State.APPROVED, bench.clock.now())
    assert after.deadline == bench.clock.now() + timedelta(minutes=5)
    (event,) = bench.events("approved")
    assert (event.actor, event.data["approvers"], event.data["seal"]) == (CAROL.user, [CAROL.user], transfer.seal)
    assert claim(bench, after) is not None


def test_two_approvers_are_two_people_and_each_is_an_event(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.post()
    assert bench.approve(transfer, CAROL) == "You approved T1. It takes one more person."
    assert bench.state(transfer) == "awaiting_approval"
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]
    bench.approve(transfer, DAN)
    assert bench.state(transfer) == "approved"
    votes = [(event.actor, event.data["missing"], event.data["seal"]) for event in bench.events("approve_vote")]
    assert votes == [(CAROL.user, 1, transfer.seal), (DAN.user, 0, transfer.seal)]
    assert approvers(bench, transfer) == [(CAROL.user, "approved"), (DAN.user, "approved")]


@pytest.mark.parametrize(("amount", "people"), [("100", 0), ("100.01", 1), ("500", 1), ("500.00000001", 2)])
def test_the_amount_says_how_many_it_takes(bench: DeskBench, amount: str, people: int) -> None:
    bench.restart(LADDER)
    transfer = bench.approved(f"{amount} usdt htx:spot -> htx:linear-swap")
    for person in (CAROL, DAN)[:people]:
        assert bench.state(transfer) == "awaiting_approval"
        bench.approve(transfer, person)
    assert bench.state(transfer) == "approved"


@pytest.mark.parametrize("order", [(CAROL, ERIN), (ERIN, CAROL)])
def test_every_one_of_several_groups_must_agree(bench: DeskBench, order: tuple[Person, Person]) -> None:
    bench.restart(BOTH)
    transfer = bench.awaiting()
    assert bench.get(1).approvals_needed == 2
    for person in order:
        assert bench.state(transfer) == "awaiting_approval"
        bench.approve(transfer, person)
    assert bench.state(transfer) == "approved"


def test_two_of_one_group_do_not_stand_in_for_the_other(bench: DeskBench) -> None:
    bench.restart(BOTH)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    assert bench.view(transfer).wanted == (ERIN.user,)
    assert bench.approve(transfer, DAN) == "You approved T1. It takes one more person."
    assert bench.state(transfer) == "awaiting_approval"
    bench.approve(transfer, ERIN)
    assert bench.state(transfer) == "approved"


# Who may, and who may not --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        (ALICE, {}, "You asked for T1, so others must {verb} it; you can cancel it."),
        (STRANGER, {}, "You are not on this desk's allowlist."),
        (Person("T99OTHER", CAROL.user), {}, "There is no transfer T1 here."),
        (CAROL, {"transfer_id": 999}, "There is no transfer T999 here."),
        (CAROL, {"version": 2}, "The card of T1 has changed since; look at it again."),
        (CAROL, {"message_ts": "1795000000.999999"}, "This message is not the card of T1."),
        (CAROL, {"channel": "C99OTHER"}, "This message is not the card of T1."),
    ],
    ids=["requester", "stranger", "foreign-team", "forged-id", "other-version", "other-message", "other-channel"],
)
def test_a_click_that_does_not_count_changes_nothing_and_is_recorded(
    bench: DeskBench, who: Person, changes: dict[str, Any], why: str
) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.post()
    presses: dict[str, Change] = {"approve": bench.approve, "deny": bench.deny}
    for verb, press in presses.items():
        assert press(transfer, who, **changes) == f"{why.format(verb=verb)} Nothing changed."
    assert bench.get(1) == transfer
    assert approvers(bench, transfer) == []
    assert bench.parcels() == []
    attempts = [(event.actor, event.data["why"]) for event in bench.events("turned_away")]
    assert attempts == [(who.user, why.format(verb=verb)) for verb in presses]


def test_an_approver_who_asks_for_it_does_not_approve_it(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting(by=BOB)
    assert bench.approve(transfer, BOB).startswith("You asked for T1")
    assert bench.view(transfer).wanted == (CAROL.user, DAN.user, ERIN.user)
    assert bench.state(transfer) == "awaiting_approval"


def test_somebody_the_tier_does_not_name_neither_approves_nor_denies(bench: DeskBench) -> None:
    bench.restart(rule_says('approvals = [{ count = 1, from = "erin" }]'))
    transfer = bench.awaiting()
    assert bench.approve(transfer, CAROL) == "Only 1 of erin can approve T1. Nothing changed."
    assert bench.deny(transfer, CAROL) == "Only 1 of erin can deny T1. Nothing changed."
    assert bench.state(transfer) == "awaiting_approval"


def test_nobody_counts_twice(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    answer = bench.approve(transfer, CAROL)
    assert answer == "You have approved T1 already; each person counts once. Nothing changed."
    assert bench.state(transfer) == "awaiting_approval"
    assert len(bench.events("approve_vote")) == 1


def test_a_rule_that_leaves_nobody_but_the_requester_refuses_the_proposal(bench: DeskBench) -> None:
    bench.restart(rule_says('approvals = [{ count = 1, from = "bob" }]'))
    assert "that is 1 more person than there are" in bench.ask(by=BOB)
    bench.proposed(by=ALICE)


@pytest.mark.parametrize("state", [state for state in State if state is not State.AWAITING_APPROVAL])
def test_only_what_waits_for_approval_is_decided_on(bench: DeskBench, state: State) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.tamper("UPDATE transfers SET state = ? WHERE id = 1", state.value)
    assert bench.approve(transfer, CAROL).endswith("Nothing changed.")
    assert bench.deny(transfer, CAROL).endswith("Nothing changed.")
    assert bench.state(transfer) == state.value
    assert approvers(bench, transfer) == []


# Denying -------------------------------------------------------------------------------------------------------------


def test_one_denial_ends_it_whoever_approved_before(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    bench.post()
    assert bench.deny(transfer, DAN) == "T1 is denied. Nothing was sent."
    after = bench.get(1)
    assert (after.state, after.outcome) == (State.DENIED, "Denied by dan. Nothing was sent.")
    assert after.settled_at == bench.clock.now()
    assert bench.events("denied")[0].actor == DAN.user
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]
    assert "already denied" in bench.approve(transfer, ERIN)


def test_who_approved_and_has_second_thoughts_may_still_deny(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    assert bench.deny(transfer, CAROL) == "T1 is denied. Nothing was sent."
    assert approvers(bench, transfer) == [(CAROL.user, "denied")]
    assert [event.actor for event in bench.events("approve_vote")] == [CAROL.user]


def test_once_approved_it_is_the_requesters_to_stop(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.approve(transfer, CAROL)
    assert "already confirmed and about to be sent" in bench.deny(transfer, DAN)
    bench.cancel(transfer)
    assert bench.state(transfer) == "cancelled"


# Time, repeats and equal transfers -----------------------------------------------------------------------------------


def test_it_expires_when_nobody_decides_within_approve_within(bench: DeskBench) -> None:
    bench.restart(ONE, ('send_within = "5m"', 'send_within = "5m"\napprove_within = "20m"'))
    transfer, other = bench.awaiting(), bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    third = bench.awaiting("252 usdt htx:spot -> htx:linear-swap")
    bench.clock.advance(1199.999)
    assert bench.desk.expire_due().result() == bench.clock.now() + timedelta(milliseconds=1)
    bench.clock.advance(0.001)
    assert bench.approve(transfer, CAROL) == "T1 has expired. Nothing was sent."
    assert bench.deny(other, CAROL) == "T2 has expired. Nothing was sent."
    bench.desk.expire_due().result()
    assert [bench.state(one) for one in (transfer, other, third)] == ["expired"] * 3
    assert bench.get(1).outcome == "It was not approved in time. Nothing was sent."


def test_the_clock_of_the_send_begins_with_the_last_approval(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    bench.clock.advance(minutes=59)
    bench.approve(transfer, CAROL)
    bench.clock.advance(minutes=4)
    assert claim(bench, transfer) is not None


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_a_repeated_delivery_of_a_click_gets_the_same_answer_and_counts_once(bench: DeskBench, verb: str) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    answers = {getattr(bench, verb)(transfer, CAROL, key="click-1") for _ in range(3)}
    assert len(answers) == 1
    assert len(bench.events("approve_vote")) + len(bench.events("denied")) == 1
    assert bench.events("turned_away") == []


def test_two_last_clicks_at_once_approve_once(threaded_bench: DeskBench) -> None:
    bench = threaded_bench
    bench.restart(TWO)
    transfer = bench.awaiting()
    clicks = [bench.click(transfer, person) for person in (CAROL, DAN, ERIN, BOB) * 5]
    with ThreadPoolExecutor(8) as fingers:
        futures = list(fingers.map(lambda click: bench.desk.approve(click, bench.soon), clicks))
    answers = [str(future.result()) for future in futures]
    assert sum("it goes out next" in answer for answer in answers) == 1
    assert sum(answer.startswith("You approved T1") for answer in answers) == 2
    assert (len(bench.events("approved")), len(bench.events("approve_vote"))) == (1, 2)


def test_a_click_slack_has_given_up_on_is_not_done(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    for press in (bench.desk.approve, bench.desk.deny):
        with pytest.raises(TooLate):
            press(bench.click(transfer, CAROL), bench.clock.monotonic() - 0.001).result()
    assert bench.get(1) == transfer


def test_an_equal_transfer_without_an_answer_withholds_approval_and_the_try_is_recorded(bench: DeskBench) -> None:
    bench.restart(ONE)
    transfer = bench.awaiting()
    lost = bench.journal.run(lambda tx: tx.insert(transfer.moved(State.APPROVED).moved(State.SENDING))).result()
    bench.tamper("UPDATE transfers SET state = 'unknown' WHERE id = ?", lost.id)
    answer = bench.approve(transfer, CAROL)
    assert answer == "Not approved: T2 is an equal transfer that was sent without an answer. Settle it first."
    assert bench.state(transfer) == "awaiting_approval"
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"]) == (CAROL.user, "approve T1 version 1")


def test_a_waiting_twin_is_asked_again_when_the_transfer_becomes_unknown(bench: DeskBench) -> None:
    bench.restart(TWO)
    first, twin = bench.awaiting(), bench.awaiting(by=BOB)
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    bench.approve(twin, DAN)
    for person in (CAROL, DAN):
        bench.approve(first, person)
    sending = claim(bench, first)
    assert sending is not None
    bench.desk.settle(first.id, Unknown("no answer")).result()
    again = bench.get(twin.id)
    assert (again.state, again.version) == (State.PROPOSED, 2)
    assert approvers(bench, again) == []
    assert bench.confirm(again, BOB).startswith("Not confirmed: T1")
    assert bench.state(other) == "awaiting_approval"


def test_a_waiting_twin_goes_on_when_the_transfer_has_its_answer(bench: DeskBench) -> None:
    bench.restart(ONE)
    first, twin = bench.awaiting(), bench.awaiting(by=BOB)
    bench.approve(first, CAROL)
    assert claim(bench, first) is not None
    bench.desk.settle(first.id, Accepted("1")).result()
    bench.approve(twin, CAROL)
    assert bench.state(twin) == "approved"


# Who is called -------------------------------------------------------------------------------------------------------


def test_a_reply_under_the_card_calls_exactly_those_who_can_approve(bench: DeskBench) -> None:
    bench.restart(BOTH)
    transfer = bench.proposed(by=BOB)
    bench.confirm(transfer, BOB)
    (event,) = bench.events("awaiting_approval")
    assert event.data["approvers"] == [CAROL.user, DAN.user, ERIN.user]
    assert event.data["asks"] == "1 of treasurers and 1 of erin"
    assert [parcel.event_seq for parcel in bench.parcels("thread")] == [event.seq]
    assert bench.parcels("audit") == []


def test_an_approval_redraws_the_card_and_calls_nobody(bench: DeskBench) -> None:
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.post()
    bench.approve(transfer, CAROL)
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]
    view = bench.view(transfer)
    assert view.wanted == (BOB.user, DAN.user, ERIN.user)
    assert [(vote.person, vote.at) for vote in view.approvals] == [(CAROL.user, bench.clock.now())]
