"""Copied, deleted and restored databases under whole desks: none of them ever sends a second time."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from scene import Play, Scene

from bot.app import Application, Unclean
from bot.clock import SystemClock
from bot.config import load_config
from bot.errors import StartError
from bot.sandbox.world import ALICE, AUDIT, CAROL
from bot.settings import load_settings
from bot.words import NO_JOURNAL

HTX = "75 usdt htx:spot -> htx:linear-swap"
COINW = "30 usdt coinw:master -> coinw:maker"


async def transferdesk(scene: Scene, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a person at a shell does, in the desk's environment."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "TRANSFERDESK_"))}

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments], env=bare | scene.environment, capture_output=True, text=True,
            timeout=60, cwd=Path(__file__).parents[2],
        )  # fmt: skip

    return await asyncio.to_thread(run)


async def done(scene: Scene, *arguments: str) -> str:
    said = await transferdesk(scene, *arguments)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


async def refused(scene: Scene, *arguments: str) -> str:
    said = await transferdesk(scene, *arguments)
    assert said.returncode == 2, said.stdout + said.stderr
    assert "Traceback" not in said.stderr
    return said.stderr


async def sent(scene: Scene, number: int, text: str = HTX) -> None:
    """Type and confirm a transfer, and wait until the audit channel knows how it ended."""
    await scene.acts.type(ALICE, text)
    await scene.acts.confirm(ALICE, number)
    await scene.world.slack.wait_for(lambda: bool(scene.acts.audit(f"T{number} Done")))


def audit(scene: Scene) -> list[str]:
    return [message.text for message in scene.world.slack.workspace.messages(AUDIT)]


def plain_copy(scene: Scene, to: Path) -> None:
    """What `cp` does with a stopped desk's database."""
    shutil.copy(scene.database, to)


# Restoring -----------------------------------------------------------------------------------------------------------


def test_a_backup_made_while_the_desk_runs_is_gone_on_from_and_sends_nothing_twice(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        backup = tmp_path / "desk.bak"
        async with scene.desk():
            await sent(scene, 1)
            await scene.acts.type(ALICE, "20 usdt htx:spot -> htx:linear-swap")
            await scene.acts.card_saying(2, "transfer_confirm")
            said = await done(scene, "backup", str(backup))
            assert f"{backup}: whole, " in said
            # After the backup: T2 is sent, T3 is new and sent, T4 is new and only on the treasury channel.
            await scene.acts.confirm(ALICE, 2)
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T2 Done")))
            await sent(scene, 3, COINW)
            await scene.acts.type(ALICE, "25 usdt htx:spot -> htx:linear-swap")
            await scene.acts.card_saying(4, "transfer_confirm")
        executed = len(scene.world.htx.executed) + len(scene.world.coinw.executed)
        assert executed == 3
        said = await done(scene, "restore", str(backup))
        assert ".before-restore-" in said.splitlines()[0]
        assert "cancelled, as they were not sent by then: T2\n" in said
        assert "made after the backup, so not in this journal: T3 to T4; their outcomes" in said
        assert "the next transfer is T5; nothing is sent until `transferdesk run`" in said
        assert scene.states() == ["succeeded", "cancelled"]
        async with scene.desk():
            await scene.acts.card_saying(2, "The audit channel has a later line about it")
            assert "frozen by desk: restored from a backup" in await scene.acts.type(ALICE, HTX)
            await scene.acts.type(CAROL, "unfreeze")
            await sent(scene, 5)
        assert len(scene.world.htx.executed) + len(scene.world.coinw.executed) == executed + 1

    play(act)


def test_a_restore_says_why_it_cannot_and_changes_nothing(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        backup = tmp_path / "desk.bak"
        async with scene.desk():
            await sent(scene, 1)
            await done(scene, "backup", str(backup))
            assert f"{backup}: is there already; choose a name that is free" in await refused(
                scene, "backup", str(backup)
            )
            assert "another transferdesk is running on this database" in await refused(scene, "restore", str(backup))
        before = scene.database.read_bytes()
        assert "there is no such file" in await refused(scene, "restore", str(tmp_path / "none.bak"))
        assert "is the database itself" in await refused(scene, "restore", str(scene.database))
        assert "--offline needs --last-id" in await refused(scene, "restore", str(backup), "--offline")
        scene.world.slack.switches.turn_on("history_fails")
        said = await refused(scene, "restore", str(backup))
        assert "Nothing was restored." in said
        assert "--offline --last-id NUMBER" in said
        assert scene.database.read_bytes() == before
        assert not list(tmp_path.glob("*.before-restore*"))

    play(act)


def test_restored_without_slack_the_named_id_is_checked_at_the_start(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        backup = tmp_path / "desk.bak"
        async with scene.desk():
            await sent(scene, 1)
            await done(scene, "backup", str(backup))
            await sent(scene, 2, COINW)
        scene.extra["SLACK_API_URL"] = "http://127.0.0.1:9/api/"  # nobody is there
        said = await done(scene, "restore", str(backup), "--offline", "--last-id", "1")
        assert "the next transfer is T2" in said
        del scene.extra["SLACK_API_URL"]
        with pytest.raises(StartError, match="has seen T2 of the journal this one was restored from"):
            async with scene.desk():
                pass
        await done(scene, "restore", str(backup), "--offline", "--last-id", "40")
        async with scene.desk():
            await scene.acts.type(CAROL, "unfreeze")
            await sent(scene, 41, "5 usdt htx:spot -> htx:linear-swap")

    play(act)


# Copies --------------------------------------------------------------------------------------------------------------


def test_an_old_copy_put_back_by_hand_is_refused_and_a_restore_of_it_is_the_way_out(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        old, log = tmp_path / "old.db", tmp_path / "desk.log"
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(1, "transfer_confirm")
        plain_copy(scene, old)
        async with scene.desk():
            await scene.acts.confirm(ALICE, 1)
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T1 Done")))
        shutil.copy(old, scene.database)
        lines = len(audit(scene))
        with scene.desk_process(log) as process:
            assert await asyncio.to_thread(process.wait, 30) == 2
        assert "FAIL journal: this journal is behind" in log.read_text()
        assert "Traceback" not in log.read_text()
        assert len(audit(scene)) == lines
        found = await transferdesk(scene, "check", "--online")
        assert found.returncode == 1
        assert "FAIL journal: this journal is behind" in found.stdout
        await done(scene, "restore", str(old))
        assert scene.states() == ["cancelled"]
        async with scene.desk():
            assert "1 fine" not in (await transferdesk(scene, "check", "--online")).stdout
        assert len(scene.world.htx.requests) == 1

    play(act)


def test_a_copy_beside_the_running_desk_is_refused_at_once(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            pass
        copy = tmp_path / "copy.db"
        plain_copy(scene, copy)  # the very head the desk goes on from
        async with scene.desk():
            scene.extra["TRANSFERDESK_DATABASE"] = str(copy)
            said = await refused(scene, "run")
            assert "this journal is behind" in said

    play(act)


def test_a_deleted_database_does_not_begin_again_at_t1(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await sent(scene, 1)
        scene.database.unlink()
        with pytest.raises(StartError, match=r"another journal \([0-9a-f]{8}\) writes to this audit channel"):
            async with scene.desk():
                pass

    play(act)


# While the desk runs -------------------------------------------------------------------------------------------------


def test_a_database_deleted_under_the_desk_is_the_end_of_it_and_the_rescued_copy_goes_on(
    play: Play, tmp_path: Path
) -> None:
    async def act(scene: Scene) -> None:
        log = tmp_path / "desk.log"
        with scene.desk_process(log) as process:
            await scene.desk_is_open()
            await sent(scene, 1)
            await scene.acts.type(ALICE, "20 usdt htx:spot -> htx:linear-swap")
            await scene.acts.card_saying(2, "transfer_confirm")
            scene.database.unlink()
            # The desk goes down at once; its last words may not get out before.
            assert (await scene.acts.confirm(ALICE, 2)).startswith((NO_JOURNAL, ":warning: This app is not responding"))
            assert await asyncio.to_thread(process.wait, 30) == 1
        said = log.read_text()
        assert "The desk went down: the database file was deleted, moved or replaced." in said
        assert said.count("acknowledges and sends nothing any more") == 1
        assert "Traceback" not in said
        (kept,) = tmp_path.glob("transferdesk.db.rescued-*")
        assert "T2" in await done(scene, "restore", str(kept))
        assert scene.states() == ["succeeded", "cancelled"]
        async with scene.desk():
            await scene.acts.card_saying(2, "restored from a backup")
        assert len(scene.world.htx.requests) == 1

    play(act)


# A clock that is wrong -----------------------------------------------------------------------------------------------


class WrongClock(SystemClock):
    """The machine's clock, off by as much as a test says."""

    def __init__(self, minutes: float) -> None:
        self.off = timedelta(minutes=minutes)

    def now(self) -> datetime:
        return super().now() + self.off


def application(scene: Scene, clock: SystemClock) -> Application:
    environment = scene.environment
    config = load_config(Path(environment["TRANSFERDESK_CONFIG"]))
    return Application(load_settings(environment, list(config.connections), config.people), config, clock)


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_desk_of_coinw_alone_does_not_start_ten_minutes_off(play: Play, minutes: int) -> None:
    async def act(scene: Scene) -> None:
        text = scene.world.desk_toml()
        first, second = text.index("[exchanges.htx]"), text.index("[exchanges.coinw]")
        third, fourth = text.index('[[rules]]\nname = "collateral"'), text.index('[[rules]]\nname = "makers"')
        (scene.folder / "desk.toml").write_text(text[:first] + text[second:third] + text[fourth:])
        desk = application(scene, WrongClock(minutes))
        with pytest.raises(Unclean, match=r"FAIL Slack clock: .* s from Slack's, at most 30 s is safe") as caught:
            await desk.start()
        assert len(str(caught.value).splitlines()) == 1
        assert scene.rows("SELECT count(*) FROM events") == [(0,)]

    play(act)


def test_a_clock_set_wrong_while_the_desk_runs_sends_nothing_and_says_so(play: Play) -> None:
    async def act(scene: Scene) -> None:
        clock = WrongClock(0)
        desk = application(scene, clock)
        await desk.start()
        try:
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(1, "transfer_confirm")
            clock.off = timedelta(minutes=-10)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "clock is 10 minutes behind HTX")
            assert scene.states() == ["approved"]
        finally:
            await desk.stop()
        assert len(scene.world.htx.executed) == 0

    play(act)
