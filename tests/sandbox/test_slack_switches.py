"""What the local Slack can be told to do wrong, one switch at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bench import (
    ALICE,
    BOB,
    RANDOM,
    TREASURY,
    Bench,
    card,
    client_of,
    connected,
    error_of,
    form,
    listening,
    workspace,
)
from slack_sdk.errors import SlackApiError

from bot.sandbox import slack_standings
from bot.sandbox.slack_double import SlackDouble

Scenario = Callable[[Bench], Awaitable[None]]


def _with_app(scenario: Scenario) -> None:
    async def run() -> None:
        async with connected() as bench:
            await scenario(bench)

    asyncio.run(run())


async def _card(bench: Bench) -> str:
    """Post a card with buttons and return its ts."""
    posted = await bench.client.chat_postMessage(channel=TREASURY, text="T1", blocks=card("T1", "look", "open_form"))
    return str(posted["ts"])


# Clicks and commands


def test_an_ack_can_be_lost_after_the_app_has_acted() -> None:
    async def run() -> None:
        async with connected(ack_seconds=0.3) as bench:
            bench.slack.switches.turn_on("lose_ack")
            act = await bench.slack.slash(ALICE, TREASURY, "/transfer", "quietly")
            assert (act.failure, len(bench.heard)) == ("operation_timeout", 1)
            assert (await bench.slack.slash(ALICE, TREASURY, "/transfer", "quietly")).acked

    asyncio.run(run())


def test_a_click_can_come_a_minute_late() -> None:
    async def scenario(bench: Bench) -> None:
        ts = await _card(bench)
        bench.slack.switches.turn_on("stale_click")
        for stale in (True, False):
            assert (await bench.slack.press(ALICE, TREASURY, ts, "look")).acked
            age = time.time() - float(bench.heard[-1]["actions"][0]["action_ts"])
            assert (age > 59) is stale

    _with_app(scenario)


def test_a_click_can_carry_a_value_no_button_has() -> None:
    async def scenario(bench: Bench) -> None:
        ts = await _card(bench)
        bench.slack.switches.turn_on("forged_click")
        await bench.slack.press(ALICE, TREASURY, ts, "look")
        await bench.slack.press(ALICE, TREASURY, ts, "look")
        assert [body["actions"][0]["value"] for body in bench.heard] == ["forged", "T1/1"]

    _with_app(scenario)


def test_a_command_and_a_click_can_come_from_another_workspace() -> None:
    async def scenario(bench: Bench) -> None:
        ts = await _card(bench)
        bench.slack.switches.turn_on("foreign_team", 2)
        await bench.slack.press(ALICE, TREASURY, ts, "look")
        await bench.slack.slash(ALICE, TREASURY, "/transfer", "quietly")
        await bench.slack.press(ALICE, TREASURY, ts, "look")
        click, command, honest = bench.heard
        assert (click["user"]["id"], click["user"]["team_id"], click["team"]["id"]) == (ALICE, *["T66ELSEWHERE"] * 2)
        assert (command["user_id"], command["team_id"]) == (ALICE, "T66ELSEWHERE")
        assert honest["user"]["team_id"] == "T01DESK"

    _with_app(scenario)


def test_names_can_arrive_as_typed() -> None:
    async def scenario(bench: Bench) -> None:
        slack = bench.slack
        await slack.switch("escape_off", on=True)
        await slack.slash(ALICE, TREASURY, "/transfer", "@bob & co")
        await slack.switch("escape_off", on=False)
        await slack.slash(ALICE, TREASURY, "/transfer", "@bob & co")
        assert [body["text"] for body in bench.heard] == ["@bob &amp; co", "<@U02BOB|bob> &amp; co"]

    _with_app(scenario)


# Forms


def test_a_click_in_a_form_carries_the_view_and_its_hash() -> None:
    async def scenario(bench: Bench) -> None:
        slack = bench.slack
        content = form()
        content["blocks"] += card("More", "look")[1:]
        view = slack.views.open(ALICE, content)
        values = {"why": {"text": {"type": "plain_text_input", "value": "because"}}}
        assert (await slack.press_in_view(ALICE, view.id, "look", values)).acked
        (body,) = bench.heard
        assert body["container"] == {"type": "view", "view_id": view.id}
        assert (body["view"]["hash"], body["view"]["state"]["values"]) == (view.hash, values)
        assert "message" not in body
        with pytest.raises(LookupError):
            await slack.press_in_view(ALICE, view.id, "nothing")

    _with_app(scenario)


def test_a_form_can_be_refused_for_its_trigger_and_a_change_for_its_hash() -> None:
    async def scenario(bench: Bench) -> None:
        slack, client = bench.slack, bench.client
        slack.switches.turn_on("trigger_expired")
        trigger = slack.triggers.issue(ALICE)
        assert await error_of(client.views_open(trigger_id=trigger, view=form())) == "expired_trigger_id"
        opened = await client.views_open(trigger_id=trigger, view=form())
        slack.switches.turn_on("hash_conflict")
        view = opened["view"]
        change = {"view_id": view["id"], "hash": view["hash"], "view": form("Why?")}
        assert await error_of(client.views_update(**change)) == "hash_conflict"
        assert (await client.views_update(**change))["view"]["hash"] != view["hash"]
        assert await error_of(client.views_update(**change)) == "hash_conflict"  # by then it is an old one

    _with_app(scenario)


def test_a_private_answer_can_be_refused() -> None:
    async def scenario(bench: Bench) -> None:
        ts = await _card(bench)
        await bench.slack.press(ALICE, TREASURY, ts, "look")
        bench.slack.switches.turn_on("response_url_refused")
        async with aiohttp.ClientSession() as session:
            for status in (404, 200):
                async with session.post(bench.heard[0]["response_url"], json={"text": "hello"}) as answer:
                    assert answer.status == status
        assert [private.text for private in bench.slack.workspace.ephemerals(ALICE)] == ["hello"]

    _with_app(scenario)


# What Slack says about people and channels


@pytest.mark.parametrize(
    ("switch", "mark"),
    [("guests", "is_restricted"), ("strangers", "is_stranger"), ("deactivated", "deleted")],
)
def test_everybody_can_be_made_somebody_who_may_not(switch: str, mark: str) -> None:
    async def scenario(bench: Bench) -> None:
        for on in (True, False):
            await bench.slack.switch(switch, on=on)
            alice = (await bench.client.users_info(user=ALICE))["user"]
            assert alice[mark] is on
            assert (alice["team_id"] != "T01DESK") is (on and switch == "strangers")

    _with_app(scenario)


def test_every_channel_can_be_shared() -> None:
    async def scenario(bench: Bench) -> None:
        for on in (True, False):
            await bench.slack.switch("channels_shared", on=on)
            channel = (await bench.client.conversations_info(channel=TREASURY))["channel"]
            assert (channel["is_shared"], channel["is_ext_shared"]) == (on, on)

    _with_app(scenario)


@pytest.mark.parametrize(
    ("standing", "marks"),
    [
        ("deactivated", {"deleted": True}),
        ("a guest", {"deleted": False, "is_restricted": True, "is_ultra_restricted": False}),
        ("a single-channel guest", {"deleted": False, "is_restricted": True, "is_ultra_restricted": True}),
        ("of another workspace", {"deleted": False, "is_restricted": False, "team_id": "T66ELSEWHERE"}),
        (slack_standings.MEMBER, {"deleted": False, "is_restricted": False, "team_id": "T01DESK"}),
    ],
)
def test_one_person_can_become_anything_whatever_they_were_before(standing: str, marks: dict[str, Any]) -> None:
    async def scenario(bench: Bench) -> None:
        workspace = bench.slack.workspace
        for before in slack_standings.PEOPLE:
            slack_standings.put(workspace, ALICE, before)
            slack_standings.put(workspace, ALICE, standing)
            alice = (await bench.client.users_info(user=ALICE))["user"]
            assert {mark: alice[mark] for mark in marks} == marks
            assert {one["id"]: one["standing"] for one in slack_standings.described(workspace)}[ALICE] == standing
        bob = (await bench.client.users_info(user=BOB))["user"]
        assert (bob["deleted"], bob["is_restricted"], bob["team_id"]) == (False, False, "T01DESK")

    _with_app(scenario)


@pytest.mark.parametrize("standing", slack_standings.CHANNELS)
def test_one_channel_can_become_anything_whatever_it_was_before(standing: str) -> None:
    async def scenario(bench: Bench) -> None:
        workspace = bench.slack.workspace
        for before in slack_standings.CHANNELS:
            slack_standings.put(workspace, TREASURY, before)
            slack_standings.put(workspace, TREASURY, standing)
            channel = (await bench.client.conversations_info(channel=TREASURY))["channel"]
            marks = ("is_ext_shared", "is_pending_ext_shared", "is_archived")
            wanted = slack_standings.CHANNELS[standing]
            assert {mark: channel[mark] for mark in marks} == dict.fromkeys(marks, False) | wanted
            assert {one["id"]: one["standing"] for one in slack_standings.described(workspace)}[TREASURY] == standing

    _with_app(scenario)


def test_questions_about_people_can_fail_until_switched_off_while_all_else_works() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.slack.switch("people_fail", on=True)
        for _ in range(2):
            with pytest.raises(SlackApiError) as refused:
                await bench.client.users_info(user=ALICE)
            assert refused.value.response.status_code == 500
        await bench.client.conversations_info(channel=TREASURY)
        await bench.slack.switch("people_fail", on=False)
        await bench.client.users_info(user=ALICE)

    _with_app(scenario)


def test_a_question_about_a_person_can_stay_without_an_answer() -> None:
    async def scenario(bench: Bench) -> None:
        bench.slack.switches.turn_on("people_hang")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bench.client.users_info(user=ALICE), 0.1)
        await bench.client.users_info(user=ALICE)

    _with_app(scenario)


# Reading, limits, connections


def test_a_look_into_history_can_fail_and_names_its_limits() -> None:
    async def scenario(bench: Bench) -> None:
        ts = await _card(bench)
        client = bench.client
        for look in (lambda: client.conversations_history(channel=TREASURY),
                     lambda: client.conversations_replies(channel=TREASURY, ts=ts)):  # fmt: skip
            bench.slack.switches.turn_on("history_fails")
            with pytest.raises(SlackApiError):
                await look()
            assert len((await look())["messages"]) == 1
        assert await error_of(client.conversations_history(channel=TREASURY, limit=1000)) == "invalid_limit"
        bench.slack.workspace.scopes -= {"channels:history"}
        assert await error_of(client.conversations_history(channel=TREASURY)) == "missing_scope"

    _with_app(scenario)


def test_metadata_is_shown_only_to_who_asks_for_it() -> None:
    async def scenario(bench: Bench) -> None:
        mark = {"event_type": "transferdesk", "event_payload": {"parcel": 1}}
        await bench.client.chat_postMessage(channel=TREASURY, text="x", metadata=mark)
        for asked in (True, False):
            answer = await bench.client.conversations_history(channel=TREASURY, include_all_metadata=asked)
            assert ("metadata" in answer["messages"][0]) is asked

    _with_app(scenario)


def test_limits_are_kept_by_channel_and_forgotten_with_time() -> None:
    async def run() -> None:
        now = [1795000000.0]
        async with listening(workspace=workspace(lambda: now[0])) as slack:
            client = client_of(slack)
            slack.workspace.put_channel(_joined(slack, RANDOM))
            await slack.switch("keep_limits", on=True)
            for _ in range(8):
                await client.chat_postMessage(channel=TREASURY, text="x")
            with pytest.raises(SlackApiError) as refused:
                await client.chat_postMessage(channel=TREASURY, text="x")
            assert refused.value.response.headers["Retry-After"] == "5"
            await client.chat_postMessage(channel=RANDOM, text="x")
            now[0] += 5
            await client.chat_postMessage(channel=TREASURY, text="x")
            assert len(slack.workspace.messages(TREASURY)) == 9

    asyncio.run(run())


def test_questions_are_limited_as_slacks_pages_say() -> None:
    async def run() -> None:
        now = 1795000000.0
        async with listening(workspace=workspace(lambda: now)) as slack:
            client = client_of(slack)
            await slack.switch("keep_limits", on=True)
            for ask, calls in (
                (lambda: client.users_info(user=ALICE), 100),
                (lambda: client.conversations_members(channel=TREASURY), 100),
                (lambda: client.conversations_info(channel=TREASURY), 50),
                (lambda: client.conversations_open(users=ALICE), 50),
                (lambda: client.views_publish(user_id=ALICE, view={"type": "home", "blocks": []}), 100),
                (lambda: client.files_getUploadURLExternal(filename="a.csv", length=1), 100),
            ):
                for _ in range(calls):
                    await ask()
                with pytest.raises(SlackApiError) as refused:
                    await ask()
                assert refused.value.response.headers["Retry-After"] == "60"

    asyncio.run(run())


def test_the_next_connection_can_be_turned_away() -> None:
    async def run() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            slack.switches.turn_on("too_many_websockets")
            words = []
            for _ in range(2):
                opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
                async with session.ws_connect(str(opened["url"])) as socket:
                    words.append(await socket.receive_json(timeout=2))
            assert [(word["type"], word.get("reason")) for word in words] == [
                ("disconnect", "too_many_websockets"),
                ("hello", None),
            ]

    asyncio.run(run())


def _joined(slack: SlackDouble, channel: str) -> Any:
    known = slack.workspace.channels[channel]
    return replace(known, members=known.members | {slack.workspace.bot.id})
