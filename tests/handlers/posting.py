"""A desk on a real journal, a local Slack behind real sockets, and the poster between them, stepped by the test."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from desk_bench import ALICE, CHANNEL, TEAM, DeskBench
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_answers import Origin
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_workspace import Channel, Message, User, Workspace
from bot.sandbox.world import SCOPES
from bot.transfers import Transfer
from handlers.poster import Poster
from handlers.replies import Replies

AUDIT = "C02AUDIT"
BOT = User("U09DESK", "transferdesk", is_bot=True)
MEMBERS = frozenset({BOT.id, ALICE.user})


class Posting:
    """What a test of the poster can do and see."""

    def __init__(self, bench: DeskBench) -> None:
        self.bench = bench
        self.slack = SlackDouble(
            Workspace(
                BOT,
                (User(ALICE.user, "alice"),),
                (Channel(CHANNEL, "treasury", MEMBERS), Channel(AUDIT, "desk-audit", MEMBERS, is_private=True)),
                now=lambda: bench.clock.now().timestamp(),
                scopes=SCOPES,
                team_id=TEAM,
            )
        )

    def connect(self) -> None:
        """Put a new poster between the desk and Slack."""
        tls = ssl.create_default_context()
        self.client = AsyncWebClient(self.slack.bot_token, base_url=self.slack.api_url, ssl=tls, retry_handlers=[])
        self.replies = Replies(self.bench.clock, tls, local=True)
        self.poster = Poster(self.bench.desk, self.client, self.replies, self.bench.clock)

    async def drain(self) -> float:
        """Step until nothing can be delivered right now. Returns the seconds the poster wants to wait."""
        wait = 0.0
        while wait == 0:
            wait = await self.poster.step()
        return wait

    async def proposed(self) -> Transfer:
        """Type a transfer and let the poster post its card."""
        name = self.bench.ask().partition(":")[0]
        await self.drain()
        return self.bench.get(int(name.removeprefix("T")))

    def expire(self) -> None:
        """Let every unconfirmed transfer run out of time: a card to edit, a reply and an audit line."""
        self.bench.clock.advance(minutes=10)
        self.bench.desk.expire_due().result()

    def leave(self, channel: str) -> None:
        """Take the desk's app out of a channel."""
        known = self.slack.workspace.channels[channel]
        self.slack.workspace.put_channel(replace(known, members=known.members - {BOT.id}))

    def keep_a_response_url(self) -> None:
        """Let Alice have used the desk just now."""
        token = self.slack.response_urls.issue(Origin(ALICE.user, CHANNEL))
        self.replies.keep(ALICE.user, CHANNEL, f"{self.slack.url}/response/{token}")

    def cards(self) -> list[Message]:
        return [message for message in self.slack.workspace.messages(CHANNEL) if message.thread_ts is None]

    def replies_under(self, card: Message) -> list[str]:
        return [message.text for message in self.slack.workspace.thread(CHANNEL, card.ts)[1:]]

    def audit(self) -> list[str]:
        return [message.text for message in self.slack.workspace.messages(AUDIT)]

    def told_alice(self) -> list[str]:
        return [private.text for private in self.slack.workspace.ephemerals(ALICE.user)]

    def calls(self) -> list[str]:
        """The Web API methods called so far, the failed ones too."""
        return [call.method for call in self.slack.web_api.calls]

    def outbox(self) -> list[tuple[Any, ...]]:
        return self.bench.read("SELECT kind, state FROM outbox ORDER BY id")


Act = Callable[[Posting], Coroutine[Any, Any, None]]
Stage = Callable[[Act], None]
