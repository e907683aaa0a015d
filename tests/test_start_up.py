"""No command imports what it does not need: whoever asks for some help does not wait for Slack's libraries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from bot.clock import SystemClock
from bot.journal import Journal

ROOT = Path(__file__).parents[1]
SLACK = {"slack_bolt", "slack_sdk", "aiohttp", "handlers"}
EXCHANGES = {"httpx", "httpcore"}
SETTINGS = {"pydantic"}
JOURNAL = {"sqlite_utils"}
OTHERS = {"bot.app", "bot.sandbox.world", "matplotlib", "segno", "tabulate", "uvicorn"}

# What was loaded by the end is the last line, whatever a command says or however it ends.
PROGRAM = """
import sys
from bot.cli import main
try:
    main()
finally:
    print()
    print(*sys.modules)
"""


def loaded(*arguments: str, **environment: str) -> set[str]:
    """Return the modules a process had imported at the end of a command."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True, text=True, timeout=30, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS), ("audit", "verify"), ("journal", "stats")])
def test_help_imports_no_library_but_the_command_line_s(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments, "--help") & (SLACK | EXCHANGES | SETTINGS | JOURNAL | OTHERS)


@pytest.mark.parametrize("arguments", [("journal", "stats", "--json"), ("backup", "copy.db")])
def test_what_only_reads_the_journal_reads_neither_desk_toml_nor_asks_anybody(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    database = tmp_path / "desk.db"
    Journal(database, SystemClock(), threaded=False).close()
    given = [str(tmp_path / one) if one.endswith(".db") else one for one in arguments]
    found = loaded(*given, TRANSFERDESK_DATABASE=str(database))
    assert found >= JOURNAL
    assert not found & (SLACK | EXCHANGES | SETTINGS | OTHERS)


def test_a_check_without_a_network_asks_nobody(tmp_path: Path) -> None:
    found = loaded("check", TRANSFERDESK_CONFIG=str(ROOT / "desk.example.toml"))
    assert found >= SETTINGS
    assert not found & (SLACK | EXCHANGES | JOURNAL | OTHERS)


def test_a_desk_that_serves_has_nothing_of_the_sandbox_and_draws_nothing() -> None:
    program = "import sys, bot.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, cwd=ROOT)
    found = set(done.stdout.split())
    assert "slack_bolt" in found
    assert not found & {"bot.sandbox", "matplotlib", "segno", "uvicorn"}
