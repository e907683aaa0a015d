"""One function, one transaction: all of it is on disk or none of it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from clock import VirtualClock
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.accounts import plain
from bot.clock import from_text, to_text, whole_milliseconds
from bot.errors import JournalError
from bot.journal import Journal, TooLate, Transaction
from bot.journal.transaction import Overtaken
from bot.transfers import State, Transfer

SLACK_LISTENS_S = 3.0  # then it tells the person that the desk did not respond


class Crash(BaseException):
    """Stands for whatever may go wrong half-way."""


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return list(connection.execute(sql).fetchall())
    finally:
        connection.close()


def is_being_written(path: Path) -> bool:
    """Tell whether somebody is inside a write transaction, by trying to begin one."""
    other = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


def test_a_transfer_reads_back_exactly_as_it_was_written(journal: Journal, transfer: Transfer) -> None:
    full = replace(
        transfer,
        state=State.SUCCEEDED,
        card_ts="1795000000.000001",
        reserved_at=transfer.created_at + timedelta(milliseconds=1),
        sent_at=transfer.created_at + timedelta(seconds=2),
        settled_at=transfer.created_at + timedelta(days=3),
        exchange_reference="1791234567890",
        outcome="Über → 金額",
        deadline=None,
        retry_of=transfer.id,
    )
    journal.run(lambda tx: tx.advance(transfer, full)).result()
    assert journal.run(lambda tx: tx.get(transfer.id)).result() == full


def test_amounts_are_kept_as_plain_text_and_times_as_utc_milliseconds(
    path: Path, journal: Journal, transfer: Transfer
) -> None:
    assert rows(path, "SELECT amount, typeof(amount), created_at, deadline FROM transfers") == [
        ("1250.5", "text", "2026-11-21T10:15:00.250Z", "2026-11-21T10:25:00.250Z")
    ]


@given(st.decimals(min_value="0.00000001", max_value="999999999999999.99999999", places=8))
def test_every_amount_survives_being_written(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30_000)))
def test_every_moment_in_milliseconds_survives_being_written(since: timedelta) -> None:
    moment = whole_milliseconds(datetime(2020, 1, 1, tzinfo=UTC) + since)
    assert from_text(to_text(moment)) == moment


@pytest.mark.parametrize("error", [RuntimeError, Crash])
def test_what_raises_half_way_leaves_nothing_behind(
    path: Path, journal: Journal, transfer: Transfer, error: type[BaseException]
) -> None:
    def half(tx: Transaction) -> None:
        tx.insert(transfer)
        tx.advance(transfer, transfer.moved(State.CANCELLED))
        event = tx.event("cancelled", "desk", transfer)
        tx.outbox.card(transfer.id)
        tx.outbox.tell("audit", transfer.id, event.seq)
        tx.vote(transfer, "U03CAROL", "executed", transfer.seal)
        tx.remember("envelope-1", "done")
        raise error

    with pytest.raises(error):
        journal.run(half).result()
    assert journal.run(lambda tx: tx.get(transfer.id)).result() == transfer
    for table in ("events", "outbox", "approvals", "deliveries"):
        assert rows(path, f"SELECT count(*) FROM {table}") == [(0,)]
    assert rows(path, "SELECT count(*) FROM transfers") == [(1,)]


def test_a_delivery_is_remembered_only_together_with_what_it_did(path: Path, journal: Journal) -> None:
    def forgetful(tx: Transaction) -> None:
        tx.event("did it", "desk")
        tx.remember("envelope-1", "done")
        tx.remember("envelope-1", "done twice")

    with pytest.raises(JournalError, match="the database refused"):
        journal.run(forgetful).result()
    assert journal.run(lambda tx: tx.answer_given("envelope-1")).result() is None
    assert rows(path, "SELECT count(*) FROM events") == [(0,)]


def test_nobody_else_can_write_between_a_use_cases_reading_and_writing(path: Path, journal: Journal) -> None:
    def read_only_so_far(tx: Transaction) -> bool:
        tx.answer_given("envelope-1")
        return is_being_written(path)

    assert journal.run(read_only_so_far).result()
    assert not is_being_written(path)


def test_a_deliverys_id_is_kept_as_a_hash_only(path: Path, journal: Journal) -> None:
    journal.run(lambda tx: tx.remember("12345.98765.trigger", "done")).result()
    assert journal.run(lambda tx: tx.answer_given("12345.98765.trigger")).result() == "done"
    journal.close()
    assert b"98765.trigger" not in path.read_bytes()


def test_the_journal_goes_on_after_a_failure(journal: Journal) -> None:
    with pytest.raises(JournalError):
        journal.run(lambda tx: tx.outbox.tell("thread", 999, 999)).result()
    assert journal.run(lambda tx: tx.event("next", "desk")).result().seq == 1


def test_the_databases_refusal_is_a_journal_error_without_a_foreign_cause(journal: Journal) -> None:
    with pytest.raises(JournalError) as caught:
        journal.run(lambda tx: tx.outbox.tell("thread", 999, 999)).result()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_half_a_transaction_that_cannot_be_rolled_back_stops_everything_until_it_can(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    denied = {(sqlite3.SQLITE_TRANSACTION, "ROLLBACK")}

    def authorize(action: int, what: str | None, *_: object) -> int:
        return sqlite3.SQLITE_DENY if (action, what) in denied else sqlite3.SQLITE_OK

    def half(tx: Transaction) -> None:
        tx._db.conn.set_authorizer(authorize)  # stands for a disk that fails just then
        tx.event("half", "desk")
        raise Crash

    with pytest.raises(Crash):
        journal.run(half).result()
    assert "journal: cannot roll back" in caplog.text
    with pytest.raises(JournalError):
        journal.run(lambda tx: tx.event("next", "desk")).result()
    denied.clear()
    with pytest.raises(JournalError):
        journal.run(lambda tx: tx.event("next", "desk")).result()
    assert journal.run(lambda tx: tx.event("next", "desk")).result().seq == 1


@pytest.mark.parametrize("change", [{"state": State.APPROVED}, {"version": 2}])
def test_compare_and_set_refuses_what_was_overtaken(
    journal: Journal, transfer: Transfer, change: dict[str, object]
) -> None:
    stale = replace(transfer, **change)  # type: ignore[arg-type]
    with pytest.raises(Overtaken):
        journal.run(lambda tx: tx.advance(stale, replace(stale, outcome="too late"))).result()
    assert journal.run(lambda tx: tx.get(transfer.id)).result() == transfer


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transfers SET version = 'two'",
        "UPDATE transfers SET amount = x'00'",
        "UPDATE transfers SET approvals_needed = 1.5",
        "UPDATE transfers SET amount = NULL",
        "UPDATE transfers SET policy_hash = 'never kept'",
        "INSERT INTO outbox (kind, transfer_id, generation, state, due_at, attempts, created_at) "
        "VALUES ('email', 1, 1, 'pending', '', 0, '')",
    ],
)
def test_the_tables_refuse_what_they_are_not_made_for(path: Path, transfer: Transfer, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = 1")
    try:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    finally:
        connection.close()


def test_every_table_is_strict(path: Path, journal: Journal) -> None:
    listed = rows(path, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE '%sqlite%'")
    tables = {"transfers", "approvals", "resolutions", "deliveries", "outbox", "policies", "events", "journal", "looks"}
    tables |= {"standings", "freezes", "codes", "balances", "wishes", "homes"}
    assert dict(listed) == dict.fromkeys(tables, 1)  # type: ignore[arg-type]


def test_ids_are_never_given_twice(path: Path, journal: Journal, transfer: Transfer) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER transfers_are_never_removed")
    connection.execute("DELETE FROM transfers")
    connection.close()
    assert journal.run(lambda tx: tx.insert(transfer)).result().id == transfer.id + 1


# Too late, too early, closed -----------------------------------------------------------------------------------------


def test_what_comes_after_its_time_is_not_begun(journal: Journal, clock: VirtualClock) -> None:
    begun: list[bool] = []
    with pytest.raises(TooLate):
        journal.run(lambda tx: begun.append(True), clock.monotonic() - 0.001).result()
    assert begun == []
    journal.run(lambda tx: begun.append(True), clock.monotonic()).result()
    assert begun == [True]


def test_whether_it_is_too_late_is_decided_when_nothing_is_left_to_wait_for(path: Path) -> None:
    class WatchfulClock(VirtualClock):
        """Looks, whenever somebody asks for the time, whether they have the database to themselves yet."""

        def __init__(self) -> None:
            super().__init__()
            self.asked_in_a_transaction: list[bool] = []

        def monotonic(self) -> float:
            self.asked_in_a_transaction.append(is_being_written(path))
            return super().monotonic()

    clock = WatchfulClock()
    journal = Journal(path, clock, threaded=False)
    journal.run(lambda tx: tx.event("in time", "desk"), not_after=2000.0).result()
    journal.close()
    assert clock.asked_in_a_transaction[-1]


def test_a_payload_learns_that_somebody_else_writes_while_slack_still_listens(path: Path, journal: Journal) -> None:
    intruder = sqlite3.connect(path, isolation_level=None)
    intruder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(JournalError, match="locked"):
        journal.run(lambda tx: tx.event("next", "desk")).result()
    assert time.monotonic() - began < SLACK_LISTENS_S
    intruder.execute("ROLLBACK")
    intruder.close()
    assert journal.run(lambda tx: tx.event("next", "desk")).result().seq == 1


def test_what_waited_in_the_queue_past_its_time_is_not_begun(path: Path, clock: VirtualClock) -> None:
    journal = Journal(path, clock)
    inside, may_end = threading.Event(), threading.Event()

    def long(_: Transaction) -> None:
        inside.set()
        may_end.wait(10)

    slow = journal.run(long)
    assert inside.wait(10)
    late = journal.run(lambda tx: tx.event("late", "desk"), clock.monotonic() + 2.5)
    clock.advance(2.6)
    may_end.set()
    slow.result(10)
    with pytest.raises(TooLate):
        late.result(10)
    assert rows(path, "SELECT count(*) FROM events") == [(0,)]
    journal.close()


@pytest.mark.parametrize("threaded", [False, True])
def test_a_closed_journal_refuses_instead_of_hanging(path: Path, clock: VirtualClock, threaded: bool) -> None:
    journal = Journal(path, clock, threaded=threaded)
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.run(lambda tx: tx.event("late", "desk")).result(10)
    journal.close()


def test_closing_finishes_what_is_queued(path: Path, clock: VirtualClock) -> None:
    journal = Journal(path, clock)
    futures = [journal.run(lambda tx: tx.event("queued", "desk")) for _ in range(50)]
    journal.close()
    assert [future.result(0).seq for future in futures] == list(range(1, 51))


def test_what_comes_while_the_journal_closes_is_done_or_refused_and_never_left_waiting(
    path: Path, clock: VirtualClock
) -> None:
    journal = Journal(path, clock)
    may_end = threading.Event()
    journal.run(lambda tx: may_end.wait(10))
    closing = threading.Thread(target=journal.close)
    closing.start()
    queued, give_up_at = [], time.monotonic() + 10
    while not (late := journal.run(lambda tx: tx.event("queued", "desk"))).done():
        assert time.monotonic() < give_up_at
        queued.append(late)
    may_end.set()
    closing.join(10)
    assert [future.result(10).seq for future in queued] == list(range(1, len(queued) + 1))
    with pytest.raises(JournalError, match="closed"):
        late.result()


def test_functions_run_one_at_a_time_in_the_order_they_came(path: Path, clock: VirtualClock) -> None:
    journal = Journal(path, clock)
    order: list[int] = []
    threads: set[int] = set()

    def note(number: int) -> None:
        order.append(number)
        threads.add(threading.get_ident())

    for number in range(100):
        journal.run(lambda tx, number=number: note(number))  # type: ignore[misc]
    journal.close()
    assert order == list(range(100))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


# Listeners -----------------------------------------------------------------------------------------------------------


def test_listeners_hear_of_changes_only(journal: Journal, clock: VirtualClock) -> None:
    heard: list[str] = []
    journal.on_commit(lambda: heard.append("a commit"))
    journal.run(lambda tx: tx.answer_given("nothing")).result()
    assert heard == []
    journal.run(lambda tx: tx.event("one", "desk")).result()
    assert heard == ["a commit"]
    with pytest.raises(TooLate):
        journal.run(lambda tx: tx.event("two", "desk"), clock.monotonic() - 1).result()
    with pytest.raises(JournalError):
        journal.run(lambda tx: tx.outbox.tell("thread", 999, 999)).result()
    assert heard == ["a commit"]


def test_who_may_send_hears_of_what_was_approved_and_of_nothing_that_was_undone(
    journal: Journal, transfer: Transfer
) -> None:
    heard: list[str] = []
    journal.on_approval(heard.append)
    proposed = journal.run(lambda tx: tx.insert(transfer)).result()
    assert heard == []

    def approve(tx: Transaction) -> None:
        tx.advance(proposed, proposed.moved(State.APPROVED))

    def approve_half_way(tx: Transaction) -> None:
        approve(tx)
        raise ValueError

    with pytest.raises(ValueError):
        journal.run(approve_half_way).result()
    assert heard == []
    journal.run(approve).result()
    assert heard == [transfer.route.exchange]


def test_a_failing_listener_neither_fails_the_commit_nor_silences_the_others(
    path: Path, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise RuntimeError("https://hooks.slack.com/secret")

    journal.on_commit(fail)
    journal.on_commit(lambda: heard.append("a commit"))
    assert journal.run(lambda tx: tx.event("one", "desk")).result().seq == 1
    assert rows(path, "SELECT count(*) FROM events") == [(1,)]
    assert heard == ["a commit"]
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_listener_is_called_after_the_commit_is_on_disk(path: Path, journal: Journal) -> None:
    seen: list[list[tuple[object, ...]]] = []
    journal.on_commit(lambda: seen.append(rows(path, "SELECT count(*) FROM events")))
    journal.run(lambda tx: tx.event("one", "desk")).result()
    assert seen == [[(1,)]]
