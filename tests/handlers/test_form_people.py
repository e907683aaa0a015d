"""The form before people who may not use it, and before payloads no honest client sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk_bench import ALICE, CAROL, CHANNEL, STRANGER, TEAM, Person
from form_scene import BOTH_CHANNELS, FormScene, Play, submission

from bot.sandbox.slack_payloads import view_click_payload

NOT_LISTED = "You are not on this desk's allowlist. Whoever keeps the desk's configuration can add you."


def unlist(scene: FormScene, person: Person) -> None:
    """Take somebody off the allowlist of the running desk."""
    house = scene.bench.desk.house
    people = {name: user for name, user in house.config.people.items() if user != person.user}
    scene.bench.desk.house = replace(house, config=replace(house.config, people=people))


def test_a_stranger_is_turned_away_in_the_channel_and_in_the_forms_place_and_is_recorded(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        sent = await scene.slack.slash(STRANGER.user, CHANNEL, "/transfer", "")
        assert sent.payload == {"text": NOT_LISTED, "response_type": "ephemeral"}
        notice = await scene.shortcut(STRANGER)
        assert notice.fields() == []
        assert NOT_LISTED.replace("'", "") in notice.words.replace("'", "")
        assert scene.turned_away() == [(STRANGER.user, NOT_LISTED)] * 2

    form_play(act)


def test_whom_no_rule_names_gets_a_sentence_instead_of_a_form(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        sent = await scene.slack.slash(CAROL.user, CHANNEL, "/transfer", "")
        assert sent.payload is not None
        assert "No rule of this desk lets you move money" in sent.payload["text"]
        notice = await scene.shortcut(CAROL)
        assert notice.fields() == []
        assert "No rule of this desk lets you move money" in notice.words
        assert scene.turned_away() == []

    form_play(act)


def test_whoever_leaves_the_allowlist_can_neither_choose_nor_send(form_play: Play) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        unlist(scene, ALICE)
        assert await form.send() == {"amount": NOT_LISTED}
        await form.pick("source", "htx:linear-swap")
        assert form.fields() == []
        assert "allowlist" in form.words
        assert scene.turned_away() == [(ALICE.user, NOT_LISTED)] * 2

    form_play(act)


FOREIGN = {"user": {"id": ALICE.user, "team_id": "T66ELSEWHERE"}, "team": {"id": "T66ELSEWHERE"}}


@pytest.mark.parametrize(
    "changes",
    [
        FOREIGN,
        {"user": {"id": STRANGER.user, "team_id": TEAM}},
        {"user": {"id": ["U01ALICE"], "team_id": {}}},
        {"view": {"type": "modal", "callback_id": "transfer_form"}},
        {"view": {"type": "modal", "callback_id": "transfer_form", "private_metadata": '{"channel": "C01TREASURY"}'}},
        {"view": {"type": "modal", "callback_id": "transfer_form", "private_metadata": "[]", "state": 5}},
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": "C66ELSEWHERE"}',
                "id": "V1",
            }
        },
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": "C02AUDIT"}',
                "id": "V1",
            }
        },
        {
            "view": {
                "type": "modal",
                "callback_id": "transfer_form",
                "private_metadata": '{"channel": null}',
                "id": "V1",
            }
        },
    ],
)
def test_a_hostile_sending_proposes_nothing_is_answered_and_recorded(form_play: Play, changes: dict[str, Any]) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.typed())
        sent = await scene.envelope({**submission(scene, form, "1.a"), **changes})
        assert sent.failure is None
        assert sent.payload is not None
        assert sent.payload["response_action"] == "errors"
        assert list(sent.payload["errors"]) == ["amount"]
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]
        assert len(scene.turned_away()) == 1

    form_play(act)


@pytest.mark.parametrize(
    "picked",
    ["C66ELSEWHERE", "C02AUDIT", "", None, 5, ["C01TREASURY"]],
)
def test_a_channel_that_is_not_the_desks_is_refused_beside_the_channel(form_play: Play, picked: object) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.ready(await scene.shortcut())
        payload = submission(scene, form, "1.a")
        option = {"selected_option": {"value": picked}}
        payload["view"]["state"]["values"] |= {"channel": {"transfer_form_choice": option}}
        sent = await scene.envelope(payload)
        assert sent.payload is not None
        assert sent.payload["errors"] == {"channel": "Please choose where the card is posted."}
        assert scene.bench.read("SELECT count(*) FROM transfers") == [(0,)]

    form_play(act, BOTH_CHANNELS)


@pytest.mark.parametrize(
    "changes",
    [FOREIGN, {"view": None}, {"view": {"id": 5, "hash": [], "state": "x", "private_metadata": "{"}}],
)
def test_a_hostile_pick_is_acknowledged_recorded_and_draws_no_form(form_play: Play, changes: dict[str, Any]) -> None:
    async def act(scene: FormScene) -> None:
        form = await scene.typed()
        user = scene.slack.workspace.users[ALICE.user]
        action = {"type": "static_select", "action_id": "transfer_form_choice", "block_id": "exchange"}
        payload = view_click_payload(scene.slack.workspace, scene.slack.views, user, form.view, action, "1.a")
        assert (await scene.envelope({**payload, **changes})).failure is None
        assert len(scene.turned_away()) == 1

    form_play(act)
