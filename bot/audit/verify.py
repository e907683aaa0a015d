"""`verify`: one journal, read once from end to end, as of one moment, beside a desk that may be writing it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.audit import kinds
from bot.audit.chain import followed
from bot.audit.differences import Differences
from bot.audit.names import Names
from bot.audit.policies import Policies
from bot.audit.replay import Replay, Told
from bot.audit.tables import Tables
from bot.errors import StartError
from bot.journal.backup import copy_up_to_date
from bot.journal.chain import GENESIS, Head
from bot.journal.database import assert_known, explained, open_existing
from bot.journal.schema import KNOWN

_TOLD = "SELECT seq, at, transfer_id, kind, actor, data FROM events ORDER BY seq"
# How often progress is told.
STEP = 5000


@dataclass(frozen=True)
class Report:
    """What came of it.

    Attributes:
        head: where the journal ends.
        unjudged: votes and sends that could not be judged, as their events tell no policy.
        partly: transfers of which an older version wrote less into events, so that not every column was compared.
        names: what the events say of the journal's names.
    """

    head: Head
    events: int
    transfers: int
    differences: Differences
    unjudged: int
    partly: int
    names: Names


@contextmanager
def reading(file: Path) -> Iterator[Database]:
    """Open a journal or a backup to read it as of one moment. One of an older version is brought up to date as a copy.

    Raises:
        StartError: it is no journal this version knows, or it cannot be read.
    """
    with contextlib.ExitStack() as stack:
        db = stack.enter_context(contextlib.closing(open_existing(file, "ro")))
        stack.enter_context(explained(file))
        seen = assert_known(db, file)
        if not seen:
            raise StartError(f"{file}: not the journal of a transferdesk")
        if seen != KNOWN:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            db = stack.enter_context(contextlib.closing(copy_up_to_date(file, folder / "copy.db")))
        db.conn.execute("BEGIN")
        db.conn.execute("SELECT 1 FROM events LIMIT 1").fetchone()  # from here on it sees one moment
        yield db


def verify(db: Database, file: Path, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Read a journal opened by `reading` and say what is not as it should be.

    Args:
        file: where it is.
        progress: is told after every few thousand events how many they were.
    """
    last = last_of(db)
    differences = Differences()
    tables = Tables(db, differences)
    replay = Replay(Policies(tables.policy), tables, differences)
    with followed(db, file, last.seq) as chain:
        events = _replayed(db, replay, progress)
        transfers = tables.finish(replay, last.seq)
        differences.include(chain())
    return Report(last, events, transfers, differences, replay.unjudged, tables.partly, replay.names)


def _replayed(db: Database, replay: Replay, progress: Callable[[int], None]) -> int:
    """Let every event happen again. Returns how many they were."""
    apply, decode, count = kinds.apply, json.JSONDecoder().raw_decode, 0
    for seq, at, transfer_id, kind, actor, text in db.conn.execute(_TOLD):
        count += 1
        try:
            data, _ = decode(text)
        except (ValueError, RecursionError):
            data = None  # that it is no JSON is said where the chain is followed
        if isinstance(data, dict):
            apply(replay, Told(seq, at, transfer_id, kind, actor, data))
        if count % STEP == 0:
            progress(STEP)
    progress(count % STEP)
    return count


def last_of(db: Database) -> Head:
    """Return where the chain ends."""
    found = db.conn.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(name_of(db), *(found or (0, GENESIS)))


def name_of(db: Database) -> str:
    """Return the journal's present name; nothing when somebody took it away."""
    found = db.conn.execute("SELECT uuid FROM journal ORDER BY rowid DESC LIMIT 1").fetchone()
    return str(found[0]) if found else ""


def hashes(db: Database, numbers: Iterable[int]) -> dict[int, str]:
    """Return the hashes of some events, as far as they are there."""
    rows = (db.conn.execute("SELECT seq, hash FROM events WHERE seq = ?", (number,)).fetchone() for number in numbers)
    return {int(row[0]): str(row[1]) for row in rows if row is not None}
