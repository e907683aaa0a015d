"""What nobody acts on ends by itself, on time and saying that nothing was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import SNAPSHOT, DeskBench

from bot.lanes import IDLE_S, Deadlines
from bot.transfers import Accepted, State, Unknown


def test_a_proposal_expires_at_its_deadline_and_not_before(bench: DeskBench) -> None:
    transfer = bench.proposed()
    deadlines = Deadlines(bench.desk, bench.clock)
    bench.clock.advance(599.999)
    assert deadlines.step() == pytest.approx(0.001)
    assert bench.state(transfer) == "proposed"
    bench.clock.advance(0.001)
    assert deadlines.step() == IDLE_S
    after = bench.get(1)
    assert (after.state, after.deadline, after.settled_at) == (State.EXPIRED, None, bench.clock.now())
    assert after.outcome == "It was not confirmed in time. Nothing was sent."
    assert bench.events("expired")[0].actor == "desk"


def test_an_expired_transfer_tells_the_card_the_requester_and_the_auditors(bench: DeskBench) -> None:
    bench.proposed()
    bench.clock.advance(minutes=10)
    bench.desk.expire_due().result()
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]


def test_an_approved_transfer_expires_saying_what_held_it(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.desk.hold(transfer, "It waits: HTX is in maintenance.").result()
    bench.clock.advance(minutes=5)
    bench.desk.expire_due().result()
    assert bench.get(1).outcome == ("It could not be sent in time. It waits: HTX is in maintenance. Nothing was sent.")


def test_an_approved_transfer_past_its_deadline_is_neither_offered_nor_claimed(bench: DeskBench) -> None:
    offered, claimed = bench.approved(), bench.approved("1 usdt htx:spot -> htx:linear-swap")
    bench.clock.advance(minutes=5)
    assert bench.desk.claim(claimed.id, SNAPSHOT).result() is None
    assert bench.state(claimed) == "expired"
    assert bench.desk.what_next("htx").result().transfer is None
    assert bench.state(offered) == "expired"
    assert bench.events("sending") == []


def test_a_desk_that_was_down_overnight_sends_nothing_from_yesterday(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.clock.advance(hours=12)
    bench.restart()
    assert bench.desk.what_next("htx").result().transfer is None
    assert bench.state(transfer) == "expired"


def test_everything_due_ends_in_one_look_and_the_next_deadline_is_returned(bench: DeskBench) -> None:
    bench.proposed()
    bench.clock.advance(minutes=4)
    bench.proposed()
    bench.clock.advance(minutes=2)
    later = bench.proposed()
    bench.clock.advance(minutes=8)
    assert bench.desk.expire_due().result() == later.deadline
    assert [event.transfer_id for event in bench.events("expired")] == [1, 2]


def test_the_wait_is_exactly_until_the_next_deadline(bench: DeskBench) -> None:
    bench.proposed()
    bench.clock.advance(minutes=9, seconds=47.5)
    assert Deadlines(bench.desk, bench.clock).step() == pytest.approx(12.5)


def test_the_wait_is_never_longer_than_the_idle_look(bench: DeskBench) -> None:
    deadlines = Deadlines(bench.desk, bench.clock)
    assert deadlines.step() == IDLE_S
    bench.proposed()
    assert deadlines.step() == IDLE_S


def test_what_is_being_sent_or_unknown_never_expires(bench: DeskBench) -> None:
    sending = bench.sending()
    bench.clock.advance(days=30)
    assert bench.desk.expire_due().result() is None
    assert bench.state(sending) == "sending"
    bench.desk.settle(sending.id, Unknown("no answer")).result()
    bench.clock.advance(days=30)
    assert bench.desk.expire_due().result() is None
    assert bench.state(sending) == "unknown"


def test_what_has_ended_does_not_expire(bench: DeskBench) -> None:
    done = bench.settled(Accepted("1"))
    bench.clock.advance(timedelta(days=1).total_seconds())
    bench.desk.expire_due().result()
    assert bench.get(1) == done


def test_a_journal_that_refuses_is_asked_again_soon(bench: DeskBench) -> None:
    bench.proposed()
    bench.clock.advance(minutes=10)
    bench.tamper("CREATE TRIGGER full BEFORE UPDATE ON transfers BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    deadlines = Deadlines(bench.desk, bench.clock)
    assert 0 < deadlines.step() <= 1
    bench.tamper("DROP TRIGGER full")
    deadlines.step()
    assert bench.get(1).state is State.EXPIRED
