"""`transferdesk audit` from a shell: what it says, and with which exit code."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from desk_bench import DeskBench
from test_cli_policy import ROOT, refused, said, transferdesk

from bot.audit import chain
from bot.journal.backup import back_up
from bot.transfers import Accepted


@pytest.fixture
def lived(bench: DeskBench) -> DeskBench:
    bench.settled(Accepted("1"))
    bench.proposed("20 usdt htx:spot -> htx:linear-swap")
    return bench


def change(bench: DeskBench) -> None:
    bench.tamper("UPDATE transfers SET amount = '900' WHERE id = 1")


def test_all_is_well_beside_a_running_desk(lived: DeskBench) -> None:
    head = lived.journal.run(lambda tx: tx.head()).result()
    assert said(lived.folder, "audit", "verify") == [
        f"{lived.path}: journal {head.journal[:8]}, {head.seq} events, 2 transfers",
        f"chain head #{head.seq} {head.hash}",
        "all is as it should be",
    ]


def test_a_backup_is_named(lived: DeskBench, tmp_path: Path) -> None:
    backup = tmp_path / "desk.bak"
    back_up(lived.path, backup)
    change(lived)
    assert said(lived.folder, "audit", "verify", str(backup))[-1] == "all is as it should be"


def test_the_first_difference_is_told_the_rest_counted_and_the_exit_code_is_1(lived: DeskBench) -> None:
    change(lived)
    lived.tamper("UPDATE transfers SET channel = 'C09', requester = 'U02BOB' WHERE id = 2")
    done = transferdesk(lived.folder, "audit", "verify")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-2:] == [
        "first: transfers T1: amount is 900, expected 250",
        "3 differences: 3 in transfers",
    ]
    assert done.stderr == ""


def test_the_same_as_json(lived: DeskBench) -> None:
    head = lived.journal.run(lambda tx: tx.head()).result()
    told = json.loads("\n".join(said(lived.folder, "audit", "verify", "--json")))
    assert (told["ok"], told["journal"], told["head"]) == (True, head.journal, {"seq": head.seq, "hash": head.hash})
    assert (told["events"], told["transfers"], told["differences"]["first"]) == (head.seq, 2, None)
    change(lived)
    done = transferdesk(lived.folder, "audit", "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (1, False)
    assert found["differences"]["total"] == 1
    assert found["differences"]["first"] == {
        "table": "transfers", "row": "T1", "column": "amount", "found": "900", "expected": "250", "seq": 5,
    }  # fmt: skip


def test_an_export_is_written_and_checked(lived: DeskBench, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    head = lived.journal.run(lambda tx: tx.head()).result()
    first, second = said(lived.folder, "audit", "export", str(folder))
    assert first == f"{folder}: {head.seq} events of journal {head.journal[:8]}, chain head #{head.seq} {head.hash}"
    script = second.removeprefix("check it anywhere: python3 ")
    assert subprocess.run([sys.executable, script], capture_output=True, check=False).returncode == 0
    assert said(lived.folder, "audit", "verify", "--export", str(folder))[-1] == "all is as it should be"
    (folder / "transfers.csv").write_text("")
    done = transferdesk(lived.folder, "audit", "verify", "--export", str(folder))
    assert done.returncode == 1
    assert "first: export transfers.csv: it is missing, or changed since it was exported" in done.stdout
    assert "is not empty" in refused(lived.folder, "audit", "export", str(folder))


def test_what_cannot_be_checked_is_said_with_exit_code_2(lived: DeskBench, tmp_path: Path) -> None:
    assert "there is no such file" in refused(lived.folder, "audit", "verify", str(tmp_path / "none.db"))
    assert "not a whole export" in refused(lived.folder, "audit", "verify", "--export", str(tmp_path))
    both = refused(lived.folder, "audit", "verify", str(lived.path), "--export", str(tmp_path))
    assert "name a FILE or an --export, not both" in both
    assert "SLACK_BOT_TOKEN" in refused(lived.folder, "audit", "verify", "--slack")


def test_people_see_how_far_it_is(lived: DeskBench) -> None:
    leader, follower = pty.openpty()
    environment = os.environ | {"TRANSFERDESK_DATABASE": str(lived.path)}
    command = [sys.executable, "-m", "bot", "audit", "verify"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=follower, cwd=ROOT, check=True)
    os.close(follower)
    shown = os.read(leader, 10_000).decode()
    os.close(leader)
    assert "verifying" in shown
    assert "100%" in shown
    assert b"verifying" not in done.stdout


def test_a_long_chain_is_followed_by_another_process_which_finds_the_same(
    lived: DeskBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.audit.verify import reading, verify

    lived.tamper("DROP TRIGGER events_are_never_changed")
    lived.tamper("UPDATE events SET actor = 'U66STRANGER' WHERE seq = 3")
    monkeypatch.setattr(chain, "ASIDE_FROM", 1)
    with reading(lived.path) as db:
        differences = verify(db, lived.path).differences
    assert str(differences.first).startswith("events #3: hash is ")
