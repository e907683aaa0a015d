"""The buttons of a list when something is in the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from desk_bench import ALICE, CHANNEL, STRANGER, TEAM, Person
from form_scene import FormScene, Play

from bot.sandbox.slack_answers import Origin


def click(scene: FormScene, person: Person, value: str) -> dict[str, Any]:
    """A press on the button that turns a page, with an address for the answer."""
    token = scene.slack.response_urls.issue(Origin(person.user, CHANNEL))
    return {
        "type": "block_actions",
        "user": {"id": person.user, "team_id": TEAM},
        "team": {"id": TEAM},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.a",
        "response_url": f"{scene.slack.url}/response/{token}",
        "actions": [{"type": "button", "action_id": "transfer_history_older", "block_id": "b", "value": value}],
    }


@pytest.mark.parametrize(("person", "value"), [(ALICE, "5"), (ALICE, "5 <!channel>"), (STRANGER, "5")])
def test_without_a_journal_a_press_is_acknowledged_and_its_answer_replaces_no_page(
    form_play: Play, person: Person, value: str
) -> None:
    async def act(scene: FormScene) -> None:
        await asyncio.to_thread(scene.bench.journal.close)
        told: list[dict[str, Any]] = []

        async def answer(response_url: str, **said: Any) -> None:
            told.append(said)

        scene.replies.answer = answer  # type: ignore[method-assign]
        assert (await scene.envelope(click(scene, person, value))).failure is None
        await scene.slack.wait_for(lambda: bool(told))
        (said,) = told
        assert "cannot write its journal" in said["text"]
        assert said["replace"] is False
        scene.bench.open()

    form_play(act)
