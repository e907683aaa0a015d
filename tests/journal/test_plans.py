"""What people and lanes wait for is found by an index, however long the journal is: SQLite's own plans say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_bench import ALICE, COMMAND, DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.filters import Filter
from bot.transfers import Accepted


def plans(bench: DeskBench, act: Callable[[], object]) -> list[str]:
    """Every step of the plan of every query that is made meanwhile."""
    connection = bench.journal._db.conn  # type: ignore[union-attr]
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    try:
        act()
    finally:
        connection.set_trace_callback(None)
    reader = sqlite3.connect(f"file:{bench.path}?mode=ro", uri=True)
    steps = []
    for sql in dict.fromkeys(asked):
        if sql.startswith(("SELECT", "UPDATE", "DELETE", "\n    SELECT")):
            steps += [f"{row[3]}  ←  {sql}" for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}")]
    reader.close()
    assert steps
    return steps


# What is always little: a handful of rows, or only those that are pending.
LITTLE = ("journal", "freezes", "wishes", "homes", "outbox USING INDEX outbox_pending", "(subquery")
LAST_EVENT = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"  # the first row it comes to


def scans(steps: list[str]) -> list[str]:
    scanning = [step for step in steps if step.startswith("SCAN") and not step.endswith(LAST_EVENT)]
    return [step for step in scanning if not step.removeprefix("SCAN ").startswith(LITTLE)]


@pytest.fixture
def lived(bench: DeskBench) -> DeskBench:
    bench.restart(('per_transfer = "1000"', 'per_transfer = "1000"\nper_day = "90000"'))
    bench.settled(Accepted("1"))
    bench.unknown("20 usdt htx:linear-swap -> htx:spot")
    bench.proposed("30 usdt htx:spot -> htx:linear-swap")
    return bench


def test_the_history_reads_the_last_transfers_alone(lived: DeskBench) -> None:
    steps = plans(lived, lambda: lived.desk.history(ALICE, Filter()).result())
    assert scans(steps) == []
    assert any("SEARCH transfers USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in step for step in steps)


def test_limits_read_what_counts_and_nothing_else(lived: DeskBench) -> None:
    steps = plans(lived, lambda: lived.journal.run(lambda tx: list(tx.spent("USDT"))).result())
    assert scans(steps) == []
    assert any("transfers_counted" in step for step in steps)


def test_a_command_a_click_and_a_claim_read_no_table_from_end_to_end(lived: DeskBench) -> None:
    def act() -> None:
        lived.settled(Accepted("2"), "40 usdt htx:spot -> htx:linear-swap/BTC-USDT")
        lived.ask(COMMAND)

    assert scans(plans(lived, act)) == []


def test_what_is_asked_all_the_time_reads_no_table_from_end_to_end(lived: DeskBench) -> None:
    def act() -> None:
        lived.desk.what_next("htx").result()
        lived.desk.expire_due().result()
        lived.desk.tell_head().result()
        lived.desk.roll().result()
        lived.desk.limits(ALICE).result()

    assert scans(plans(lived, act)) == []
