"""What Slack still has to be told: one card a transfer, every outcome its own line, nothing lost."""

from __future__ import annotations

from datetime import timedelta

from clock import VirtualClock
from desk_bench import BOB, DeskBench

from bot.journal import Journal, Parcel, Transaction
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
    assert [(parcel.kind, parcel.event_seq) for parcel in pending(journal)] == [
        ("thread", 1),
        ("audit", 1),
        ("thread", 2),
        ("audit", 2),
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
    assert (event.transfer_id, dict(event.data)) == (1, {"what": "card", "problem": "channel_not_found"})


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
