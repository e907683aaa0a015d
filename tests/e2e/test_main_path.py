"""From the slash command to the exchange and back, through real sockets, real Bolt and a real database file."""

from __future__ import annotations

import asyncio
import json
import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from scene import Play, Scene

from bot.sandbox.world import ALICE, APPROVALS, BOB, CAROL, DAN, MALLORY, TREASURY

HTX = "250 usdt from htx:spot to htx:linear-swap"


def test_a_command_becomes_one_signed_htx_transfer(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            answer = await scene.acts.type(ALICE, HTX)
            assert answer.startswith("T1: 250 USDT")
            await scene.acts.confirm(ALICE, 1)
            card = await scene.acts.card_saying(1, "Done")
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T1 Done")))
            (request,) = scene.world.htx.requests
            assert json.loads(request.body) == {
                "from": "spot",
                "to": "linear-swap",
                "currency": "usdt",
                "amount": "250",
                "margin-account": "USDT",
            }
            assert card.edited >= 1
            assert scene.world.htx.book.balance("spot", "USDT") == Decimal(24750)
            assert scene.world.htx.book.balance("linear-swap", "USDT") == Decimal(3250)
        (row,) = scene.rows("SELECT state, exchange_reference, card_ts, requester, team FROM transfers")
        assert row[0] == "succeeded"
        assert row[2:] == (card.ts, ALICE, "T01DESK")
        (line,) = scene.acts.audit("T1 Done")
        (event,) = scene.rows("SELECT seq, hash FROM events WHERE kind = 'succeeded'")
        for said in (
            "250 USDT",
            "htx:spot",
            "htx:linear-swap",
            "alice",
            "collateral",
            row[1],
            f"#{event[0]}",
            event[1],
        ):
            assert said in line.text
        replies = scene.world.slack.workspace.thread(TREASURY, card.ts)
        assert [f"<@{ALICE}>" in reply.text for reply in replies if reply.ts != card.ts] == [True]

    play(act)


@pytest.mark.parametrize(
    ("text", "side", "source", "destination"),
    [
        ("10 usdt coinw:master -> coinw:maker", "OUT", "master", "39000001"),
        ("10 usdt from coinw:39000001 to coinw:master", "IN", "39000001", "master"),
    ],
)
def test_a_command_becomes_one_signed_coinw_transfer(
    play: Play, text: str, side: str, source: str, destination: str
) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(BOB, text)
            await scene.acts.confirm(BOB, 1)
            await scene.acts.card_saying(1, "Done")
        (request,) = scene.world.coinw.requests
        query = {name: values[0] for name, values in parse_qs(urlsplit(request.target).query).items()}
        assert request.body == b""
        assert {query[name] for name in ("side", "subUid", "currency", "amount")} == {side, "39000001", "USDT", "10"}
        (movement,) = scene.world.coinw.executed
        assert (movement.source, movement.destination, movement.amount) == (source, destination, Decimal(10))

    play(act)


def test_nothing_is_sent_before_confirm_and_nothing_after_cancel(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(1, "transfer_cancel")
            answer = await scene.acts.press(ALICE, 1, "transfer_cancel")
            assert "cancelled" in answer
            card = await scene.acts.card_saying(1, "Cancelled")
            assert "transfer_confirm" not in str(card.blocks)
            forged = {
                "actions": [{"action_id": "transfer_confirm", "value": "1.1", "type": "button", "action_ts": "1"}]
            }
            await scene.world.slack.press(ALICE, TREASURY, card.ts, "transfer_confirm", forged=forged)
            await scene.world.slack.wait_for(lambda: "already cancelled" in scene.acts.whispers(ALICE)[-1])
        assert scene.world.htx.requests == ()
        assert scene.states() == ["cancelled"]

    play(act)


def test_a_stranger_and_a_wrong_channel_are_answered_privately_and_recorded(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            for text in (HTX, "show T1", "history", "cancel T1", "nonsense <!channel>", "help"):
                assert "allowlist" in await scene.acts.type(MALLORY, text)
            assert "<#C01TREASURY>" in await scene.acts.type(ALICE, HTX, channel="C02AUDIT")
            assert scene.world.slack.workspace.messages(TREASURY) == []
            audit = scene.world.slack.workspace
            await scene.world.slack.wait_for(lambda: len(audit.messages("C02AUDIT")) == 2, 10)
            start, tries = audit.messages("C02AUDIT")
            assert start.text.startswith("The desk starts.")
            assert f"{MALLORY} was turned away 3 times" in tries.text
        assert scene.rows("SELECT count(*) FROM events WHERE kind = 'turned_away' AND actor = ?", MALLORY) == [(5,)]
        assert scene.rows("SELECT count(*) FROM events WHERE kind = 'turned_away' AND actor = ?", ALICE) == [(1,)]
        assert scene.states() == []

    play(act)


def test_deliveries_that_come_twice_are_done_once(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.slack.switches.turn_on("deliver_twice")
            assert "allowlist" in await scene.acts.type(MALLORY, HTX)
            scene.world.slack.switches.turn_on("deliver_twice")
            await scene.acts.type(ALICE, HTX)
            await scene.acts.card_saying(1, "transfer_confirm")
            scene.world.slack.switches.turn_on("deliver_twice", times=2)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        assert scene.states() == ["succeeded"]
        assert len(scene.world.htx.requests) == 1
        assert scene.rows("SELECT count(*) FROM events WHERE actor = ?", MALLORY) == [(1,)]

    play(act)


def test_ten_clicks_at_once_send_once(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            card = await scene.acts.card_saying(1, "transfer_confirm")
            await scene.world.slack.wait_for(lambda: True)
            users = [ALICE, BOB, ALICE, CAROL, ALICE, MALLORY, ALICE, DAN, ALICE, ALICE]
            await asyncio.gather(
                *(scene.world.slack.press(user, TREASURY, card.ts, "transfer_confirm") for user in users)
            )
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        assert len(scene.world.htx.requests) == 1
        assert scene.states() == ["succeeded"]
        assert scene.rows("SELECT DISTINCT actor FROM events WHERE kind = 'approved'") == [(ALICE,)]

    play(act)


def test_a_card_dies_visibly_when_nobody_confirms(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml(('confirm_within = "10m"', 'confirm_within = "300ms"'))
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            card = await scene.acts.card_saying(1, "Expired")
            assert "transfer_confirm" not in str(card.blocks)
        assert scene.states() == ["expired"]

    play(act)


def test_history_and_show_are_private(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T1 Done")))
            public = len(scene.world.slack.workspace.messages(TREASURY))
            assert "T1" in await scene.acts.type(CAROL, "history")
            assert "250 USDT" in await scene.acts.type(CAROL, "show T1")
            assert "no transfer T9" in await scene.acts.type(CAROL, "show T9")
            assert "htx:spot -&gt; htx:linear-swap" in await scene.acts.type(ALICE, "help")
            assert len(scene.world.slack.workspace.messages(TREASURY)) == public

    play(act)


def test_amounts_over_the_rule_are_refused_with_the_limit(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            answer = await scene.acts.type(ALICE, "5,000.01 usdt htx:spot -> htx:linear-swap")
            assert re.search(r"up to 5,000\.00 USDT .* 5,000\.01", answer)
        assert scene.states() == []
        assert scene.rows("SELECT kind FROM events WHERE actor = ?", ALICE) == [("turned_away",)]

    play(act)


def test_a_refusal_of_the_exchange_is_shown_with_its_code(play: Play) -> None:
    async def act(scene: Scene) -> None:
        scene.edit_desk_toml((f'"5000"\nper_day = "50000"\n{APPROVALS}', '"900000"'))
        async with scene.desk():
            await scene.acts.type(ALICE, "90000 usdt htx:spot -> htx:linear-swap")
            await scene.acts.confirm(ALICE, 1)
            card = await scene.acts.card_saying(1, "nothing moved")
            assert "1301" in str(card.blocks)
        assert scene.states() == ["refused"]

    play(act)


def test_slack_saying_429_delays_the_card_and_loses_nothing(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.slack.switches.turn_on("rate_limited", retry_after=1)
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
            await scene.world.slack.wait_for(lambda: bool(scene.acts.audit("T1 Done")))
        cards = [message for message in scene.world.slack.workspace.messages(TREASURY) if message.blocks]
        assert len(cards) == 1

    play(act)


def test_the_desk_hears_again_after_slack_replaced_or_dropped_its_connection(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            for name in ("disconnect_refresh", "reset_connections"):
                await scene.world.slack.switch(name, True)
                await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
                await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 1, 15)
            assert (await scene.acts.type(ALICE, HTX)).startswith("T1")

    play(act)
