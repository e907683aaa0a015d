"""The record: append-only, and every row's hash covers it and everything before it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from clock import VirtualClock
from desk_bench import BOB, CAROL, DAN, STRANGER, DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.desk import Decision
from bot.journal import Journal, Transaction
from bot.transfers import Accepted, Transfer


def recomputed(path: Path) -> list[tuple[str, str]]:
    """The chain as the plan defines it, from the file and the standard library alone: (kept, computed) for each row."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    pairs, previous = [], "0" * 64
    for row in map(dict, connection.execute("SELECT * FROM events ORDER BY seq").fetchall()):
        kept, said_previous = row.pop("hash"), row.pop("previous_hash")
        assert said_previous == previous
        text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        pairs.append((kept, hashlib.sha256((previous + text).encode("utf-8")).hexdigest()))
        previous = kept
    connection.close()
    return pairs


def broken(path: Path) -> int:
    return sum(kept != computed for kept, computed in recomputed(path))


def test_the_chain_of_a_busy_day_can_be_recomputed_by_anybody(bench: DeskBench) -> None:
    bench.ask("250 usdt htx:spot → htx:linear-swap", by=STRANGER)
    bench.settled(Accepted("1"))
    lost = bench.unknown("1 usdt htx:linear-swap -> htx:spot")
    bench.resolve(lost, CAROL, Decision.EXECUTED, 'Größe stimmt: 金額 ✓ "quoted" \\ \u2028')
    bench.resolve(lost, DAN, Decision.EXECUTED)
    bench.cancel(bench.proposed(by=BOB), BOB)
    bench.restart()
    pairs = recomputed(bench.path)
    assert len(pairs) == len(bench.events()) > 10
    assert broken(bench.path) == 0


def test_what_people_wrote_is_kept_readable(path: Path, journal: Journal) -> None:
    journal.run(lambda tx: tx.event("resolve_vote", "U03CAROL", reason="Größe → 金額")).result()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert connection.execute("SELECT data FROM events").fetchall() == [('{"reason":"Größe → 金額"}',)]
    connection.close()
    assert broken(path) == 0


def test_the_chain_goes_on_after_a_restart(path: Path, clock: VirtualClock) -> None:
    for _ in range(3):
        journal = Journal(path, clock, threaded=False)
        journal.run(lambda tx: tx.event("started", "desk")).result()
        journal.close()
    assert [kept for kept, _ in recomputed(path)] == [computed for _, computed in recomputed(path)]
    assert len(recomputed(path)) == 3


def test_an_event_knows_its_place_in_the_chain(journal: Journal, transfer: Transfer) -> None:
    first = journal.run(lambda tx: tx.event("one", "desk")).result()
    second = journal.run(lambda tx: tx.event("two", "U01ALICE", transfer, why="so")).result()
    assert (first.seq, first.previous_hash) == (1, "0" * 64)
    assert (second.seq, second.previous_hash, second.transfer_id) == (2, first.hash, transfer.id)
    assert second.head == f"#2 {second.hash[:12]}"
    assert journal.run(lambda tx: list(tx.events())).result() == [first, second]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'nobody' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events",
        "REPLACE INTO events SELECT seq, at, transfer_id, kind, 'nobody', data, previous_hash, hash FROM events",
    ],
)
def test_events_cannot_be_changed_or_removed(bench: DeskBench, statement: str) -> None:
    bench.ask()
    before = bench.events()
    with pytest.raises(sqlite3.IntegrityError, match="events are append-only"):
        bench.tamper(statement)
    assert bench.events() == before


def test_a_row_changed_by_somebody_who_removed_the_triggers_breaks_the_chain(bench: DeskBench) -> None:
    bench.ask()
    bench.tamper("DROP TRIGGER events_are_never_changed")
    bench.tamper("UPDATE events SET data = replace(data, '250', '950') WHERE kind = 'proposed'")
    assert broken(bench.path) == 1


def test_an_event_that_was_rolled_back_leaves_no_gap(journal: Journal) -> None:
    def fail(tx: Transaction) -> None:
        tx.event("lost", "desk")
        raise RuntimeError("the use case failed")

    journal.run(lambda tx: tx.event("one", "desk")).result()
    with pytest.raises(RuntimeError):
        journal.run(fail).result()
    assert journal.run(lambda tx: tx.event("two", "desk")).result().seq == 2
