"""A copy of the journal of one moment, for its owner alone, gone when nobody looks any more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StartError
from bot.journal.backup import make_private
from bot.journal.database import assert_known, explained, open_database, open_existing


@contextmanager
def snapshot(database: Path, names: Mapping[str, str]) -> Iterator[Path]:
    """Make a copy of a journal that a desk may be writing, in a folder of its own, and remove it at the end.

    Args:
        names: what desk.toml calls Slack user ids; kept in the copy as a table `people`.

    Raises:
        StartError: it cannot be read, is damaged, or is no journal this version knows.
    """
    # The folder is open to its owner alone, and so is the file; both go where TMPDIR says.
    with tempfile.TemporaryDirectory(prefix="transferdesk-explore-") as folder:
        copy = Path(folder) / "journal.db"
        make_private(copy)
        _copy(database, copy)
        _finish(copy, names)
        yield copy


def _copy(database: Path, copy: Path) -> None:
    db = open_existing(database, "ro")
    try:
        with explained(database):
            if not assert_known(db, database):
                raise StartError(f"{database}: not the journal of a transferdesk")
            db.execute("VACUUM INTO ?", [str(copy)])
    finally:
        db.close()


def _finish(copy: Path, names: Mapping[str, str]) -> None:
    """Bring a copy from an older version up to date, for the queries' sake, and add the names."""
    db = open_database(copy)
    try:
        with explained(copy):
            db.execute("CREATE TABLE people (user TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT")
            db.conn.executemany("INSERT INTO people VALUES (?, ?)", sorted(names.items()))
            # One file, without a log beside it.
            db.execute("PRAGMA journal_mode = delete").fetchall()
    finally:
        db.close()
