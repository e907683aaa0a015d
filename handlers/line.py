"""The line to Slack: Bolt over aiohttp Socket Mode, with the watchdog its client needs and a bounded connect."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import StartError, TransferdeskError
from handlers.workspace import Identity

log = logging.getLogger(__name__)

CONNECT_WITHIN_S = 30.0
WATCH_EVERY_S = 10.0
DEAF_MAX_S = 120.0
FINISH_WITHIN_S = 3.0
HANG_UP_WITHIN_S = 1.0  # twice: an orderly goodbye, then without one


class Listeners(Protocol):
    """A group of listeners."""

    def register(self, app: AsyncApp) -> None:
        """Hang them into Bolt."""
        ...


async def leave_unacknowledged(error: Exception) -> None:
    """Handle what a listener raised: nothing was committed, so Slack gets no ack and tells the person it failed."""
    match error:
        case TransferdeskError():
            why = str(error)
        case BoltUnhandledRequestError():
            why = "nothing here listens to it"
        case _:
            why = type(error).__name__  # a foreign text may hold the payload
    log.error("a payload was not acknowledged: %s", why)


class ReceivedAt(AsyncMiddleware):
    """Notes in an envelope's context when it came. A class: for a function Bolt gathers all it might ask for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse | None:
        """Note the time in monotonic seconds, as `received_at`."""
        req.context["received_at"] = self._clock.monotonic()
        return await next()


class Handler(AsyncSocketModeHandler):
    """Bolt's handler, which knows what it is busy with and can stop taking more."""

    def __init__(self, app: AsyncApp, app_token: str, logger: logging.Logger) -> None:
        super().__init__(app, app_token, logger)
        self._closing = False
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Hand one envelope to Bolt and send its ack. Once closing, an envelope gets none: nothing is done with it."""
        if self._closing:
            return
        self._in_flight += 1
        self._idle.clear()
        try:
            await super().handle(client, req)
        except Exception as error:  # noqa: BLE001 - the SDK would log its text
            await leave_unacknowledged(error)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def finish(self) -> None:
        """Take nothing new, and wait until what was begun has been acknowledged."""
        self._closing = True
        await self._idle.wait()


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

        # process_before_response: the ack leaves when the listener has returned, so acked means committed.
        # An envelope nobody listens to is an error of ours, told in one line; Bolt would write a page of advice.
        app = AsyncApp(
            name="transferdesk",  # without one Bolt reads every source file on the stack to find some, for 50 ms
            client=client,
            authorize=authorize,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            # For what comes over HTTP and for functions of workflows: neither comes here, and each takes its time.
            ssl_check_enabled=False,
            request_verification_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
            logger=_quiet("slack_bolt"),
        )
        app.middleware(ReceivedAt(clock))
        app.error(leave_unacknowledged)
        for group in listeners:
            group.register(app)
        self._handler = Handler(app, app_token, _quiet("slack_sdk.socket_mode"))
        self._handler.client.proxy = client.proxy

    async def open(self) -> None:
        """Connect.

        Raises:
            StartError: not within 30 s. The SDK itself would try for ever, even with a wrong token.
        """
        connect: Callable[[], Awaitable[None]] = self._handler.connect_async
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await connect()
        except TimeoutError:
            raise StartError("Slack's Socket Mode could not be connected within 30 s") from None

    async def watch(self) -> None:
        """Mend the one way this client goes deaf for ever: a dead URL it tries again and again.

        Returns when the line is closed, or when Slack could not be heard for two minutes; a supervisor's restart is
        then the better cure.
        """
        client, heard_at = self._handler.client, time.monotonic()
        while time.monotonic() - heard_at < DEAF_MAX_S:
            await asyncio.sleep(WATCH_EVERY_S)
            if client.closed:
                return
            if await client.is_connected():
                heard_at = time.monotonic()
            else:
                log.warning("no connection to Slack; asking for a new one")
                client.wss_uri = None

    async def close(self) -> None:
        """Take no more payloads, let those begun be acknowledged, hang up. Takes 5 s at most."""
        client = self._handler.client
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN_S):
                await self._handler.finish()
        hang_up: Callable[[], Awaitable[None]] = self._handler.close_async
        for _ in range(2):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HANG_UP_WITHIN_S):
                    await hang_up()
                return
        log.warning("the connection to Slack could not be closed in time")


def _quiet(name: str) -> logging.Logger:
    """Return a library's logger at the level it keeps: below a warning, Bolt and the SDK log whole payloads.

    Bolt copies the root's level into loggers it makes itself, whatever was set for their parents.
    """
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    return logger
