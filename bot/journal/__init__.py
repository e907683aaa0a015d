"""The journal: everything the desk knows, in one SQLite file with one writing thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from bot.clock import Clock
from bot.errors import JournalError, TransferdeskError
from bot.journal.chain import Event
from bot.journal.database import Lock, SqliteError, open_database
from bot.journal.outbox import Outbox, Parcel
from bot.journal.transaction import DESK, Transaction, Vote

__all__ = ["DESK", "Event", "Journal", "Outbox", "Parcel", "TooLate", "Transaction", "Vote"]

T = TypeVar("T")
log = logging.getLogger(__name__)


class TooLate(TransferdeskError):
    """A person's payload waited so long that Slack has told them it failed; nothing is written for it."""


class Journal:
    """Runs functions, each as one transaction, in the order they came.

    One thread owns the only writing connection. `run` returns a future: handlers await it, lanes wait for it. With
    `threaded=False` the caller's own thread does the work and the future is already done: what a simulator steps.
    """

    def __init__(self, path: Path, clock: Clock, *, threaded: bool = True) -> None:
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        # Through any link: two names of one file must meet in one lock.
        path = path.resolve()
        self._gate = threading.Lock()
        self._closed = False
        self._lock = Lock(path)
        self._lock.take()
        if not path.exists():
            log.warning("there was no journal at %s; a new one begins", path)
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._db: Database | None = None
        try:
            if threaded:
                opened: Future[None] = Future()
                self._thread = threading.Thread(target=self._work, args=(path, opened), name="journal", daemon=True)
                self._thread.start()
                opened.result()
            else:
                self._db = open_database(path)
        except BaseException:
            self._lock.release()
            raise

    def run(self, fn: Callable[[Transaction], T], not_after: float | None = None) -> Future[T]:
        """Run `fn` as one `BEGIN IMMEDIATE` transaction; when the future has a result, it is on disk.

        Args:
            fn: the use case. What it raises rolls back and comes out of the future.
            not_after: monotonic seconds after which it may no longer begin.

        Raises (through the future):
            JournalError: the database refused.
            TooLate: its turn came after `not_after`.
        """
        future: Future[T] = Future()

        def job() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = self._transact(fn, not_after)
                except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
                    future.set_exception(error)
                else:
                    future.set_result(result)

        with self._gate:
            if self._closed:
                future.set_exception(JournalError("the journal is closed"))
                return future
            if self._thread is not None:
                self._jobs.put(job)
                return future
        job()
        return future

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener`, in the writing thread, after each commit that changed something. Only a hint."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Finish what is queued, close the file and let go of the lock. What comes later gets a JournalError."""
        with self._gate:
            self._closed = True
            self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()
        elif self._db is not None:
            self._db.close()
        self._lock.release()

    def _work(self, path: Path, opened: Future[None]) -> None:
        try:
            self._db = open_database(path)
        except BaseException as error:  # noqa: BLE001 - the future carries it to whoever asked
            opened.set_exception(error)
            return
        opened.set_result(None)
        while (job := self._jobs.get()) is not None:
            job()
        self._db.close()

    def _transact(self, fn: Callable[[Transaction], T], not_after: float | None) -> T:
        if self._db is None:
            raise JournalError("the journal is not open")
        connection = self._db.conn
        before = connection.total_changes
        try:
            connection.execute("BEGIN IMMEDIATE")
            # After BEGIN, which may itself have waited.
            if not_after is not None and self._clock.monotonic() > not_after:
                raise TooLate("Slack has already reported a time-out for this; nothing was done.")
            result = fn(Transaction(self._db, self._clock.now()))
            connection.execute("COMMIT")
        except SqliteError as error:
            self._roll_back()
            log.error("journal: %s: %s", type(error).__name__, error)
            raise JournalError(f"the database refused: {error}") from None
        except BaseException:
            self._roll_back()
            raise
        if connection.total_changes != before:
            self._tell_listeners()
        return result

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
