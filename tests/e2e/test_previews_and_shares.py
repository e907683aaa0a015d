"""Balances end to end: on cards, as shares and on demand, at exchanges that answer, hang or say nothing."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from scene import Play, Scene

from bot.sandbox.world import ALICE, BOB, CAROL, MALLORY

HTX = "250 usdt from htx:spot to htx:linear-swap"


def test_a_card_shows_both_sides_before_and_after_once_they_were_read(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            card = await scene.acts.card_saying(1, "3,000.00 → 3,250.00 USDT, read <!date^")
            await scene.acts.card_saying(1, "25,000.00 → 24,750.00 USDT, read <!date^")
            assert card.blocks[0]["text"]["text"].endswith("`htx:spot` → `htx:linear-swap`")
            await scene.acts.confirm(ALICE, 1)
            card = await scene.acts.card_saying(1, "Done")
            assert "24,750" not in str(card.blocks)

    play(act)


def test_a_balance_no_api_tells_is_said_to_be_hidden(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(BOB, "600 usdt coinw:master -> coinw:maker")
            card = await scene.acts.card_saying(1, "`coinw:maker` 500 → 1,100.00 USDT")
            assert "`coinw:master` not readable through the API" in str(card.blocks)

    play(act)


def test_too_little_is_said_on_the_card_and_stops_nobody(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(BOB, "600 usdt coinw:maker -> coinw:master")
            await scene.acts.card_saying(1, "*Not enough:* `coinw:maker` has 500 USDT, this takes 600.")
            await scene.acts.confirm(BOB, 1)
            await scene.acts.card_saying(1, "200005")

    play(act)


def test_an_exchange_that_hangs_delays_no_answer_no_card_and_no_send(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.break_reads(1, "hang_before")
            assert (await scene.acts.type(ALICE, HTX)).startswith("T1: 250 USDT")
            card = await scene.acts.card_saying(1, "transfer_confirm")
            assert str(card.blocks).count("is being read") == 2
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done", within=8)
        assert len(scene.world.htx.executed) == 1

    play(act)


def test_half_becomes_a_figure_and_leaves_as_that_figure(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.world.htx.book.move("spot", "otc", "USDT", Decimal("24000.01"))
        async with scene.desk():
            answer = await scene.acts.type(ALICE, "half usdt htx:spot -> htx:linear-swap")
            assert answer == "Reading what is available on `htx:spot`; the card follows."
            await scene.acts.card_saying(1, "half of 999.99 USDT available")
            assert "Confirm 499.995 USDT" in scene.acts.card_text(1)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        (request,) = scene.world.htx.requests
        assert json.loads(request.body)["amount"] == "499.995"
        assert scene.rows("SELECT share, amount FROM transfers") == [("half", "499.995")]
        (sent,) = scene.rows("SELECT data FROM events WHERE kind = 'sending'")
        assert json.loads(sent[0])["evidence"]["source.available"] == "999.99"

    play(act)


def test_a_share_of_which_less_is_there_by_now_is_asked_again_and_not_sent(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(BOB, "all usdt coinw:maker -> coinw:master")
            await scene.acts.card_saying(1, "Confirm 500 USDT")
            scene.world.coinw.book.move("39000001", "master", "USDT", Decimal(100))
            await scene.acts.confirm(BOB, 1)
            await scene.acts.card_saying(1, "Confirm 400 USDT")
            assert "has 400 USDT by now, so all of it is 400, not 500" in scene.acts.card_text(1)
            assert scene.world.coinw.requests == ()
            await scene.acts.confirm(BOB, 1)
            await scene.acts.card_saying(1, "Done")
        assert scene.world.coinw.book.balance("39000001", "USDT") == 0

    play(act)


def test_a_share_that_comes_to_nothing_is_told_to_one_person_alone(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(BOB, "all usdt coinw:arbitrage -> coinw:master")
            await scene.world.slack.wait_for(
                lambda: any("was not proposed" in said for said in scene.acts.whispers(BOB))
            )
            assert "`coinw:arbitrage` has 0 USDT" in refusals(scene)[0]
            assert scene.acts.whispers(ALICE) == []
        assert scene.states() == []

    play(act)


def test_a_wish_survives_a_desk_that_stops_before_it_was_read(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.coinw.faults.break_reads(None, "hang_before")
            await scene.acts.type(BOB, "all usdt coinw:maker -> coinw:master")
            assert scene.rows("SELECT count(*) FROM wishes") == [(1,)]
        scene.world.coinw.faults.clear()
        async with scene.desk():
            await scene.acts.card_saying(1, "all of 500 USDT available")
        assert scene.rows("SELECT count(*) FROM wishes") == [(0,)]

    play(act)


def test_balances_are_listed_privately_for_those_whose_rules_name_them(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            assert (await scene.acts.type(ALICE, "balances")).startswith("Reading what can leave your accounts")
            told = await listed(scene, ALICE)
            for said in (
                r"`coinw:arbitrage` \*0 USDT\*, read <!date",
                r"`coinw:maker` \*500 USDT\*, read",
                r"`coinw:master` USDT not readable through the API",
                r"`htx:spot` \*25,000\.00 USDT\*",
                r"`htx:linear-swap` \*3,000\.00 USDT\*",
            ):
                assert re.search(said, told), said
            await scene.acts.type(CAROL, "balances coinw")
            assert "htx" not in await listed(scene, CAROL)
            assert "allowlist" in await scene.acts.type(MALLORY, "balances")
        assert scene.world.slack.workspace.messages("C01TREASURY") == []

    play(act)


def test_a_list_comes_with_what_there_is_when_an_exchange_hangs(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.break_reads(None, "hang_before")
            await scene.acts.type(ALICE, "balances")
            told = await listed(scene, ALICE, within=9.5)
            assert "`coinw:maker` *500 USDT*, read" in told
            assert "`htx:spot` USDT being read" in told
            scene.world.htx.faults.clear()

    play(act)


def refusals(scene: Scene) -> list[str]:
    return [said for said in scene.acts.whispers(BOB) if "was not proposed" in said]


async def listed(scene: Scene, user: str, within: float = 9.0) -> str:
    """Wait for the list that follows."""
    head = "*What can leave each account*"
    await scene.world.slack.wait_for(lambda: any(said.startswith(head) for said in scene.acts.whispers(user)), within)
    return next(said for said in scene.acts.whispers(user) if said.startswith(head))
