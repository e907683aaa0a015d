"""The head of the chain is told in the audit channel once a day, across restarts, however little happens."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from clock import VirtualClock
from desk_bench import DeskBench

from bot.lanes import IDLE_S, DailyHead
from handlers import lines


@pytest.fixture
def day(bench: DeskBench, clock: VirtualClock) -> DailyHead:
    return DailyHead(bench.desk, clock)


def heads(bench: DeskBench) -> list[str]:
    return [str(event.data["day"]) for event in bench.events("daily_head")]


def test_a_journals_first_day_needs_none(bench: DeskBench, day: DailyHead) -> None:
    day.step()
    assert heads(bench) == []
    assert bench.parcels("audit") == []


def test_it_is_told_at_the_first_look_of_a_day_and_not_again(
    bench: DeskBench, day: DailyHead, clock: VirtualClock
) -> None:
    clock.advance(hours=13, minutes=44, seconds=59)
    assert day.step() == 1.0  # it wakes for the day to come
    clock.advance(seconds=1)
    for _ in range(3):
        assert day.step() == IDLE_S
        clock.advance(hours=7)
    assert heads(bench) == ["2026-11-22"]
    clock.advance(hours=24)
    day.step()
    assert heads(bench) == ["2026-11-22", "2026-11-23"]


def test_a_restart_tells_nothing_twice_and_a_day_that_was_missed_is_not_made_up(
    bench: DeskBench, clock: VirtualClock
) -> None:
    for hours in (24, 1, 72):
        clock.advance(hours=hours)
        bench.restart()
        DailyHead(bench.desk, clock).step()
    assert heads(bench) == ["2026-11-22", "2026-11-25"]


def test_the_line_holds_number_and_hash_of_its_event(bench: DeskBench, day: DailyHead, clock: VirtualClock) -> None:
    clock.advance(days=1)
    day.step()
    (event,) = bench.events("daily_head")
    assert [parcel.event_seq for parcel in bench.parcels("audit")] == [event.seq]
    text = lines.audit_line(event, {}, {})["text"]
    assert text == f"🔗 *Chain head of 2026-11-22*  ·  chain #{event.seq} `{event.hash}`"


def test_a_database_that_cannot_be_written_is_tried_again(bench: DeskBench, day: DailyHead) -> None:
    bench.journal.close()
    assert day.step() == 1.0
    bench.open()


def test_days_are_those_of_utc(bench: DeskBench, clock: VirtualClock) -> None:
    assert bench.desk.tell_head().result() == datetime(2026, 11, 22, tzinfo=UTC)
