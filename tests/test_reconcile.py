"""Matching: whose is a line in the exchange's records."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import Balance, Line, Reading
from bot.exchanges.htx_reads import SKEW_MAX
from bot.reconcile import EXECUTED_WITHIN, SKEW, Finding, Sent, Trace, find, is_enough, pause, surplus

T0 = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def line(name: str, seconds: float | None) -> Line:
    return Line(name, None if seconds is None else at(seconds))


def sent(name: str, seconds: float, answered: float | None = None, before: Sequence[str] = (), own: str = "") -> Sent:
    last = at(seconds) + EXECUTED_WITHIN if answered is None else at(answered)
    return Sent(name, at(seconds), last, frozenset(before), own)


LOST = sent("T9", 0, before=("old",))


def judge(
    lines: Sequence[Line],
    others: Sequence[Sent] = (),
    *,
    balance: Balance = Balance.MOVED,
    rivals: Sequence[Sent] = (),
    lost: Sent = LOST,
    looked_at: datetime = T0,
) -> Finding:
    return find(lost, Reading(tuple(lines), balance, ()), others, rivals, looked_at)


# One transfer alone --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-59, 0, 3, 359, 419, None])
def test_the_one_new_line_is_the_transfer(seconds: float | None) -> None:
    finding = judge([line("old", -300), line("new", seconds)])
    assert (finding.trace, finding.lines) == (Trace.FOUND, ("new",))


def test_no_line_proves_nothing() -> None:
    finding = judge([])
    assert finding.trace is Trace.ABSENT
    assert "may lag" in finding.why


def test_a_line_that_was_there_before_the_send_is_not_its_own() -> None:
    assert judge([line("old", 0)]).trace is Trace.ABSENT


@pytest.mark.parametrize("seconds", [-61, 421, 3600])
def test_a_line_from_another_time_is_not_its_own(seconds: float) -> None:
    assert judge([line("new", seconds)]).trace is Trace.ABSENT


def test_two_lines_are_a_question_for_people() -> None:
    finding = judge([line("a", 1), line("b", 2)])
    assert (finding.trace, finding.lines) == (Trace.UNCLEAR, ("a", "b"))


# Equal transfers beside it -------------------------------------------------------------------------------------------


def test_a_success_consumes_its_line_first() -> None:
    answered = sent("T8", -10, answered=-9)
    assert judge([line("a", -9)], [answered]).trace is Trace.ABSENT
    assert judge([line("a", -9), line("b", 1)], [answered]).trace is Trace.FOUND


def test_fewer_lines_than_successes_means_wait() -> None:
    successes = [sent("T7", -20, answered=-19), sent("T8", -10, answered=-9)]
    finding = judge([line("a", 1)], successes)
    assert finding.trace is Trace.LAGGING
    assert "T7, T8" in finding.why


def test_a_late_line_of_a_success_is_not_taken_for_the_lost_one() -> None:
    """The success before it was answered, its line shows only now: one new line, and it is spoken for."""
    answered = sent("T8", -10, answered=-9)
    assert judge([line("late", -9)], [answered]).trace is Trace.ABSENT
    assert judge([line("late", None)], [answered]).trace is Trace.ABSENT


def test_a_success_keeps_to_the_lines_it_can_own() -> None:
    """By hand before the success left, so the new line must be the success's own and not the lost one's."""
    answered = sent("T8", -10, answered=-9, before=("by hand",))
    lost = sent("T9", 0, before=("by hand",))
    assert judge([line("by hand", -15), line("new", -8)], [answered], lost=lost).trace is Trace.ABSENT


def test_a_success_settled_by_a_line_owns_that_line_and_no_other() -> None:
    settled = sent("T8", -10, own="a")
    assert judge([line("a", -9), line("b", 1)], [settled]).trace is Trace.FOUND
    assert judge([line("b", 1)], [settled]).trace is Trace.FOUND


def test_a_success_long_before_claims_nothing() -> None:
    assert judge([line("new", 1)], [sent("T3", -3600, answered=-3599)]).trace is Trace.FOUND


def test_a_timeless_success_whose_own_past_is_out_of_sight_is_long_recorded() -> None:
    seen = sent("T3", -3600, answered=-3599, before=("gone",))
    later = sent("T10", 60, answered=61, before=("gone",))
    assert judge([line("new", None)], [later]).trace is Trace.ABSENT
    assert judge([line("new", None)], [seen]).trace is Trace.FOUND
    assert judge([line("new", None)], [sent("T8", -10, answered=-9, before=("old",))]).trace is Trace.ABSENT


def test_one_settled_as_not_executed_makes_it_a_question_for_people() -> None:
    rival = sent("T7", -400)
    finding = judge([line("new", 1)], rivals=[sent("T7", -30)])
    assert finding.trace is Trace.UNCLEAR
    assert "T7" in finding.why
    assert judge([line("new", 60)], rivals=[rival]).trace is Trace.FOUND


# The balance beside the records --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "balance", "trace"),
    [
        (1, Balance.MOVED, Trace.FOUND),
        (1, Balance.UNCLEAR, Trace.FOUND),  # people trade; with a time on the line that is no doubt
        (1, Balance.UNMOVED, Trace.UNCLEAR),
        (None, Balance.MOVED, Trace.FOUND),
        (None, Balance.UNCLEAR, Trace.UNCLEAR),
        (None, Balance.UNMOVED, Trace.UNCLEAR),
    ],
)
def test_a_balance_that_disagrees_makes_it_a_question_for_people(
    seconds: float | None, balance: Balance, trace: Trace
) -> None:
    assert judge([line("new", seconds)], balance=balance).trace is trace


def test_a_timeless_line_seen_in_time_stays_the_transfers_own() -> None:
    reading = Reading((line("new", None),), Balance.MOVED, ())
    assert find(LOST, reading, [], [], at(3600), {"new": at(30)}).trace is Trace.FOUND


@pytest.mark.parametrize(("minutes", "trace"), [(15, Trace.FOUND), (16, Trace.UNCLEAR)])
def test_a_timeless_line_seen_too_late_is_a_question_for_people(minutes: int, trace: Trace) -> None:
    assert judge([line("new", None)], looked_at=at(minutes * 60)).trace is trace
    assert judge([line("new", 1)], looked_at=at(minutes * 60)).trace is Trace.FOUND


# Properties ----------------------------------------------------------------------------------------------------------


def test_a_success_whose_line_is_out_of_the_lost_ones_reach_still_needs_it() -> None:
    """T7's own line came late; T8's is its own; none is left for the lost one, which could only have owned T8's."""
    first = sent("T7", -81, answered=-80)
    second = sent("T8", -21, answered=-2)
    lost = sent("T9", 0, before=["e"])
    assert judge([line("e", -80), line("x", -6)], [first, second], lost=lost).trace is Trace.ABSENT


@given(st.integers(0, 2**32), st.integers(0, 5), st.booleans(), st.booleans())
def test_what_never_ran_is_never_found_and_what_ran_is_found_once_all_is_recorded(
    seed: int, successes: int, ran: bool, timed: bool
) -> None:
    """Equal transfers one after the other, the last one lost, any part of the records still missing."""
    chance = random.Random(seed)
    sends: list[Sent] = []
    lines: list[Line] = []
    recorded: dict[str, float] = {}
    clock = 0.0

    def visible(when: float) -> list[Line]:
        return [each for each in lines if recorded[each.id] <= when]

    def record(name: str, after: float) -> None:
        lines.append(line(name, clock + after if timed else None))
        recorded[name] = clock + after + chance.choice([0, 0, 3, 60, 150, 200])

    for number in range(successes):
        before = [each.id for each in visible(clock)]
        took = chance.uniform(0.6, 19)
        sends.append(sent(f"T{number}", clock, answered=clock + took, before=before))
        record(f"L{number}", chance.uniform(0, took))
        clock += took + chance.uniform(1.2, 90)
    lost = sent("lost", clock, before=[each.id for each in visible(clock)])
    if ran:
        record("own", 0.5)
    for later in (1, 5, 60, 300):
        found = judge(visible(clock + later), sends, lost=lost, looked_at=at(clock + later))
        assert ran or found.trace in (Trace.ABSENT, Trace.LAGGING)
    complete = judge(lines, sends, lost=lost, looked_at=at(clock + 300))
    assert complete.trace is (Trace.FOUND if ran else Trace.ABSENT)


@given(st.integers(0, 2**32))
def test_one_more_success_never_leaves_more_lines_over(seed: int) -> None:
    chance = random.Random(seed)
    lines = [line(f"L{n}", chance.uniform(-120, 400)) for n in range(chance.randrange(6))]
    others = [sent(f"T{n}", start := chance.uniform(-200, 0), start + 1) for n in range(chance.randrange(1, 6))]
    with_all, without_last = surplus(LOST, lines, others), surplus(LOST, lines, others[:-1])
    if with_all is not None and without_last is not None:
        assert with_all <= without_last


def test_the_skew_allowed_is_twice_what_a_desk_starts_with() -> None:
    assert SKEW == 2 * SKEW_MAX


def test_the_pauses_of_a_day_of_looks_add_up_to_a_day() -> None:
    for watched in (False, True):
        steps = next(step for step in range(1000) if is_enough(watched, step))
        assert sum((pause(watched, step) for step in range(steps)), timedelta(0)) == timedelta(hours=24)
        assert pause(watched, steps) == timedelta(hours=1)
