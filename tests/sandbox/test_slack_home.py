"""The app's Home tab: published for a member, drawn anew by hash, opened by a person, pressed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from slack_bench import ALICE, BOB, BOT, EVE, Bench, card, client_of, connected, error_of, listening

from bot.sandbox.slack_features import OFFERED


def _home(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "home", "blocks": [*blocks] or card("Nothing waits for you", "look"), **more}


def _with_app(scenario: Callable[[Bench], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        async with connected(**options) as bench:

            @bench.app.event("app_home_opened")
            async def opened(body: dict[str, Any]) -> None:
                bench.heard.append(body)

            await scenario(bench)

    asyncio.run(run())


def test_a_home_tab_needs_no_scope_and_keeps_its_id_while_its_hash_changes() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            slack.workspace.scopes = frozenset()
            client = client_of(slack)
            first = (await client.views_publish(user_id=BOB, view=_home()))["view"]
            second = (await client.views_publish(user_id=BOB, view=_home(), hash=first["hash"]))["view"]

            assert list(slack.views.homes) == [BOB]
            assert (second["id"], second["type"]) == (first["id"], "home")
            assert second["hash"] != first["hash"]
            late = client.views_publish(user_id=BOB, view=_home(), hash=first["hash"])
            assert await error_of(late) == "hash_conflict"
            unseen = client.views_publish(user_id=ALICE, view=_home(), hash=second["hash"])
            assert await error_of(unseen) == "hash_conflict"
            assert list(slack.views.homes) == [BOB]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("user", "view", "error"),
    [
        ("U404", _home(), "user_not_found"),
        (BOT, _home(), "user_not_found"),
        (EVE, _home(), "user_not_found"),
        (BOB, _home(*[{"type": "divider"}] * 101), "invalid_arguments"),
        (BOB, _home(title={"type": "plain_text", "text": "Home"}), "invalid_arguments"),
        (BOB, {"type": "modal", "blocks": []}, "invalid_arguments"),
        (BOB, _home(private_metadata="x" * 3001), "invalid_arguments"),
        (BOB, _home(*card("x" * 3000) * 90), "view_too_large"),
    ],
)
def test_what_is_no_home_tab_of_a_member_is_refused(user: str, view: dict[str, Any], error: str) -> None:
    async def scenario() -> None:
        async with listening() as slack:
            assert await error_of(client_of(slack).views_publish(user_id=user, view=view)) == error
            assert slack.views.homes == {}

    asyncio.run(scenario())


def test_a_hundred_blocks_fit() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            await client_of(slack).views_publish(user_id=BOB, view=_home(*[{"type": "divider"}] * 100))

            assert len(slack.views.homes[BOB].content["blocks"]) == 100

    asyncio.run(scenario())


def test_without_a_home_tab_in_the_manifest_none_is_published_or_opened() -> None:
    async def scenario() -> None:
        async with listening(features=replace(OFFERED, home_tab=False)) as slack:
            assert await error_of(client_of(slack).views_publish(user_id=BOB, view=_home())) == "not_enabled"
            with pytest.raises(LookupError):
                await slack.open_home(BOB)

    asyncio.run(scenario())


def test_opening_the_home_tab_is_told_to_an_app_that_subscribed() -> None:
    async def scenario(bench: Bench) -> None:
        first = await bench.slack.open_home(ALICE)
        await bench.client.views_publish(user_id=ALICE, view=_home())
        second = await bench.slack.open_home(ALICE)

        assert first is not None and first.acked and second is not None and second.acked
        await bench.slack.wait_for(lambda: len(bench.heard) == 2)
        body = bench.heard[0]
        assert (body["type"], body["team_id"], body["api_app_id"]) == ("event_callback", "T01DESK", "A01DESK")
        event = body["event"]
        assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", ALICE, "home")
        assert event["channel"].startswith("D") and "view" not in event
        assert first.envelope["type"] == "events_api"
        assert first.envelope["accepts_response_payload"] is False
        view = bench.heard[1]["event"]["view"]
        assert (view["type"], view["hash"]) == ("home", bench.slack.views.homes[ALICE].hash)

    _with_app(scenario)


def test_opening_the_home_tab_is_not_told_to_an_app_that_did_not_subscribe() -> None:
    async def scenario(bench: Bench) -> None:
        assert await bench.slack.open_home(ALICE) is None
        assert list(bench.slack.wire.passages)[-1].name == "apps.connections.open"

    _with_app(scenario, features=replace(OFFERED, bot_events=frozenset()))


def test_an_event_that_nobody_takes_disturbs_nobody() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.2) as bench:
            act = await bench.slack.open_home(ALICE)

            assert act is not None and act.failure == "operation_timeout"
            assert bench.slack.workspace.ephemerals(ALICE) == []

    asyncio.run(scenario())


def test_a_button_on_the_home_tab_carries_the_view_and_no_channel() -> None:
    async def scenario(bench: Bench) -> None:
        rows = [{**card(name, "look")[1], "block_id": name} for name in ("one", "two")]
        home = (await bench.client.views_publish(user_id=ALICE, view=_home(*rows)))["view"]
        act = await bench.slack.press_in_view(ALICE, home["id"], "look", block_id="two")

        assert act.acked
        (body,) = bench.heard
        assert body["container"] == {"type": "view", "view_id": home["id"]}
        assert (body["view"]["id"], body["view"]["hash"], body["view"]["type"]) == (home["id"], home["hash"], "home")
        assert body["actions"][0]["block_id"] == "two"
        assert body["trigger_id"]
        assert not {"channel", "message", "response_url"} & body.keys()
        for person, block_id in ((BOB, "two"), (ALICE, "three")):
            with pytest.raises(LookupError):
                await bench.slack.press_in_view(person, home["id"], "look", block_id=block_id)
        with pytest.raises(LookupError):
            await bench.slack.submit_view(ALICE, home["id"], {})

    _with_app(scenario)
