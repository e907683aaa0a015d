"""The global shortcut: what it carries, what it may open, and what happens when nobody takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bench import ALICE, Bench, connected, error_of, form


def _with_app(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        async with connected(ack_seconds=0.5) as bench:

            @bench.app.shortcut("transfer_form")
            async def run_it(ack: Any, body: dict[str, Any]) -> None:
                bench.heard.append(body)
                await ack()

            await scenario(bench)

    asyncio.run(run())


def test_a_shortcut_names_person_and_team_and_no_channel() -> None:
    async def scenario(bench: Bench) -> None:
        assert (await bench.slack.run_shortcut(ALICE, "transfer_form")).acked

        (body,) = bench.heard
        assert (body["type"], body["callback_id"]) == ("shortcut", "transfer_form")
        assert (body["user"]["id"], body["user"]["team_id"], body["team"]["id"]) == (ALICE, "T01DESK", "T01DESK")
        assert body["action_ts"] and body["trigger_id"]
        assert not {"channel", "response_url", "api_app_id", "message"} & body.keys()

    _with_app(scenario)


def test_a_shortcut_opens_one_modal() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.slack.run_shortcut(ALICE, "transfer_form")
        trigger = bench.heard[0]["trigger_id"]
        await bench.client.views_open(trigger_id=trigger, view=form())

        assert len(bench.slack.views.stack(ALICE)) == 1
        again = bench.client.views_open(trigger_id=trigger, view=form())
        assert await error_of(again) == "exchanged_trigger_id"

    _with_app(scenario)


def test_a_shortcut_can_come_from_another_workspace() -> None:
    async def scenario(bench: Bench) -> None:
        bench.slack.switches.turn_on("foreign_team")
        await bench.slack.run_shortcut(ALICE, "transfer_form")

        assert bench.heard[0]["user"]["team_id"] == bench.heard[0]["team"]["id"] == "T66ELSEWHERE"

    _with_app(scenario)


def test_a_shortcut_the_manifest_does_not_have_cannot_be_run() -> None:
    async def scenario(bench: Bench) -> None:
        with pytest.raises(LookupError):
            await bench.slack.run_shortcut(ALICE, "another")

    _with_app(scenario)


def test_a_shortcut_nobody_takes_is_told_to_the_person() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.2) as bench:
            act = await bench.slack.run_shortcut(ALICE, "transfer_form")

            assert act.failure == "operation_timeout"
            assert "trouble connecting" in bench.slack.workspace.ephemerals(ALICE)[0].text

    asyncio.run(scenario())
