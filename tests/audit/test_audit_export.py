"""An export: whole, private, checked by its own script with nothing else, and by the audit channel."""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from audited import rewrite
from desk_bench import DeskBench
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]
from test_channel import told

from bot.audit import channel, standalone
from bot.audit.differences import Differences
from bot.audit.export import export
from bot.audit.exported import examine
from bot.audit.verify import reading
from bot.errors import StartError
from bot.transfers import Accepted
from bot.witness import Sighting

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def exported(journal: Path, folder: Path) -> Path:
    with reading(journal) as db:
        export(db, folder, NOW)
    return folder


@pytest.fixture
def folder(journal: Path, tmp_path: Path) -> Path:
    return exported(journal, tmp_path / "export")


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as an auditor does, in an interpreter that finds nothing but the standard library."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify.py")], capture_output=True, text=True, timeout=60, cwd="/"
    )


def refused(folder: Path) -> str:
    done = checked(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr


def manifest(folder: Path, change: Callable[[dict[str, Any]], None] = lambda _: None) -> dict[str, Any]:
    path = folder / "manifest.json"
    said: dict[str, Any] = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said))
    return said


def cover_up(folder: Path, name: str) -> None:
    """Put the hash a changed file has now into the manifest."""
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    manifest(folder, lambda said: said["files"][name].update(sha256=digest))


# What it is ----------------------------------------------------------------------------------------------------------


def test_an_export_is_whole_says_its_own_script_in_a_clean_interpreter(folder: Path) -> None:
    done = checked(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Whole.")


def test_the_script_is_short_and_needs_no_newer_python_than_3_8() -> None:
    text = Path(standalone.__file__).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    tree = ast.parse(text, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= {*sys.stdlib_module_names, "__future__"}


def test_events_are_lines_of_exactly_the_columns(journal: Path, folder: Path) -> None:
    connection = sqlite3.connect(journal)
    connection.row_factory = sqlite3.Row
    kept = [dict(row) for row in connection.execute("SELECT * FROM events ORDER BY seq")]
    connection.close()
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == kept
    assert lines[-1] == ""


def test_the_manifest_names_every_file_with_its_hash_its_rows_and_the_head(journal: Path, folder: Path) -> None:
    said = manifest(folder)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(said["files"]) == files - {"manifest.json"}
    with reading(journal) as db:
        events, transfers = (
            db.conn.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("events", "transfers")
        )
        uuid, digest = db.conn.execute(
            "SELECT uuid, (SELECT hash FROM events WHERE seq = ?) FROM journal", [events]
        ).fetchone()
        policies = [row[0] for row in db.conn.execute("SELECT hash FROM policies")]
    assert said["files"]["events.jsonl"]["rows"] == events
    assert said["files"]["transfers.csv"]["rows"] == transfers
    assert (said["journal"], said["head"], said["exported_at"]) == (
        uuid, {"seq": events, "hash": digest}, "2026-11-23T09:00:00.000Z"
    )  # fmt: skip
    assert {f"policies/{one}.toml" for one in policies} <= files
    for name, about in said["files"].items():
        assert about["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_its_files_are_for_their_owner_alone(folder: Path) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {0o600, 0o700}


def test_a_folder_that_holds_something_is_left_alone(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(StartError, match="mine: is not empty"):
        exported(journal, tmp_path / "mine")
    with pytest.raises(StartError, match="cannot be written"):
        exported(journal, tmp_path / "mine" / "notes.txt")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("reason", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_what_people_typed_is_no_formula_in_a_spreadsheet(bench: DeskBench, tmp_path: Path, reason: str) -> None:
    bench.settled(Accepted("1"), f"250 usdt htx:spot -> htx:linear-swap reason {reason}")
    folder = exported(bench.path, tmp_path / "export")
    with (folder / "transfers.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["reason"] == f"'{reason}"
    assert (row["id"], row["state"], row["amount"], row["card_ts"]) == ("1", "succeeded", "250", bench.get(1).card_ts)
    assert checked(folder).returncode == 0
    assert "apostrophe" in (folder / "README.txt").read_text()


# What is noticed -----------------------------------------------------------------------------------------------------


def swap(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ["events.jsonl", "transfers.csv", "README.txt", "policies"])
def test_a_file_that_was_changed_or_taken_away_is_named(folder: Path, name: str) -> None:
    path = next((folder / name).iterdir()) if name == "policies" else folder / name
    name = path.relative_to(folder).as_posix()
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"e", b"o", 1))
    assert f"{name}: missing, or changed since it was exported" in refused(folder)
    path.unlink()
    assert refused(folder)
    path.write_bytes(raw)
    assert checked(folder).returncode == 0


def test_a_manifest_that_was_changed_to_fit_does_not_hide_it(folder: Path) -> None:
    swap(folder / "transfers.csv", ",succeeded,", ",refused,")
    cover_up(folder, "transfers.csv")
    assert "transfers.csv: T1 is refused with 100; its events say otherwise" in refused(folder)


def test_a_transfer_that_was_left_out_is_named(folder: Path) -> None:
    path = folder / "transfers.csv"
    head, _, *rest = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([head, *rest]))
    cover_up(folder, "transfers.csv")
    assert refused(folder) == "transfers.csv: T1 is missing\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("U01ALICE", "U02BOB"), ('\\"amount\\":\\"100\\"', '\\"amount\\":\\"900\\"'), ('"seq": 4', '"seq": 5')],
)
def test_an_event_that_was_changed_breaks_the_chain(folder: Path, before: str, after: str) -> None:
    swap(folder / "events.jsonl", before, after)
    cover_up(folder, "events.jsonl")
    assert "events.jsonl: the chain breaks at event #" in refused(folder)


def test_events_cut_off_do_not_reach_the_head(folder: Path) -> None:
    path = folder / "events.jsonl"
    path.write_text("\n".join(path.read_text(encoding="utf-8").split("\n")[:-2]) + "\n", encoding="utf-8")
    cover_up(folder, "events.jsonl")
    assert "manifest.json: another chain head than that of the events" in refused(folder)


def test_a_policy_under_a_name_that_is_not_its_own_is_named(folder: Path) -> None:
    path = next((folder / "policies").iterdir())
    swap(path, "U01ALICE", "U66STRANGER")
    cover_up(folder, path.relative_to(folder).as_posix())
    assert "its text is not the one its name stands for" in refused(folder)


def test_a_file_that_was_added_is_named(folder: Path) -> None:
    (folder / "policies" / "more.toml").write_text("")
    assert "policies/more.toml: not in the manifest" in refused(folder)


# By the audit channel ------------------------------------------------------------------------------------------------


def compared(folder: Path, lines: list[Sighting]) -> Differences:
    found = examine(folder, channel.asked(lines))
    channel.compare(lines, found.head, found.names, found.hashes, found.differences, is_whole=False)
    return found.differences


def test_an_export_is_held_against_the_channel(journal: Path, folder: Path) -> None:
    lines = told(journal)
    assert compared(folder, lines).first is None
    # What was told after it was made is not in it.
    assert compared(folder, [*lines, Sighting(lines[0].journal, 99999, "a" * 64)]).first is None


def test_an_export_written_anew_hashes_and_all_is_seen_by_the_channel(journal: Path, tmp_path: Path) -> None:
    lines = told(journal)
    rewrite(journal, "turned_away", 0, lambda row, data: data.update(why="No reason."))
    folder = exported(journal, tmp_path / "forged")
    assert checked(folder).returncode == 0
    found = compared(folder, lines)
    assert found.first is not None
    assert (found.first.table, found.first.column) == ("channel", "hash")


def test_a_script_that_says_yes_to_everything_is_not_believed(folder: Path) -> None:
    (folder / "verify.py").write_text("print('Whole.')")
    cover_up(folder, "verify.py")
    assert checked(folder).returncode == 0
    assert str(examine(folder, ()).differences.first).startswith("export verify.py: it is another script")


def test_half_an_export_is_none(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(StartError, match="not a whole export"):
        examine(folder, ())
