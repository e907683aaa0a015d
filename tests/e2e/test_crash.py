"""Killed for real: a selection of the kill points as a person runs them; and planted bugs, which must be found."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.utils import sqlite3

from bot.cli.selftest_crash import crash
from bot.desk import sending
from bot.journal.database import open_database
from bot.lanes import Lane, _order
from bot.transfers import Accepted
from handlers.commands import Commands
from handlers.poster import Poster

ROOT = Path(__file__).parents[2]


def selftest(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "selftest", *options], capture_output=True, text=True, timeout=120, cwd=ROOT
    )


def test_a_desk_killed_anywhere_sends_once_and_loses_nothing(tmp_path: Path) -> None:
    done = selftest("--crash", "--quick", "--database-folder", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    tally = done.stdout.strip().split("\n")[-1]
    counted = re.match(r"(\d+) schedules, (\d+) desks killed with SIGKILL at (\d+) kinds of points", tally)
    assert counted, tally
    schedules, deaths, kinds = map(int, counted.groups())
    assert schedules >= 50
    assert deaths >= schedules
    assert kinds >= 20
    assert ", 0 violations; " in tally
    assert not list(tmp_path.iterdir())  # nothing is kept


def test_what_to_test_must_be_said(tmp_path: Path) -> None:
    done = selftest("--database-folder", str(tmp_path))
    assert done.returncode == 2
    assert "--crash" in done.stderr


def open_and_die(path: Path, statement: int) -> bool:
    """Make a database in a process of its own that is killed at one statement. Returns whether it came to that."""
    pid = os.fork()
    if pid == 0:
        connect, left = sqlite3.connect, [statement]

        def traced(*arguments: Any, **options: Any) -> Any:
            def count(_: str) -> None:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

            connection = connect(*arguments, **options)
            connection.set_trace_callback(count)
            return connection

        sqlite3.connect = traced
        try:
            open_database(path)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def test_a_database_whose_making_was_killed_is_made_at_the_next_start(tmp_path: Path) -> None:
    statement = 1
    while open_and_die(tmp_path / f"{statement}.db", statement):
        with closing(open_database(tmp_path / f"{statement}.db")) as db:
            assert {"transfers", "events", "outbox", "journal"} <= set(db.table_names())
            assert db["journal"].count == 1
            assert db["events"].triggers
        statement += 1
    assert statement > 40


# Planted bugs ---------------------------------------------------------------------------------------------------------


def killed(folder: Path, where: str) -> list[str]:
    """What is found when a desk that is answered by HTX dies at one kind of point, at each such point in turn."""
    planned, undisturbed = crash.tasks(folder, quick=False, flows=crash.FLOWS[:1])
    assert not undisturbed.failures  # undisturbed, no planted bug shows
    chosen = [replace(task, alone=True) for task in planned if task.where == where]
    assert chosen, where
    return [failure for task in chosen for failure in crash.play(task).failures]


@pytest.mark.parametrize(
    "where", ["after chat.postMessage", "after the transfer request", "after the commit of propose", "after an ack"]
)
def test_nothing_is_found_where_nothing_is_planted(tmp_path: Path, where: str) -> None:
    assert killed(tmp_path, where) == []


def test_an_outbox_without_a_look_up_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_copies(*_: object) -> list[str]:
        return []

    monkeypatch.setattr(Poster, "_copies", no_copies)
    found = killed(tmp_path, "after chat.postMessage")
    assert any("2 cards for one transfer" in failure for failure in found)
    assert any("audit lines due" in failure for failure in found)


def test_a_desk_that_sends_again_after_a_restart_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(tx: Any, _: object) -> int:
        tx._db.execute("UPDATE transfers SET state = 'approved', deadline = ?", ["2027-01-01T00:00:00.000Z"])
        return 0

    monkeypatch.setattr(sending, "recover", forget)
    assert any("2 requests at the exchange" in failure for failure in killed(tmp_path, "after the transfer request"))


def test_a_send_before_its_claim_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def send_first(self: Any, transfer: Any) -> None:
        snapshot = self._exchange.snapshot(_order(transfer))
        outcome = self._exchange.transfer(_order(transfer))
        assert isinstance(outcome, Accepted)
        if self._desk.claim(transfer.id, snapshot).result() is not None:
            self._record(transfer.id, outcome)

    monkeypatch.setattr(Lane, "_attempt", send_first)
    assert any("2 requests at the exchange" in failure for failure in killed(tmp_path, "after the transfer request"))


def test_an_ack_before_the_commit_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = Commands.transfer

    async def ack_first(self: Commands, ack: Any, body: dict[str, Any], context: Any) -> None:
        async def noted(**_: object) -> None:
            """It was acknowledged before."""

        await ack(text="Noted.")
        await in_order(self, noted, body, context)  # type: ignore[arg-type]

    monkeypatch.setattr(Commands, "transfer", ack_first)
    found = killed(tmp_path, "after an ack")
    assert any("acknowledged 1 times and is there 0 times" in failure for failure in found)
