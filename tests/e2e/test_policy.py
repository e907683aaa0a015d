"""The policy from end to end: who must agree, what a limit lets through, who stops everything, who is still there."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from scene import Play, Scene

from bot.sandbox import slack_standings
from bot.sandbox.world import ALICE, APPROVALS, BOB, CAROL, DAN

HTX = "75 usdt htx:spot -> htx:linear-swap"
LIMIT = f'per_transfer = "5000"\nper_day = "50000"\n{APPROVALS}'
ONLY = 'per_transfer = "5000"'
ONE = f'{ONLY}\napprovals = [{{ count = 1, from = "treasurers" }}]'
TWO = f'{ONLY}\napprovals = [{{ count = 2, from = "treasurers" }}]'
WITH_A_CODE = f'{ONLY}\napprovals = [{{ count = 1, from = "treasurers", second_factor = "totp" }}]'
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def waits_for_approval(scene: Scene, user: str = ALICE, transfer_id: int = 1) -> None:
    await scene.acts.type(user, HTX)
    assert "waits for the approval" in await scene.acts.confirm(user, transfer_id)


def test_one_other_person_approves_and_it_goes(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, ONE))
        async with scene.desk():
            await waits_for_approval(scene)
            await scene.acts.card_saying(1, "Asked: carol, dan. Any of them can deny it, until")
            await scene.world.slack.wait_for(lambda: len(scene.acts.replies("waits for the approval")) == 1)
            (call,) = scene.acts.replies("waits for the approval")
            assert [f"<@{user}>" in call.text for user in (CAROL, DAN, ALICE)] == [True, True, False]
            assert "others must approve it" in await scene.acts.approve(ALICE, 1)
            assert "Only 1 of treasurers can approve" in await scene.acts.approve(BOB, 1)
            assert len(scene.world.htx.requests) == 0
            assert "goes out next" in await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "Done")
            assert "carol approved it" in scene.acts.card_text(1)
        assert len(scene.world.htx.executed) == 1
        assert scene.rows("SELECT approver, decision FROM approvals") == [(CAROL, "approved")]

    play(act)


def test_two_must_approve_and_nobody_counts_twice(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, TWO))
        async with scene.desk():
            await waits_for_approval(scene)
            assert "It takes one more person" in await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "carol approved it")
            assert "each person counts once" in await scene.acts.approve(CAROL, 1)
            assert len(scene.world.htx.requests) == 0
            assert "goes out next" in await scene.acts.approve(DAN, 1)
            await scene.acts.card_saying(1, "Done")
        assert len(scene.world.htx.executed) == 1

    play(act)


def test_any_deny_ends_it(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, TWO))
        async with scene.desk():
            await waits_for_approval(scene)
            await scene.acts.approve(CAROL, 1)
            assert "is denied" in await scene.acts.deny(DAN, 1)
            await scene.acts.card_saying(1, "Denied by dan")
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("Denied")) == 1)
        assert len(scene.world.htx.requests) == 0

    play(act)


def test_what_nobody_approves_in_time_expires(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, ONE), ("[desk]", '[desk]\napprove_within = "1s"'))
        async with scene.desk():
            await waits_for_approval(scene)
            await scene.acts.card_saying(1, "It was not approved in time. Nothing was sent.")
        assert scene.states() == ["expired"]
        assert len(scene.world.htx.requests) == 0

    play(act)


def test_a_policy_edited_meanwhile_voids_approvals_and_a_wrong_one_is_not_loaded(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, TWO))
        with scene.desk_process(tmp_path / "desk.log") as process:
            await scene.desk_is_open()
            await waits_for_approval(scene)
            await scene.acts.approve(CAROL, 1)

            scene.edit_desk_toml(('per_transfer = "5000"', "per_transfer = 5000"))
            os.kill(process.pid, signal.SIGHUP)
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("desk.toml was not loaded")) == 1)
            assert "per_transfer" in scene.acts.audit("desk.toml was not loaded")[0].text
            assert scene.states() == ["awaiting_approval"]

            scene.edit_desk_toml(("per_transfer = 5000", 'per_transfer = "4000"'))
            os.kill(process.pid, signal.SIGHUP)
            await scene.acts.card_saying(1, "What was approved no longer counts")
            assert len(scene.acts.audit("is in force")) == 1
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.approve(DAN, 1)
            assert scene.states() == ["awaiting_approval"]
            await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "Done")
        assert len(scene.world.htx.executed) == 1
        policies = scene.rows("SELECT count(*) FROM policies")
        named = scene.rows("SELECT count(DISTINCT data ->> 'policy') FROM events")
        assert (policies, named) == ([(2,)], [(2,)])

    play(act)


def test_a_policy_edited_while_the_desk_starts_is_loaded_once_it_is_open(play: Play, tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        with scene.desk_process(tmp_path / "desk.log") as process:
            await scene.world.slack.wait_for(lambda: len(scene.world.slack.web_api.calls) > 0, 20)
            scene.edit_desk_toml((LIMIT, 'per_transfer = "50"'))
            os.kill(process.pid, signal.SIGHUP)
            os.kill(process.pid, signal.SIGHUP)
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("is in force")) > 0, 20)
            assert "allows up to 50 USDT" in await scene.acts.type(ALICE, HTX)
            assert process.poll() is None

    play(act)


def test_a_tier_that_says_so_takes_a_one_time_code(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, WITH_A_CODE))
        scene.extra["TOTP_CAROL"] = SECRET
        scene.extra["TOTP_DAN"] = pyotp.random_base32()
        async with scene.desk():
            await waits_for_approval(scene)
            assert "wrong" in await scene.acts.approve_with_code(CAROL, 1, "000000")
            assert len(scene.world.htx.requests) == 0
            code = pyotp.TOTP(SECRET).at(datetime.now(UTC))
            assert "goes out next" in await scene.acts.approve_with_code(CAROL, 1, code)
            await scene.acts.card_saying(1, "Done")
            await waits_for_approval(scene, transfer_id=2)
            assert "used already" in await scene.acts.approve_with_code(CAROL, 2, code)
        assert scene.states() == ["succeeded", "awaiting_approval"]
        written = b"".join(path.read_bytes() for path in scene.folder.glob("transferdesk.db*"))
        assert code.encode() not in written
        assert SECRET.encode() not in written

    play(act)


def test_without_enrolled_approvers_the_desk_does_not_start(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, WITH_A_CODE))
        scene.extra |= {"TOTP_CAROL": "", "TOTP_DAN": ""}
        with pytest.raises(Exception, match="no code is set up for carol, dan"):
            async with scene.desk():
                pass

    play(act)


def test_a_freeze_stops_what_is_queued_and_what_is_on_its_way_settles(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.plan("late", delay_s=1.5)
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Being sent")
            await scene.acts.type(BOB, "20 usdt htx:linear-swap -> htx:spot")
            await scene.acts.confirm(BOB, 2)
            said = await scene.acts.type(ALICE, "freeze htx the key leaked")
            assert said.startswith("alice froze htx: the key leaked.")
            await scene.acts.card_saying(1, "Done")
            await scene.acts.card_saying(2, "frozen by alice: the key leaked")
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("htx is frozen")) == 1)
            assert "is frozen" in await scene.acts.type(BOB, HTX)
            await scene.acts.type(BOB, "20 usdt coinw:master -> coinw:maker")
            await scene.acts.confirm(BOB, 3)
            await scene.acts.card_saying(3, "Done")
        async with scene.desk():  # it survives a restart
            assert "Only admins" in await scene.acts.type(BOB, "unfreeze")
            assert scene.states() == ["succeeded", "approved", "succeeded"]
            assert "carol unfroze htx" in await scene.acts.type(CAROL, "unfreeze htx")
            await scene.acts.card_saying(2, "Done")
        assert len(scene.world.htx.executed) == 2

    play(act)


def test_a_freeze_from_a_shell_is_heeded_and_told(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            environment = {**os.environ, **scene.environment}
            ordered = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "bot", "freeze", "a bad feeling"],
                env=environment,
                cwd=Path(__file__).parents[2],
                capture_output=True,
                text=True,
            )
            assert (ordered.returncode, ordered.stdout.split(".")[0]) == (0, "Everything is frozen")
            await scene.world.slack.wait_for(lambda: len(scene.acts.audit("all is frozen")) == 1)
            assert "a bad feeling" in await scene.acts.type(ALICE, HTX)
            assert not (scene.folder / "FREEZE").exists()
            await scene.acts.type(DAN, "unfreeze")
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")

    play(act)


def test_somebody_deactivated_between_confirm_and_send_sends_nothing(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, ONE))
        async with scene.desk():
            await waits_for_approval(scene)
            slack_standings.put(scene.world.slack.workspace, ALICE, "deactivated")
            async with asyncio.timeout(60):
                while not _found_unwell(scene, ALICE):  # the desk's database rings no bell here
                    await asyncio.sleep(0.1)
            await scene.acts.approve(CAROL, 1)
            await scene.acts.card_saying(1, "Slack says of alice: deactivated in Slack. Nothing was sent.")
        assert scene.states() == ["blocked"]
        assert len(scene.world.htx.requests) == 0

    play(act)


def _found_unwell(scene: Scene, user: str) -> bool:
    return bool(scene.rows("SELECT 1 FROM standings WHERE subject = ? AND standing <> ''", user))


def test_while_slack_cannot_be_asked_nothing_leaves(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.slack.switches.turn_on("people_fail")
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "It waits until Slack has confirmed that all is still well with alice")
            assert len(scene.world.htx.requests) == 0
            scene.world.slack.switches.turn_off("people_fail")
            await scene.acts.card_saying(1, "Done", 30)

    play(act)


def test_the_last_of_a_limit_is_had_once(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, f'{ONLY}\nper_day = "100"'))
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            await scene.acts.type(BOB, "70 usdt htx:spot -> htx:linear-swap")
            for number in (1, 2):
                await scene.acts.card_saying(number, "transfer_confirm")
            await asyncio.gather(scene.acts.confirm(ALICE, 1), scene.acts.confirm(BOB, 2))
            await scene.world.slack.wait_for(lambda: sorted(scene.states()) == ["blocked", "succeeded"])
            await scene.world.slack.wait_for(
                lambda: "of it is left now" in scene.acts.card_text(1) + scene.acts.card_text(2)
            )
            why = await scene.acts.type(ALICE, "why 5000 usdt htx:spot -> htx:linear-swap")
            assert "This would pass:" in why
            assert "25 of 100 in 24 hours by everybody" in await scene.acts.type(CAROL, "limits")
        assert len(scene.world.htx.executed) == 1

    play(act)


def test_a_reason_is_asked_for_shown_and_kept(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((LIMIT, f'{ONLY}\nreason = "required"'))
        async with scene.desk():
            assert "wants a reason" in await scene.acts.type(ALICE, HTX)
            await scene.acts.type(ALICE, f"{HTX} reason Margin für BTC & more")
            await scene.acts.card_saying(1, "Reason: Margin für BTC &amp; more")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        assert scene.rows("SELECT reason FROM transfers") == [("Margin für BTC & more",)]

    play(act)
