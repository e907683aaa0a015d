"""Opening the database: one desk per file, mode 0600, every pragma set and then looked at."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.errors import JournalLocked, StartError
from bot.journal.schema import KNOWN, migrations

# STRICT tables need 3.37. Below 3.51.3 a WAL with two writers can lose pages; the desk has one writer, so older
# versions are usable, and `is_wal_safe` lets the start say which one it is.
SQLITE_MIN = (3, 37, 0)
SQLITE_WAL_SAFE = (3, 51, 3)

# pysqlite3's errors are not sqlite3's: everyone who catches one takes it from here.
SqliteError: type[Exception] = sqlite3.Error

# Statements a connection keeps prepared: more than there are. When the 128 it keeps by itself are full, pysqlite3 lets
# the newest go for the next, and the first tables alone are almost as many: each query would be planned at each call.
STATEMENTS_KEPT = 2048

_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: each commit is on disk before it is answered
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "busy_timeout": 1000,  # nobody else may write; a payload of Slack's must not wait long for who does
    "fullfsync": 1,  # macOS: fsync alone does not reach the disk there
}

DAMAGED = "the database is damaged"
_REPAIR = "Keep the file, and run `transferdesk restore` with the newest backup"
_CANNOT_WRITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def sqlite_version() -> str:
    """Return the version of the SQLite in use."""
    return str(sqlite3.sqlite_version)


def is_wal_safe() -> bool:
    """Tell whether this SQLite has the fix for the WAL-reset bug."""
    return tuple(sqlite3.sqlite_version_info) >= SQLITE_WAL_SAFE


class Lock:
    """The right to write one database, held by at most one process; the kernel lets go when the process dies."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            JournalLocked: another desk holds it.
            StartError: the folder cannot be written.
        """
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(f"{self._path}: cannot be made ({error.strerror}); is the folder writable?") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(file, 32).decode("ascii", "replace").strip()
            os.close(file)
            raise JournalLocked(
                f"{self._path.with_suffix('')}: another transferdesk is running on this database"
                + (f" (process {holder})" if holder.isdigit() else "")
                + "; stop it first"
            ) from None
        with contextlib.suppress(OSError):  # a full disk: the number only helps to find the holder
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def release(self) -> None:
        """Let go. Harmless when not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def open_database(path: Path) -> Database:
    """Open the journal for writing, from the thread that will use it, and bring its tables up to date.

    Raises:
        StartError: unreadable, not a database, damaged, made by a newer transferdesk, or a pragma did not take.
    """
    if tuple(sqlite3.sqlite_version_info) < SQLITE_MIN:
        raise StartError(f"SQLite {sqlite3.sqlite_version} is too old; expected 3.37 or newer")
    try:
        # Made here, not by SQLite, so that the file never has another mode than 0600; the WAL takes the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StartError(f"{path}: cannot be opened for writing ({error.strerror})") from None
    with explained(path):
        db = Database(_connect(str(path)), execute_plugins=False)
        for pragma, value in _PRAGMAS.items():
            db.execute(f"PRAGMA {pragma} = {value}").fetchall()
        _assert_pragmas(db, path)
        assert_sound(db, path, "quick_check")
        assert_known(db, path)
        migrations.apply(db)
    return db


def open_existing(path: Path, mode: Literal["ro", "rw"]) -> Database:
    """Open a database as it is, to read or copy it; the caller closes it.

    Raises:
        StartError: there is no such file, or it cannot be opened.
    """
    if not path.is_file():
        raise StartError(f"{path}: there is no such file")
    with explained(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
    return Database(connection, execute_plugins=False)


def _connect(name: str, *, uri: bool = False) -> Any:
    return sqlite3.connect(name, uri=uri, isolation_level=None, cached_statements=STATEMENTS_KEPT)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says about a file into a sentence with the way out."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StartError(f"{path}: {_in_words(error)}") from None


def assert_sound(db: Database, path: Path, check: Literal["quick_check", "integrity_check"]) -> None:
    """Read every page; `integrity_check` also compares every index with its table.

    Raises:
        StartError: something does not fit together.
    """
    found = str(db.execute(f"PRAGMA {check}(1)").fetchone()[0])
    if found != "ok":
        raise StartError(f"{path}: {DAMAGED} (SQLite says: {' '.join(found.split())}). {_REPAIR}")


def assert_known(db: Database, path: Path) -> frozenset[str]:
    """Return which migrations a database has seen.

    Raises:
        StartError: it was made by a newer transferdesk.
    """
    seen = frozenset(migration.name for migration in migrations.applied(db))
    newer = sorted(seen - KNOWN)
    if newer:
        raise StartError(f"{path}: made by a newer transferdesk ({', '.join(newer)}); install that version")
    return seen


def is_damage(error: Exception) -> bool:
    """Tell whether an error of SQLite's means that the file can no longer be trusted."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return what makes the file at a path that file, or None when there is none to be seen."""
    try:
        found = os.stat(path)  # noqa: PTH116 - looked at twice for every ack
    except OSError:
        return None
    return found.st_dev, found.st_ino


def files_beside(path: Path) -> tuple[Path, Path]:
    """Return where SQLite keeps what belongs to a database in WAL mode: the log, and the index of it."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _in_words(error: Exception) -> str:
    if _code(error) == sqlite3.SQLITE_CORRUPT:
        return f"{DAMAGED} (SQLite says: {error}). {_REPAIR}"
    if _code(error) in _CANNOT_WRITE:
        return f"cannot be used (SQLite says: {error}); is the disk full, or read-only?"
    return f"SQLite says: {error}; expected a transferdesk database; a start brings an older one up to date"


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the rest says which system call it was


def _assert_pragmas(db: Database, path: Path) -> None:
    for pragma, value in _PRAGMAS.items():
        found: Any = db.execute(f"PRAGMA {pragma}").fetchone()[0]
        if found != value:
            raise StartError(f"{path}: PRAGMA {pragma} is {found!r}, expected {value!r}; is this a network disk?")
