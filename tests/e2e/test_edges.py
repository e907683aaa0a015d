"""The edges of the desk's day: late payloads, dead lines, old buttons, changed rules, wrong set-ups."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from scene import Play, Scene

from bot.errors import StartError
from bot.sandbox.world import ALICE, BOB, MALLORY, TREASURY

HTX = "250 usdt from htx:spot to htx:linear-swap"


def test_a_command_that_waited_too_long_is_not_done_behind_the_persons_back(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk() as desk:
            assert desk._journal is not None
            until = threading.Event()
            desk._journal.run(lambda _: until.wait(20))
            typed = asyncio.create_task(scene.world.slack.slash(ALICE, TREASURY, "/transfer", HTX))
            act = await typed
            assert act.failure == "operation_timeout"
            until.set()
            # The next command finds the desk well, and nothing of the late one.
            assert (await scene.acts.type(BOB, HTX)).startswith("T1")
        assert scene.rows("SELECT requester FROM transfers") == [(BOB,)]

    play(act)


def test_the_desk_finds_its_way_back_from_a_dead_socket_address(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.slack.switches.turn_on("dead_ticket")
            await scene.world.slack.switch("reset_connections", True)
            await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
            await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 1, 40)
            assert (await scene.acts.type(ALICE, HTX)).startswith("T1")

    play(act)


def test_a_button_that_is_not_on_the_card_changes_nothing(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            card = await scene.acts.card_saying(1, "transfer_confirm")
            forged = {
                "actions": [{"action_id": "transfer_approve", "value": "1.1", "type": "button", "action_ts": "1"}]
            }
            act = await scene.world.slack.press(ALICE, TREASURY, card.ts, "transfer_approve", forged=forged)
            assert act.acked
            await scene.world.slack.wait_for(lambda: "Nothing changed." in scene.acts.whispers(ALICE)[-1])
            await scene.world.slack.press(MALLORY, TREASURY, card.ts, "transfer_approve", forged=forged)
            await scene.world.slack.wait_for(lambda: "allowlist" in "".join(scene.acts.whispers(MALLORY)))
        assert scene.states() == ["proposed"]
        turned_away = scene.rows("SELECT actor FROM events WHERE kind = 'turned_away' ORDER BY seq")
        assert turned_away == [(ALICE,), (MALLORY,)]

    play(act)


def test_an_edited_rule_asks_again_and_the_old_click_sends_nothing(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(1, "transfer_confirm")
        scene.edit_desk_toml(('per_transfer = "5000"', 'per_transfer = "4000"'))
        async with scene.desk():
            answer = await scene.acts.press(ALICE, 1, "transfer_confirm")
            assert "has changed since" in answer
            await scene.acts.card_saying(1, "1.2")
            assert scene.world.htx.requests == ()
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        assert scene.rows("SELECT version, state FROM transfers") == [(2, "succeeded")]

    play(act)


def test_two_connections_with_one_exchange_user_are_refused(play: Play) -> None:
    async def act(scene: Scene) -> None:
        twin = f'[exchanges.htx-two]\nadapter = "htx"\nurl = "{scene.world.htx.url}"\n\n[exchanges.coinw]'
        scene.edit_desk_toml(("[exchanges.coinw]", twin))
        keys = {name: value for name, value in scene.environment.items() if name.startswith("HTX_")}
        scene.extra = {name.replace("HTX_", "HTX_TWO_"): value for name, value in keys.items()}
        with pytest.raises(StartError, match="same exchange user as htx"):
            async with scene.desk():
                pass

    play(act)


def test_a_connection_is_kept_until_its_unknowns_are_settled(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.coinw.faults.plan("drop_after")
            await scene.acts.type(BOB, "10 usdt coinw:master -> coinw:maker")
            await scene.acts.confirm(BOB, 1)
            await scene.acts.card_saying(1, "do not repeat it")
        text = scene.world.desk_toml()
        coinw, makers = text.index("[exchanges.coinw]"), text.index('[[rules]]\nname = "makers"')
        scene.edit_desk_toml((text[coinw : text.index("[people]")], ""), (text[makers:], ""))
        with pytest.raises(StartError, match=r"T1 was sent without an answer. Keep \[exchanges.coinw\]"):
            async with scene.desk():
                pass

    play(act)


def test_a_channel_the_app_was_thrown_out_of_tells_the_requester_privately(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            workspace = scene.world.slack.workspace
            treasury = workspace.channels[TREASURY]
            workspace.put_channel(replace(treasury, members=treasury.members - {workspace.bot.id}))
            await scene.acts.type(ALICE, HTX)
            await scene.world.slack.wait_for(lambda: "not_in_channel" in scene.acts.whispers(ALICE)[-1])
        assert scene.rows("SELECT kind FROM events ORDER BY seq DESC LIMIT 1") == [("parked",)]

    play(act)
