"""`/transfer report`, from what was typed to the picture under the table, through real sockets."""

from __future__ import annotations

from scene import Play, Scene

from bot.sandbox.slack_workspace import Message
from bot.sandbox.world import ALICE, BOB, MALLORY, TREASURY

COMES = "The report follows in this channel."


def tables(scene: Scene) -> list[Message]:
    return scene.acts.replies("Report, ")


def pictures(scene: Scene) -> list[Message]:
    workspace = scene.world.slack.workspace
    return [reply for table in tables(scene) for reply in workspace.thread(TREASURY, table.ts)[1:] if reply.files]


def test_the_table_and_its_picture_are_for_everybody_in_the_channel(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, "250 usdt htx:spot -> htx:linear-swap")
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
            assert await scene.acts.type(BOB, "report 30d") == COMES
            await scene.world.slack.wait_for(lambda: len(pictures(scene)) == 1, 20)
        (table,) = tables(scene)
        assert "1 request ended, 1 of them done (100%)." in table.text
        assert "USDT: 250 moved by 1 request." in table.text
        assert "asked by bob" in str(table.blocks)
        (file,) = pictures(scene)[0].files
        assert "htx:linear-swap +250 USDT. htx:spot -250 USDT." in file.alt_txt
        data = scene.world.slack.files.data(file.id)
        assert data is not None
        assert data.startswith(b"\x89PNG")

    play(act)


def test_a_repeated_delivery_is_answered_again_and_reported_once(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.slack.switches.turn_on("deliver_twice")
            assert await scene.acts.type(ALICE, "report") == COMES
            assert await scene.acts.type(BOB, "report 1d") == COMES
            # One is made after the other, so a second one of Alice's would be there before Bob's.
            await scene.world.slack.wait_for(lambda: "asked by bob" in str(tables(scene)[-1:]), 20)
        assert ["asked by alice" in str(table.blocks) for table in tables(scene)] == [True, False]

    play(act)


def test_a_stranger_gets_none(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            assert "not on this desk's allowlist" in await scene.acts.type(MALLORY, "report")
        assert tables(scene) == []

    play(act)
