"""What the sandbox's one web page asks and does: everything a person sees, and acts in their name.

The page holds no state. It hears of changes by Server-Sent Events, reads `/sandbox/state` again and redraws. It may
act as anybody, so only itself is let in: a request whose Host is not this machine (DNS rebinding) or whose Origin is
another page (cross-site requests) is refused, and acts come as JSON, which a foreign form cannot send.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot.clock import to_text
from bot.sandbox import slack_standings
from bot.sandbox.books import Movement, digits
from bot.sandbox.faults import FAULTS, Planned
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.loopback import is_loopback_name, listen
from bot.sandbox.slack_blocks import plain_text
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_socket import Act
from bot.sandbox.slack_switches import SWITCHES
from bot.sandbox.slack_views import View
from bot.sandbox.slack_workspace import SLACKBOT, Ephemeral, Json, Message

STATIC = Path(__file__).parent / "static"
MOVEMENTS_SHOWN = 20
# How late an exchange's ledger and history may be made to show what happened.
RECORDS_LAGS_S = (0, 3, 30, 300, 3600)
FAULT_TIMES_MAX = 100  # the page names every planned fault
TICK_SECONDS = 1.0  # the books have no bell: how late a movement may appear, and how often a stream shows life

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """The page's server.

    Attributes:
        narration: the tour's lines; `narrate` adds one.
        url: the page's address while it runs.
    """

    def __init__(
        self,
        slack: SlackDouble,
        exchanges: Sequence[Lookalike] = (),
        authenticators: Mapping[str, Callable[[], str]] | None = None,
    ) -> None:
        """Show this Slack and the true books of these exchanges.

        Args:
            authenticators: what shows the present one-time code on the phone of a user id.
        """
        self._authenticators = authenticators or {}
        self.narration: list[str] = []
        self.url = ""
        self._slack = slack
        self._exchanges = {exchange.name: exchange for exchange in exchanges}
        self._version = 0
        self._seen: object = None
        self._stopping = False
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the page on a loopback address, on the Slack double's own event loop, and return its url.

        Raises:
            ValueError: the host is not a loopback address.
        """
        app = web.Application(middlewares=[_own_page_only, _sentences])
        app.on_response_prepare.append(_add_headers)
        app.add_routes(
            [
                web.get("/", _index),
                web.static("/static", STATIC),
                web.get("/sandbox/state", self._state),
                web.get("/sandbox/events", self._events),
                web.post("/sandbox/slash", self._slash),
                web.post("/sandbox/press", self._press),
                web.post("/sandbox/submit", self._submit),
                web.post("/sandbox/close_view", self._close_view),
                web.post("/sandbox/dismiss", self._dismiss),
                web.post("/sandbox/fault", self._fault),
                web.post("/sandbox/fault/clear", self._clear_faults),
                web.post("/sandbox/records_lag", self._records_lag),
                web.post("/sandbox/switch", self._switch),
                web.post("/sandbox/standing", self._standing),
            ]
        )
        self._stopping = False
        self._runner, self.url = await listen(app, host, port)
        return self.url

    async def stop(self) -> None:
        """End the streams and stop serving."""
        self._stopping = True
        self._slack.touch()
        if self._runner is not None:
            await self._runner.cleanup()

    def narrate(self, line: str) -> None:
        """Add a line to the tour's story; from any thread."""
        self.narration.append(line)
        self._slack.touch()

    def state(self, user_id: str) -> Json:
        """Return everything this person sees, and the sandbox's panels beside it."""
        workspace = self._slack.workspace
        people = [user for user in workspace.users.values() if not user.is_bot]
        me = next((user for user in people if user.id == user_id), people[0])
        channels = workspace.channels_of(me.id)
        view = self._slack.views.open_view(me.id)
        return {
            "version": self._current_version(),
            "me": me.id,
            "team": {"id": workspace.team_id, "name": workspace.team_name},
            "users": [{"id": user.id, "name": user.real_name or user.name, "role": user.title} for user in people],
            "apps": {workspace.bot.id: workspace.bot.real_name or workspace.bot.name, SLACKBOT: "Slackbot"},
            "channels": [
                {"id": channel.id, "name": channel.name, "private": channel.is_private} for channel in channels
            ],
            "messages": {channel.id: _messages(workspace.messages(channel.id)) for channel in channels},
            "ephemerals": [_ephemeral(private) for private in workspace.ephemerals(me.id)],
            "view": _view(view) if view else None,
            "exchanges": [_exchange(exchange) for exchange in self._exchanges.values()],
            "slack_switches": {"available": SWITCHES, "active": self._slack.switches.active},
            "standings": slack_standings.described(workspace),
            "code": self._authenticators[me.id]() if me.id in self._authenticators else "",
            "narration": list(self.narration),
        }

    def _current_version(self) -> int:
        """Return a number that grows with every change, in Slack, at the exchanges or in the story."""
        books = [(len(each.book.movements), each.faults.pending) for each in self._exchanges.values()]
        codes = [shown() for shown in self._authenticators.values()]
        seen = (self._slack.version, len(self.narration), books, codes)
        if seen != self._seen:
            self._seen = seen
            self._version += 1
        return self._version

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.state(request.query.get("as", "")))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send the version whenever it has grown, and a comment when there is nothing to say."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        sent = 0
        try:
            while not self._stopping:
                slack_version, version = self._slack.version, self._current_version()
                await stream.write(b": still here\n\n" if version == sent else f"data: {version}\n\n".encode())
                sent = version
                await self._slack.next_change(slack_version, TICK_SECONDS)
        except ConnectionError:
            pass  # the page was closed; there is nobody to tell
        return stream

    async def _slash(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        user, channel = self._person(asked), _text(asked, "channel")
        if channel not in {known.id for known in self._slack.workspace.channels_of(user)}:
            raise LookupError("You are not in that channel.")
        command, _, text = _text(asked, "text").strip().partition(" ")
        if not command.startswith("/"):
            raise ValueError("The sandbox takes slash commands only, like /transfer help.")
        return _told(await self._slack.slash(user, channel, command, text.strip()))

    async def _press(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        channel, ts, action_id = (_text(asked, name) for name in ("channel", "ts", "action_id"))
        value = _text(asked, "value") if asked.get("value") is not None else None
        return _told(await self._slack.press(self._person(asked), channel, ts, action_id, value))

    async def _submit(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        values = asked.get("values")
        if not isinstance(values, dict):
            raise ValueError("values is expected to be an object.")
        return _told(await self._slack.submit_view(self._person(asked), _text(asked, "view_id"), values))

    async def _close_view(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        await self._slack.close_view(self._person(asked), _text(asked, "view_id"))
        return web.json_response({})

    async def _dismiss(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        user, ts = self._person(asked), _text(asked, "ts")
        for private in self._slack.workspace.ephemerals(user):
            if private.ts == ts:
                self._slack.workspace.delete(private.channel, ts)
        return web.json_response({})

    async def _fault(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        times = asked.get("times", 1)
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= FAULT_TIMES_MAX:
            raise ValueError(f"times is expected to be a whole number from 1 to {FAULT_TIMES_MAX}.")
        self._exchange(asked).faults.plan(_text(asked, "kind"), times)
        self._slack.touch()
        return web.json_response({})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._exchange(await _asked(request)).faults.clear()
        self._slack.touch()
        return web.json_response({})

    async def _records_lag(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        seconds = asked.get("seconds")
        if seconds not in RECORDS_LAGS_S or isinstance(seconds, bool):
            raise ValueError(f"seconds is expected to be one of {', '.join(map(str, RECORDS_LAGS_S))}.")
        self._exchange(asked).records_lag_s = seconds
        self._slack.touch()
        return web.json_response({})

    async def _switch(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        name = _text(asked, "name")
        if name not in SWITCHES:
            raise LookupError("There is no such switch.")
        await self._slack.switch(name, asked.get("on") is True)
        return web.json_response({})

    async def _standing(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        slack_standings.put(self._slack.workspace, _text(asked, "subject"), _text(asked, "standing"))
        return web.json_response({})

    def _person(self, asked: Json) -> str:
        user = self._slack.workspace.users.get(_text(asked, "as"))
        if user is None or user.is_bot:
            raise LookupError("There is no such person here.")
        if user.deleted:
            raise LookupError("Slack has signed this person out: the account is deactivated.")
        return user.id

    def _exchange(self, asked: Json) -> Lookalike:
        exchange = self._exchanges.get(_text(asked, "exchange"))
        if exchange is None:
            raise LookupError("There is no such exchange here.")
        return exchange


@web.middleware
async def _own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whatever did not come from the page itself, or from a tool on this machine."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    try:
        is_here = is_loopback_name(urlsplit(f"//{host}").hostname)
    except ValueError:
        is_here = False
    if not is_here or origin not in (None, f"http://{host}"):
        return web.json_response({"error": "This page answers to itself only."}, status=403)
    if request.method == "POST" and request.content_type != "application/json":
        return web.json_response({"error": "Acts are sent as application/json."}, status=415)
    return await handler(request)


@web.middleware
async def _sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what cannot be done into a sentence for the person at the page."""
    try:
        return await handler(request)
    except LookupError as missing:
        return web.json_response({"error": _sentence(missing, "That is no longer there.")}, status=404)
    except ValueError as wrong:
        return web.json_response({"error": _sentence(wrong, "That cannot be read.")}, status=400)


def _sentence(error: Exception, otherwise: str) -> str:
    text = str(error.args[0]) if error.args else ""
    return text if text.endswith(".") else otherwise


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html")


async def _asked(request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("An act is a JSON object.")
    return body


def _text(asked: Json, name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is expected to be text.")
    return value


def _told(act: Act) -> web.Response:
    return web.json_response({"acked": act.acked, "failure": act.failure})


def _messages(channel: Sequence[Message]) -> list[Json]:
    replies = Counter(message.thread_ts for message in channel)
    return [
        {
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": message.blocks,
            "thread_ts": message.thread_ts,
            "edited": message.edited,
            "reply_count": replies[message.ts],
        }
        for message in channel
    ]


def _ephemeral(private: Ephemeral) -> Json:
    return {
        "channel": private.channel,
        "ts": private.ts,
        "user": private.user,
        "text": private.text,
        "blocks": private.blocks,
    }


def _view(view: View) -> Json:
    content = view.content
    return {
        "id": view.id,
        "title": plain_text(content.get("title")),
        "submit": plain_text(content.get("submit")),
        "close": plain_text(content.get("close")),
        "blocks": content["blocks"],
        "errors": dict(view.errors),
    }


def _exchange(exchange: Lookalike) -> Json:
    return {
        "name": exchange.name,
        "balances": exchange.balances(),
        "movements": [_movement(movement) for movement in exchange.book.movements[-MOVEMENTS_SHOWN:]],
        "records_lag": {"available": RECORDS_LAGS_S, "seconds": exchange.records_lag_s},
        "faults": {"available": FAULTS, "pending": _pending(exchange.faults.pending)},
    }


def _movement(movement: Movement) -> Json:
    return {
        "at": to_text(movement.at),
        "from": movement.source,
        "to": movement.destination,
        "currency": movement.currency,
        "amount": digits(movement.amount),
    }


def _pending(planned: Sequence[Planned]) -> list[str]:
    """Name each request's fault once, in the order they will strike."""
    return [fault.kind for fault in planned for _ in range(fault.times or 1)]
