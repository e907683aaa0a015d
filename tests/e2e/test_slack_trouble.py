"""What Slack, or somebody posing as it, can do wrong: late clicks, lost posts, refused forms, payloads of any shape."""

from __future__ import annotations

import json
import time
from contextlib import closing
from itertools import count
from typing import Any

import pytest
from scene import Play, Scene
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.desk.looking import NOTHING_SEEN
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_workspace import Message
from bot.sandbox.world import ALICE, BOB, CAROL, DAN, TEAM, TREASURY

HTX = "250 usdt from htx:spot to htx:linear-swap"
NO_JOURNAL = "The desk cannot write its journal just now, so nothing was done."
RETYPE = "Slack sent this command without its id"

_numbers = count(1)


async def proposed(scene: Scene) -> Message:
    """Alice types a transfer; its card is up and noted."""
    await scene.acts.type(ALICE, HTX)
    card = await scene.acts.card_saying(1, "transfer_confirm")
    assert "Only alice" in await scene.acts.press(BOB, 1, "transfer_confirm")  # tries until the card is noted
    return card


async def unknown(scene: Scene) -> Message:
    """Alice's transfer was sent and its answer lost."""
    scene.world.htx.faults.plan("drop_after")
    await scene.acts.type(ALICE, HTX)
    await scene.acts.confirm(ALICE, 1)
    return await scene.acts.card_saying(1, "transfer_resolve_executed")


async def deliver(scene: Scene, payload: dict[str, Any]) -> Act:
    """Send a payload as it is, past the local Slack's own idea of what one looks like."""
    kind = "slash_commands" if "command" in payload else "interactive"
    envelope = {"envelope_id": f"e{next(_numbers)}", "type": kind, "payload": payload, "accepts_response_payload": True}
    return await scene.world.slack.socket.deliver(envelope)


def command(**changes: Any) -> dict[str, Any]:
    body = {
        "command": "/transfer",
        "text": HTX,
        "team_id": TEAM,
        "channel_id": TREASURY,
        "user_id": ALICE,
        "trigger_id": f"13345224609.{next(_numbers)}.8088930838d88f008e0",
    }
    return body | changes


def click(card: Message, action: str = "transfer_confirm", **changes: Any) -> dict[str, Any]:
    body = {
        "type": "block_actions",
        "user": {"id": ALICE, "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "message_ts": card.ts, "channel_id": TREASURY},
        "channel": {"id": TREASURY},
        "message": {"ts": card.ts},
        "trigger_id": f"12321423423.{next(_numbers)}.d8c1bb837935619ccad0f624c448ffb3",
        "actions": [{"type": "button", "action_id": action, "block_id": "T1.1.proposed", "value": "1.1"}],
    }
    return body | changes


def form(about: object, reason: object = "seen in the records", **changes: Any) -> dict[str, Any]:
    body = {
        "type": "view_submission",
        "user": {"id": CAROL, "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {
            "id": f"V{next(_numbers)}",
            "type": "modal",
            "callback_id": "transfer_resolve",
            "private_metadata": about if isinstance(about, str) else json.dumps(about),
            "state": {"values": {"reason": {"text": {"type": "plain_text_input", "value": reason}}}},
        },
    }
    return body | changes


def claim(card: Message, /, **changes: Any) -> dict[str, Any]:
    honest = {"transfer": 1, "version": 1, "channel": TREASURY, "card": card.ts, "decision": "executed"}
    honest["evidence"] = NOTHING_SEEN
    return honest | changes


def break_journal(scene: Scene, broken: bool = True) -> None:
    """Let every event be refused, as a full disk does, or no longer."""
    sql = "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    with closing(sqlite3.connect(scene.database, isolation_level=None)) as connection:
        connection.execute(sql if broken else "DROP TRIGGER full")


def turned_away(scene: Scene) -> int:
    return int(scene.rows("SELECT count(*) FROM events WHERE kind = 'turned_away'")[0][0])


# Late and lost


def test_a_click_that_was_held_back_changes_nothing_and_is_recorded(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await proposed(scene)
            before = turned_away(scene)
            pressed = {"action_id": "transfer_confirm", "value": "1.1", "action_ts": f"{time.time() - 48:.6f}"}
            forged = {"actions": [{"type": "button", "block_id": "T1.1.proposed", **pressed}]}
            act = await scene.world.slack.press(ALICE, TREASURY, card.ts, "transfer_confirm", forged=forged)
            assert act.acked
            await scene.world.slack.wait_for(lambda: "to arrive; nothing changed" in scene.acts.whispers(ALICE)[-1])
            assert turned_away(scene) == before + 1
            assert scene.states() == ["proposed"]
            assert "is confirmed" in await scene.acts.confirm(ALICE, 1)

    play(act)


def test_a_repeat_that_comes_late_is_told_what_the_click_itself_was_told(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            card = await proposed(scene)
            before, answers = turned_away(scene), []
            for age_s in (0, 48):
                pressed = {"action_id": "transfer_cancel", "value": "1.1", "action_ts": f"{time.time() - age_s:.6f}"}
                click = {"trigger_id": "press-1", "actions": [{"type": "button", "block_id": "T1", **pressed}]}
                told = len(scene.acts.whispers(ALICE))
                await slack.press(ALICE, TREASURY, card.ts, "transfer_cancel", forged=click)
                await slack.wait_for(lambda told=told: len(scene.acts.whispers(ALICE)) > told)
                answers.append(scene.acts.whispers(ALICE)[-1])
            assert answers[0] == answers[1]
            assert (scene.states(), turned_away(scene)) == (["cancelled"], before)

    play(act)


def test_a_copy_of_a_card_loses_its_buttons_when_somebody_presses_one(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            # Somebody with the desk's own token posted what looks like the card, before the card.
            button = {"type": "button", "action_id": "transfer_confirm", "value": "1.1"}
            buttons = [{**button, "text": {"type": "plain_text", "text": "Confirm"}}]
            blocks = [{"type": "actions", "block_id": "T1.1.proposed", "elements": buttons}]
            bot = slack.workspace.bot.id
            copy = slack.workspace.post(TREASURY, bot, "T1: 9000 USDT from htx:spot to htx:linear-swap", blocks)
            card = await proposed(scene)
            await slack.press(ALICE, TREASURY, copy.ts, "transfer_confirm")

            def disarmed() -> bool:
                message = slack.workspace.message(TREASURY, copy.ts)
                return message is not None and "outdated copy of T1" in message.text and "button" not in str(message)

            await slack.wait_for(disarmed)
            assert "is not the card of T1" in scene.acts.whispers(ALICE)[-1]
            kept = slack.workspace.message(TREASURY, card.ts)
            assert kept is not None
            assert (kept.text, "transfer_confirm" in str(kept.blocks)) == (card.text, True)
            assert scene.states() == ["proposed"]
            assert "is confirmed" in await scene.acts.confirm(ALICE, 1)

    play(act)


def test_a_card_whose_post_slack_never_answered_is_found_and_works(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack = scene.world.slack
        async with scene.desk():
            slack.switches.turn_on("drop_after_post", method="chat.postMessage")
            await scene.acts.type(ALICE, HTX)
            await slack.wait_for(lambda: bool(slack.workspace.messages(TREASURY)))
        # Stopped before it could look; the next desk finds the card.
        async with scene.desk():
            assert "is confirmed" in await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "Done")
        cards = [message for message in slack.workspace.messages(TREASURY) if message.thread_ts is None]
        assert len(cards) == 1

    play(act)


def test_a_form_slack_does_not_open_is_said_and_can_be_tried_again(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await unknown(scene)
            scene.world.slack.switches.turn_on("rate_limited", method="views.open")
            await scene.world.slack.press(CAROL, TREASURY, card.ts, "transfer_resolve_executed")
            await scene.world.slack.wait_for(lambda: bool(scene.acts.whispers(CAROL)))
            said = "Slack did not open the form; press the button again in a moment."
            assert scene.acts.whispers(CAROL) == [said]
            assert "Noted" in await scene.acts.settle(CAROL, 1, executed=True, reason="seen in the records")

    play(act)


# A journal that cannot be written


def test_a_journal_that_cannot_be_written_is_said_to_who_types_presses_or_settles(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await unknown(scene)
            await scene.acts.type(ALICE, "30 usdt htx:spot -> htx:linear-swap")
            await scene.acts.card_saying(2, "transfer_confirm")
            await scene.acts.press(BOB, 2, "transfer_confirm")
            break_journal(scene)
            assert (await scene.acts.type(ALICE, HTX)).startswith(NO_JOURNAL)
            assert (await scene.acts.confirm(ALICE, 2)).startswith(NO_JOURNAL)
            settled = await deliver(scene, form(claim(card)))
            assert settled.payload["response_action"] == "errors"
            assert settled.payload["errors"]["reason"].startswith(NO_JOURNAL)
            assert scene.states() == ["unknown", "proposed"]
            break_journal(scene, broken=False)
            assert "is confirmed" in await scene.acts.confirm(ALICE, 2)

    play(act)


# Payloads nobody should be able to send


def test_a_command_without_its_id_is_not_done_and_nobody_gets_anothers_answer(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            for user in (ALICE, BOB):
                for trigger in (None, "", ["t"], 5):
                    act = await deliver(scene, command(user_id=user, trigger_id=trigger))
                    assert act.payload["text"].startswith(RETYPE)
            assert scene.states() == []
            same = "13345224609.738474920.8088930838d88f008e0"
            first = await deliver(scene, command(trigger_id=same))
            second = await deliver(scene, command(trigger_id=same, user_id=BOB))
            assert (first.payload["text"][:3], second.payload["text"][:3]) == ("T1:", "T2:")

    play(act)


def test_no_shape_of_a_command_goes_unanswered(play: Play) -> None:
    shapes: list[dict[str, Any]] = [
        {"text": ["1"]}, {"text": None}, {"text": "\x00"}, {"text": "9" * 100_000}, {"text": f"{HTX} \ud800"},
        {"user_id": [ALICE]}, {"team_id": {"id": TEAM}}, {"channel_id": [TREASURY]},
    ]  # fmt: skip

    async def act(scene: Scene) -> None:
        async with scene.desk():
            for shape in shapes:
                act = await deliver(scene, command(**shape))
                # Without words the command asks for the form, which is opened after the ack.
                assert act.failure is None, shape
                assert act.payload.get("text") or not isinstance(shape.get("text", ""), str), shape
        assert scene.states() == []

    play(act)


def test_no_shape_of_a_click_goes_unacknowledged_or_does_anything(play: Play) -> None:
    wrong: list[Any] = [None, [], ["x"], {"id": []}]
    button = {"type": "button", "action_id": "transfer_confirm", "block_id": "b"}
    values: list[Any] = [None, ["1.1"], {}, 1.1, "1.1\n", "１.1", f"1.{'9' * 10**5}"]
    actions = [{**button, "value": value} for value in values]

    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await proposed(scene)
            shapes = [{"user": value} for value in wrong]
            shapes += [{"container": value, "message": value} for value in wrong]
            shapes += [{"channel": value, "container": {"message_ts": card.ts}} for value in wrong]
            shapes += [{"team": ["x"]}, {"team": {"id": []}}]
            shapes += [{"actions": [action]} for action in actions] + [{"actions": [actions[0]] * 2}]
            before = turned_away(scene)
            for shape in shapes:
                act = await deliver(scene, click(card, **shape))
                assert act.failure is None, shape
            assert scene.states() == ["proposed"]
            assert turned_away(scene) == before + len(shapes)

    play(act)


@pytest.mark.parametrize("user", [CAROL, DAN])
def test_a_form_button_without_its_id_is_answered_and_harms_nothing(play: Play, user: str) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await unknown(scene)
            pressed = {"type": "button", "action_id": "transfer_resolve_executed", "block_id": "T1.1.unknown"}
            action = {**pressed, "value": "1.1", "action_ts": f"{time.time():.6f}"}
            for trigger in (None, ["x"], ""):
                body = click(card, actions=[action], trigger_id=trigger, user={"id": user, "team_id": TEAM})
                assert (await deliver(scene, body)).acked
            assert "Noted" in await scene.acts.settle(user, 1, executed=True, reason="seen in the records")

    play(act)


def test_no_shape_of_the_form_is_counted_and_what_is_wrong_stands_beside_the_field(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            card = await unknown(scene)
            junk: list[object] = [
                "", "{", "[]", "null", "[" * 3000, "5", '{"transfer": Infinity}',
                claim(card, transfer=float("inf")), claim(card, transfer=10**30), claim(card, transfer=2**63),
                claim(card, transfer="1"), claim(card, transfer=True), claim(card, transfer=1.0),
                claim(card, version=0), claim(card, version=None),
                claim(card, decision=[]), claim(card, decision="maybe"),
            ]  # fmt: skip
            bodies = [form(about) for about in junk]
            bodies.append(form(claim(card), user={"id": "U66STRANGER", "team_id": TEAM}))
            before = turned_away(scene)
            for body in bodies:
                act = await deliver(scene, body)
                assert act.payload["response_action"] == "errors", body
                assert act.payload["errors"]["reason"].endswith(("Nothing changed.", "add you."))
            assert turned_away(scene) == before + len(bodies)
            for reason in (None, "", "  ", ["seen"], 5):
                empty = await deliver(scene, form(claim(card), reason))
                assert empty.payload["errors"]["reason"] == "Please say what you saw, for the record."
            for elsewhere in (claim(card, card="\ud800"), claim(card, channel="\ud800"), claim(card, channel=["x"])):
                assert (await deliver(scene, form(elsewhere))).acked
            assert scene.rows("SELECT count(*) FROM resolutions") == [(0,)]
            assert scene.states() == ["unknown"]
            assert (await deliver(scene, form(claim(card)))).payload == {}
            assert scene.rows("SELECT approver FROM resolutions") == [(CAROL,)]

    play(act)
