"""The log of what went between Slack and the app."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_bench import ALICE, BOB, TREASURY, connected, error_of, form, listening

from bot.sandbox.slack_answers import Origin
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_wire import PASSAGES_MAX


def _seen(slack: SlackDouble) -> list[tuple[str, str, str, str, str]]:
    return [(one.direction, one.name, one.who, one.where, one.outcome) for one in slack.wire.passages]


def test_calls_and_envelopes_are_logged_with_their_outcome() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=1.0) as bench:
            slack, client = bench.slack, bench.client
            await slack.slash(ALICE, TREASURY, "/transfer", "quietly")
            slack.wire.passages.clear()  # with the auth.test that Bolt makes before its first listener
            await slack.slash(ALICE, TREASURY, "/transfer", "quietly")
            await client.chat_postEphemeral(channel=TREASURY, user=BOB, text="x")
            await error_of(client.chat_postMessage(channel="C404", text="x"))
            view = slack.views.open(ALICE, form())
            await slack.submit_view(ALICE, view.id, {"why": {"text": {"value": "the ledger"}}})
            await slack.open_home(BOB)
            slack.switches.turn_on("rate_limited")
            await error_of(client.chat_postMessage(channel=TREASURY, text="x"))

            direct = slack.workspace.open_direct(BOB).id
            assert _seen(slack) == [
                ("to_app", "command /transfer", ALICE, TREASURY, "acked"),
                ("from_app", "chat.postEphemeral", BOB, TREASURY, "ok"),
                ("from_app", "chat.postMessage", "", "C404", "channel_not_found"),
                ("to_app", "view_submission reason", ALICE, view.id, "acked"),
                ("to_app", "event app_home_opened", BOB, direct, "operation_timeout"),
                ("from_app", "chat.postMessage", "", TREASURY, "429"),
            ]
            assert all(one.took_ms >= 0 for one in slack.wire.passages)
            assert slack.wire.passages[-2].took_ms >= 1000

    asyncio.run(scenario())


def test_what_is_dropped_uploaded_or_answered_later_is_logged_too() -> None:
    async def scenario() -> None:
        async with connected() as bench:
            slack, client = bench.slack, bench.client
            slack.wire.passages.clear()
            slack.switches.turn_on("drop_after_post")
            with pytest.raises(aiohttp.ClientConnectionError):
                await client.chat_postMessage(channel=TREASURY, text="x")
            await client.files_upload_v2(filename="T.csv", content="T1\n", channel=TREASURY)
            token = slack.response_urls.issue(Origin(ALICE, TREASURY))
            async with aiohttp.ClientSession() as session:
                await session.post(f"{slack.url}/response/{token}", json={"text": "Taken."})
                await session.post(f"{slack.url}/response/made-up", json={"text": "x"})
                await session.post(f"{slack.url}/upload/made-up", data=b"x")

            assert _seen(slack) == [
                ("from_app", "chat.postMessage", "", TREASURY, "no answer"),
                ("from_app", "files.getUploadURLExternal", "", "", "ok"),
                ("from_app", "upload", "", "", "ok"),
                ("from_app", "files.completeUploadExternal", "", TREASURY, "ok"),
                ("from_app", "response_url", ALICE, TREASURY, "ok"),
                ("from_app", "response_url", "", "", "invalid_url"),
                ("from_app", "upload", "", "", "invalid_url"),
            ]

    asyncio.run(scenario())


def test_clicks_and_shortcuts_are_named_by_what_was_pressed() -> None:
    async def scenario() -> None:
        async with connected(ack_seconds=0.3) as bench:
            slack = bench.slack
            await slack.slash(ALICE, TREASURY, "/transfer", "250")
            await slack.wait_for(lambda: bool(slack.workspace.messages(TREASURY)))
            slack.wire.passages.clear()
            await slack.press(BOB, TREASURY, slack.workspace.messages(TREASURY)[0].ts, "look")
            await slack.run_shortcut(ALICE, "transfer_form")

            assert _seen(slack) == [
                ("to_app", "block_actions look", BOB, TREASURY, "acked"),
                ("to_app", "shortcut transfer_form", ALICE, "", "operation_timeout"),
            ]

    asyncio.run(scenario())


def test_neither_tokens_nor_texts_nor_addresses_are_logged_and_it_does_not_grow_for_ever() -> None:
    async def scenario() -> None:
        async with listening() as slack, aiohttp.ClientSession() as session:
            secret = slack.bot_token
            for _ in range(PASSAGES_MAX + 1):
                await session.post(slack.api_url + "chat.postMessage", data={"token": secret, "text": "hello there"})

            assert len(slack.wire.passages) == PASSAGES_MAX
            logged = repr(slack.wire.passages)
            assert secret not in logged and "hello" not in logged

    asyncio.run(scenario())
