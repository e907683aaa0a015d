"""Copies of the journal: whole, private, made beside a running desk, and put back without losing what was there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from clock import VirtualClock
from desk_bench import DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.errors import StartError
from bot.journal import Journal, Transaction
from bot.journal.backup import back_up, examine, looking_at, put_back


def events(path: Path) -> list[tuple[int, str]]:
    with looking_at(path) as tx:
        return [(event.seq, event.kind) for event in tx.events()]


def edit(path: Path, *statements: str) -> None:
    """Change a file as somebody with a tool does, who knows his way around triggers."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "desk.bak"


@pytest.fixture
def backup(bench: DeskBench, copy: Path) -> Path:
    """A backup of a desk that has a transfer in each of several states."""
    bench.unknown()
    bench.approved("20 usdt htx:spot -> htx:linear-swap/BTC-USDT")
    back_up(bench.path, copy)
    return copy


# Making one ----------------------------------------------------------------------------------------------------------


def test_a_backup_made_while_the_desk_writes_holds_all_of_one_moment(bench: DeskBench, copy: Path) -> None:
    bench.approved()
    head = bench.journal.run(lambda tx: tx.head()).result()
    assert back_up(bench.path, copy) == head
    bench.proposed("20 usdt htx:spot -> htx:linear-swap")  # the desk goes on undisturbed
    assert examine(copy) == head
    assert bench.read("SELECT count(*) FROM transfers") == [(2,)]


def test_a_backup_waits_for_no_transaction_and_holds_none_that_is_open(bench: DeskBench, copy: Path) -> None:
    def write_and_back_up(tx: Transaction) -> None:
        tx.event("started", "desk", note="not committed yet")
        back_up(bench.path, copy)

    before = events(bench.path)
    bench.journal.run(write_and_back_up).result()
    assert events(copy) == before


def test_a_backup_is_one_file_for_its_owner_alone(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert sorted(file.name for file in backup.parent.glob("desk.bak*")) == ["desk.bak"]


def test_a_backup_of_a_stopped_desk_is_as_good(bench: DeskBench, copy: Path) -> None:
    bench.approved()
    head = bench.journal.run(lambda tx: tx.head()).result()
    bench.close()
    assert back_up(bench.path, copy) == head
    bench.open()


def test_a_backup_writes_over_nothing(bench: DeskBench, copy: Path) -> None:
    copy.write_text("last month's")
    with pytest.raises(StartError, match=r"desk\.bak: is there already"):
        back_up(bench.path, copy)
    assert copy.read_text() == "last month's"


def test_where_there_is_no_journal_there_is_no_backup(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(StartError, match="there is no journal; set TRANSFERDESK_DATABASE"):
        back_up(tmp_path / "nowhere.db", copy)
    assert not copy.exists()


def test_a_copy_that_is_not_whole_is_not_left_lying_about(bench: DeskBench, copy: Path) -> None:
    bench.approved()
    bench.tamper("DROP TRIGGER events_are_never_changed")
    bench.tamper("UPDATE events SET actor = 'U66STRANGER' WHERE seq = 3")
    with pytest.raises(StartError, match="its chain breaks at event #3"):
        back_up(bench.path, copy)
    assert not copy.exists()


# Looking at one ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE events SET data = replace(data, '250', '950') WHERE seq = 2", 2),
        ("UPDATE events SET at = '2026-11-21T10:15:01.000Z' WHERE seq = 4", 4),
        ("DELETE FROM events WHERE seq = 3", 4),
        ("UPDATE events SET hash = previous_hash WHERE seq = 5", 5),
    ],
)
def test_whatever_was_changed_in_the_events_is_noticed(backup: Path, statement: str, broken_at: int) -> None:
    edit(backup, "DROP TRIGGER events_are_never_changed", "DROP TRIGGER events_are_never_removed", statement)
    with pytest.raises(StartError, match=f"its chain breaks at event #{broken_at}; somebody changed it"):
        examine(backup)


def test_a_damaged_page_is_noticed(backup: Path) -> None:
    with backup.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xa5" * 4096)
    with pytest.raises(StartError, match="the database is damaged"):
        examine(backup)


def test_what_is_no_journal_is_told_apart(tmp_path: Path, copy: Path) -> None:
    with pytest.raises(StartError, match="there is no such file"):
        examine(copy)
    copy.write_text("no database at all\n" * 100)
    with pytest.raises(StartError, match="file is not a database"):
        examine(copy)
    other = tmp_path / "other.db"
    edit(other, "CREATE TABLE notes (text TEXT)")
    with pytest.raises(StartError, match="not the journal of a transferdesk"):
        examine(other)


def test_a_backup_of_a_newer_desk_is_refused(backup: Path) -> None:
    edit(backup, "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('transferdesk', 'x', '')")
    with pytest.raises(StartError, match=r"made by a newer transferdesk \(x\)"):
        examine(backup)


# Putting one back ----------------------------------------------------------------------------------------------------


def note(tx: Transaction) -> str:
    return tx.event("note", "desk").kind


def test_what_was_in_its_place_is_laid_aside_whole(bench: DeskBench, backup: Path, clock: VirtualClock) -> None:
    bench.proposed("30 usdt htx:spot -> htx:linear-swap")
    later = events(bench.path)
    bench.close()
    result, aside = put_back(bench.path, backup, clock.now(), note)
    assert result == "note"
    assert aside == bench.path.with_name("desk.db.before-restore-20261121T101500Z")
    assert events(aside) == later
    assert [kind for _, kind in events(bench.path)] == [*(kind for _, kind in events(backup)), "note"]
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o600
    bench.open()


def test_where_nothing_was_nothing_is_laid_aside(backup: Path, tmp_path: Path, clock: VirtualClock) -> None:
    place = tmp_path / "new.db"
    assert put_back(place, backup, clock.now(), note) == ("note", None)
    assert sorted(file.name for file in tmp_path.glob("new.db*")) == ["new.db"]
    Journal(place, clock, threaded=False).close()


def test_a_write_ahead_log_left_behind_is_not_read_into_the_restored_journal(
    bench: DeskBench, backup: Path, clock: VirtualClock
) -> None:
    bench.proposed("30 usdt htx:spot -> htx:linear-swap")
    wal = bench.path.with_name("desk.db-wal").read_bytes()
    assert wal
    bench.close()
    bench.path.unlink()
    bench.path.with_name("desk.db-wal").write_bytes(wal)
    _, aside = put_back(bench.path, backup, clock.now(), note)
    assert aside is not None
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == wal
    assert [kind for _, kind in events(bench.path)] == [*(kind for _, kind in events(backup)), "note"]
    bench.open()


def test_a_damaged_database_is_laid_aside_as_it_is(bench: DeskBench, backup: Path, clock: VirtualClock) -> None:
    bench.close()
    junk = b"\xa5" * 20_000
    bench.path.write_bytes(junk)
    _, aside = put_back(bench.path, backup, clock.now(), note)
    assert aside is not None
    assert aside.read_bytes() == junk
    bench.open()


def test_a_restore_that_fails_leaves_everything_as_it_was(bench: DeskBench, backup: Path, clock: VirtualClock) -> None:
    before = events(bench.path)
    bench.close()

    def fail(tx: Transaction) -> None:
        note(tx)
        raise ValueError("half done")

    with pytest.raises(ValueError, match="half done"):
        put_back(bench.path, backup, clock.now(), fail)
    assert events(bench.path) == before
    assert not list(bench.folder.glob("*.restoring*"))
    assert not list(bench.folder.glob("*.before-restore*"))
    bench.open()


def test_what_a_killed_restore_left_is_no_hindrance(bench: DeskBench, backup: Path, clock: VirtualClock) -> None:
    bench.close()
    bench.path.with_name("desk.db.restoring").write_text("half")
    bench.path.with_name("desk.db.restoring-wal").write_text("half")
    assert put_back(bench.path, backup, clock.now(), note)[0] == "note"
    assert not list(bench.folder.glob("*.restoring*"))
    bench.open()
