"""A rush: people's jobs that wait together share a commit, go before the desk's own work, and fail each by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from clock import VirtualClock
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.errors import JournalError, UserError
from bot.journal import Journal, TooLate, Transaction
from bot.journal.jobs import BEHIND_S, TOGETHER_MAX, Job, Jobs

Put = Callable[[Callable[[Transaction], Any]], "Future[Any]"]


class Rush:
    """A journal whose thread is held, so that what is put waits together; and what it then says to the database."""

    def __init__(self, path: Path, clock: VirtualClock) -> None:
        self.path = path
        self.clock = clock
        self.journal = Journal(path, clock)
        self.said: list[str] = []
        self._go = threading.Event()
        self.journal.run(lambda tx: tx._db.conn.set_trace_callback(self.said.append)).result()
        self.held = self.journal.run(lambda tx: self._go.wait(10))

    def put(self, fn: Callable[[Transaction], Any]) -> Future[Any]:
        """Put what somebody waits for."""
        return self.journal.run(fn, self.clock.monotonic() + 2.5)

    def end(self) -> None:
        """Let the thread go, and wait until it has done everything."""
        self._go.set()
        self.held.result()
        self.journal.close()

    @property
    def kinds(self) -> list[str]:
        """The kinds of all events on disk, in their order."""
        reader = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return [kind for (kind,) in reader.execute("SELECT kind FROM events ORDER BY seq")]
        finally:
            reader.close()


@pytest.fixture
def rush(tmp_path: Path, clock: VirtualClock) -> Iterator[Rush]:
    rush = Rush(tmp_path / "desk.db", clock)
    yield rush
    rush.end()


def note(kind: str) -> Callable[[Transaction], int]:
    return lambda tx: tx.event(kind, "desk").seq


def test_what_waits_together_is_on_disk_with_one_commit_before_anybody_is_told(rush: Rush) -> None:
    seen: list[list[str]] = []
    futures = [rush.put(note(f"number {place}")) for place in range(TOGETHER_MAX + 3)]
    for future in futures:
        future.add_done_callback(lambda _: seen.append(rush.kinds))
    rush.end()
    assert [future.result() for future in futures] == list(range(1, TOGETHER_MAX + 4))
    assert rush.kinds == [f"number {place}" for place in range(TOGETHER_MAX + 3)]
    assert [len(kinds) for kinds in seen] == [TOGETHER_MAX] * TOGETHER_MAX + [TOGETHER_MAX + 3] * 3
    assert rush.said.count("COMMIT") == 4  # the two that held it, and these two


def test_what_one_of_them_raises_undoes_that_one_alone(rush: Rush) -> None:
    def refuse(tx: Transaction) -> None:
        tx.event("never", "desk")
        raise UserError("Not like that.")

    before, refused, after = rush.put(note("before")), rush.put(refuse), rush.put(note("after"))
    rush.end()
    assert (before.result(), after.result()) == (1, 2)
    with pytest.raises(UserError, match="Not like that"):
        refused.result()
    assert rush.kinds == ["before", "after"]


def test_what_the_database_refuses_of_one_takes_no_other_with_it(rush: Rush) -> None:
    before = rush.put(note("before"))
    impossible = rush.put(lambda tx: tx.outbox.tell("thread", 999, 999))
    after = rush.put(note("after"))
    rush.end()
    assert (before.result(), after.result()) == (1, 2)
    with pytest.raises(JournalError, match="the database refused"):
        impossible.result()
    assert rush.kinds == ["before", "after"]


def test_a_commit_that_fails_is_tried_again_for_each_alone(rush: Rush) -> None:
    """A deferred constraint fails at the COMMIT, when all of them seemed to have worked."""

    def owe(tx: Transaction) -> None:
        tx.event("owing", "desk")
        tx._db.conn.execute("PRAGMA defer_foreign_keys = 1")
        tx._db.execute("INSERT INTO approvals VALUES (999, 1, 'U', 'approved', '', '')")

    futures = [rush.put(note("before")), rush.put(owe), rush.put(note("after"))]
    rush.end()
    assert (futures[0].result(), futures[2].result()) == (1, 2)
    with pytest.raises(JournalError):
        futures[1].result()
    assert rush.kinds == ["before", "after"]


def test_what_began_too_late_is_not_done_however_many_share_its_commit(rush: Rush) -> None:
    in_time = rush.put(note("in time"))
    late = rush.journal.run(note("late"), rush.clock.monotonic() - 1)
    rush.end()
    assert in_time.result() == 1
    with pytest.raises(TooLate):
        late.result()
    assert rush.kinds == ["in time"]


def test_only_what_is_on_disk_is_acted_on(rush: Rush) -> None:
    acted: list[str] = []

    def then(kind: str, fails: bool) -> Callable[[Transaction], None]:
        def fn(tx: Transaction) -> None:
            tx.event(kind, "desk")
            tx.once_committed.append(lambda: acted.append(kind))
            if fails:
                raise UserError("No.")

        return fn

    rush.put(then("done", fails=False))
    rush.put(then("undone", fails=True))
    rush.end()
    assert acted == ["done"]


def test_what_fails_after_the_commit_is_told_and_done_only_once(rush: Rush) -> None:
    def done_then_failing(tx: Transaction) -> None:
        def fail() -> None:
            raise UserError("Too late for that.")

        tx.event("done", "desk")
        tx.once_committed.append(fail)

    failed, fine = rush.put(done_then_failing), rush.put(note("fine"))
    rush.end()
    with pytest.raises(UserError, match="Too late"):
        failed.result()
    assert fine.result() == 2
    assert rush.kinds == ["done", "fine"]


def test_people_go_before_the_desks_own_work_but_not_for_ever(rush: Rush) -> None:
    own = rush.journal.run_behind(note("own work"))
    rush.put(note("a person"))
    rush.clock.advance(BEHIND_S)
    rush.put(note("a person, later"))
    rush.end()
    own.result()
    assert rush.kinds == ["a person", "own work", "a person, later"]


def test_the_desks_own_work_never_shares_a_commit(clock: VirtualClock) -> None:
    jobs = Jobs(clock)
    for _ in range(2):
        jobs.put(Job(note("a person"), clock.monotonic() + 2.5), 0.0)
    for _ in range(2):
        jobs.put(Job(note("own work"), None), BEHIND_S)
    jobs.stop()
    assert [len(jobs.take()) for _ in range(4)] == [2, 1, 1, 0]
