"""The record is kept: nothing of it can be removed, every table is described, and its figures can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_bench import CAROL, DAN, DeskBench, rule_says
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.desk import Decision
from bot.errors import StartError
from bot.journal.dictionary import KEPT, WORKING
from bot.journal.stats import stats
from bot.transfers import Accepted

BOT = Path(__file__).parents[2] / "bot"


@pytest.fixture
def lived(bench: DeskBench) -> DeskBench:
    """A desk with a row in every table of the record."""
    bench.restart(rule_says('approvals = [{ above = "500", count = 1, from = "treasurers" }]'))
    bench.settled(Accepted("1"))
    bench.approve(bench.awaiting("1000 usdt htx:linear-swap -> htx:spot"), CAROL)
    bench.resolve(bench.lost("7 usdt htx:spot -> htx:linear-swap"), DAN, Decision.EXECUTED)
    return bench


def test_every_table_and_column_is_described_once(bench: DeskBench) -> None:
    own = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_sqlite*'"
    )
    tables = [name for (name,) in bench.read(own)]
    assert sorted([*KEPT, *WORKING]) == sorted(tables)
    for name, described in (KEPT | WORKING).items():
        columns = [column for (column,) in bench.read("SELECT name FROM pragma_table_info(?)", name)]
        assert sorted(described.columns) == sorted(columns), name


@pytest.mark.parametrize("table", sorted(KEPT))
def test_nothing_of_the_record_can_be_removed(lived: DeskBench, table: str) -> None:
    before = lived.read(f"SELECT count(*) FROM {table}")
    assert before != [(0,)]
    for statement in (f"DELETE FROM {table}", f"DELETE FROM {table} WHERE rowid = 1"):
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|never removed"):
            lived.tamper(statement)
    assert lived.read(f"SELECT count(*) FROM {table}") == before


@pytest.mark.parametrize("table", ["events", "policies", "journal", "deliveries"])
def test_what_no_desk_changes_cannot_be_changed(lived: DeskBench, table: str) -> None:
    before = lived.read(f"SELECT * FROM {table}")
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|never changed"):
        lived.tamper(f"UPDATE {table} SET {next(iter(KEPT[table].columns))} = 7")
    with pytest.raises(sqlite3.IntegrityError):
        lived.tamper(f"REPLACE INTO {table} SELECT * FROM {table}")
    assert lived.read(f"SELECT * FROM {table}") == before


def test_no_code_removes_from_the_record() -> None:
    """Migrations may move rows: they run before the triggers are there."""
    removed = {
        table
        for path in BOT.rglob("*.py")
        if path.name != "schema.py"
        for table in re.findall(r"(?:DELETE FROM|REPLACE INTO|DROP TABLE) (\w+)", path.read_text(encoding="utf-8"))
    }
    assert removed == {"wishes", "homes", "looks", "freezes", "sqlite_sequence"}
    assert removed - {"sqlite_sequence"} <= set(WORKING)


def test_the_figures_are_those_of_the_file(lived: DeskBench) -> None:
    found = stats(lived.path)
    assert found.kept == {table: lived.read(f"SELECT count(*) FROM {table}")[0][0] for table in KEPT}
    assert found.working == {table: lived.read(f"SELECT count(*) FROM {table}")[0][0] for table in WORKING}
    assert found.states == {"approved": 1, "succeeded": 1, "unknown": 1}
    assert sum(found.days.values()) == found.kept["events"]
    assert (found.first, found.last) == lived.read("SELECT min(at), max(at) FROM events")[0]
    assert (found.size, found.wal_size) == (
        lived.path.stat().st_size,
        lived.path.with_name("desk.db-wal").stat().st_size,
    )
    assert (found.mode, found.damage) == ("0600", "")
    assert [(found.journal,)] == lived.read("SELECT uuid FROM journal")


def test_damage_is_told_and_not_raised(lived: DeskBench) -> None:
    lived.close()
    content = bytearray(lived.path.read_bytes())
    content[5 * 4096 : 5 * 4096 + 64] = b"\xff" * 64
    lived.path.write_bytes(content)
    assert "damaged" in stats(lived.path).damage


def test_what_is_no_journal_has_no_figures(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE notes (x)")
    with pytest.raises(StartError, match="not the journal"):
        stats(other)
    with pytest.raises(StartError, match="no such file"):
        stats(tmp_path / "missing.db")
