"""How large a journal is and what is in it, read beside a running desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.errors import StartError
from bot.journal.database import assert_known, assert_sound, explained, files_beside, open_existing
from bot.journal.dictionary import KEPT, WORKING
from bot.journal.transaction import Transaction

DAYS = 14  # of which the events are counted one by one


@dataclass(frozen=True)
class Stats:
    """A journal in figures.

    Attributes:
        journal: its name; empty for one of a version that gave none.
        size, wal_size: bytes of the file, and of the log beside it.
        free: bytes of the file that hold nothing.
        mode: who may read it, as `ls` counts: `0600` is its owner alone.
        kept, working: rows by table; nothing of what is kept is ever deleted.
        states: transfers by state.
        first, last: when the oldest and the newest event happened.
        days: events by day of the last `DAYS` days on which there were any, the newest first.
        damage: what SQLite finds wrong with the file; empty for nothing.
    """

    journal: str
    size: int
    wal_size: int
    free: int
    mode: str
    kept: dict[str, int]
    working: dict[str, int]
    states: dict[str, int]
    first: str | None
    last: str | None
    days: dict[str, int]
    damage: str


def stats(path: Path) -> Stats:
    """Look at a journal; every page of it is read.

    Raises:
        StartError: there is none, it cannot be read, or a newer transferdesk made it.
    """
    db = open_existing(path, "ro")
    try:
        with explained(path):
            if not assert_known(db, path):
                raise StartError(f"{path}: not the journal of a transferdesk")
            return _stats(db, path)
    finally:
        db.close()


def _stats(db: Database, path: Path) -> Stats:
    # One moment for all figures.
    db.execute("BEGIN")
    first, last = db.execute("SELECT min(at), max(at) FROM events").fetchone()
    wal, _ = files_beside(path)
    return Stats(
        journal=Transaction(db, datetime.now(UTC)).uuid if db["journal"].exists() else "",
        size=path.stat().st_size,
        wal_size=wal.stat().st_size if wal.exists() else 0,
        free=_pragma(db, "freelist_count") * _pragma(db, "page_size"),
        mode=f"{path.stat().st_mode & 0o7777:04o}",
        kept=_rows(db, KEPT),
        working=_rows(db, WORKING),
        states=_counts(db, "SELECT state, count(*) FROM transfers GROUP BY state ORDER BY state"),
        first=first,
        last=last,
        days=_counts(
            db,
            "SELECT substr(at, 1, 10) AS day, count(*) FROM events GROUP BY day ORDER BY day DESC LIMIT ?",
            DAYS,
        ),
        damage=_damage(db, path),
    )


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _rows(db: Database, tables: Iterable[str]) -> dict[str, int]:
    # A journal of an older version has fewer.
    there = set(db.table_names()).intersection(tables)
    return {name: int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in sorted(there)}  # noqa: S608


def _counts(db: Database, sql: str, *values: object) -> dict[str, int]:
    return {str(name): int(count) for name, count in db.execute(sql, values)}


def _damage(db: Database, path: Path) -> str:
    try:
        assert_sound(db, path, "quick_check")
    except StartError as damage:
        return str(damage)
    return ""
