"""What Slack still has to be told: one card a transfer, every outcome its own line, nothing lost."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from clock import VirtualClock
from desk_bench import BOB, DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.journal import Journal, Parcel, Transaction, outbox
from bot.journal.outbox import PUT_OFF_MAX
from bot.transfers import Accepted, Transfer


def pending(journal: Journal) -> list[Parcel]:
    return journal.run(lambda tx: list(tx.outbox.pending())).result()


def ask_for_card(journal: Journal, transfer: Transfer) -> Parcel:
    journal.run(lambda tx: tx.outbox.card(transfer.id)).result()
    (parcel,) = pending(journal)
    return parcel


def test_changes_before_the_card_is_posted_are_one_card(journal: Journal, transfer: Transfer) -> None:
    first = ask_for_card(journal, transfer)
    second = ask_for_card(journal, transfer)
    assert (second.id, second.kind, second.generation) == (first.id, "card", first.generation + 1)


def test_a_change_while_a_card_is_being_posted_is_posted_too(journal: Journal, transfer: Transfer) -> None:
    being_posted = ask_for_card(journal, transfer)
    newer = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.done(being_posted)).result()
    assert pending(journal) == [newer]
    journal.run(lambda tx: tx.outbox.done(newer)).result()
    assert pending(journal) == []


def test_a_change_after_the_card_was_posted_asks_again_at_once(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    first = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.again(first, clock.now(), "ratelimited")).result()
    journal.run(lambda tx: tx.outbox.done(first)).result()
    clock.advance(60)
    again = ask_for_card(journal, transfer)
    assert (again.due_at, again.attempts) == (clock.now(), 0)


def test_a_card_put_off_keeps_its_time_when_something_changes(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    later = clock.now() + timedelta(seconds=30)
    first = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.again(first, later, "ratelimited")).result()
    again = ask_for_card(journal, transfer)
    assert (again.due_at, again.attempts) == (later, 1)


def test_a_parked_card_waits_for_the_next_change_and_is_then_tried_at_once(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    parcel = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.park(parcel, "channel_not_found")).result()
    assert pending(journal) == []
    clock.advance(60)
    again = ask_for_card(journal, transfer)
    assert (again.due_at, again.attempts) == (clock.now(), 0)


def test_parking_does_not_swallow_a_change_asked_for_meanwhile(journal: Journal, transfer: Transfer) -> None:
    being_posted = ask_for_card(journal, transfer)
    newer = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.park(being_posted, "channel_not_found")).result()
    assert pending(journal) == [newer]


def test_lines_about_events_are_never_merged(journal: Journal, transfer: Transfer) -> None:
    def two(tx: Transaction) -> None:
        for _ in range(2):
            event = tx.event("held", "desk", transfer)
            tx.outbox.tell("thread", transfer.id, event.seq)
            tx.outbox.tell("audit", transfer.id, event.seq)

    journal.run(two).result()
    assert sorted((parcel.kind, parcel.event_seq) for parcel in pending(journal)) == [
        ("audit", 1),
        ("audit", 2),
        ("thread", 1),
        ("thread", 2),
    ]


def test_what_is_due_soonest_comes_first_and_what_is_put_off_blocks_nothing(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    def two(tx: Transaction) -> None:
        for _ in range(2):
            tx.outbox.tell("audit", transfer.id, tx.event("held", "desk", transfer).seq)

    journal.run(two).result()
    first, second = pending(journal)
    journal.run(lambda tx: tx.outbox.again(first, clock.now() + timedelta(seconds=1), "ratelimited")).result()
    assert [parcel.id for parcel in pending(journal)] == [second.id, first.id]


def test_nothing_is_put_off_for_longer_than_a_minute(journal: Journal, transfer: Transfer, clock: VirtualClock) -> None:
    parcel = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.again(parcel, clock.now() + timedelta(hours=1), "ratelimited")).result()
    (later,) = pending(journal)
    assert (later.due_at, later.wait_s(clock.now())) == (clock.now() + PUT_OFF_MAX, 60.0)


def test_what_is_due_too_late_to_have_been_put_off_is_due_now(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    parcel = ask_for_card(journal, transfer)
    clock.set(-3600)
    assert parcel.wait_s(clock.now()) == 0


def test_every_queue_gives_its_first_few_however_long_another_is(journal: Journal, transfer: Transfer) -> None:
    def many(tx: Transaction) -> None:
        event = tx.event("held", "desk", transfer)
        for _ in range(30):
            tx.outbox.tell("audit", transfer.id, event.seq)
        tx.outbox.card(transfer.id)

    journal.run(many).result()
    few = journal.run(lambda tx: list(tx.outbox.pending(limit=3))).result()
    assert [parcel.kind for parcel in few] == ["audit", "audit", "audit", "card"]


def test_what_must_be_looked_for_first_takes_no_place_of_what_need_not(journal: Journal, transfer: Transfer) -> None:
    def many(tx: Transaction) -> None:
        event = tx.event("held", "desk", transfer)
        for _ in range(5):
            tx.outbox.tell("audit", transfer.id, event.seq)
        for parcel in tx.outbox.pending():
            tx.outbox.trying(parcel)
        tx.outbox.tell("audit", transfer.id, event.seq)

    journal.run(many).result()
    few = journal.run(lambda tx: list(tx.outbox.pending(limit=3))).result()
    assert [parcel.tried_at is None for parcel in few] == [False, False, False, True]


def test_only_what_is_pending_is_looked_at(journal: Journal, transfer: Transfer, path: Path) -> None:
    ask_for_card(journal, transfer)
    with closing(sqlite3.connect(path)) as connection:
        values = {"now": "", "horizon": "", "limit": 20}
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {outbox._PENDING}", values)]
    assert "SCAN outbox USING INDEX outbox_pending" in steps
    assert "SEARCH transfers USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN" in steps


# What was tried and may be there


def test_a_try_is_on_record_until_it_is_known_what_became_of_it(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    parcel = ask_for_card(journal, transfer)
    assert parcel.tried_at is None
    journal.run(lambda tx: tx.outbox.trying(parcel)).result()
    (tried,) = pending(journal)
    assert tried.tried_at == clock.now()
    journal.run(lambda tx: tx.outbox.again(tried, clock.now(), "no answer")).result()
    journal.run(lambda tx: tx.outbox.revive()).result()
    ask_for_card(journal, transfer)
    assert pending(journal)[0].tried_at == clock.now()
    journal.run(lambda tx: tx.outbox.done(tried)).result()
    assert pending(journal)[0].tried_at is None  # delivered; what changed meanwhile is a new question


def test_the_first_of_several_tries_counts(journal: Journal, transfer: Transfer, clock: VirtualClock) -> None:
    parcel, began = ask_for_card(journal, transfer), clock.now()
    journal.run(lambda tx: tx.outbox.trying(parcel)).result()
    clock.advance(60)
    (again,) = pending(journal)
    journal.run(lambda tx: tx.outbox.trying(again)).result()
    assert pending(journal)[0].tried_at == began


def test_a_refusal_takes_back_its_own_try_and_no_earlier_one(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    parcel = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.trying(parcel)).result()
    (tried,) = pending(journal)
    journal.run(lambda tx: tx.outbox.untried(parcel)).result()
    assert pending(journal)[0].tried_at is None
    journal.run(lambda tx: tx.outbox.untried(tried)).result()
    assert pending(journal)[0].tried_at == tried.tried_at


def test_what_may_be_on_its_way_is_left_alone_for_a_moment(
    journal: Journal, transfer: Transfer, clock: VirtualClock
) -> None:
    parcel = ask_for_card(journal, transfer)
    journal.run(lambda tx: tx.outbox.trying(parcel)).result()
    (tried,) = pending(journal)
    assert tried.wait_s(clock.now()) == 3
    clock.advance(3)
    assert tried.wait_s(clock.now()) == 0
    clock.set(-3600)
    assert tried.wait_s(clock.now()) == 0


# As the desk uses it -------------------------------------------------------------------------------------------------


def test_the_message_a_card_was_posted_as_is_recorded_with_its_delivery(bench: DeskBench) -> None:
    bench.ask()
    (parcel,) = bench.parcels()
    bench.desk.delivered(parcel, "1795000000.000001").result()
    assert bench.get(1).card_ts == "1795000000.000001"
    assert bench.parcels() == []


def test_a_parked_parcel_is_on_the_record_and_blocks_nothing(bench: DeskBench) -> None:
    bench.ask()
    bench.ask("1 usdt htx:spot -> htx:linear-swap", BOB)
    lost, other = bench.parcels()
    bench.desk.park(lost, "channel_not_found").result()
    assert bench.parcels() == [other]
    (event,) = bench.events("parked")
    assert (event.transfer_id, dict(event.data)) == (
        1,
        {"what": "card", "problem": "channel_not_found", "policy": bench.desk.house.config.hash},
    )


def test_a_parcel_put_off_is_due_after_the_time_slack_asked_for(bench: DeskBench) -> None:
    bench.ask()
    (parcel,) = bench.parcels()
    bench.desk.put_off(parcel, 30, "ratelimited").result()
    (again,) = bench.parcels()
    assert (again.due_at, again.attempts) == (bench.clock.now() + timedelta(seconds=30), 1)


def test_what_was_parked_is_tried_again_at_the_next_start(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    waiting = bench.parcels()
    for parcel in waiting:
        bench.desk.park(parcel, "channel_not_found").result()
    assert bench.parcels() == []
    bench.clock.advance(60)
    bench.restart()
    assert [parcel.id for parcel in bench.parcels()] == [parcel.id for parcel in waiting]
    assert {parcel.due_at for parcel in bench.parcels()} == {bench.clock.now()}


def test_what_a_clock_set_back_put_off_for_hours_is_due_after_a_restart(bench: DeskBench) -> None:
    bench.ask()
    bench.clock.advance(hours=5)
    bench.desk.put_off(bench.parcels()[0], 30, "ratelimited").result()
    bench.clock.set(-5 * 3600)
    bench.restart()
    (parcel,) = bench.parcels()
    assert (parcel.due_at, parcel.attempts) == (bench.clock.now(), 0)


def test_replies_given_up_for_want_of_a_card_are_told_once_it_is_there(bench: DeskBench) -> None:
    bench.ask()
    bench.clock.advance(minutes=10)
    bench.desk.expire_due().result()
    card, reply = bench.parcels("card")[0], bench.parcels("thread")[0]
    bench.desk.park(reply, "no card").result()
    assert bench.parcels("thread") == []
    bench.desk.delivered(card, "1795000000.000001").result()
    assert [parcel.id for parcel in bench.parcels("thread")] == [reply.id]


def test_what_was_not_posted_before_a_restart_is_posted_after_it(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    waiting = bench.parcels()
    bench.restart()
    assert bench.parcels() == waiting
    assert sorted(parcel.kind for parcel in waiting) == ["audit", "card", "thread"]


def test_a_card_found_again_is_on_record_and_its_row_still_waits(bench: DeskBench) -> None:
    bench.ask()
    (parcel,) = bench.parcels()
    bench.desk.trying(parcel).result()
    bench.desk.found(parcel, "1795000000.000001").result()
    (waiting,) = bench.parcels()
    assert (waiting.id, waiting.tried_at, waiting.has_card) == (parcel.id, None, True)
    assert bench.get(1).card_ts == "1795000000.000001"


def test_a_parcel_put_off_after_a_refusal_was_not_tried(bench: DeskBench) -> None:
    bench.ask()
    (parcel,) = bench.parcels()
    for refused in (True, False):
        bench.desk.trying(parcel).result()
        bench.desk.put_off(parcel, 1, "no answer", refused=refused).result()
        assert (bench.parcels()[0].tried_at is None) is refused


def test_the_journals_name_survives_a_restart(bench: DeskBench) -> None:
    name = bench.desk.uuids().result()[-1]
    bench.restart()
    assert bench.desk.uuids().result()[-1] == name
    assert len(name) == 32
