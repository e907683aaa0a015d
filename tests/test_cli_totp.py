"""`transferdesk totp`: what it prints can be scanned and set, a file is its owner's alone, a stranger gets nothing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import segno
from desk_toml import EXAMPLE, written
from pydantic import SecretStr

from bot.totp import key_of, uri

ROOT = Path(__file__).parents[1]
BLOCKS = re.compile("[█▀▄ ]{30,}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, EXAMPLE)
    return tmp_path


def totp(folder: Path, *arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"TRANSFERDESK_CONFIG": str(folder / "desk.toml"), "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "bot", "totp", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        cwd=ROOT,
        env=environ,
    )


def printed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def squares(text: str) -> list[str]:
    return [line for line in text.split("\n") if BLOCKS.fullmatch(line)]


def drawn(secret: str) -> list[str]:
    """The QR code alice's phone must see for a secret."""
    out = io.StringIO()
    segno.make(uri("alice", SecretStr(secret)), error="m", micro=False).terminal(out, compact=True)
    return squares(out.getvalue())


def test_the_secret_is_printed_as_a_setting_and_as_a_qr_code(folder: Path) -> None:
    text = printed(totp(folder, "alice"))
    setting = re.search(r"^TOTP_ALICE=([A-Z2-7]{32})$", text, re.MULTILINE)
    assert setting
    assert len(key_of(setting[1]) or b"") == 20
    assert drawn(setting[1])
    assert squares(text) == drawn(setting[1])


def test_each_time_there_is_another_secret(folder: Path) -> None:
    assert printed(totp(folder, "alice")) != printed(totp(folder, "alice"))


def test_a_file_holds_the_secret_for_its_owner_alone(folder: Path) -> None:
    file = folder / "alice.totp"
    text = printed(totp(folder, "alice", "--file", str(file)))
    secret = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(key_of(secret) or b"") == 20
    assert f"\nTOTP_ALICE_FILE={file}\n" in text
    assert secret not in text
    assert squares(text) == drawn(secret)


def test_nothing_that_is_there_is_written_over(folder: Path) -> None:
    (folder / "real").write_text("the old secret")
    (folder / "link").symlink_to(folder / "elsewhere")
    for taken in ("real", "link"):
        done = totp(folder, "alice", "--file", str(folder / taken))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"{folder / taken}: is there already; choose another with --file\n"
    assert (folder / "real").read_text() == "the old secret"
    assert not (folder / "elsewhere").exists()


def test_a_file_that_cannot_be_made_is_said(folder: Path) -> None:
    file = folder / "nowhere" / "alice.totp"
    done = totp(folder, "alice", "--file", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{file}: cannot be written (No such file or directory); choose another with --file\n"


@pytest.mark.parametrize(("name", "hint"), [("alise", " Did you mean `alice`?"), ("traders", ""), ("U01ALICE", "")])
def test_somebody_desk_toml_does_not_name_gets_no_secret(folder: Path, name: str, hint: str) -> None:
    done = totp(folder, name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"desk.toml has no {name!r} under [people], only alice, ")
    assert done.stderr.endswith(f".{hint}\n")


def test_a_terminal_without_block_characters_breaks_nothing(folder: Path) -> None:
    assert "TOTP_ALICE=" in printed(totp(folder, "alice", encoding="ascii"))
