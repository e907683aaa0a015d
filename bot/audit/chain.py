"""The hash chain of a journal, followed from its first event to its last; beside the replay of a large one, in a
process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path

from sqlite_utils import Database

from bot.audit.differences import Differences
from bot.journal.chain import GENESIS, link
from bot.journal.database import open_existing

EVENTS = "SELECT seq, at, transfer_id, kind, actor, data, previous_hash, hash FROM events ORDER BY seq"
# Below, it takes longer to start a process than to follow the chain.
ASIDE_FROM = 100_000

_decode = json.JSONDecoder().decode
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def follow(db: Database, last: int) -> Differences:
    """Check every link up to one event, and that `data` is JSON written in the one way the chain hashes."""
    differences = Differences()
    expected, previous = 1, GENESIS
    for row in db.conn.execute(EVENTS):
        seq, text, before, digest = row[0], row[5], row[6], row[7]
        if seq > last:
            break
        if seq != expected:
            differences.add("events", f"#{seq}", "seq", seq, expected, seq)
        if before != previous:
            differences.add("events", f"#{seq}", "previous_hash", before, previous, seq)
        comes_to = link(*row[:7])
        if digest != comes_to:
            differences.add("events", f"#{seq}", "hash", digest, f"{comes_to}, which is what the row comes to", seq)
        if not _is_canonical(text):
            differences.add("events", f"#{seq}", "data", text, "JSON, written in the one way there is", seq)
        expected, previous = seq + 1, digest
    return differences


def _is_canonical(text: str) -> bool:
    try:
        return _canonical(_decode(text)) == text
    except (ValueError, RecursionError):
        return False


@contextmanager
def followed(db: Database, file: Path, last: int) -> Iterator[Callable[[], Differences]]:
    """Have a chain followed, and give what waits for the result; of a long one meanwhile, in another process."""
    if last < ASIDE_FROM:
        yield lambda: follow(db, last)
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        result: Future[Differences] = pool.submit(_follow_aside, file, last)
        yield result.result


def _follow_aside(file: Path, last: int) -> Differences:
    # Events are only ever added, so what this sees of them up to `last` is what the other process sees.
    with closing(open_existing(file, "ro")) as db:
        return follow(db, last)
