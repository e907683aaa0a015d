"""Approvers are reminded once, at half time, and only those whose approval is still wanted then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, ERIN, DeskBench, rule_says

from bot.lanes import IDLE_S, JOURNAL_RETRY_S, Deadlines
from bot.transfers import Transfer

TWO = rule_says('approvals = [{ count = 2, from = "treasurers" }]')
HALF = timedelta(minutes=30).total_seconds()


@pytest.fixture
def waiting(bench: DeskBench) -> Transfer:
    """Waits for two of Bob, Carol, Dan and Erin, for an hour."""
    bench.restart(TWO)
    transfer = bench.awaiting()
    bench.post()
    return transfer


@pytest.fixture
def deadlines(bench: DeskBench) -> Deadlines:
    return Deadlines(bench.desk, bench.clock)


def reminded(bench: DeskBench) -> list[list[str]]:
    """Whom each reminder calls."""
    return [event.data["approvers"] for event in bench.events("reminded")]


def called(bench: DeskBench) -> list[str]:
    """The kinds of the events whose lines wait to be posted under a card."""
    kinds = {event.seq: event.kind for event in bench.events()}
    return [kinds[parcel.event_seq or 0] for parcel in bench.parcels("thread")]


def test_at_half_time_and_not_before(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    bench.clock.advance(HALF - 1)
    assert deadlines.step() == pytest.approx(1)
    assert reminded(bench) == called(bench) == []
    bench.clock.advance(1)
    assert deadlines.step() == IDLE_S
    (event,) = bench.events("reminded")
    assert event.transfer_id == waiting.id
    assert event.actor == "desk"
    assert event.data["asks"] == "2 of treasurers"
    assert event.data["until"] == "2026-11-21T11:15:00.000Z"
    assert called(bench) == ["reminded"]


def test_those_still_wanted_then_and_nobody_else(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    bench.approve(waiting, CAROL)
    bench.clock.advance(HALF)
    deadlines.step()
    assert reminded(bench) == [[BOB.user, DAN.user, ERIN.user]]
    assert ALICE.user not in str(reminded(bench))


def test_never_twice_however_often_it_looks(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    bench.clock.advance(HALF)
    for _ in range(20):
        deadlines.step()
        bench.clock.advance(minutes=1)
    assert len(reminded(bench)) == 1


def test_a_restart_forgets_nothing(bench: DeskBench, waiting: Transfer) -> None:
    bench.clock.advance(HALF - 1)
    bench.restart()
    bench.clock.advance(1)
    Deadlines(bench.desk, bench.clock).step()
    bench.restart()
    Deadlines(bench.desk, bench.clock).step()
    assert len(reminded(bench)) == 1


def test_a_clock_that_jumps_about_reminds_once(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    for jump_s in (HALF, -3 * HALF, 4 * HALF - 60, -2 * HALF, HALF, -HALF, HALF):
        bench.clock.set(jump_s)
        deadlines.step()
    assert bench.state(waiting) == "awaiting_approval"
    assert len(reminded(bench)) == 1


def test_a_desk_that_was_down_until_the_end_reminds_nobody(bench: DeskBench, waiting: Transfer) -> None:
    bench.clock.advance(2 * HALF)
    bench.restart()
    Deadlines(bench.desk, bench.clock).step()
    assert bench.state(waiting) == "expired"
    assert reminded(bench) == []


@pytest.mark.parametrize("end", ["cancel", "deny", "approve"])
def test_what_ended_or_goes_out_is_left_alone(
    bench: DeskBench, waiting: Transfer, deadlines: Deadlines, end: str
) -> None:
    match end:
        case "cancel":
            bench.cancel(waiting)
        case "deny":
            bench.deny(waiting, CAROL)
        case "approve":
            bench.approve(waiting, CAROL)
            bench.approve(waiting, DAN)
    assert bench.state(waiting) != "awaiting_approval"
    bench.clock.advance(HALF)
    deadlines.step()
    assert reminded(bench) == []


def test_asked_again_and_confirmed_anew_is_another_wait_with_a_reminder_of_its_own(
    bench: DeskBench, waiting: Transfer, deadlines: Deadlines
) -> None:
    bench.clock.advance(HALF)
    deadlines.step()
    bench.reload(('from = "treasurers"', 'from = "carol"'), ("count = 2", "count = 1"))
    again = bench.get(waiting.id)
    assert again.state == "proposed"
    bench.confirm(again)
    deadlines.step()
    assert len(reminded(bench)) == 1
    bench.clock.advance(HALF)
    deadlines.step()
    assert reminded(bench)[1:] == [[CAROL.user]]


def test_nobody_is_called_to_what_may_not_be_approved_until_it_may(
    bench: DeskBench, waiting: Transfer, deadlines: Deadlines
) -> None:
    bench.freeze("htx")
    bench.clock.advance(HALF)
    assert deadlines.step() == IDLE_S
    assert reminded(bench) == []
    bench.unfreeze("htx", CAROL)
    deadlines.step()
    assert len(reminded(bench)) == 1


def test_a_journal_that_refuses_reminds_later(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    bench.tamper("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    bench.clock.advance(HALF)
    assert deadlines.step() == JOURNAL_RETRY_S
    bench.tamper("DROP TRIGGER full")
    deadlines.step()
    assert len(reminded(bench)) == 1


def test_the_soonest_of_all_moments_is_waited_for(bench: DeskBench, waiting: Transfer, deadlines: Deadlines) -> None:
    bench.clock.advance(HALF - 20)
    assert deadlines.step() == pytest.approx(20)
    bench.clock.advance(HALF)
    assert deadlines.step() == pytest.approx(20)


def test_nobody_is_called_to_what_is_over_but_not_yet_ended(bench: DeskBench, waiting: Transfer) -> None:
    bench.clock.advance(2 * HALF)
    assert bench.desk.remind_due().result() is None
    assert reminded(bench) == []
