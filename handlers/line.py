"""The line to Slack: Bolt over aiohttp Socket Mode, with the watchdog its client needs and a bounded connect."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import StartError, TransferdeskError
from handlers.workspace import Identity

log = logging.getLogger(__name__)

CONNECT_WITHIN_S = 30.0
WATCH_EVERY_S = 10.0
DEAF_MAX_S = 120.0


class Listeners(Protocol):
    """A group of listeners."""

    def register(self, app: AsyncApp) -> None:
        """Hang them into Bolt."""
        ...


async def leave_unacknowledged(error: Exception) -> None:
    """Handle what a listener raised: nothing was committed, so Slack gets no ack and tells the person it failed."""
    # Its text is ours only when its class is; Bolt would log any text, with the payload.
    what = str(error) if isinstance(error, TransferdeskError) else type(error).__name__
    log.error("a payload was not acknowledged: %s", what)


class Line:
    """One Socket Mode connection and the Bolt app behind it."""

    def __init__(
        self,
        identity: Identity,
        client: AsyncWebClient,
        bot_token: str,
        app_token: str,
        clock: Clock,
        listeners: list[Listeners],
    ) -> None:
        async def authorize(**_: Any) -> AuthorizeResult:
            # From the one auth.test of the start: no payload of Slack's ever waits for another call to it.
            return AuthorizeResult(
                enterprise_id=None,
                team_id=identity.team,
                bot_id=identity.bot_id,
                bot_user_id=identity.bot_user_id,
                bot_token=bot_token,
            )

        async def note_the_time(context: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:
            context["received_at"] = clock.monotonic()
            await next()

        # process_before_response: the ack leaves when the listener has returned, so acked means committed.
        app = AsyncApp(client=client, authorize=authorize, process_before_response=True)
        app.middleware(note_the_time)
        app.error(leave_unacknowledged)
        for group in listeners:
            group.register(app)
        self._handler = AsyncSocketModeHandler(app, app_token)
        self._handler.client.proxy = client.proxy

    async def open(self) -> None:
        """Connect.

        Raises:
            StartError: not within 30 s. The SDK itself would try for ever, even with a wrong token.
        """
        connect: Callable[[], Awaitable[None]] = self._handler.connect_async
        try:
            await asyncio.wait_for(connect(), CONNECT_WITHIN_S)
        except TimeoutError:
            raise StartError("Slack's Socket Mode could not be connected within 30 s") from None

    async def watch(self) -> None:
        """Mend the one way this client goes deaf for ever: a dead URL it tries again and again.

        Returns when Slack could not be heard for two minutes; a supervisor's restart is then the better cure.
        """
        client, heard_at = self._handler.client, time.monotonic()
        while time.monotonic() - heard_at < DEAF_MAX_S:
            await asyncio.sleep(WATCH_EVERY_S)
            if await client.is_connected():
                heard_at = time.monotonic()
            else:
                log.warning("no connection to Slack; asking for a new one")
                client.wss_uri = None

    async def close(self) -> None:
        """Take no more payloads."""
        self._handler.client.auto_reconnect_enabled = False
        close: Callable[[], Awaitable[None]] = self._handler.close_async
        await close()
