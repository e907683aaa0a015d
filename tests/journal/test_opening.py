"""Opening the database: one desk per file, private, durable, and honest about what it cannot use."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clock import VirtualClock
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.errors import JournalLocked, StartError
from bot.journal import Journal
from bot.journal.database import SQLITE_MIN, open_database, sqlite_version

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, pathlib
from bot.clock import SystemClock
from bot.journal import Journal
journal = Journal(pathlib.Path(sys.argv[1]), SystemClock())
journal.run(lambda tx: tx.event("started", "desk")).result()
print("open", flush=True)
sys.stdin.read()
journal.close()
"""


@contextmanager
def another_desk(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has the database open until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# One desk per database -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threaded", [False, True])
def test_a_second_desk_is_refused_and_told_which_process_runs(path: Path, clock: VirtualClock, threaded: bool) -> None:
    with another_desk(path) as other, pytest.raises(JournalLocked) as caught:
        Journal(path, clock, threaded=threaded)
    assert str(caught.value) == (
        f"{path}: another transferdesk is running on this database (process {other.pid}); stop it first"
    )


def test_the_lock_is_free_once_the_other_desk_was_killed(path: Path, clock: VirtualClock) -> None:
    with another_desk(path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        journal = Journal(path, clock, threaded=False)
        assert [event.kind for event in journal.run(lambda tx: list(tx.events())).result()] == ["started"]
        journal.close()


def test_a_second_desk_in_the_same_process_is_refused_too(path: Path, clock: VirtualClock) -> None:
    first = Journal(path, clock)
    with pytest.raises(JournalLocked):
        Journal(path, clock)
    first.close()
    Journal(path, clock).close()


def test_a_link_to_the_database_does_not_lead_around_the_lock(path: Path, clock: VirtualClock) -> None:
    first = Journal(path, clock)
    link = path.with_name("link.db")
    link.symlink_to(path)
    with pytest.raises(JournalLocked):
        Journal(link, clock)
    first.close()


def test_a_database_that_cannot_be_opened_gives_the_lock_back(path: Path, clock: VirtualClock) -> None:
    path.write_text("no database at all\n" * 100)
    for threaded in (True, False, True):
        with pytest.raises(StartError) as caught:
            Journal(path, clock, threaded=threaded)
        assert not isinstance(caught.value, JournalLocked)


# Private and durable -------------------------------------------------------------------------------------------------


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A careless shell: whatever is made is readable by everybody unless its maker says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_every_file_of_the_journal_is_its_owners_alone(path: Path, clock: VirtualClock) -> None:
    journal = Journal(path, clock, threaded=False)
    journal.run(lambda tx: tx.event("started", "desk")).result()
    modes = {file.name: mode(file) for file in path.parent.iterdir()}
    journal.close()
    assert modes == dict.fromkeys(("desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock"), 0o600)


def test_a_file_that_was_open_to_others_is_closed_to_them(path: Path, clock: VirtualClock) -> None:
    Journal(path, clock, threaded=False).close()
    path.chmod(0o644)
    Journal(path, clock, threaded=False).close()
    assert mode(path) == 0o600


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1), ("fullfsync", 1)],
)
def test_the_writing_connection_is_durable_and_strict(path: Path, pragma: str, value: object) -> None:
    db = open_database(path)
    assert db.execute(f"PRAGMA {pragma}").fetchone()[0] == value
    db.close()


def test_a_database_that_cannot_have_a_wal_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the file made before SQLite opens its own memory goes here
    with pytest.raises(StartError, match="PRAGMA journal_mode is 'memory', expected 'wal'"):
        open_database(Path(":memory:"))


def test_the_sqlite_in_use_is_new_enough(path: Path) -> None:
    assert tuple(map(int, sqlite_version().split("."))) >= SQLITE_MIN


# What cannot be used -------------------------------------------------------------------------------------------------


def test_what_is_no_database_is_refused_in_clear_words(path: Path, clock: VirtualClock) -> None:
    path.write_text("no database at all\n" * 100)
    with pytest.raises(StartError, match="file is not a database; expected a transferdesk database") as caught:
        Journal(path, clock)
    assert str(caught.value).startswith(f"{path}:")
    assert path.read_text() == "no database at all\n" * 100


def test_a_database_of_a_newer_desk_is_refused_and_left_alone(path: Path, clock: VirtualClock) -> None:
    Journal(path, clock, threaded=False).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('transferdesk', 'from_2031', '')"
    )
    connection.close()
    with pytest.raises(StartError, match=r"made by a newer transferdesk \(from_2031\); install that version"):
        Journal(path, clock)


def test_somebody_elses_database_is_refused(path: Path, clock: VirtualClock) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE transfers (id INTEGER)")
    connection.close()
    with pytest.raises(StartError, match="expected a transferdesk database"):
        Journal(path, clock)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, clock: VirtualClock) -> None:
    with pytest.raises(StartError, match=r"nowhere/desk\.db\.lock: cannot be made"):
        Journal(tmp_path / "nowhere" / "desk.db", clock)


def test_a_folder_in_the_databases_place_is_named(path: Path, clock: VirtualClock) -> None:
    path.mkdir()
    with pytest.raises(StartError, match="cannot be opened for writing"):
        Journal(path, clock)


def test_a_journal_that_begins_is_announced_and_one_that_goes_on_is_not(
    path: Path, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    Journal(path, clock).close()
    assert f"there was no journal at {path}; a new one begins" in caplog.text
    caplog.clear()
    Journal(path, clock).close()
    assert caplog.text == ""


def test_opening_again_keeps_everything(path: Path, clock: VirtualClock) -> None:
    for number in (1, 2, 3):
        journal = Journal(path, clock)
        assert journal.run(lambda tx: tx.event("started", "desk")).result().seq == number
        journal.close()
