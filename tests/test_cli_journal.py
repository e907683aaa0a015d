"""`transferdesk journal stats`: the journal as a file, beside a running desk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from desk_bench import DeskBench

from bot.transfers import Accepted

ROOT = Path(__file__).parents[1]


def stats(database: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "journal", "stats", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "TRANSFERDESK_DATABASE": str(database)},
    )


def test_people_and_programs_are_told_the_same(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    before = bench.read("SELECT * FROM events")
    lines = stats(bench.path).stdout.splitlines()
    found = json.loads(stats(bench.path, "--json").stdout)
    assert lines[0] == f"{bench.path}: journal {found['journal'][:8]}, mode 0600"
    assert lines[1].startswith(f"{found['size']:,} bytes, ")
    assert lines[2:4] == [f"events from {found['first']} to {found['last']}", "the file is sound"]
    told = [line.split() for line in lines]
    assert ["events", str(len(before))] in told
    assert ["succeeded", "1"] in told
    assert (found["sound"], found["states"], found["kept"]["events"]) == (True, {"succeeded": 1}, len(before))
    assert bench.read("SELECT * FROM events") == before


def test_damage_ends_with_another_exit_code(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    bench.close()
    content = bytearray(bench.path.read_bytes())
    content[5 * 4096 : 5 * 4096 + 64] = b"\xff" * 64
    bench.path.write_bytes(content)
    done = stats(bench.path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "the database is damaged" in done.stdout
    assert json.loads(stats(bench.path, "--json").stdout)["sound"] is False


def test_without_a_journal_there_is_one_line(tmp_path: Path) -> None:
    done = stats(tmp_path / "desk.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path / 'desk.db'}: there is no such file\n"
