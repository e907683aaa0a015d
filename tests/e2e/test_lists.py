"""Lists and files of transfers, and `again`, through the local Slack: pages that turn in place, a file for an admin."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from scene import Play, Scene

from bot.sandbox.slack_workspace import Ephemeral, Message
from bot.sandbox.world import ALICE, BOB, CAROL, MALLORY, TREASURY

HTX = "250 usdt from htx:spot to htx:linear-swap"
OLDER, NEWER = "transfer_history_older", "transfer_history_newer"


async def listed(scene: Scene, user: str, text: str) -> Ephemeral:
    """Type a command that answers with a list."""
    await scene.acts.type(user, text)
    return scene.world.slack.workspace.ephemerals(user)[-1]


async def turned(scene: Scene, user: str, page: Ephemeral, action: str) -> Ephemeral:
    """Press a button of a list and wait until another page stands in its place."""
    workspace = scene.world.slack.workspace
    await scene.world.slack.press(user, TREASURY, page.ts, action)
    await scene.world.slack.wait_for(lambda: workspace.ephemeral(TREASURY, page.ts) != page)
    after = workspace.ephemeral(TREASURY, page.ts)
    assert after is not None
    return after


def numbers(page: Ephemeral) -> list[int]:
    return [int(line.split("*T")[1].split("*")[0]) for line in page.text.splitlines() if "*T" in line]


def actions(page: Ephemeral) -> list[str]:
    return [button["action_id"] for block in page.blocks if block["type"] == "actions" for button in block["elements"]]


def direct_messages(scene: Scene, user: str) -> list[Message]:
    workspace = scene.world.slack.workspace
    channel = workspace.direct(user)
    return workspace.messages(channel.id) if channel else []


def events(scene: Scene, kind: str) -> list[tuple[Any, ...]]:
    return scene.rows("SELECT actor, json_extract(data, '$.attempt') FROM events WHERE kind = ?", kind)


def test_a_history_is_filtered_and_its_pages_turn_in_place(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            for number in range(1, 13):
                await scene.acts.type(ALICE, f"{number} usdt from htx:spot to htx:linear-swap")
            await scene.acts.type(BOB, "1 usdt coinw:master -> coinw:maker")
            first = await listed(scene, CAROL, "history @alice htx usdt since 1d")
            assert first.text.startswith("Transfers by alice on htx in USDT of the last 1d\n")
            assert (numbers(first), actions(first)) == (list(range(12, 2, -1)), [OLDER])
            second = await turned(scene, CAROL, first, OLDER)
            assert (numbers(second), actions(second)) == ([2, 1], [NEWER])
            assert second.text.startswith("Transfers by alice on htx in USDT of the last 1d\n")
            again = await turned(scene, CAROL, second, NEWER)
            assert (numbers(again), actions(again)) == (numbers(first), [OLDER])
            assert numbers(await listed(scene, BOB, "mine")) == [13]
            assert (await listed(scene, CAROL, "mine")).text == "No transfers by carol."
            assert numbers(await listed(scene, ALICE, "history T2..T4 failed")) == []
            assert numbers(await listed(scene, ALICE, f"history <@{BOB}>")) == [13]
            assert "Did you mean `@bob`?" in (await listed(scene, ALICE, "history bob")).text
            assert "nobody `bobb`" in (await listed(scene, ALICE, "history @bobb")).text
            assert "Try `history T4..T40`." in (await listed(scene, ALICE, "history T40..T4")).text

    play(act)


@pytest.mark.parametrize("value", ["1 ' OR 1=1 --", "x" * 5000, "12.1", "1 <!channel>", None, 7])
def test_a_forged_button_shows_nothing_and_is_on_record(play: Play, value: object) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            page = await listed(scene, ALICE, "history")
            button = {"type": "button", "action_id": OLDER, "block_id": "b", "value": value, "action_ts": _now(scene)}
            seen = len(scene.acts.whispers(ALICE))
            await scene.world.slack.press(ALICE, TREASURY, page.ts, OLDER, forged={"actions": [button]})
            await scene.world.slack.wait_for(lambda: len(scene.acts.whispers(ALICE)) > seen)
            assert "*T1*" not in scene.acts.whispers(ALICE)[-1]
            assert scene.world.slack.workspace.ephemeral(TREASURY, page.ts) == page
        ((actor, attempt),) = events(scene, "turned_away")
        assert actor == ALICE
        assert attempt.startswith(OLDER)

    play(act)


def test_nobody_else_turns_a_page(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            button = {"type": "button", "action_id": NEWER, "block_id": "b", "value": "7", "action_ts": _now(scene)}
            await scene.world.slack.press(MALLORY, TREASURY, "1795000000.000001", NEWER, forged={"actions": [button]})
            await scene.world.slack.wait_for(lambda: bool(scene.acts.whispers(MALLORY)))
            assert "allowlist" in scene.acts.whispers(MALLORY)[-1]
        assert events(scene, "turned_away") == [(MALLORY, f"{NEWER} 7")]

    play(act)


def test_again_proposes_the_same_once_more(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, f"{HTX} reason month-end")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
            answer = await scene.acts.type(BOB, "again T1")
            assert answer.startswith("T2: 250 USDT from `htx:spot` to `htx:linear-swap`.")
            card = await scene.acts.card_saying(2, "again after T1")
            assert "month-end" in str(card.blocks)
            await scene.acts.confirm(BOB, 2)
            await scene.acts.card_saying(2, "Done")
            assert await scene.acts.type(BOB, "again T9") == "There is no transfer T9."
        assert len(scene.world.htx.requests) == 2

    play(act)


def test_an_admin_gets_the_transfers_as_a_file_in_a_direct_message(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, f"{HTX} reason =1+1")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
            await scene.acts.type(BOB, "1 usdt coinw:master -> coinw:maker")
            answer = await scene.acts.type(CAROL, "export htx")
            assert answer == "The file follows in a direct message from this app."
            await scene.world.slack.wait_for(lambda: bool(direct_messages(scene, CAROL)))
            (message,) = direct_messages(scene, CAROL)
            assert message.text == "1 transfer. Times are UTC."
            (file,) = message.files
            data = scene.world.slack.files.data(file.id)
            assert data is not None
            assert file.name == "transfers.csv"
            (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""))
            assert (row["id"], row["state"], row["amount"], row["reason"]) == ("T1", "succeeded", "250", "'=1+1")
            assert (row["requester_name"], row["source"]) == ("alice", "htx:spot")
            assert not [line for line in scene.world.slack.workspace.messages(TREASURY) if line.files]
        assert events(scene, "exported") == [(CAROL, None)]

    play(act)


def test_nobody_but_an_admin_gets_a_file(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            assert await scene.acts.type(ALICE, "export") == "Only admins of this desk can export transfers."
            assert "allowlist" in await scene.acts.type(MALLORY, "export")
            assert direct_messages(scene, ALICE) == direct_messages(scene, MALLORY) == []
        assert events(scene, "turned_away") == [(ALICE, "export"), (MALLORY, "/transfer export")]

    play(act)


@pytest.mark.parametrize("method", ["conversations.open", "files.getUploadURLExternal", "files.completeUploadExternal"])
def test_a_file_slack_does_not_take_is_told_to_its_admin(play: Play, method: str) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            scene.world.slack.switches.turn_on("server_error", method=method)
            await scene.acts.type(CAROL, "export")
            await scene.world.slack.wait_for(lambda: len(scene.acts.whispers(CAROL)) > 1)
            assert scene.acts.whispers(CAROL)[-1] == (
                "The file could not be handed out: Slack says HTTP 500. Ask for it again."
            )
            assert direct_messages(scene, CAROL) == []

    play(act)


def test_an_export_of_nothing_is_no_file(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(CAROL, "export failed")
            await scene.world.slack.wait_for(lambda: len(scene.acts.whispers(CAROL)) > 1)
            assert scene.acts.whispers(CAROL)[-1] == "There are no such transfers, so there is no file."
            assert direct_messages(scene, CAROL) == []

    play(act)


def _now(scene: Scene) -> str:
    return scene.world.slack.workspace.next_ts()
