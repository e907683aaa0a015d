"""Lanes look after sends without an answer: at growing intervals, before anything is sent, surviving restarts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from clock import VirtualClock
from desk_bench import BOB, DeskBench, ScriptedExchange

from bot.evidence import Balance, Line, Reading
from bot.lanes import IDLE_S, RATE_LIMIT_REST_S, Lane
from bot.transfers import Refused, Unknown

BACK = "20 usdt htx:linear-swap -> htx:spot"
LOOKS_S = [2, 5, 15, 45, 120, 300, 600, 1200, 1800, *range(3600, 25 * 3600, 3600)]


@pytest.fixture
def exchange(clock: VirtualClock) -> ScriptedExchange:
    return ScriptedExchange(clock)


@pytest.fixture
def lane(bench: DeskBench, exchange: ScriptedExchange) -> Lane:
    return Lane(exchange, bench.desk, bench.clock)


def lose(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    """Let one transfer be sent and its answer be lost."""
    bench.approved()
    exchange.answers.append(Unknown("no answer"))
    lane.step()


def found(bench: DeskBench) -> Reading:
    return Reading((Line("a", bench.clock.now()),), Balance.MOVED, ("It is there.",))


def test_looks_come_at_growing_intervals_for_a_day(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    lose(bench, exchange, lane)
    sent_at, looked_at = bench.get(1).sent_at, []
    assert sent_at is not None
    while bench.clock.now() < sent_at + timedelta(hours=26):
        before = len(exchange.looks)
        wait = lane.step()
        if len(exchange.looks) > before:
            looked_at.append((bench.clock.now() - sent_at).total_seconds())
        bench.clock.advance(wait)
    assert looked_at == LOOKS_S
    assert bench.get(1).state == "unknown"
    assert len(exchange.orders) == 1


def test_a_line_that_shows_settles_it_at_the_next_look(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    exchange.readings.extend([Reading((), Balance.UNMOVED, ()), "no answer within 10 s", found(bench)])
    for seconds, state in ((2, "unknown"), (3, "unknown"), (10, "succeeded")):
        bench.clock.advance(seconds)
        lane.step()
        assert bench.get(1).state == state


def test_an_unknown_is_looked_after_before_the_next_transfer_is_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    behind = bench.approved("10 usdt htx:spot -> htx:linear-swap", BOB)
    exchange.readings.append(found(bench))
    bench.clock.advance(2)
    assert lane.step() == 0.0
    assert (bench.get(1).state, bench.state(behind)) == ("succeeded", "approved")
    bench.clock.advance(lane.step())
    lane.step()
    assert bench.state(behind) == "succeeded"


def test_a_route_beside_is_not_held_up_by_an_unknown(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    lose(bench, exchange, lane)
    other = bench.approved(BACK)
    bench.clock.advance(lane.step())
    lane.step()
    assert bench.state(other) == "succeeded"


def test_records_that_cannot_be_read_are_noted_and_looked_at_again(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    exchange.readings.append("no complete answer within 10 s")
    bench.clock.advance(2)
    lane.step()
    (event,) = bench.events("looked")
    assert (event.data["trace"], event.data["why"]) == (
        "unreadable",
        "The records could not be read: no complete answer within 10 s.",
    )
    bench.clock.advance(lane.step())
    assert lane.step() == pytest.approx(RATE_LIMIT_REST_S - exchange.pace_s)


def test_after_a_restart_the_next_look_is_due_when_it_was_before(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    bench.clock.advance(5)
    lane.step()
    bench.restart()
    assert Lane(exchange, bench.desk, bench.clock).step() == pytest.approx(3.0)
    assert len(exchange.looks) == 1


def test_a_send_the_desk_died_over_is_looked_after_as_well(bench: DeskBench, exchange: ScriptedExchange) -> None:
    bench.sending()
    bench.clock.advance(minutes=3)
    bench.restart()
    lane = Lane(exchange, bench.desk, bench.clock)
    bench.clock.advance(lane.step())
    lane.step()
    assert len(exchange.looks) == 1


def test_a_clock_that_was_ahead_does_not_put_a_look_off_for_as_long(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    bench.clock.advance(2)
    bench.clock.set(22 * 3600)
    lane.step()
    bench.clock.set(-22 * 3600)
    bench.clock.advance(10)
    lane.step()
    assert len(exchange.looks) == 2


def test_another_exchanges_lane_does_not_look(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    lose(bench, exchange, lane)
    bench.clock.advance(60)
    elsewhere = ScriptedExchange(bench.clock, "coinw")
    assert Lane(elsewhere, bench.desk, bench.clock).step() == IDLE_S
    assert elsewhere.looks == []


def test_looks_at_many_unknowns_do_not_hold_up_a_transfer_on_another_route(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lose(bench, exchange, lane)
    bench.clock.set(-30 * 3600)
    other = bench.approved(BACK)
    for _ in range(6):
        bench.clock.advance(lane.step())
    assert bench.state(other) == "succeeded"
    assert len(exchange.looks) <= 4


def test_watching_waits_until_there_is_nothing_to_send(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    for _ in range(3):
        bench.settled(Refused("1300", "no"))
    bench.clock.advance(minutes=2)
    other = bench.approved(BACK)
    lane.step()
    assert (bench.state(other), exchange.looks) == ("succeeded", [])
    bench.clock.advance(lane.step())
    lane.step()
    assert len(exchange.looks) == 1


def test_a_reading_nobody_expected_does_not_bring_the_lane_down(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*_: object) -> Reading:
        raise ValueError("https://api.huobi.pro/?Signature=abc")

    lose(bench, exchange, lane)
    monkeypatch.setattr(exchange, "look", look)
    bench.clock.advance(2)
    lane.step()
    (event,) = bench.events("looked")
    assert event.data["why"] == "The records could not be read: they are not as expected."
