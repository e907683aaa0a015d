"""The journal: everything the desk knows, in one SQLite file with one writing thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from bot.clock import Clock
from bot.errors import JournalError, TransferdeskError
from bot.journal.backup import rescue
from bot.journal.balances import Holding
from bot.journal.chain import Event, Head
from bot.journal.database import DAMAGED, Lock, SqliteError, file_identity, files_beside, is_damage, open_database
from bot.journal.freezes import EVERYTHING, Freeze
from bot.journal.jobs import BEHIND_S, Job, Jobs
from bot.journal.looks import Due
from bot.journal.outbox import Outbox, Parcel
from bot.journal.people import Standing
from bot.journal.transaction import DESK, Transaction, Vote
from bot.journal.wishes import Wish

__all__ = [
    "DESK",
    "EVERYTHING",
    "Due",
    "Event",
    "Freeze",
    "Head",
    "Holding",
    "Journal",
    "Outbox",
    "Parcel",
    "Standing",
    "TooLate",
    "Transaction",
    "Vote",
    "Wish",
]

T = TypeVar("T")
log = logging.getLogger(__name__)


class TooLate(TransferdeskError):
    """A person's payload waited so long that Slack has told them it failed; nothing is written for it."""


@dataclass(frozen=True)
class _Ending:
    """How one job ended: with a result or an error, and what is to be done when it is on disk.

    Attributes:
        approved: the exchanges where it let a transfer leave.
    """

    result: Any = None
    error: Exception | None = None
    has_changed: bool = False
    once_committed: tuple[Callable[[], None], ...] = ()
    approved: frozenset[str] = frozenset()


class Journal:
    """Runs functions, each as one transaction, in the order they came; people who wait for an answer go first.

    In a rush several people's share one transaction, each in a savepoint of its own: it holds or is undone by itself,
    and the disk is waited for once. Of none anything is told before all are on disk.

    One thread owns the only writing connection. `run` returns a future: handlers await it, lanes wait for it. With
    `threaded=False` the caller's own thread does the work and the future is already done: what a simulator steps.
    """

    def __init__(self, path: Path, clock: Clock, *, threaded: bool = True) -> None:
        self.policy = ""  # the hash of the one in force; every event names it
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        self._approval_listeners: list[Callable[[str], None]] = []
        self._mourners: list[Callable[[str], None]] = []
        self._lost: str | None = None
        self._trouble = ""
        # Through any link: two names of one file must meet in one lock.
        self._path = path = path.resolve()
        self._gate = threading.Lock()
        self._closed = False
        self._lock = Lock(path)
        self._lock.take()
        if not path.exists():
            log.warning("there was no journal at %s; a new one begins", path)
        self._jobs = Jobs(clock)
        self._thread: threading.Thread | None = None
        self._db: Database | None = None
        try:
            if threaded:
                opened: Future[None] = Future()
                self._thread = threading.Thread(target=self._work, args=(opened,), name="journal", daemon=True)
                self._thread.start()
                opened.result()
            else:
                self._db = open_database(path)
        except BaseException:
            self._lock.release()
            raise
        self._files = {file: file_identity(file) for file in (path, *files_beside(path))}

    def run_behind(self, fn: Callable[[Transaction], T]) -> Future[T]:
        """Run what no person waits for: as `run` does, but people go first, if they come within `BEHIND_S`."""
        return self.run(fn, patience_s=BEHIND_S)

    def run(
        self, fn: Callable[[Transaction], T], not_after: float | None = None, *, patience_s: float = 0.0
    ) -> Future[T]:
        """Run `fn` as one `BEGIN IMMEDIATE` transaction; when the future has a result, it is on disk.

        Args:
            fn: the use case. What it raises rolls back and comes out of the future.
            not_after: monotonic seconds after which it may no longer begin.
            patience_s: lets those go first that come within so many seconds.

        Raises (through the future):
            JournalError: the database refused, or is lost: then every later one is refused as well.
            TooLate: its turn came after `not_after`.
        """
        job = Job(fn, not_after)
        with self._gate:
            if self._closed:
                job.future.set_exception(JournalError("the journal is closed"))
                return job.future
            if self._thread is not None:
                self._jobs.put(job, patience_s)
                return job.future
        self._do([job])
        return job.future

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the writing thread, after each commit that changed something. Only a hint."""
        self._listeners.append(listener)

    def on_approval(self, listener: Callable[[str], None]) -> None:
        """Call `listener`, in the writing thread, with an exchange after a transfer there was approved. Only a hint."""
        self._approval_listeners.append(listener)

    def on_loss(self, listener: Callable[[str], None]) -> None:
        """Call `listener` once, in the writing thread, when the database can no longer be trusted, with the reason."""
        self._mourners.append(listener)

    def close(self) -> None:
        """Finish what is queued, close the file and let go of the lock. What comes later gets a JournalError."""
        with self._gate:
            self._closed = True
            self._jobs.stop()
        if self._thread is not None:
            self._thread.join()
        elif self._db is not None:
            self._db.close()
        self._lock.release()

    def _work(self, opened: Future[None]) -> None:
        try:
            self._db = open_database(self._path)
        except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
            opened.set_exception(error)
            return
        opened.set_result(None)
        while jobs := self._jobs.take():
            if wanted := [job for job in jobs if job.future.set_running_or_notify_cancel()]:
                self._do(wanted)
        self._db.close()

    def _do(self, jobs: list[Job]) -> None:
        """Run jobs in one transaction and tell whoever waits for them."""
        try:
            endings = self._transact(jobs)
        except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
            if len(jobs) == 1:
                jobs[0].future.set_exception(self._explained(error))
                return
            # Nothing of it is on disk. Each alone, so that one that cannot be written takes no other with it.
            for job in jobs:
                self._do([job])
            return
        # From here on it is on disk: whatever fails is told, and nothing is done again.
        for job, ending in zip(jobs, endings, strict=True):
            try:
                job.future.set_result(self._concluded(ending))
            except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
                job.future.set_exception(error)
        # After whoever asked, whose ack may wait.
        if any(ending.has_changed for ending in endings):
            self._complain("")
            self._tell_listeners({exchange for ending in endings for exchange in ending.approved})

    def _concluded(self, ending: _Ending) -> Any:
        """Do what was to be done once a job is on disk. Returns what it returned, or raises what it raised."""
        if ending.error is not None:
            raise ending.error
        # Once more: nobody may be told that something is on disk which is in a file without a name.
        self._assert_in_place()
        for act in ending.once_committed:
            act()
        return ending.result

    def _transact(self, jobs: list[Job]) -> list[_Ending]:
        """Run jobs as one `BEGIN IMMEDIATE` transaction, and return how each of them ended.

        What one of several raises rolls back what it wrote, and is its ending. What this raises ends all of them, and
        nothing of any is on disk.
        """
        if self._db is None:
            raise JournalError("the journal is not open")
        self._assert_in_place()
        try:
            self._db.conn.execute("BEGIN IMMEDIATE")
            run = self._run_one if len(jobs) == 1 else self._run_beside
            endings = [run(self._db, job) for job in jobs]
            self._db.conn.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return endings

    def _run_beside(self, db: Database, job: Job) -> _Ending:
        """Run one job of several."""
        db.conn.execute("SAVEPOINT job")
        try:
            ending = self._run_one(db, job)
        except SqliteError:
            raise  # nobody knows what SQLite has undone of the others
        except Exception as error:  # noqa: BLE001 - the future carries it to whoever asked
            db.conn.execute("ROLLBACK TO job")
            ending = _Ending(error=error)
        db.conn.execute("RELEASE job")
        return ending

    def _run_one(self, db: Database, job: Job) -> _Ending:
        # After BEGIN, which may itself have waited.
        if job.not_after is not None and self._clock.monotonic() > job.not_after:
            raise TooLate("Slack has already reported a time-out for this; nothing was done.")
        before = db.conn.total_changes
        tx = Transaction(db, self._clock.now(), self.policy)
        result = job.fn(tx)
        has_changed = db.conn.total_changes != before
        return _Ending(result, None, has_changed, tuple(tx.once_committed), frozenset(tx.approved))

    def _explained(self, error: BaseException) -> BaseException:
        """Return what to tell of an error of one job: what SQLite says is logged, and may mean that all is lost."""
        if not isinstance(error, SqliteError):
            return error
        if is_damage(error):
            self._lose(f"{DAMAGED} (SQLite says: {error})")
        self._complain(f"{type(error).__name__}: {error}")
        refusal = JournalError(f"the database refused: {error}")
        refusal.__cause__ = None  # no foreign error hangs on it, wherever it is raised
        return refusal

    def _complain(self, trouble: str) -> None:
        """Log trouble when it begins, changes and ends: a lane asks every second."""
        if trouble and trouble != self._trouble:
            log.error("journal: %s; nothing is acknowledged and nothing is sent meanwhile", trouble)
        elif self._trouble and not trouble:
            log.warning("journal: it can be written again")
        self._trouble = trouble

    def _assert_in_place(self) -> None:
        """Raise if a file that is open is no longer the one of that name: what goes into it would be lost."""
        missing = [file for file, ours in self._files.items() if file_identity(file) != ours]
        if self._lost is None and missing:
            which = "file" if self._path in missing else "log beside it"
            self._lose(f"the database {which} was deleted, moved or replaced")
            self._rescue()
        if self._lost is not None:
            raise JournalError(self._lost)

    def _lose(self, why: str) -> None:
        self._lost = why
        log.critical("journal: %s; the desk acknowledges and sends nothing any more", why)
        for mourner in self._mourners:
            mourner(why)

    def _rescue(self) -> None:
        """Write what the open file holds beside the place where it was: it has no other name any more."""
        try:
            if self._db is not None:
                kept = rescue(self._db, self._path, self._clock.now())
                log.critical("journal: all of it, up to the last commit, was kept as %s", kept)
                # Whatever is in its place now is read together with the log that is left here.
                for beside in files_beside(self._path):
                    if file_identity(beside) == self._files[beside]:
                        beside.unlink(missing_ok=True)
        except (SqliteError, OSError) as error:
            log.critical("journal: it could not be kept elsewhere (%s)", type(error).__name__)

    def _tell_listeners(self, approved: set[str]) -> None:
        calls: list[Callable[[], None]] = [
            partial(listener, exchange) for listener in self._approval_listeners for exchange in approved
        ]
        # The commit is done; a listener that fails must not make it look otherwise.
        for call in [*calls, *self._listeners]:
            try:
                call()
            except Exception as error:  # noqa: BLE001
                log.error("a listener of the journal failed (%s)", type(error).__name__)

    def _roll_back(self) -> None:
        try:
            if self._db is not None and self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")
        except SqliteError as error:
            # The next BEGIN fails as well, so nothing is acknowledged or sent on the strength of half a transaction.
            log.critical("journal: cannot roll back: %s: %s", type(error).__name__, error)
