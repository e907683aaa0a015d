"""Copies of the journal: made while the desk runs, checked before anybody relies on one, put back when it does not run.

Every copy is made by SQLite's backup API: a plain `cp` of a database in use misses what its WAL holds.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from bot.errors import StartError
from bot.journal.chain import GENESIS, Head, link
from bot.journal.database import (
    SqliteError,
    assert_known,
    assert_sound,
    explained,
    files_beside,
    open_database,
    open_existing,
)
from bot.journal.transaction import Transaction

T = TypeVar("T")


def back_up(database: Path, file: Path) -> Head:
    """Copy a journal as it is now into a new file, and check the copy. A desk may be writing meanwhile.

    Args:
        file: must not exist; it is made with mode 0600, and removed again if it does not pass.

    Returns:
        The end of the copy's chain.

    Raises:
        StartError: there is no journal, the file is there already, or the copy is not whole.
    """
    if not database.is_file():
        raise StartError(f"{database}: there is no journal; set TRANSFERDESK_DATABASE")
    make_private(file)
    try:
        _copy(database, file)
        head = examine(file)
        _sync(file, file.absolute().parent)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return head


def examine(file: Path) -> Head:
    """Read a whole journal, every page, index and link of the chain, and return the end of the chain.

    Raises:
        StartError: it is no journal of a transferdesk this one knows, it is damaged, or its chain is broken.
    """
    db = open_existing(file, "ro")
    try:
        with explained(file):
            assert_sound(db, file, "integrity_check")
            if not assert_known(db, file):
                raise StartError(f"{file}: not the journal of a transferdesk")
            seq, digest = _follow_chain(db, file)
            uuid = Transaction(db, datetime.now(UTC)).uuid if db["journal"].exists() else ""
    finally:
        db.close()
    return Head(uuid, seq, digest)


@contextmanager
def looking_at(database: Path) -> Iterator[Transaction]:
    """Read a journal that a desk may be writing; every query sees what is committed by then.

    Raises:
        StartError: it cannot be read.
    """
    db = open_existing(database, "ro")
    try:
        with explained(database):
            yield Transaction(db, datetime.now(UTC))
    finally:
        db.close()


def copy_up_to_date(file: Path, copy: Path) -> Database:
    """Copy a journal of an older version into a new file, bring that one up to date, and return it open.

    Raises:
        StartError: it cannot be read, or not be brought up to date.
    """
    make_private(copy)
    _copy(file, copy)
    return open_database(copy)


def rescue(db: Database, path: Path, now: datetime) -> Path:
    """Write what an open database holds into a new file beside the path its own file is no longer at."""
    kept = _free(path.with_name(f"{path.name}.rescued-{_stamp(now)}"))
    make_private(kept)
    _into(db, kept)
    return kept


def put_back(database: Path, file: Path, now: datetime, change: Callable[[Transaction], T]) -> tuple[T, Path | None]:
    """Make a copy the journal, changed in one transaction, and lay aside whatever was in its place.

    The caller holds the lock of `database`. Until the last step, a rename, everything is as it was.

    Returns:
        What `change` returned, and where the old journal is now, if there was one.
    """
    fresh = database.with_name(f"{database.name}.restoring")
    _remove(fresh)
    make_private(fresh)
    try:
        _copy(file, fresh)
        result = _change(fresh, now, change)
        _sync(fresh)
        aside = _lay_aside(database, now)
        fresh.rename(database)
    finally:
        _remove(fresh)
    _sync(database.parent)
    return result, aside


def _change(path: Path, now: datetime, change: Callable[[Transaction], T]) -> T:
    db = open_database(path)
    try:
        with explained(path):
            db.execute("BEGIN IMMEDIATE")
            result = change(Transaction(db, now))
            db.execute("COMMIT")
    finally:
        db.close()
    return result


def _lay_aside(database: Path, now: datetime) -> Path | None:
    """Rename a database with what belongs to it. A WAL left alone would be read into the next one of that name."""
    if database.exists():
        # In one file, if it still can be; one that is damaged keeps its WAL beside it.
        with contextlib.suppress(StartError, SqliteError):
            db = open_existing(database, "rw")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            db.close()
    aside = _free(database.with_name(f"{database.name}.before-restore-{_stamp(now)}"))
    moves = dict(zip(_all_of(database), _all_of(aside), strict=True))
    found = [here for here in moves if here.exists()]
    for here in found:
        here.rename(moves[here])
    return aside if found else None


def _free(path: Path) -> Path:
    """Return this name, or the first one like it that nothing has yet."""
    names = itertools.chain((path,), (path.with_name(f"{path.name}-{number}") for number in itertools.count(2)))
    return next(name for name in names if not any(file.exists() for file in _all_of(name)))


def make_private(file: Path) -> None:
    """Make an empty file for its owner alone, where there was none.

    Raises:
        StartError: there is one, or it cannot be made.
    """
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise StartError(f"{file}: is there already; choose a name that is free") from None
    except OSError as error:
        raise StartError(f"{file}: cannot be made ({error.strerror})") from None


def _copy(source: Path, target: Path) -> None:
    db = open_existing(source, "ro")
    try:
        with explained(source):
            _into(db, target)
    finally:
        db.close()


def _into(db: Database, target: Path) -> None:
    """Copy an open database in one go, so that it is the database of one moment, into one file without a WAL."""
    copy = open_existing(target, "rw")
    try:
        db.conn.backup(copy.conn)
        copy.execute("PRAGMA journal_mode = delete").fetchall()
    finally:
        copy.close()


def _follow_chain(db: Database, file: Path) -> tuple[int, str]:
    seq, previous = 0, GENESIS
    rows = db.execute("SELECT seq, at, transfer_id, kind, actor, data, previous_hash, hash FROM events ORDER BY seq")
    for number, at, transfer_id, kind, actor, data, before, digest in rows:
        fits = number == seq + 1 and before == previous
        if not fits or digest != link(number, at, transfer_id, kind, actor, data, before):
            raise StartError(f"{file}: its chain breaks at event #{number}; somebody changed it, use another backup")
        seq, previous = number, digest
    return seq, previous


def _remove(database: Path) -> None:
    for file in _all_of(database):
        file.unlink(missing_ok=True)


def _all_of(database: Path) -> tuple[Path, ...]:
    return (*files_beside(database), database)


def _sync(*paths: Path) -> None:
    """Make sure that files, and the names in folders, are on the disk."""
    for path in paths:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
