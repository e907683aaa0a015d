"""What a look at the exchange's records does: settle, ask people, wait, or raise the alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, SNAPSHOT, DeskBench

from bot.desk import Decision, Look
from bot.desk.looking import soonest
from bot.evidence import Balance, Line, Reading, Snapshot
from bot.transfers import Accepted, NotSent, Refused, State, Transfer, Unknown

EXECUTED, NOT_EXECUTED = Decision.EXECUTED, Decision.NOT_EXECUTED
BY_PEOPLE = ("resolve_by = 2", 'resolve_by = 2\nsettle_by_evidence = "person"')


def look(bench: DeskBench, transfer: Transfer, *lines: Line, balance: Balance = Balance.MOVED) -> None:
    """Hand the desk a reading of the exchange's records."""
    bench.desk.looked(transfer.id, Reading(lines, balance, ("HTX's ledger was read.",))).result()


def due_at_htx(bench: DeskBench, *, watched: bool) -> Look | None:
    return bench.journal.run(lambda tx: soonest(tx, "htx", watched)).result()


def line(bench: DeskBench, name: str = "a") -> Line:
    return Line(name, bench.clock.now())


# Settling by evidence ------------------------------------------------------------------------------------------------


def test_a_surplus_line_settles_an_unknown(bench: DeskBench) -> None:
    lost = bench.unknown()
    look(bench, lost, line(bench))
    after = bench.get(1)
    assert (after.state, after.settled_at) == (State.SUCCEEDED, bench.clock.now())
    assert after.outcome == "Settled by evidence. The records show the transfer. HTX's ledger was read."
    (event,) = bench.events("succeeded")
    (seen,) = bench.events("looked")
    assert (event.data["settled_by"], event.data["line"], event.data["looked"]) == ("evidence", "a", seen.seq)
    assert sorted(parcel.kind for parcel in bench.parcels() if parcel.event_seq == event.seq) == ["audit", "thread"]


def test_an_empty_look_settles_nothing_however_often(bench: DeskBench) -> None:
    lost = bench.unknown()
    for _ in range(40):
        bench.clock.advance(minutes=30)
        look(bench, lost, balance=Balance.UNMOVED)
    assert bench.state(lost) == "unknown"


def test_each_look_is_an_event_and_redraws_the_card(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.post()
    look(bench, lost, balance=Balance.UNMOVED)
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]
    seen = bench.view(lost).looked
    assert seen is not None
    assert (seen.at, seen.trace, seen.words) == (bench.clock.now(), "absent", ("HTX's ledger was read.",))
    assert seen.next_at == bench.clock.now() + timedelta(seconds=3)


def test_a_line_a_success_before_it_owns_settles_nothing(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    first = line(bench)
    bench.clock.advance(5)
    lost = bench.unknown()
    look(bench, lost, first)
    assert bench.state(lost) == "unknown"
    look(bench, lost, first, line(bench, "b"))
    assert bench.state(lost) == "succeeded"


def test_a_line_is_not_claimed_by_two_transfers(bench: DeskBench) -> None:
    first = bench.unknown()
    own = line(bench)
    look(bench, first, own)
    bench.clock.advance(5)
    second = bench.unknown()
    look(bench, second, own)
    assert (bench.state(first), bench.state(second)) == ("succeeded", "unknown")


@pytest.mark.parametrize("other", ["300 usdt htx:spot -> htx:linear-swap", "250 usdt htx:linear-swap -> htx:spot"])
def test_other_amounts_and_directions_own_no_line_of_it(bench: DeskBench, other: str) -> None:
    bench.settled(Accepted("1"), other)
    bench.clock.advance(2)
    lost = bench.unknown()
    look(bench, lost, line(bench))
    assert bench.state(lost) == "succeeded"


def test_two_surplus_lines_are_left_to_people(bench: DeskBench) -> None:
    lost = bench.unknown()
    look(bench, lost, line(bench), line(bench, "b"))
    assert bench.state(lost) == "unknown"
    assert bench.view(lost).looked.trace == "unclear"  # type: ignore[union-attr]


def test_a_line_that_one_settled_as_not_executed_may_own_is_left_to_people(bench: DeskBench) -> None:
    first = bench.lost()
    for admin in (CAROL, DAN):
        bench.resolve(first, admin, NOT_EXECUTED)
    second = bench.unknown()
    look(bench, second, Line("a", bench.clock.now() - timedelta(seconds=20)))
    assert bench.state(second) == "unknown"


def test_what_was_there_before_the_send_is_kept_with_the_claim(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.desk.claim(transfer.id, Snapshot({"balance": "5000"}, frozenset({"b", "a"}))).result()
    bench.desk.settle(transfer.id, Unknown("no answer")).result()
    assert bench.events("sending")[0].data["lines"] == ["a", "b"]
    look(bench, transfer, line(bench, "a"))
    assert bench.state(transfer) == "unknown"


def test_a_look_at_what_was_settled_meanwhile_changes_nothing(bench: DeskBench) -> None:
    done = bench.settled(Accepted("1"))
    before = bench.counts()
    look(bench, done, line(bench), line(bench, "b"))
    assert bench.counts() == before


# Settling by people who see the evidence -----------------------------------------------------------------------------


def test_a_house_may_want_a_person_to_settle_what_evidence_shows(bench: DeskBench) -> None:
    bench.restart(BY_PEOPLE)
    lost = bench.unknown()
    look(bench, lost, line(bench))
    assert bench.state(lost) == "unknown"
    assert bench.resolve(lost, CAROL, EXECUTED) == "T1 is settled as executed."


def test_against_the_records_it_takes_as_many_people_as_ever_and_an_alarm_follows(bench: DeskBench) -> None:
    """A person moved the same sum by hand, and those who must exclude that say so."""
    bench.restart(BY_PEOPLE)
    lost = bench.lost()
    shown = Line("a", bench.clock.now() - timedelta(minutes=5))
    look(bench, lost, shown)
    assert "one more admin" in bench.resolve(lost, CAROL, NOT_EXECUTED)
    assert bench.resolve(lost, DAN, NOT_EXECUTED) == "T1 is settled as not executed."
    look(bench, lost, shown)
    assert [event.transfer_id for event in bench.events("surplus")] == [1]


def test_a_decision_on_evidence_that_has_changed_does_not_count(bench: DeskBench) -> None:
    lost = bench.lost()
    seen = bench.view(lost).evidence
    look(bench, lost, line(bench), line(bench, "b"))
    said = bench.resolve(lost, CAROL, NOT_EXECUTED, evidence=seen)
    assert said.startswith("What the exchange's records show has changed since you opened this form")
    assert bench.view(lost).votes == ()


def test_decisions_made_on_older_evidence_do_not_add_up_with_newer_ones(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    between = bench.get(1).sent_at + timedelta(seconds=3)  # type: ignore[operator]
    look(bench, lost, Line("a", between), Line("b", between))
    assert bench.view(lost).votes == ()
    assert "one more admin" in bench.resolve(lost, DAN, NOT_EXECUTED)
    assert bench.resolve(lost, CAROL, NOT_EXECUTED) == "T1 is settled as not executed."


def test_another_look_that_shows_nothing_new_leaves_decisions_standing(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    look(bench, lost, balance=Balance.UNMOVED)
    assert bench.resolve(lost, DAN, NOT_EXECUTED) == "T1 is settled as not executed."


# The alarm -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Refused("1300", "no"), NotSent("no route")])
def test_a_line_that_fits_one_that_did_not_happen_raises_the_alarm(
    bench: DeskBench, outcome: Refused | NotSent
) -> None:
    refused = bench.settled(outcome)
    bench.post()
    look(bench, refused, line(bench))
    assert bench.state(refused) in ("refused", "not_sent")
    (event,) = bench.events("surplus")
    assert event.data["lines"] == ["a"]
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]
    assert "is no other's" in bench.view(refused).alarm


def test_the_alarm_is_raised_once(bench: DeskBench) -> None:
    first = bench.settled(Refused("1300", "no"))
    second = bench.settled(Refused("1300", "no"), by=BOB)
    for _ in range(3):
        for refused in (first, second):
            look(bench, refused, line(bench))
    assert [event.transfer_id for event in bench.events("surplus")] == [1]


@pytest.mark.parametrize("lost", [False, True], ids=["succeeded", "unknown"])
def test_a_line_an_equal_transfer_may_own_raises_no_alarm(bench: DeskBench, lost: bool) -> None:
    refused = bench.settled(Refused("1300", "no"))
    bench.clock.advance(5)
    bench.settled(Unknown("no answer") if lost else Accepted("1"))
    look(bench, refused, line(bench))
    assert bench.events("surplus") == []


def test_what_did_not_happen_is_watched_for_a_day(bench: DeskBench) -> None:
    bench.settled(Refused("1300", "no"))
    due = []
    while (next_look := due_at_htx(bench, watched=True)) is not None:
        bench.clock.advance((next_look.due_at - bench.clock.now()).total_seconds())
        look(bench, next_look.transfer)
        due.append((bench.clock.now() - bench.get(1).settled_at).total_seconds() / 60)  # type: ignore[operator]
    assert due == [1, 10, 60, 360, 1440]


def test_nothing_else_is_watched(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    bench.cancel(bench.proposed("10 usdt htx:spot -> htx:linear-swap"), ALICE)
    bench.sending("20 usdt htx:spot -> htx:linear-swap")
    for watched in (False, True):
        assert due_at_htx(bench, watched=watched) is None


def test_what_is_watched_and_what_has_no_answer_are_looked_at_apart(bench: DeskBench) -> None:
    bench.settled(Refused("1300", "no"))
    bench.unknown("10 usdt htx:spot -> htx:linear-swap")
    for watched, number in ((True, 1), (False, 2)):
        due = due_at_htx(bench, watched=watched)
        assert due is not None
        assert (due.transfer.id, due.snapshot) == (number, SNAPSHOT)


def test_a_desk_that_was_off_for_a_week_still_looks_at_what_was_to_be_watched(bench: DeskBench) -> None:
    bench.settled(Refused("1300", "no"))
    bench.clock.advance(days=7)
    bench.restart()
    due = due_at_htx(bench, watched=True)
    assert due is not None
    assert due.due_at <= bench.clock.now()


def test_a_last_look_that_failed_is_made_up_for(bench: DeskBench) -> None:
    bench.settled(Refused("1300", "no"))
    for _ in range(5):
        bench.desk.looked(1, "no answer").result()
    due = due_at_htx(bench, watched=True)
    assert due is not None
    assert due.due_at == bench.clock.now() + timedelta(hours=1)
    look(bench, due.transfer)
    assert due_at_htx(bench, watched=True) is None


# What an attacker found ----------------------------------------------------------------------------------------------


def test_a_look_that_fails_does_not_hide_what_was_found(bench: DeskBench) -> None:
    bench.restart(BY_PEOPLE)
    lost = bench.lost()
    look(bench, lost, Line("a", bench.clock.now() - timedelta(minutes=5)))
    before = bench.view(lost).looked
    bench.desk.looked(lost.id, "The records could not be read: HTTP 502.").result()
    after = bench.view(lost).looked
    assert before is not None
    assert after is not None
    assert (after.trace, after.digest, after.at) == ("found", before.digest, before.at)
    assert after.failed == "The records could not be read: HTTP 502."
    assert bench.resolve(lost, CAROL, EXECUTED) == "T1 is settled as executed."


def test_a_decision_that_new_evidence_made_void_stays_void_when_a_look_fails(bench: DeskBench) -> None:
    lost = bench.lost()
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    between = bench.get(1).sent_at + timedelta(seconds=3)  # type: ignore[operator]
    look(bench, lost, Line("a", between), Line("b", between))
    bench.desk.looked(lost.id, "The records could not be read: HTTP 502.").result()
    assert "one more admin" in bench.resolve(lost, DAN, NOT_EXECUTED)


@pytest.mark.parametrize(
    "reading",
    [
        Reading((), Balance.MOVED, ()),
        Reading((), Balance.UNCLEAR, ()),
        Reading((), Balance.UNMOVED, (), doubts=("row 7",)),
    ],
    ids=["balance-moved", "balance-unclear", "doubtful-row"],
)
def test_a_decision_is_bound_to_the_balance_and_to_doubtful_rows_too(bench: DeskBench, reading: Reading) -> None:
    lost = bench.lost()
    look(bench, lost, balance=Balance.UNMOVED)
    bench.resolve(lost, CAROL, NOT_EXECUTED)
    bench.desk.looked(lost.id, reading).result()
    assert bench.view(lost).votes == ()


def test_a_repeat_days_later_is_no_ghost_of_the_one_it_repeats(bench: DeskBench) -> None:
    """Unknown on Friday, settled as not executed on Monday, repeated at once."""
    first = bench.unknown()
    bench.clock.advance(hours=64)
    for admin in (CAROL, DAN):
        bench.resolve(first, admin, NOT_EXECUTED)
    bench.settled(Accepted("1"))
    look(bench, first, Line("timeless", None))
    assert bench.events("surplus") == []


def test_a_second_ghost_is_not_hidden_by_the_alarm_about_the_first(bench: DeskBench) -> None:
    first = bench.settled(Refused("1300", "no"))
    second = bench.settled(Refused("1300", "no"), by=BOB)
    look(bench, first, line(bench))
    look(bench, second, line(bench))
    look(bench, second, line(bench), line(bench, "b"))
    assert [event.transfer_id for event in bench.events("surplus")] == [1, 2]


@pytest.mark.parametrize(("by", "state"), [("exchange", "succeeded"), ("gateway", "unknown")])
def test_a_line_somebody_before_the_exchange_refused_may_own_is_left_to_people(
    bench: DeskBench, by: str, state: str
) -> None:
    bench.settled(Refused("403", "no", by=by))
    bench.clock.advance(30)
    lost = bench.unknown()
    look(bench, lost, Line("a", bench.clock.now() - timedelta(seconds=20)))
    assert bench.state(lost) == state


def test_after_a_look_with_the_clock_a_day_ahead_the_next_one_is_due(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.clock.set(25 * 3600)
    look(bench, lost)
    bench.clock.set(-25 * 3600)
    due = due_at_htx(bench, watched=False)
    assert due is not None
    assert due.due_at == bench.clock.now()
