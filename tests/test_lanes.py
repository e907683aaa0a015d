"""Lanes: one send in flight, at the exchange's pace, committed before it leaves and never repeated."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from clock import VirtualClock
from desk_bench import BOB, DeskBench, ScriptedExchange

from bot.exchanges import Order, Snapshot
from bot.lanes import IDLE_S, JOURNAL_RETRY_S, RATE_LIMIT_REST_S, SNAPSHOT_RETRY_S, Lane
from bot.transfers import Accepted, NotSent, Outcome, Refused, State, Unknown

TEN = "10 usdt htx:spot -> htx:linear-swap"
BACK = "20 usdt htx:linear-swap -> htx:spot"
NO_CLAIMING = (
    "CREATE TRIGGER no_claiming BEFORE UPDATE ON transfers WHEN NEW.state = 'sending' "
    "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
)
NO_SETTLING = (
    "CREATE TRIGGER no_settling BEFORE UPDATE ON transfers WHEN OLD.state = 'sending' "
    "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
)


@pytest.fixture
def exchange(clock: VirtualClock) -> ScriptedExchange:
    return ScriptedExchange(clock)


@pytest.fixture
def lane(bench: DeskBench, exchange: ScriptedExchange) -> Lane:
    return Lane(exchange, bench.desk, bench.clock)


# The send ------------------------------------------------------------------------------------------------------------


def test_an_approved_transfer_is_sent_once_as_it_was_shown(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved("250 usdt htx:spot -> htx:linear-swap/BTC-USDT")
    lane.step()
    assert exchange.orders == [Order(transfer.route, "USDT", Decimal("250"), "BTC-USDT")]
    after = bench.get(transfer.id)
    assert (after.state, after.exchange_reference) == (State.SUCCEEDED, "900001")
    bench.clock.advance(60)
    assert lane.step() == IDLE_S
    assert len(exchange.orders) == 1


def test_nothing_is_sent_that_nobody_confirmed(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.proposed()
    assert lane.step() == IDLE_S
    assert (exchange.snapshots, exchange.orders) == (0, [])


def test_an_answer_is_told_of_once_it_is_on_disk(bench: DeskBench, lane: Lane) -> None:
    told: list[str] = []
    lane.on_answer(lambda: told.append(bench.get(1).state.value))
    bench.approved()
    lane.step()
    assert told == ["succeeded"]


@pytest.mark.parametrize("threaded", [False, True], ids=["inline", "threaded"])
def test_sending_is_on_disk_before_the_exchange_is_asked(
    request: pytest.FixtureRequest, exchange: ScriptedExchange, threaded: bool
) -> None:
    bench: DeskBench = request.getfixturevalue("threaded_bench" if threaded else "bench")
    transfer = bench.approved()
    seen: list[tuple[str, int]] = []

    def look() -> Outcome:
        (row,) = bench.read("SELECT state, (SELECT count(*) FROM events WHERE kind = 'sending') FROM transfers")
        seen.append(row)
        return Accepted("1")

    exchange.answers.append(look)
    Lane(exchange, bench.desk, bench.clock).step()
    assert seen == [("sending", 1)]
    assert bench.state(transfer) == "succeeded"


def test_the_snapshot_is_kept_as_evidence(bench: DeskBench, lane: Lane) -> None:
    bench.approved()
    lane.step()
    assert bench.events("sending")[0].data["evidence"] == {"balance": "5000"}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted("1"), "succeeded"),
        (Refused("1300", "insufficient balance"), "refused"),
        (NotSent("no route"), "not_sent"),
        (Unknown("no answer"), "unknown"),
    ],
)
def test_whatever_the_outcome_nothing_is_sent_again(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane, outcome: Outcome, state: str
) -> None:
    transfer = bench.approved()
    exchange.answers.append(outcome)
    lane.step()
    for _ in range(20):
        bench.clock.advance(60)
        lane.step()
    assert bench.state(transfer) == state
    assert len(exchange.orders) == 1


def test_transfers_leave_in_the_order_they_were_confirmed(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    second, first = bench.proposed(TEN), bench.proposed(BACK)
    bench.confirm(first)
    bench.clock.advance(1)
    bench.confirm(second)
    for _ in range(4):
        bench.clock.advance(lane.step())
    assert [order.amount for order in exchange.orders] == [Decimal("20"), Decimal("10")]


def test_what_waits_behind_an_unknown_lets_others_pass(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    lost, behind, other = bench.approved(), bench.approved(TEN, BOB), bench.approved(BACK)
    exchange.answers.append(Unknown("no answer"))
    for _ in range(4):
        bench.clock.advance(lane.step())
    assert [bench.state(transfer) for transfer in (lost, behind, other)] == ["unknown", "approved", "succeeded"]
    bench.clock.advance(minutes=5)
    lane.step()
    outcome = bench.get(behind.id).outcome
    assert outcome is not None
    assert "It waits for T1, which was sent without an answer" in outcome
    assert len(exchange.orders) == 2


def test_a_transfer_blocked_at_the_last_look_is_not_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()
    bench.tamper("UPDATE transfers SET amount = '999' WHERE id = 1")
    assert lane.step() == 0.0
    assert bench.state(transfer) == "blocked"
    assert exchange.orders == []


# The pace ------------------------------------------------------------------------------------------------------------


def test_the_pace_is_kept_between_the_end_of_one_send_and_the_start_of_the_next(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    for _ in range(3):
        bench.approved(TEN)
    exchange.takes_s = 7.0
    while len(exchange.orders) < 3:
        bench.clock.advance(lane.step())
    gaps = [began - ended for ended, began in zip(exchange.ended, exchange.began[1:], strict=False)]
    assert gaps == pytest.approx([1.1, 1.1])


def test_waking_early_does_not_hurry_the_lane(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.approved(TEN), bench.approved(TEN)
    lane.step()
    bench.clock.advance(1.0)
    assert lane.step() == pytest.approx(0.1)
    assert len(exchange.orders) == 1
    bench.clock.advance(0.1)
    lane.step()
    assert len(exchange.orders) == 2


def test_after_a_rate_limit_the_lane_rests(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.approved(TEN), bench.approved(TEN)
    exchange.answers.append(Refused("429", "too many requests", by="rate limit"))
    lane.step()
    assert lane.step() == pytest.approx(RATE_LIMIT_REST_S)


# No snapshot, no send ------------------------------------------------------------------------------------------------


def test_without_a_snapshot_nothing_is_sent_and_the_card_says_why(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()
    bench.post()
    exchange.problems.append("HTX is in maintenance")
    lane.step()
    held = bench.get(transfer.id)
    assert (held.state, held.outcome) == (State.APPROVED, "It waits: HTX is in maintenance.")
    assert [parcel.kind for parcel in bench.parcels()] == ["card"]
    assert exchange.orders == []


def test_unreadable_exchanges_are_asked_less_and_less_often(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    bench.approved()
    exchange.problems.extend(["down"] * 7)
    asked_at: list[float] = []
    while not exchange.orders:
        before = exchange.snapshots
        wait = lane.step()
        if exchange.snapshots > before:
            asked_at.append(bench.clock.monotonic())
        bench.clock.advance(wait)
    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    # The first rest is shorter than the exchange's pace.
    assert gaps == pytest.approx([exchange.pace_s, *SNAPSHOT_RETRY_S[1:], SNAPSHOT_RETRY_S[-1], SNAPSHOT_RETRY_S[-1]])


def test_a_wake_up_while_a_transfer_rests_asks_nothing(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    bench.approved()
    exchange.problems.extend(["down", "down"])
    while exchange.snapshots < 2:
        bench.clock.advance(lane.step())
    bench.clock.advance(1.5)
    assert lane.step() == pytest.approx(SNAPSHOT_RETRY_S[1] - 1.5)
    assert exchange.snapshots == 2


def test_one_transfer_that_cannot_be_read_does_not_hold_up_the_others(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    unreadable, other = bench.approved(TEN), bench.approved(BACK)
    exchange.problems.extend(["down", "down", None])
    while len(exchange.orders) < 1:
        bench.clock.advance(lane.step())
    assert (bench.state(unreadable), bench.state(other)) == ("approved", "succeeded")


def test_a_failed_snapshot_counts_for_its_own_transfer_only(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    first = bench.approved(TEN)
    exchange.problems.extend(["down", "down", "down", None, "down", None])
    while bench.get(first.id).state is State.APPROVED:
        bench.clock.advance(lane.step())
    bench.approved(BACK)
    began = bench.clock.monotonic()
    while len(exchange.orders) < 2:
        bench.clock.advance(lane.step())
    assert exchange.began[1] - began < SNAPSHOT_RETRY_S[2]


def test_a_snapshot_that_succeeds_starts_the_rests_afresh(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    bench.approved()
    exchange.problems.extend(["down", "down", "down", None, "down"])
    bench.tamper(NO_CLAIMING)
    while exchange.snapshots < 5:
        bench.clock.advance(lane.step())
    bench.tamper("DROP TRIGGER no_claiming")
    failed_at = bench.clock.monotonic()
    while not exchange.orders:
        bench.clock.advance(lane.step())
    assert exchange.began[0] - failed_at == pytest.approx(exchange.pace_s)


def test_the_pace_is_kept_after_a_failed_snapshot_too(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.approved()
    exchange.problems.append("down")
    assert lane.step() == 0.0
    assert lane.step() == pytest.approx(exchange.pace_s)


def test_the_pace_is_kept_after_a_refused_claim_too(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    bench.approved(), bench.approved(BACK)
    bench.tamper("UPDATE transfers SET amount = '999' WHERE id = 1")
    assert lane.step() == 0.0
    assert lane.step() == pytest.approx(exchange.pace_s)
    assert exchange.snapshots == 1


def test_a_transfer_whose_exchange_stays_unreadable_expires_unsent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()
    exchange.problems.extend(["HTX is in maintenance"] * 100)
    while bench.get(transfer.id).state is State.APPROVED:
        bench.clock.advance(lane.step())
    after = bench.get(transfer.id)
    assert after.state is State.EXPIRED
    assert after.outcome == "It could not be sent in time. It waits: HTX is in maintenance. Nothing was sent."
    assert exchange.orders == []


def test_a_transfer_cancelled_during_the_snapshot_is_not_sent(bench: DeskBench, clock: VirtualClock) -> None:
    class Slow(ScriptedExchange):
        def snapshot(self, order: Order) -> Snapshot:
            bench.cancel(transfer)
            return super().snapshot(order)

    transfer = bench.approved()
    exchange = Slow(clock)
    assert Lane(exchange, bench.desk, clock).step() == 0.0
    assert bench.state(transfer) == "cancelled"
    assert exchange.orders == []


# An answer that cannot be written down -------------------------------------------------------------------------------


def test_an_outcome_the_journal_refuses_is_kept_logged_and_written_later(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane, caplog: pytest.LogCaptureFixture
) -> None:
    transfer, following = bench.approved(), bench.approved(BACK)

    def fill_the_disk() -> Outcome:
        bench.tamper(NO_SETTLING)
        return Accepted("1791234567890")

    exchange.answers.append(fill_the_disk)
    assert lane.step() == JOURNAL_RETRY_S
    assert "T1: could not write down Accepted(reference='1791234567890')" in caplog.text
    for _ in range(5):
        bench.clock.advance(JOURNAL_RETRY_S)
        assert lane.step() == JOURNAL_RETRY_S
    assert bench.state(transfer) == "sending"
    assert len(exchange.orders) == 1
    bench.tamper("DROP TRIGGER no_settling")
    lane.step()
    after = bench.get(transfer.id)
    assert (after.state, after.exchange_reference) == (State.SUCCEEDED, "1791234567890")
    assert bench.events("unknown") == []
    assert bench.state(following) == "succeeded"
    assert len(exchange.orders) == 2


def test_a_lane_that_dies_with_an_unwritten_outcome_leaves_an_unknown(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    transfer = bench.approved()

    def fill_the_disk() -> Outcome:
        bench.tamper(NO_SETTLING)
        return Accepted("1791234567890")

    exchange.answers.append(fill_the_disk)
    lane.step()
    bench.tamper("DROP TRIGGER no_settling")
    assert bench.restart() == 1
    assert bench.state(transfer) == "unknown"
    Lane(exchange, bench.desk, bench.clock).step()
    assert len(exchange.orders) == 1


def test_a_closing_desk_lets_nothing_leave(bench: DeskBench, exchange: ScriptedExchange, lane: Lane) -> None:
    transfer = bench.approved()
    bench.desk.close()
    lane.step()
    assert (bench.state(transfer), exchange.orders) == ("approved", [])


def test_a_send_without_an_owner_is_adopted_as_unknown_and_not_sent(
    bench: DeskBench, exchange: ScriptedExchange, lane: Lane
) -> None:
    orphan = bench.sending()
    assert lane.step() == 2.0  # and is then looked after
    assert bench.state(orphan) == "unknown"
    assert exchange.orders == []
