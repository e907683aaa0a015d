"""A local Slack: one workspace behind real sockets on loopback.

An app talks to it as to Slack (`base_url` = `api_url`, plain http and ws); a test or the sandbox's page acts for the
people. `wait_for` wakes on every change, so that nobody needs to sleep.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from bot.sandbox.loopback import listen
from bot.sandbox.slack_backend import Backend
from bot.sandbox.slack_features import OFFERED, Features
from bot.sandbox.slack_files import FILE_BYTES_MAX, Files
from bot.sandbox.slack_people import People
from bot.sandbox.slack_socket import SocketMode
from bot.sandbox.slack_switches import DONE_AT_ONCE, SWITCHES, Switches
from bot.sandbox.slack_web_api import WebApi
from bot.sandbox.slack_workspace import Workspace

_DISCONNECTS = {
    "disconnect_warning": "warning",
    "disconnect_refresh": "refresh_requested",
    "link_disabled": "link_disabled",
}


class SlackDouble(People):
    """One workspace, its Web API, its Socket Mode and its people.

    Attributes:
        bot_token, app_token: what the app must show; made up at random unless given.
        files: what was uploaded.
        web_api: its `calls` tell what the app asked.
        switches: planned failures; `switch` for those of the page, `switches.turn_on` for all options.
        url: the base address while it runs, like `http://127.0.0.1:8043`.
        version: grows with every change.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        features: Features = OFFERED,
        bot_token: str | None = None,
        app_token: str | None = None,
        ack_seconds: float = 3.0,
    ) -> None:
        """Build it around a workspace; nothing listens yet. The app in it offers what its manifest says."""
        self.switches = Switches()
        socket = SocketMode(workspace.app_id, self.switches, self._changed, ack_seconds=ack_seconds)
        super().__init__(workspace, socket, self.switches, features)
        self.files = Files()
        self.bot_token = bot_token or f"xoxb-sandbox-{secrets.token_hex(16)}"
        self.app_token = app_token or f"xapp-sandbox-{secrets.token_hex(16)}"
        self.version = 0
        self.web_api = WebApi(
            Backend(workspace, self.views, self.triggers, self.files, features),
            self.response_urls,
            self.wire,
            self.switches,
            bot_token=self.bot_token,
            app_token=self.app_token,
            socket_url=self._socket_url,
        )
        self._change = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        workspace.on_change = self._changed
        self.switches.on_change = self._changed

    @property
    def api_url(self) -> str:
        """What the app takes as Slack's address: `SLACK_API_URL`."""
        return f"{self.url}/api/"

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen on a loopback address and return the base url; port 0 takes a free one.

        Raises:
            ValueError: the host is not a loopback address; the sandbox is for this machine only.
        """
        app = web.Application(client_max_size=2 * FILE_BYTES_MAX)
        app.add_routes([*self.web_api.routes(), web.get("/socket/{ticket}", self.socket.accept)])
        self._loop = asyncio.get_running_loop()
        self._runner, self.url = await listen(app, host, port)
        self.files.url = self.url
        return self.url

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self.web_api.close()
        await self.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def touch(self) -> None:
        """Count a change that happened elsewhere, so that whoever waits looks again. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed)

    async def next_change(self, seen: int, within: float) -> int:
        """Return the version as soon as it is above `seen`, or after `within` seconds as it is."""
        change = self._change
        if self.version <= seen:
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await change.wait()
        return self.version

    async def wait_for(self, predicate: Callable[[], bool], within: float = 5.0) -> None:
        """Wait until something is so, looking again on every change.

        Raises:
            TimeoutError: it was not so within that many seconds.
        """
        async with asyncio.timeout(within):
            while not predicate():
                await self._change.wait()

    async def switch(self, name: str, on: bool) -> None:
        """Turn one of `SWITCHES` on or off; those that happen at once happen when turned on.

        Raises:
            KeyError: there is no such switch.
        """
        if name not in SWITCHES:
            raise KeyError(name)
        if not on:
            self.switches.turn_off(name)
        elif name == "reset_connections":
            self.socket.reset()
        else:
            if name not in DONE_AT_ONCE:
                self.switches.turn_on(name)
            if name in _DISCONNECTS:
                await self.socket.disconnect(_DISCONNECTS[name])

    def _socket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/socket/{self.socket.new_ticket()}"

    def _changed(self) -> None:
        """Wake everybody who waits; each looks for himself whether it was his change."""
        self.version += 1
        self._change.set()
        self._change = asyncio.Event()
