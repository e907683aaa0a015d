"""Who sees what: direct messages, private answers, threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from slack_bench import ALICE, AUDIT, BOB, BOT, EVE, SCOPES, TREASURY, client_of, error_of, listening
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_features import OFFERED
from bot.sandbox.slack_payloads import slash_payload


def _with_client(scenario: Callable[[SlackDouble, AsyncWebClient], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        async with listening(**options) as slack:
            await scenario(slack, client_of(slack))

    asyncio.run(run())


def test_a_direct_message_is_seen_by_its_person_alone() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        opened = await client.conversations_open(users=BOB)
        direct = opened["channel"]["id"]
        await client.chat_postMessage(channel=direct, text="Your export")
        await client.files_upload_v2(filename="T.csv", content="T1\n", channel=direct)

        assert direct.startswith("D") and "already_open" not in opened.data
        assert [message.text for message in slack.workspace.messages(direct)] == ["Your export", ""]
        assert direct in {channel.id for channel in slack.workspace.channels_of(BOB)}
        assert direct not in {channel.id for channel in slack.workspace.channels_of(ALICE)}
        for again in (client.conversations_open(users=BOB), client.conversations_open(channel=direct)):
            answer = await again
            assert (answer["channel"]["id"], answer["already_open"]) == (direct, True)

    _with_client(scenario)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"users": "U404"}, "user_not_found"),
        ({"users": BOT}, "user_not_found"),
        ({"users": EVE}, "user_not_visible"),
        ({"users": f"{ALICE},{BOB}"}, "missing_scope"),
        ({"users": ""}, "users_list_not_supplied"),
        ({"channel": TREASURY}, "method_not_supported_for_channel_type"),
        ({"channel": "D404"}, "channel_not_found"),
    ],
)
def test_a_conversation_with_nobody_in_particular_is_not_opened(arguments: dict[str, Any], error: str) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        before = set(slack.workspace.channels)
        assert await error_of(client.conversations_open(**arguments)) == error
        assert set(slack.workspace.channels) == before

    _with_client(scenario)


def test_a_deactivated_person_is_not_written_to() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.workspace.put_user(replace(slack.workspace.users[BOB], deleted=True))
        assert await error_of(client.conversations_open(users=BOB)) == "user_disabled"
        private = client.chat_postEphemeral(channel=TREASURY, user=BOB, text="x")
        assert await error_of(private) == "user_not_in_channel"

    _with_client(scenario)


def test_direct_messages_need_their_scopes() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        direct = (await client.conversations_open(users=BOB))["channel"]["id"]
        for look in (client.conversations_info, client.conversations_history, client.conversations_members):
            assert await error_of(look(channel=direct)) == "missing_scope"
        slack.workspace.scopes = SCOPES - {"im:write"} | {"im:read"}
        assert await error_of(client.conversations_open(users=BOB)) == "missing_scope"
        assert (await client.conversations_info(channel=direct))["channel"]["user"] == BOB

    _with_client(scenario)


def test_without_the_messages_tab_the_app_writes_to_nobody_directly() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        direct = (await client.conversations_open(users=BOB))["channel"]["id"]
        assert await error_of(client.chat_postMessage(channel=direct, text="x")) == "messages_tab_disabled"
        private = client.chat_postEphemeral(channel=direct, user=BOB, text="x")
        assert await error_of(private) == "messages_tab_disabled"
        shared = client.files_upload_v2(filename="T.csv", content="T1\n", channel=direct)
        assert await error_of(shared) == "posting_to_channel_denied"
        await client.chat_postMessage(channel=TREASURY, text="x")

    _with_client(scenario, features=replace(OFFERED, messages_tab=False))


def test_a_command_typed_to_the_app_directly_says_so() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        workspace = slack.workspace
        direct, bob = workspace.open_direct(BOB), workspace.users[BOB]
        assert slash_payload(workspace, bob, direct, "/transfer", "", "", "")["channel_name"] == "directmessage"

    _with_client(scenario)


def test_a_private_answer_is_in_no_history_and_cannot_be_changed() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        ts = (await client.chat_postEphemeral(channel=TREASURY, user=ALICE, text="Only you"))["message_ts"]

        assert (await client.conversations_history(channel=TREASURY))["messages"] == []
        assert await error_of(client.chat_update(channel=TREASURY, ts=ts, text="x")) == "message_not_found"
        assert [private.text for private in slack.workspace.ephemerals(ALICE)] == ["Only you"]
        assert slack.workspace.ephemerals(BOB) == []

    _with_client(scenario)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": AUDIT, "user": ALICE, "text": "x"}, "user_not_in_channel"),
        ({"channel": TREASURY, "text": "x"}, "user_not_in_channel"),
        ({"channel": TREASURY, "user": "U404", "text": "x"}, "user_not_in_channel"),
        ({"channel": TREASURY, "user": ALICE}, "no_text"),
        ({"channel": TREASURY, "user": ALICE, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
def test_a_private_answer_needs_a_member_and_something_to_say(arguments: dict[str, Any], error: str) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        assert await error_of(client.api_call("chat.postEphemeral", json=arguments)) == error
        assert slack.workspace.ephemerals(ALICE) == []

    _with_client(scenario)


def test_a_private_answer_can_stand_in_a_thread() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        root = await client.chat_postMessage(channel=TREASURY, text="card")
        await client.chat_postEphemeral(channel=TREASURY, user=ALICE, text="x", thread_ts=root["ts"])

        assert [private.thread_ts for private in slack.workspace.ephemerals(ALICE)] == [root["ts"]]

    _with_client(scenario)


def test_a_thread_hangs_on_its_first_message_and_tells_of_its_replies() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        root = await client.chat_postMessage(channel=TREASURY, text="card")
        slack.workspace.post(TREASURY, BOB, "why?", thread_ts=root["ts"])
        reply = await client.chat_postMessage(channel=TREASURY, text="Done", thread_ts=root["ts"])

        (first,) = (await client.conversations_history(channel=TREASURY))["messages"]
        assert (first["reply_count"], first["reply_users"], first["latest_reply"]) == (2, [BOB, BOT], reply["ts"])
        assert first["thread_ts"] == root["ts"] == reply["message"]["thread_ts"]
        nested = client.chat_postMessage(channel=TREASURY, text="x", thread_ts=reply["ts"])
        assert await error_of(nested) == "cannot_reply_to_message"
        assert len(slack.workspace.thread(TREASURY, root["ts"])) == 3

    _with_client(scenario)
