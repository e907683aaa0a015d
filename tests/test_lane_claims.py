"""The last moment before a send: a claim that fails or takes too long sends nothing."""

from __future__ import annotations

import pytest
from clock import VirtualClock
from desk_bench import DeskBench, ScriptedExchange
from shares import agreed

from bot.errors import BalanceHidden, ExchangeUnreadable
from bot.lanes import IDLE_S, JOURNAL_RETRY_S, Lane

NO_CLAIMING = (
    "CREATE TRIGGER no_claiming BEFORE UPDATE ON transfers WHEN NEW.state = 'sending' "
    "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
)


@pytest.fixture
def exchange(clock: VirtualClock) -> ScriptedExchange:
    return ScriptedExchange(clock)


@pytest.fixture
def lane(bench: DeskBench, exchange: ScriptedExchange) -> Lane:
    return Lane(exchange, bench.desk, bench.clock)


def test_a_claim_the_journal_refuses_sends_nothing(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    transfer = bench.approved()
    bench.tamper(NO_CLAIMING)
    assert lane.step() == JOURNAL_RETRY_S
    assert (bench.state(transfer), exchange.orders) == ("approved", [])
    bench.tamper("DROP TRIGGER no_claiming")
    bench.clock.advance(lane.step())
    lane.step()
    assert len(exchange.orders) == 1


@pytest.mark.parametrize(("took_s", "sent"), [(5.0, 1), (5.1, 0)])
def test_a_claim_that_took_too_long_to_write_down_is_not_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane, took_s: float, sent: int
) -> None:
    transfer = bench.approved()
    # The journal tells its listeners before the claim returns: a disk that takes its time.
    bench.journal.on_commit(lambda: bench.clock.advance(took_s) if bench.state(transfer) == "sending" else None)
    lane.step()
    assert len(exchange.orders) == sent
    assert bench.state(transfer) == ("succeeded" if sent else "not_sent")


def test_a_claim_on_a_machine_that_slept_meanwhile_is_not_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()
    bench.journal.on_commit(lambda: bench.clock.set(60) if bench.state(transfer) == "sending" else None)
    lane.step()
    assert (bench.state(transfer), exchange.orders) == ("not_sent", [])


def test_a_claim_written_down_after_the_deadline_is_not_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()
    bench.clock.advance(minutes=4, seconds=59)
    bench.journal.on_commit(lambda: bench.clock.advance(1) if bench.state(transfer) == "sending" else None)
    lane.step()
    assert (bench.state(transfer), exchange.orders) == ("not_sent", [])


# A share of what is there --------------------------------------------------------------------------------------------


def test_what_is_there_is_read_for_a_share_alone(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.approved()
    lane.step()
    assert exchange.balances_asked == []
    bench.clock.advance(lane.step())
    bench.clock.advance(minutes=11)
    transfer = agreed(bench, available="800")
    lane.step()
    assert exchange.balances_asked == [("htx:spot", "USDT")]
    assert bench.state(transfer) == "succeeded"
    assert exchange.orders[-1].amount == transfer.amount


def test_with_less_there_nothing_is_sent_and_the_lane_goes_on(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = agreed(bench, available="800")
    exchange.balances = {"htx:spot": "799.99999999"}
    lane.step()
    assert (exchange.orders, bench.state(transfer)) == ([], "proposed")
    bench.clock.advance(lane.step())
    assert lane.step() == IDLE_S


@pytest.mark.parametrize("problem", [ExchangeUnreadable("HTX answered HTTP 502"), BalanceHidden("it is hidden")])
def test_a_share_waits_while_what_is_there_cannot_be_read(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane, problem: Exception
) -> None:
    transfer = agreed(bench, available="800")
    exchange.balances = {"htx:spot": problem}
    lane.step()
    assert (exchange.orders, exchange.snapshots, bench.state(transfer)) == ([], 0, "approved")
    assert bench.get(transfer.id).outcome == f"It waits: {problem}."
    exchange.balances = {}
    while not exchange.orders:
        bench.clock.advance(lane.step())
    assert bench.state(transfer) == "succeeded"
