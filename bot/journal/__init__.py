"""The journal: everything the desk knows, in one SQLite file with one writing thread."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import math
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from bot.clock import Clock
from bot.errors import JournalError, TransferdeskError
from bot.journal.backup import rescue
from bot.journal.balances import Holding
from bot.journal.chain import Event, Head
from bot.journal.database import DAMAGED, Lock, SqliteError, file_identity, files_beside, is_damage, open_database
from bot.journal.freezes import EVERYTHING, Freeze
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

# When it is due, in monotonic seconds; its place among those due at once; what to do, or to stop.
_Due = tuple[float, int, Callable[[], None] | None]

# How long the desk's own work lets people's go first. It does so only in a rush, and a rush cannot hold it up for ever.
BEHIND_S = 0.25


class TooLate(TransferdeskError):
    """A person's payload waited so long that Slack has told them it failed; nothing is written for it."""


class Journal:
    """Runs functions, each as one transaction, in the order they came; people who wait for an answer go first.

    One thread owns the only writing connection. `run` returns a future: handlers await it, lanes wait for it. With
    `threaded=False` the caller's own thread does the work and the future is already done: what a simulator steps.
    """

    def __init__(self, path: Path, clock: Clock, *, threaded: bool = True) -> None:
        self.policy = ""  # the hash of the one in force; every event names it
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
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
        self._jobs: queue.SimpleQueue[_Due] = queue.SimpleQueue()
        self._places = itertools.count()
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
        return self._run(fn, None, BEHIND_S)

    def run(self, fn: Callable[[Transaction], T], not_after: float | None = None) -> Future[T]:
        """Run `fn` as one `BEGIN IMMEDIATE` transaction; when the future has a result, it is on disk.

        Args:
            fn: the use case. What it raises rolls back and comes out of the future.
            not_after: monotonic seconds after which it may no longer begin.

        Raises (through the future):
            JournalError: the database refused, or is lost: then every later one is refused as well.
            TooLate: its turn came after `not_after`.
        """
        return self._run(fn, not_after, 0.0)

    def _run(self, fn: Callable[[Transaction], T], not_after: float | None, patience_s: float) -> Future[T]:
        future: Future[T] = Future()

        def job() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result, has_changed = self._transact(fn, not_after)
                except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
                    future.set_exception(error)
                else:
                    # Whoever asked before whoever is only to be woken: an ack may depend on it.
                    future.set_result(result)
                    if has_changed:
                        self._tell_listeners()

        with self._gate:
            if self._closed:
                future.set_exception(JournalError("the journal is closed"))
                return future
            if self._thread is not None:
                self._jobs.put((self._clock.monotonic() + patience_s, next(self._places), job))
                return future
        job()
        return future

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the writing thread, after each commit that changed something. Only a hint."""
        self._listeners.append(listener)

    def on_loss(self, listener: Callable[[str], None]) -> None:
        """Call `listener` once, in the writing thread, when the database can no longer be trusted, with the reason."""
        self._mourners.append(listener)

    def close(self) -> None:
        """Finish what is queued, close the file and let go of the lock. What comes later gets a JournalError."""
        with self._gate:
            self._closed = True
            self._jobs.put((math.inf, next(self._places), None))
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
        due: list[_Due] = []
        while (job := self._next_of(due)) is not None:
            job()
        self._db.close()

    def _next_of(self, due: list[_Due]) -> Callable[[], None] | None:
        """Take in all that has come, and take out what is due first; waits while there is nothing."""
        # Not a PriorityQueue: in a rush everybody would wait for its lock more than for the disk.
        with contextlib.suppress(queue.Empty):
            while True:
                heapq.heappush(due, self._jobs.get(block=not due))
        return heapq.heappop(due)[-1]

    def _transact(self, fn: Callable[[Transaction], T], not_after: float | None) -> tuple[T, bool]:
        """Return what `fn` returned, and whether the database is another one now."""
        if self._db is None:
            raise JournalError("the journal is not open")
        self._assert_in_place()
        connection = self._db.conn
        before = connection.total_changes
        try:
            connection.execute("BEGIN IMMEDIATE")
            # After BEGIN, which may itself have waited.
            if not_after is not None and self._clock.monotonic() > not_after:
                raise TooLate("Slack has already reported a time-out for this; nothing was done.")
            tx = Transaction(self._db, self._clock.now(), self.policy)
            result = fn(tx)
            connection.execute("COMMIT")
        except SqliteError as error:
            self._roll_back()
            if is_damage(error):
                self._lose(f"{DAMAGED} (SQLite says: {error})")
            self._complain(f"{type(error).__name__}: {error}")
            raise JournalError(f"the database refused: {error}") from None
        except BaseException:
            self._roll_back()
            raise
        # Once more: nobody may be told that something is on disk which is in a file without a name.
        self._assert_in_place()
        for act in tx.once_committed:
            act()
        has_changed = connection.total_changes != before
        if has_changed:
            self._complain("")
        return result, has_changed

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

    def _tell_listeners(self) -> None:
        # The commit is done; a listener that fails must not make it look otherwise.
        for listener in self._listeners:
            try:
                listener()
            except Exception as error:  # noqa: BLE001
                log.error("a listener of the journal failed (%s)", type(error).__name__)

    def _roll_back(self) -> None:
        try:
            if self._db is not None and self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")
        except SqliteError as error:
            # The next BEGIN fails as well, so nothing is acknowledged or sent on the strength of half a transaction.
            log.critical("journal: cannot roll back: %s: %s", type(error).__name__, error)
