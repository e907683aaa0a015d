"""The desk as a process of its own: killed while a send hangs, asked to stop, started twice, started wrongly."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from scene import Play, Scene

from bot.sandbox.world import ALICE, BOB, TREASURY

HTX = "75 usdt htx:spot -> htx:linear-swap"


async def _gone(process: subprocess.Popen[bytes], within: float = 30) -> int:
    return await asyncio.to_thread(process.wait, within)


@pytest.mark.parametrize(("fault", "executed"), [("hang_after", 1), ("hang_before", 0)])
def test_sigkill_while_a_send_hangs_leaves_one_request_and_an_unknown(
    play: Play, tmp_path: Path, fault: str, executed: int
) -> None:
    async def act(scene: Scene) -> None:
        scene.world.htx.faults.plan(fault)
        with scene.desk_process(tmp_path / "first.log") as first:
            await scene.desk_is_open()
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.world.htx.wait_for_transfers(1)
            assert scene.states() == ["sending"]
            first.send_signal(signal.SIGKILL)
            await _gone(first)
        assert scene.states() == ["sending"]
        await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
        with scene.desk_process(tmp_path / "second.log"):
            await scene.desk_is_open()
            await scene.acts.card_saying(1, "do not repeat it")
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T1")))
            # Retyped by somebody who saw nothing happen: not to be confirmed.
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(2, "Confirm is withheld")
        assert scene.states() == ["unknown", "proposed"]
        assert len(scene.world.htx.requests) == 1
        assert len(scene.world.htx.executed) == executed

    play(act)


def test_sigterm_lets_the_send_in_flight_finish(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.world.htx.faults.plan("late", delay_s=1.0)
        with scene.desk_process(tmp_path / "desk.log") as process:
            await scene.desk_is_open()
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.world.htx.wait_for_transfers(1)
            process.send_signal(signal.SIGTERM)
            assert await _gone(process) == 0
        assert scene.states() == ["succeeded"]
        assert "Done" in scene.acts.card_text(1)

    play(act)


def test_a_desk_asked_to_stop_first_tells_people_what_became_of_their_click(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        with scene.desk_process(tmp_path / "desk.log") as process:
            await scene.desk_is_open()
            await scene.acts.type(ALICE, HTX)
            card = await scene.acts.card_saying(1, "transfer_confirm")
            assert (await scene.world.slack.press(BOB, TREASURY, card.ts, "transfer_confirm")).acked
            process.send_signal(signal.SIGTERM)
            assert await _gone(process) == 0
        assert len(scene.acts.whispers(BOB)) == 1

    play(act)


def test_what_was_acknowledged_survives_sigkill(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        with scene.desk_process(tmp_path / "first.log") as first:
            await scene.desk_is_open()
            scene.world.slack.switches.turn_on("server_error", times=1000)  # no card can be posted
            assert (await scene.acts.type(ALICE, HTX)).startswith("T1")
            first.send_signal(signal.SIGKILL)
            await _gone(first)
        scene.world.slack.switches.turn_off("server_error")
        await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
        with scene.desk_process(tmp_path / "second.log"):
            await scene.desk_is_open()
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        cards = [message for message in scene.world.slack.workspace.messages(TREASURY) if message.blocks]
        assert len(cards) == 1

    play(act)


def test_a_second_desk_on_one_database_is_told_why_it_does_not_start(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        log = tmp_path / "second.log"
        with scene.desk_process(tmp_path / "first.log"):
            await scene.desk_is_open()
            with scene.desk_process(log) as second:
                assert await _gone(second) == 2
        text = log.read_text()
        assert "another transferdesk is running on this database" in text
        assert "Traceback" not in text

    play(act)


def test_a_key_that_can_withdraw_is_refused_at_the_start(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.world.htx._permission = "readOnly,trade,withdraw"
        log = tmp_path / "desk.log"
        with scene.desk_process(log) as process:
            assert await _gone(process) == 2
        assert "withdraw" in log.read_text()
        assert scene.rows("SELECT count(*) FROM events") == [(0,)]

    play(act)


def test_check_online_says_what_a_start_would(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        def check() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-m", "bot", "check", "--online"],
                env={**scene.environment, "PATH": ""},
                capture_output=True,
                text=True,
                cwd=Path(__file__).parents[2],
            )

        fine = await asyncio.to_thread(check)
        assert fine.returncode == 0, fine.stdout + fine.stderr
        scene.world.coinw.freeze_sub("39000001")
        frozen = await asyncio.to_thread(check)
        assert frozen.returncode == 1
        assert "maker" in frozen.stdout
        assert len(scene.world.htx.requests) + len(scene.world.coinw.requests) == 0

    play(act)


def test_the_demo_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--once"], capture_output=True, text=True, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout


@contextmanager
def _running(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process whose lines can be read; killed at the end, whatever happened."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def _said(process: subprocess.Popen[str], words: str) -> str:
    """Return the next line with these words."""
    assert process.stdout is not None
    while words not in (line := await asyncio.to_thread(process.stdout.readline)):
        assert line, f"the process ended without saying {words!r}"
    return line


def test_a_sandbox_of_its_own_serves_a_desk_in_another_process(play: Play, tmp_path: Path) -> None:
    async def act(_: Scene) -> None:
        folder = tmp_path / "sandbox"
        with _running(sys.executable, "-m", "bot", "sandbox", "--port", "0", "--folder", str(folder)) as sandbox:
            url = (await _said(sandbox, "The page: ")).split()[2]
            line = (await _said(sandbox, "set -a; ")).replace("; set +a; ", f"; set +a; exec {sys.executable} ")
            with _running("sh", "-c", line) as desk:
                await _said(desk, "the desk is open")
                async with aiohttp.ClientSession(url) as page:
                    typed = {"as": ALICE, "channel": TREASURY, "text": f"/transfer {HTX}"}
                    answer = await page.post("sandbox/slash", json=typed)
                    assert answer.status == 200, await answer.text()
                    state = await (await page.get("sandbox/state", params={"as": ALICE})).json()
                assert "T1: 75 USDT" in str(state["ephemerals"])
                desk.terminate()
                assert await asyncio.to_thread(desk.wait, 30) == 0
            sandbox.terminate()
            assert await asyncio.to_thread(sandbox.wait, 30) == 0
        assert (folder / "env").stat().st_mode & 0o777 == 0o600

    play(act)
