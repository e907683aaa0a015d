"""Trying what one may not: each try is an event; who keeps trying is told of, once an hour and without noise."""

from __future__ import annotations

from desk_bench import ALICE, BOB, CAROL, COMMAND, STRANGER, DeskBench

from bot.desk import Person
from bot.journal import Event

TOO_MUCH = "1001 usdt htx:spot -> htx:linear-swap"


def fail(bench: DeskBench, times: int = 1, by: Person = ALICE, apart_s: float = 0) -> None:
    for number in range(times):
        bench.clock.advance(apart_s if number else 0)
        bench.ask(TOO_MUCH, by)


def told(bench: DeskBench) -> list[Event]:
    """What the audit channel is told of tries."""
    lines = {parcel.event_seq for parcel in bench.parcels("audit")}
    events = bench.events("tries")
    assert lines >= {event.seq for event in events}
    return events


def test_two_tries_are_on_record_and_told_to_nobody(bench: DeskBench) -> None:
    fail(bench, 2)
    assert len(bench.events("turned_away")) == 2
    assert bench.parcels() == []


def test_three_within_ten_minutes_are_told_with_the_last_of_them(bench: DeskBench) -> None:
    fail(bench, 3, apart_s=299.999)
    (event,) = told(bench)
    assert (event.actor, event.transfer_id, event.data["team"]) == (ALICE.user, None, ALICE.team)
    assert (event.data["count"], event.data["attempt"]) == (3, TOO_MUCH)
    assert "allows up to 1,000.00 USDT" in event.data["why"]


def test_three_that_take_ten_minutes_are_not(bench: DeskBench) -> None:
    fail(bench, 3, apart_s=300)
    assert told(bench) == []


def test_one_person_is_told_of_once_an_hour_however_often_they_try(bench: DeskBench) -> None:
    fail(bench, 30)
    assert [event.data["count"] for event in told(bench)] == [3]
    bench.clock.advance(minutes=59, seconds=59)
    fail(bench, 5)
    assert len(told(bench)) == 1
    bench.clock.advance(1)
    fail(bench, 1)
    assert [event.data["count"] for event in told(bench)] == [3, 33]  # all since the last line, none of them twice


def test_after_an_hour_of_silence_it_takes_three_again(bench: DeskBench) -> None:
    fail(bench, 3)
    bench.clock.advance(hours=2)
    fail(bench, 2)
    assert len(told(bench)) == 1
    fail(bench, 1)
    assert [event.data["count"] for event in told(bench)] == [3, 3]


def test_each_person_is_counted_alone(bench: DeskBench) -> None:
    for person in (ALICE, BOB, CAROL, STRANGER):
        fail(bench, 2, person)
    assert told(bench) == []
    fail(bench, 1, STRANGER)
    assert [event.actor for event in told(bench)] == [STRANGER.user]
    fail(bench, 1, ALICE)
    assert [event.actor for event in told(bench)] == [STRANGER.user, ALICE.user]


def test_tries_of_every_kind_count_together(bench: DeskBench) -> None:
    transfer = bench.proposed()
    bench.confirm(transfer, BOB)
    bench.unfreeze(by=BOB)
    bench.cancel_by_command(transfer.id, BOB)
    (event,) = told(bench)
    assert (event.data["count"], event.data["attempt"]) == (3, "cancel T1")


def test_a_repeated_delivery_is_one_try(bench: DeskBench) -> None:
    for _ in range(5):
        bench.ask(TOO_MUCH, key="command-1")
        bench.desk.turn_away(ALICE, "C01TREASURY", COMMAND, "no", "command-2").result()
    assert len(bench.events("turned_away")) == 2
    assert told(bench) == []


def test_what_is_allowed_is_no_try(bench: DeskBench) -> None:
    for _ in range(3):
        bench.proposed()
    assert bench.events("turned_away") == []


def test_the_count_and_the_hour_survive_a_restart(bench: DeskBench) -> None:
    fail(bench, 2)
    bench.restart()
    fail(bench, 1)
    assert len(told(bench)) == 1
    bench.restart()
    fail(bench, 3)
    assert len(told(bench)) == 1


def test_a_long_attempt_is_cut_where_it_is_told(bench: DeskBench) -> None:
    for _ in range(3):
        bench.desk.turn_away(STRANGER, "C01TREASURY", "x" * 5000, "no", "").result()
    (event,) = told(bench)
    assert len(event.data["attempt"]) == 300


def test_what_was_wanted_is_kept_for_later_questions(bench: DeskBench) -> None:
    bench.ask(f"{TOO_MUCH} reason for BTC")
    (event,) = bench.events("turned_away")
    assert event.data["intent"] == {
        "route": "htx:spot -> htx:linear-swap",
        "currency": "USDT",
        "amount": "1001",
        "reason": "for BTC",
    }
