"""The command line: what a person at a shell can get wrong is one sentence with the fix, never a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def transferdesk(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, timeout=30, cwd=ROOT
    )


def explained(done: subprocess.CompletedProcess[str]) -> str:
    """What was said by a command that did not start."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Unclosed" not in done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize("command", [("demo", "--once"), ("sandbox",)])
@pytest.mark.parametrize("offset", [0, 3])
def test_a_port_in_use_is_said_with_the_way_out(tmp_path: Path, command: tuple[str, ...], offset: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1] - offset
        folder = ("--folder", str(tmp_path)) if command == ("sandbox",) else ()
        said = explained(transferdesk(*command, "--port", str(port), *folder))
    # The kernel may have given one of the others away meanwhile; the sentence is the same.
    assert said == f"ports {port} to {port + 3} cannot all be used (Address already in use); choose another with --port"


@pytest.mark.parametrize("command", ["demo", "sandbox"])
@pytest.mark.parametrize("port", ["99999", "65533", "-1", "http"])
def test_a_port_that_cannot_be_is_refused_at_once(command: str, port: str) -> None:
    assert "--port" in explained(transferdesk(command, "--port", port))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "sandbox"
    said = explained(transferdesk("sandbox", "--port", "0", "--folder", str(folder)))
    assert said == f"{folder}: cannot be written (Not a directory); choose another with --folder"
