"""Disks that fill up, files that vanish, pages that rot: said clearly, nothing sent, nothing answered that is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clock import VirtualClock
from desk_bench import SNAPSHOT, DeskBench, ScriptedExchange

from bot.errors import JournalError, StartError
from bot.journal import Journal
from bot.journal.backup import back_up, examine
from bot.lanes import Lane

ROOT = Path(__file__).parents[1]
PAGE = 4096
# A disk of 2 MB in a name space of our own, where the machine lets us have one.
TINY_DISK = (
    "unshare",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o size=2m none "$1" && shift && "$@"',
)


def happen(act: str, folder: Path, *before: str) -> list[dict[str, Any]]:
    """Let a disaster happen to a process of its own, and return what it said."""
    done = subprocess.run(
        [*before, sys.executable, str(ROOT / "tests" / "disasters.py"), act, str(folder)],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def orders(said: list[dict[str, Any]], when: str) -> int:
    return next(int(line["orders"]) for line in said if line.get("when") == when and "orders" in line)


def refusals(said: list[dict[str, Any]], when: str) -> list[str]:
    return [str(line["error"]) for line in said if line.get("when") == when and "error" in line]


# A full or read-only disk --------------------------------------------------------------------------------------------


def assert_nothing_happened_until_there_was_room(said: list[dict[str, Any]], reason: str) -> None:
    assert refusals(said, "full") == [f"JournalError: the database refused: {reason}"] * 2
    assert orders(said, "full") == 0
    assert refusals(said, "again") == []
    assert orders(said, "again") == 1
    assert said[-1]["states"] == {"T1": "succeeded", "T2": "approved", "T3": "proposed"}


def test_on_a_full_disk_nothing_is_answered_or_sent_and_with_room_again_all_goes_on(tmp_path: Path) -> None:
    assert_nothing_happened_until_there_was_room(happen("full", tmp_path), "disk I/O error")


def test_on_a_disk_that_is_really_full_as_well(tmp_path: Path) -> None:
    before = (*TINY_DISK, "sh", str(tmp_path))
    if shutil.which("unshare") is None or subprocess.run([*before, "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a disk of their own")
    said = happen("tiny_disk", tmp_path, *before)
    assert said.pop(0) == {"filled": "No space left on device"}
    assert_nothing_happened_until_there_was_room(said, "database or disk is full")


def test_an_outcome_that_finds_no_room_is_kept_and_nothing_else_is_sent_meanwhile(tmp_path: Path) -> None:
    said = happen("full_after_the_claim", tmp_path)
    assert (orders(said, "full"), orders(said, "again")) == (1, 2)
    assert said[-1]["states"] == {"T1": "succeeded", "T2": "succeeded"}


def test_a_desk_does_not_start_on_a_full_disk(tmp_path: Path) -> None:
    (line,) = happen("start_on_a_full_disk", tmp_path)
    assert line["error"] == (
        f"StartError: {tmp_path}/desk.db: cannot be used (SQLite says: disk I/O error); is the disk full, or read-only?"
    )


def test_on_a_disk_gone_read_only_nothing_is_answered_or_sent(tmp_path: Path) -> None:
    said = happen("read_only", tmp_path)
    reason = "JournalError: the database refused: attempt to write a readonly database"
    assert refusals(said, "read-only") == [reason] * 2
    assert orders(said, "read-only") == 0
    assert said[-1]["states"] == {"T1": "approved", "T2": "proposed"}


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder anybody may look into and nobody but its owner may write: pytest's own are closed to all others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755 if os.getuid() == 0 else 0o555)
        yield Path(name)
        Path(name).chmod(0o755)


def test_a_folder_that_may_not_be_written_is_named_at_the_start(public_folder: Path) -> None:
    (line,) = happen("not_mine", public_folder)
    assert line["error"] == (
        f"StartError: {public_folder}/desk.db.lock: cannot be made (Permission denied); is the folder writable?"
    )


def test_a_database_that_may_not_be_written_is_named_at_the_start(public_folder: Path, clock: VirtualClock) -> None:
    public_folder.chmod(0o755)
    Journal(public_folder / "desk.db", clock, threaded=False).close()
    public_folder.chmod(0o777)
    (public_folder / "desk.db.lock").unlink()
    (public_folder / "desk.db").chmod(0o444)
    if os.getuid() != 0:
        pytest.skip("only root can make a file here that is somebody else's")
    (line,) = happen("not_mine", public_folder)
    assert line["error"] == f"StartError: {public_folder}/desk.db: cannot be opened for writing (Permission denied)"


# A damaged file ------------------------------------------------------------------------------------------------------


def pages_of(bench: DeskBench, *names: str) -> list[int]:
    """Where tables and indices begin in the file."""
    marks = ", ".join("?" * len(names))
    return [page for (page,) in bench.read(f"SELECT rootpage FROM sqlite_master WHERE name IN ({marks})", *names)]


def overwrite(path: Path, pages: list[int]) -> None:
    with path.open("r+b", buffering=0) as file:
        for page in pages:
            file.seek((page - 1) * PAGE + 100)
            file.write(b"\xa5" * (PAGE - 100))


def test_a_damaged_page_is_found_at_the_start_and_the_way_out_is_said(bench: DeskBench) -> None:
    bench.approved()
    pages = pages_of(bench, "events_by_transfer")
    bench.close()
    overwrite(bench.path, pages)
    with pytest.raises(StartError, match="the database is damaged") as caught:
        Journal(bench.path, bench.clock, threaded=False)
    assert str(caught.value).startswith(f"{bench.path}: the database is damaged (SQLite says: ")
    assert "`transferdesk restore` with the newest backup" in str(caught.value)
    bench.path.unlink()
    bench.open()


def test_a_page_that_rots_while_the_desk_runs_ends_everything_at_once(
    bench: DeskBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.approved()
    bench.restart()  # a database that is read from the file, not from the log beside it
    heard: list[str] = []
    bench.journal.on_loss(heard.append)
    exchange = ScriptedExchange(bench.clock)
    lane = Lane(exchange, bench.desk, bench.clock)
    indices = ("transfers_by_state", "transfers_by_amount", "transfers_by_route")
    overwrite(bench.path, pages_of(bench, "transfers", *indices))
    bench.journal.run(lambda tx: tx._db.execute("PRAGMA shrink_memory").fetchall()).result()  # and nothing remembered
    for _ in range(3):
        lane.step()
        bench.clock.advance(2)
        with pytest.raises(JournalError, match="malformed"):
            bench.ask()
    assert exchange.orders == []
    assert heard == ["the database is damaged (SQLite says: database disk image is malformed)"]
    assert caplog.text.count("acknowledges and sends nothing any more") == 1
    # Nothing can be damaged further, not even by what would work.
    with pytest.raises(JournalError):
        bench.journal.run(lambda tx: tx.now).result()


# A file that is gone -------------------------------------------------------------------------------------------------


def delete(path: Path) -> None:
    path.unlink()


def delete_all(path: Path) -> None:
    for file in path.parent.glob("desk.db*"):
        file.unlink()


def replace_by_a_backup(path: Path) -> None:
    back_up(path, path.with_name("old.bak"))
    path.with_name("old.bak").rename(path)


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


@pytest.mark.parametrize("act", [delete, delete_all, replace_by_a_backup, move])
@pytest.mark.parametrize("threaded", [False, True])
def test_a_file_that_is_gone_ends_everything_and_what_it_held_is_kept(
    tmp_path: Path, clock: VirtualClock, caplog: pytest.LogCaptureFixture, act: Any, threaded: bool
) -> None:
    bench = DeskBench(tmp_path, clock, threaded=threaded)
    heard: list[str] = []
    bench.journal.on_loss(heard.append)
    bench.approved()
    head = bench.journal.run(lambda tx: tx.head()).result()
    exchange = ScriptedExchange(clock)
    lane = Lane(exchange, bench.desk, clock)
    act(bench.path)
    for _ in range(3):
        with pytest.raises(JournalError, match="the database file was deleted, moved or replaced"):
            bench.ask()
        lane.step()
        clock.advance(2)
    assert exchange.orders == []
    assert heard == ["the database file was deleted, moved or replaced"]
    assert caplog.text.count("acknowledges and sends nothing any more") == 1
    (kept,) = tmp_path.glob("desk.db.rescued-*")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert examine(kept) == head
    bench.close()
    assert kept.name in caplog.text


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_a_log_deleted_beside_the_file_ends_everything_and_loses_nothing(bench: DeskBench, ending: str) -> None:
    """What is committed into a log without a name is gone when the process is killed."""
    transfer = bench.approved()
    head = bench.journal.run(lambda tx: tx.head()).result()
    bench.path.with_name(bench.path.name + ending).unlink()
    with pytest.raises(JournalError, match="the database log beside it was deleted, moved or replaced"):
        bench.desk.claim(transfer.id, SNAPSHOT).result()
    (kept,) = bench.folder.glob("desk.db.rescued-*")
    assert examine(kept) == head
    bench.close()
    assert examine(bench.path) == head


def test_what_was_committed_into_a_file_deleted_meanwhile_is_not_answered(bench: DeskBench) -> None:
    def delete_and_write(tx: Any) -> str:
        bench.path.unlink()
        return str(tx.event("note", "desk").kind)

    with pytest.raises(JournalError, match="deleted, moved or replaced"):
        bench.journal.run(delete_and_write).result()
    (kept,) = bench.folder.glob("desk.db.rescued-*")
    assert examine(kept).seq == 2


def test_another_desks_database_in_its_place_is_not_touched_by_the_end_of_this_one(
    bench: DeskBench, tmp_path: Path
) -> None:
    bench.approved()
    (tmp_path / "other").mkdir()
    other = DeskBench(tmp_path / "other", bench.clock)
    head = other.journal.run(lambda tx: tx.head()).result()
    other.close()
    shutil.move(tmp_path / "other" / "desk.db", bench.path)
    with pytest.raises(JournalError):
        bench.ask()
    bench.close()
    assert examine(bench.path) == head


def test_a_move_that_leaves_a_link_is_no_loss(bench: DeskBench) -> None:
    moved = bench.path.with_name("elsewhere.db")
    os.link(bench.path, moved)  # another name of the same file
    moved.unlink()
    assert bench.proposed().id == 1
