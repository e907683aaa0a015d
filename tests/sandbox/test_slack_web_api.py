"""The Web API through the real SDK client: tokens, scopes, limits, errors as Slack words them, planned failures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bench import ALICE, AUDIT, BOB, BOT, RANDOM, SCOPES, TREASURY, card, client_of, error_of, listening
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_double import SlackDouble

ASK = Callable[[AsyncWebClient], Awaitable[Any]]


def _with_client(scenario: Callable[[SlackDouble, AsyncWebClient], Awaitable[None]]) -> None:
    async def run() -> None:
        async with listening() as slack:
            await scenario(slack, client_of(slack))

    asyncio.run(run())


def test_the_token_says_who_it_is_and_which_scopes_it_has() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        answer = await client.auth_test()

        assert (answer["team_id"], answer["user_id"]) == ("T01DESK", BOT)
        assert set(answer.headers["X-OAuth-Scopes"].split(",")) == SCOPES

    _with_client(scenario)


def test_wrong_tokens_are_refused() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        assert await error_of(client_of(slack, "xoxb-wrong").auth_test()) == "invalid_auth"
        assert await error_of(client_of(slack, slack.app_token).auth_test()) == "not_allowed_token_type"
        opened = client.apps_connections_open(app_token=slack.bot_token)
        assert await error_of(opened) == "not_allowed_token_type"
        assert await error_of(client.apps_connections_open(app_token="xapp-wrong")) == "invalid_auth"
        async with aiohttp.ClientSession() as session, session.post(slack.api_url + "auth.test") as answer:
            assert await answer.json() == {"ok": False, "error": "not_authed"}
        assert [call.method for call in slack.web_api.calls] == []

    _with_client(scenario)


def test_a_missing_scope_is_named() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.workspace.scopes = SCOPES - {"chat:write", "groups:read"}

        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=TREASURY, text="hello")
        assert refused.value.response["error"] == "missing_scope"
        assert refused.value.response["needed"] == "chat:write"
        assert (await client.conversations_info(channel=TREASURY))["ok"]
        assert await error_of(client.conversations_info(channel=AUDIT)) == "missing_scope"

    _with_client(scenario)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda c: c.chat_postMessage(channel=RANDOM, text="x"), "not_in_channel"),
        (lambda c: c.chat_postMessage(channel="C404", text="x"), "channel_not_found"),
        (lambda c: c.api_call("chat.postMessage", json={"channel": TREASURY}), "no_text"),
        (lambda c: c.chat_postMessage(channel=TREASURY, text="x", thread_ts="1.000001"), "thread_not_found"),
        (lambda c: c.chat_postMessage(channel=TREASURY, text="x", metadata={"a": 1}), "invalid_metadata_format"),
        (lambda c: c.chat_update(channel=TREASURY, ts="1.000001", text="x"), "message_not_found"),
        (lambda c: c.chat_postEphemeral(channel=AUDIT, user=ALICE, text="x"), "user_not_in_channel"),
        (lambda c: c.conversations_history(channel=RANDOM), "not_in_channel"),
        (lambda c: c.conversations_replies(channel=TREASURY, ts="1.000001"), "thread_not_found"),
        (lambda c: c.users_info(user="U404"), "user_not_found"),
        (lambda c: c.views_publish(user_id="U404", view={"type": "home", "blocks": []}), "user_not_found"),
        (lambda c: c.views_open(trigger_id="1.2.3", view={"type": "modal", "blocks": []}), "invalid_arguments"),
        (lambda c: c.api_call("chat.delete"), "unknown_method"),
    ],
)
def test_what_cannot_be_done_is_refused_in_slacks_words(ask: ASK, error: str) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        assert await error_of(ask(client)) == error

    _with_client(scenario)


def test_the_messages_of_others_cannot_be_updated() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        theirs = slack.workspace.post(TREASURY, ALICE, "mine")

        assert await error_of(client.chat_update(channel=TREASURY, ts=theirs.ts, text="x")) == "cant_update_message"
        assert slack.workspace.message(TREASURY, theirs.ts) == theirs

    _with_client(scenario)


def test_an_update_without_blocks_takes_the_blocks_away() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        posted = await client.chat_postMessage(channel=TREASURY, text="a", blocks=card("a", "transfer_confirm"))
        await client.chat_update(channel=TREASURY, ts=posted["ts"], text="b")

        [message] = slack.workspace.messages(TREASURY)
        assert (message.text, message.blocks, message.edited) == ("b", [], 1)

    _with_client(scenario)


def _button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}, **changes}


def _actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "divider"}] * 51,
        card("x" * 3001),
        card(""),
        [{"type": "section"}],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}}],
        [_actions()],
        [_actions(_button(), _button())],
        [_actions(*(_button(action_id=str(number)) for number in range(26)))],
        [_actions(_button(text={"type": "plain_text", "text": "x" * 76}))],
        [_actions(_button(value="x" * 2001))],
        [_actions(_button(action_id="x" * 256))],
        [_actions(_button(style="green"))],
        [_actions(_button(confirm={"title": {"type": "plain_text", "text": "Sure?"}}))],
        [{"type": "divider", "block_id": "one"}] * 2,
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
        [{"type": "alert", "text": {"type": "plain_text", "text": "x"}}],
        ["text"],
    ],
)
def test_blocks_beyond_slacks_limits_are_refused_with_their_place(blocks: list[Any]) -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        with pytest.raises(SlackApiError) as refused:
            await client.api_call("chat.postMessage", json={"channel": TREASURY, "text": "x", "blocks": blocks})

        assert refused.value.response["error"] == "invalid_blocks"
        assert "json-pointer:/blocks" in refused.value.response["response_metadata"]["messages"][0]
        assert slack.workspace.messages(TREASURY) == []

    _with_client(scenario)


def test_a_message_is_found_again_by_its_metadata() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        before = await client.chat_postMessage(channel=TREASURY, text="before")
        mark = {"event_type": "transfer", "event_payload": {"transfer": "T1"}}
        posted = await client.chat_postMessage(channel=TREASURY, text="card", metadata=mark)
        await client.chat_postMessage(channel=TREASURY, text="reply", thread_ts=posted["ts"])

        found = await client.conversations_history(channel=TREASURY, oldest=before["ts"], include_all_metadata=True)
        assert [(message["ts"], message["metadata"]) for message in found["messages"]] == [(posted["ts"], mark)]
        thread = await client.conversations_replies(channel=TREASURY, ts=posted["ts"])
        assert [message["text"] for message in thread["messages"]] == ["card", "reply"]
        assert thread["messages"][0]["reply_count"] == 1

    _with_client(scenario)


def test_long_lists_come_in_pages() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        members: list[str] = []
        cursor = None
        while cursor != "":
            page = await client.conversations_members(channel=TREASURY, limit=3, cursor=cursor)
            members += page["members"]
            cursor = page["response_metadata"]["next_cursor"]

        assert sorted(members) == sorted(slack.workspace.channels[TREASURY].members)

    _with_client(scenario)


def test_people_and_channels_carry_the_marks_a_guard_needs() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.workspace.put_user(replace(slack.workspace.users[BOB], is_restricted=True))
        slack.workspace.put_channel(replace(slack.workspace.channels[TREASURY], is_ext_shared=True))

        bob = (await client.users_info(user=BOB))["user"]
        assert (bob["deleted"], bob["is_restricted"], bob["is_bot"], bob["team_id"]) == (False, True, False, "T01DESK")
        eve = (await client.users_info(user="U09EVE"))["user"]
        assert (eve["is_stranger"], eve["team_id"]) == (True, "T99ELSEWHERE")
        treasury = (await client.conversations_info(channel=TREASURY))["channel"]
        assert (treasury["is_ext_shared"], treasury["is_member"]) == (True, True)
        assert (await client.conversations_info(channel=RANDOM))["channel"]["is_member"] is False

    _with_client(scenario)


def test_a_deactivated_person_is_in_no_channel_and_little_is_said_of_them() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.workspace.put_user(replace(slack.workspace.users[BOB], deleted=True))

        bob = (await client.users_info(user=BOB))["user"]
        assert (bob["id"], bob["team_id"], bob["deleted"]) == (BOB, "T01DESK", True)
        assert "is_restricted" not in bob
        page = await client.conversations_members(channel=TREASURY)
        assert sorted(page["members"]) == sorted(slack.workspace.channels[TREASURY].members - {BOB})
        assert "has_more" not in page.data

    _with_client(scenario)


def test_an_archived_channel_can_be_read_and_not_written_to() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        posted = await client.chat_postMessage(channel=TREASURY, text="x")
        slack.workspace.put_channel(replace(slack.workspace.channels[TREASURY], is_archived=True))

        assert (await client.conversations_info(channel=TREASURY))["channel"]["is_archived"] is True
        assert len((await client.conversations_history(channel=TREASURY))["messages"]) == 1
        for write in (
            client.chat_postMessage(channel=TREASURY, text="y"),
            client.chat_update(channel=TREASURY, ts=posted["ts"], text="y"),
            client.chat_postEphemeral(channel=TREASURY, user=ALICE, text="y"),
        ):
            assert await error_of(write) == "is_archived"

    _with_client(scenario)


def test_a_form_and_a_query_are_read_like_json() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        posted = await client.api_call(
            "chat.postMessage",
            data={"channel": TREASURY, "text": "x", "blocks": '[{"type": "divider", "block_id": "d"}]'},
        )

        assert posted["message"]["blocks"] == [{"type": "divider", "block_id": "d"}]
        broken = client.api_call("chat.postMessage", data={"channel": TREASURY, "blocks": "[{"})
        assert await error_of(broken) == "invalid_blocks_format"

    _with_client(scenario)


def test_a_rate_limit_says_when_to_come_back_and_posts_nothing() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.switches.turn_on("rate_limited", 2, method="chat.postMessage", retry_after=7)
        for _ in range(2):
            with pytest.raises(SlackApiError) as refused:
                await client.chat_postMessage(channel=TREASURY, text="x")
            assert refused.value.response.status_code == 429
            assert refused.value.response.headers["Retry-After"] == "7"
        assert slack.workspace.messages(TREASURY) == []

        await client.chat_postMessage(channel=TREASURY, text="x")
        assert len(slack.workspace.messages(TREASURY)) == 1

    _with_client(scenario)


def test_a_client_that_honours_the_limit_posts_once() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.switches.turn_on("rate_limited", retry_after=0)
        client.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
        await client.chat_postMessage(channel=TREASURY, text="x")

        assert len(slack.workspace.messages(TREASURY)) == 1
        assert [call.method for call in slack.web_api.calls] == ["chat.postMessage"] * 2

    _with_client(scenario)


def test_a_rate_limit_strikes_posts_and_leaves_reads_alone() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.switches.turn_on("rate_limited")
        await client.users_info(user=ALICE)

        assert slack.switches.active == ["rate_limited"]

    _with_client(scenario)


def test_a_post_can_be_carried_out_without_the_caller_learning_of_it() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.switches.turn_on("drop_after_post")
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.chat_postMessage(channel=TREASURY, text="first")
        slack.switches.turn_on("fatal_error_after_post")
        assert await error_of(client.chat_postMessage(channel=TREASURY, text="second")) == "fatal_error"

        assert [message.text for message in slack.workspace.messages(TREASURY)] == ["first", "second"]

    _with_client(scenario)


def test_a_server_error_posts_nothing() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        slack.switches.turn_on("server_error")
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=TREASURY, text="x")

        assert refused.value.response.status_code == 500
        assert slack.workspace.messages(TREASURY) == []

    _with_client(scenario)


def test_tokens_are_kept_in_no_record() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(slack.api_url + "auth.test", data={"token": slack.bot_token})

        [call] = slack.web_api.calls
        assert call.arguments == {}

    _with_client(scenario)


def test_it_listens_to_this_machine_only() -> None:
    async def scenario(slack: SlackDouble, client: AsyncWebClient) -> None:
        with pytest.raises(ValueError, match="loopback"):
            await slack.start("0.0.0.0")

    _with_client(scenario)
