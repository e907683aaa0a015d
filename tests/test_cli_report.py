"""`transferdesk report`: from the journal of a desk, running or not, to a table, JSON and a picture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clock import VirtualClock
from desk_bench import CAROL, SNAPSHOT, DeskBench, rule_says

from bot.transfers import Accepted, Refused

ROOT = Path(__file__).parents[1]
WITHOUT_MATPLOTLIB = "import sys; sys.modules['matplotlib'] = None; from bot.cli import main; main()"


@pytest.fixture
def clock() -> VirtualClock:
    """The machine's own time, which the command lives in."""
    clock = VirtualClock()
    clock.set((datetime.now(UTC) - clock.now()).total_seconds() - 3600)
    return clock


@pytest.fixture
def used(bench: DeskBench) -> DeskBench:
    """A desk that has done something, and still runs."""
    bench.restart(rule_says('approvals = [{ above = "500", count = 1, from = "treasurers" }]'))
    bench.settled(Accepted("1"))
    bench.settled(Refused("1300", "no"), "100 usdt htx:spot -> htx:linear-swap")
    waiting = bench.awaiting("1000 usdt htx:linear-swap -> htx:spot")
    bench.clock.advance(minutes=2)
    bench.approve(waiting, CAROL)
    bench.desk.claim(waiting.id, SNAPSHOT).result()
    bench.desk.settle(waiting.id, Accepted("2")).result()
    return bench


def transferdesk(
    folder: Path, *arguments: str, start: tuple[str, ...] = ("-m", "bot")
) -> subprocess.CompletedProcess[str]:
    files = {"TRANSFERDESK_CONFIG": str(folder / "desk.toml"), "TRANSFERDESK_DATABASE": str(folder / "desk.db")}
    return subprocess.run(
        [sys.executable, *start, "report", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, **files},
    )


def said(folder: Path, *arguments: str) -> str:
    done = transferdesk(folder, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_table_says_what_a_running_desk_has_done(used: DeskBench) -> None:
    lines = said(used.folder).splitlines()
    assert lines[1] == "3 requests ended, 2 of them done (66%): 1 refused."
    assert lines[2] == ("From the proposal to the end: half in less than 1 s, nine of ten in 2 min, the slowest 2 min.")
    assert lines[4] == "USDT: 1,250.00 moved by 2 requests"
    assert lines[7].split() == ["htx:linear-swap", "2", "250", "1,000.00", "-750"]
    assert lines[8].split() == ["htx:spot", "2", "1,000.00", "250", "+750"]
    assert [line.split() for line in lines if line.startswith(("alice", "carol"))] == [
        ["alice", "3", "2", "1,250.00", "USDT"],
        ["carol", "1", "1", "1,000.00", "USDT"],
    ]


def test_json_is_the_same_for_a_program(used: DeskBench) -> None:
    found = json.loads(said(used.folder, "--json", "--days", "1"))
    assert (found["requests"], found["done"]) == (3, 2)
    assert found["volumes"] == {"USDT": {"moved": "1250", "requests": 2}}
    assert found["approvers"][0]["person"] == CAROL.user
    since, until = (datetime.fromisoformat(found[key]) for key in ("since", "until"))
    assert (until - since).days == 1


def test_what_ended_longer_ago_than_asked_is_not_in_it(used: DeskBench) -> None:
    used.tamper("UPDATE transfers SET settled_at = '2020-01-01T00:00:00.000Z'")
    assert said(used.folder, "--days", "365").splitlines()[1:] == ["No request ended."]


def test_the_picture_is_written_beside_the_table(used: DeskBench, tmp_path: Path) -> None:
    file = tmp_path / "flows.png"
    assert "USDT: 1,250.00 moved" in said(used.folder, "--picture", str(file))
    assert file.read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_there_is_the_table_and_how_to_get_the_picture(used: DeskBench, tmp_path: Path) -> None:
    done = transferdesk(used.folder, "--picture", str(tmp_path / "flows.png"), start=("-c", WITHOUT_MATPLOTLIB))
    assert done.returncode == 2
    assert "USDT: 1,250.00 moved" in done.stdout
    assert done.stderr == (
        "For the picture install matplotlib: `pip install --require-hashes -r requirements-report.lock`.\n"
    )
    assert not (tmp_path / "flows.png").exists()


def test_what_cannot_be_done_is_said_in_one_line(used: DeskBench, tmp_path: Path) -> None:
    done = transferdesk(used.folder, "--picture", str(tmp_path / "no" / "flows.png"))
    assert (done.returncode, done.stderr) == (
        2,
        f"{tmp_path / 'no' / 'flows.png'}: cannot be written (No such file or directory)\n",
    )
    used.close()
    used.path.unlink()
    done = transferdesk(used.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{used.path}: there is no such file\n"
