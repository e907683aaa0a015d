"""A local Slack with a small real Bolt app connected to it, for the tests of the local Slack itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_workspace import Channel, User, Workspace

ALICE, BOB, EVE, BOT = "U01ALICE", "U02BOB", "U09EVE", "U00BOT"
TREASURY, AUDIT, RANDOM = "C01TREASURY", "C02AUDIT", "C03RANDOM"
SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "im:write",
        "files:write",
        "users:read",
        "channels:read",
        "groups:read",
        "channels:history",
        "groups:history",
    }
)


def workspace(now: Callable[[], float] = time.time) -> Workspace:
    """Alice and Bob work in the treasury; Eve comes from elsewhere; the bot is in two of the three channels."""
    return Workspace(
        User(BOT, "transferdesk", "Transferdesk", is_bot=True),
        [
            User(ALICE, "alice", "Alice", title="may transfer"),
            User(BOB, "bob", "Bob", title="admin"),
            User(EVE, "eve", "Eve", team_id="T99ELSEWHERE", is_stranger=True),
        ],
        [
            Channel(TREASURY, "treasury", frozenset({ALICE, BOB, EVE, BOT})),
            Channel(AUDIT, "audit", frozenset({BOB, BOT}), is_private=True),
            Channel(RANDOM, "random", frozenset({ALICE, BOB, EVE})),
        ],
        now=now,
        scopes=SCOPES,
    )


def card(text: str, *action_ids: str) -> list[dict[str, Any]]:
    """A section, and a row of buttons when there are any."""
    blocks: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    if action_ids:
        buttons = [
            {
                "type": "button",
                "action_id": action_id,
                "value": "T1/1",
                "text": {"type": "plain_text", "text": "Confirm"},
            }
            for action_id in action_ids
        ]
        blocks.append({"type": "actions", "block_id": "card-1", "elements": buttons})
    return blocks


def form(label: str = "Reason") -> dict[str, Any]:
    """A modal with one required field."""
    return {
        "type": "modal",
        "callback_id": "reason",
        "title": {"type": "plain_text", "text": "Settle T1"},
        "submit": {"type": "plain_text", "text": "Settle"},
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": label},
                "element": {"type": "plain_text_input", "action_id": "text"},
            }
        ],
    }


def filled(text: str | None) -> dict[str, Any]:
    """What a person typed into `form`."""
    return {"why": {"text": {"type": "plain_text_input", "value": text}}}


@dataclass
class Bench:
    """The local Slack, the app connected to it, and every payload the app's listeners were given."""

    slack: SlackDouble
    app: AsyncApp
    client: AsyncWebClient
    handler: AsyncSocketModeHandler
    heard: list[dict[str, Any]] = field(default_factory=list)


async def error_of(call: Awaitable[Any]) -> str:
    """Why Slack refuses a call."""
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


def client_of(slack: SlackDouble, token: str | None = None) -> AsyncWebClient:
    """A Web API client that never tries twice by itself."""
    return AsyncWebClient(token=token or slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@asynccontextmanager
async def listening(**options: Any) -> AsyncIterator[SlackDouble]:
    """A local Slack without an app."""
    slack = SlackDouble(options.pop("workspace", None) or workspace(), **options)
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[Bench]:
    """A local Slack and an app that answers /transfer with a card, and its buttons in different ways."""
    async with listening(**options) as slack:
        client = client_of(slack)
        app = AsyncApp(client=client)
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
        bench = Bench(slack, app, client, handler)
        _listen(app, bench)
        await asyncio.wait_for(handler.connect_async(), 5)
        await slack.wait_for(lambda: slack.socket.connections == 1)
        try:
            yield bench
        finally:
            await handler.close_async()


def _listen(app: AsyncApp, bench: Bench) -> None:
    @app.command("/transfer")
    async def transfer(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        bench.heard.append(body)
        if body["text"] == "silence":
            return
        if body["text"] == "public":
            await ack(text="done", response_type="in_channel")
            return
        await ack(f"Proposed: {body['text']}")
        if body["text"] != "quietly":
            blocks = card(body["text"], "transfer_confirm", "open_form", "look")
            await client.chat_postMessage(channel=body["channel_id"], text=body["text"], blocks=blocks)

    @app.action("transfer_confirm")
    async def confirm(ack: Any, body: dict[str, Any], client: AsyncWebClient, respond: Any) -> None:
        bench.heard.append(body)
        await ack()
        await respond(text="Taken.")
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=channel, ts=ts, text="Confirmed", blocks=card("Confirmed"))

    @app.action("look")
    async def look(ack: Any, body: dict[str, Any]) -> None:
        bench.heard.append(body)
        await ack()

    @app.action("open_form")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        bench.heard.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.view("reason")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:
        bench.heard.append(body)
        typed = body["view"]["state"]["values"]["why"]["text"]["value"]
        if typed == "because":
            await ack(response_action="errors", errors={"why": "Say more."})
        elif typed == "and then":
            await ack(response_action="update", view=form("And then?"))
        else:
            await ack()
