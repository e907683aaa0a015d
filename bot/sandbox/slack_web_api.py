"""The local Slack's HTTP side: `/api/METHOD` with tokens, scopes and planned failures, `/response/…`, `/upload/…`."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from bot.sandbox.slack_answers import ResponseUrls, answer
from bot.sandbox.slack_backend import Backend, Method
from bot.sandbox.slack_limits import Limits
from bot.sandbox.slack_methods import METHODS
from bot.sandbox.slack_switches import Switches
from bot.sandbox.slack_wire import Wire, of_answer, of_call
from bot.sandbox.slack_workspace import KEPT_MAX, Json, SlackRefusal

# Arguments that are JSON documents; in a form they come as text.
_DOCUMENTS = ("blocks", "metadata", "view", "attachments", "files")

# Switch → the methods it makes Slack refuse, and how.
_REFUSALS = {
    "trigger_expired": ({"views.open"}, "expired_trigger_id"),
    "hash_conflict": ({"views.update", "views.publish"}, "hash_conflict"),
}
# Switch → the methods it makes Slack answer with 500; `server_error` is for whichever it was planned.
_FAILURES = {
    "history_fails": {"conversations.history", "conversations.replies"},
    "people_fail": {"users.info"},
}
# Switch → the marks it puts on whoever or whatever Slack is asked about.
_MARKS: dict[str, tuple[str, Json]] = {
    "guests": ("user", {"is_restricted": True}),
    "strangers": ("user", {"is_stranger": True, "team_id": "T66ELSEWHERE"}),
    "deactivated": ("user", {"deleted": True}),
    "channels_shared": ("channel", {"is_shared": True, "is_ext_shared": True}),
}
_DESCRIBING = frozenset({"users.info", "conversations.info"})


@dataclass(frozen=True)
class Call:
    """One Web API call that was let in, for tests to look at. The token is not among the arguments."""

    method: str
    arguments: Json = field(repr=False)


class WebApi:
    """Answers the app's HTTP requests.

    Attributes:
        calls: the latest calls that were let in, oldest first; failed and dropped ones too.
    """

    def __init__(
        self,
        backend: Backend,
        response_urls: ResponseUrls,
        wire: Wire,
        switches: Switches,
        *,
        bot_token: str,
        app_token: str,
        socket_url: Callable[[], str],
    ) -> None:
        """Take the tokens the app must show, and what gives out a new Socket Mode address."""
        self.calls: deque[Call] = deque(maxlen=KEPT_MAX)
        self._backend = backend
        self._response_urls = response_urls
        self._wire = wire
        self._switches = switches
        self._bot_token = bot_token
        self._app_token = app_token
        self._socket_url = socket_url
        self._limits = Limits(backend.workspace.now)
        self._closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        return [
            web.post("/api/{method}", self._call),
            web.get("/api/{method}", self._call),
            web.post("/response/{token}", self._answer),
            web.post("/upload/{secret}", self._upload),
        ]

    def close(self) -> None:
        """End what hangs."""
        self._closing.set()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments: Json = {}
        at, began = self._backend.workspace.now(), asyncio.get_running_loop().time()
        try:
            arguments = await _arguments(request)
            response = await self._respond(request, name, arguments)
        except SlackRefusal as refusal:
            response = _refused(refusal)
        took_s = asyncio.get_running_loop().time() - began
        self._wire.passages.append(of_call(at, took_s, name, arguments, _outcome(request, response)))
        self._backend.workspace.on_change()
        return response

    async def _respond(self, request: web.Request, name: str, arguments: Json) -> web.Response:
        token = _token(request, arguments)
        if name == "apps.connections.open":
            return self._open_connection(request, token)
        method = self._let_in(name, token, arguments)
        self.calls.append(Call(name, arguments))
        self._backend.workspace.on_change()
        if name == "users.info" and self._switches.take("people_hang"):
            await self._closing.wait()
            return web.Response(status=503)
        return self._carry_out(request, name, method, arguments)

    def _let_in(self, name: str, token: str, arguments: Json) -> Method:
        """Return the method if this token may call it."""
        if name not in METHODS:
            raise SlackRefusal("unknown_method")
        if _same(token, self._app_token):
            raise SlackRefusal("not_allowed_token_type")
        if not _same(token, self._bot_token):
            raise SlackRefusal("invalid_auth")
        method = METHODS[name]
        scopes = self._backend.workspace.scopes
        scope = method.scope_for(self._backend.workspace, arguments)
        if scope is not None and scope not in scopes:
            raise SlackRefusal("missing_scope", needed=scope, provided=",".join(sorted(scopes)))
        return method

    def _carry_out(self, request: web.Request, name: str, method: Method, arguments: Json) -> web.Response:
        wait_seconds = self._too_soon(name, str(arguments.get("channel")))
        if wait_seconds is not None:
            headers = {"Retry-After": str(wait_seconds)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if self._fails(name):
            return web.Response(status=500, text="upstream connect error")
        try:
            for switch, (methods, code) in _REFUSALS.items():
                if name in methods and self._switches.take(switch):
                    raise SlackRefusal(code)
            body = method.run(self._backend, arguments)
        except SlackRefusal as refusal:
            return _refused(refusal)
        if name in _DESCRIBING:
            body = self._marked(body)
        if self._switches.take("fatal_error_after_post", name):
            return _refused(SlackRefusal("fatal_error"))
        if self._switches.take("drop_after_post", name) and request.transport is not None:
            request.transport.close()
        scopes = ",".join(sorted(self._backend.workspace.scopes))
        return web.json_response({"ok": True, **body}, headers={"X-OAuth-Scopes": scopes})

    def _fails(self, name: str) -> bool:
        """Tell whether a call meets an error of Slack's own."""
        if self._switches.take("server_error", name):
            return True
        return any(name in methods and self._switches.take(switch) for switch, methods in _FAILURES.items())

    def _too_soon(self, name: str, channel: str) -> int | None:
        """Return the seconds to wait when this call comes too soon, by a switch or by the limits."""
        limited = self._switches.take("rate_limited", name)
        if limited is not None:
            return limited.retry_after
        return self._limits.count(name, channel) if self._switches.take("keep_limits") else None

    def _marked(self, body: Json) -> Json:
        """Return an answer about a person or a channel with the marks that are switched on."""
        marked = dict(body)
        for switch, (about, marks) in _MARKS.items():
            if about in marked and self._switches.take(switch):
                marked[about] = {**marked[about], **marks}
        return marked

    def _open_connection(self, request: web.Request, token: str) -> web.Response:
        """Give out a Socket Mode address; the app token counts in the header only, as Slack's page asks."""
        if not _same(token, self._app_token) or "Authorization" not in request.headers:
            raise SlackRefusal("not_allowed_token_type" if _same(token, self._bot_token) else "invalid_auth")
        if self._switches.take("connections_open_fails"):
            raise SlackRefusal("internal_error")
        if self._switches.take("link_disabled"):
            raise SlackRefusal("access_denied")
        return web.json_response({"ok": True, "url": self._socket_url()})

    async def _answer(self, request: web.Request) -> web.Response:
        """Take an answer through a response_url, which needs no token: knowing the address is enough."""
        at, origin, outcome = self._backend.workspace.now(), None, "ok"
        try:
            body = await _json_object(request)
            origin = self._response_urls.use(request.match_info["token"])
            if self._switches.take("response_url_refused"):
                raise SlackRefusal("used_url")
            answer(self._backend.workspace, origin, body)
            return web.Response(text="ok")
        except SlackRefusal as refusal:
            outcome = refusal.code
            gone = refusal.code in ("invalid_url", "expired_url", "used_url")
            return _refused(refusal, status=404 if gone else 400)
        finally:
            self._wire.passages.append(of_answer(at, origin, outcome))
            self._backend.workspace.on_change()

    async def _upload(self, request: web.Request) -> web.Response:
        """Take a file's bytes, raw or as the first part of a form; this address needs no token either."""
        at, outcome = self._backend.workspace.now(), "ok"
        try:
            data = await _uploaded(request)
            self._backend.files.receive(request.match_info["secret"], data)
            return web.Response(text=f"OK - {len(data)}")
        except SlackRefusal as refusal:
            outcome = refusal.code
            return web.Response(status=404 if outcome == "invalid_url" else 400, text=outcome)
        finally:
            self._wire.passages.append(of_call(at, 0, "upload", {}, outcome))
            self._backend.workspace.on_change()


async def _uploaded(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            return bytes(await part.read(decode=True))
    return b""


async def _arguments(request: web.Request) -> Json:
    """Read a call's arguments from the query, a form or a JSON body."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await _json_object(request)
    else:
        arguments |= dict(await request.post())
    for name in _DOCUMENTS:
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError:
                raise SlackRefusal(f"invalid_{name}_format") from None
    return arguments


async def _json_object(request: web.Request) -> Json:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        raise SlackRefusal("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackRefusal("json_not_object")
    return body


def _token(request: web.Request, arguments: Json) -> str:
    """Take the token out of the header or the arguments, so that it is kept nowhere."""
    given = str(arguments.pop("token", ""))
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else given
    if not token:
        raise SlackRefusal("not_authed")
    return token


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _refused(refusal: SlackRefusal, status: int = 200) -> web.Response:
    body: Json = {"ok": False, "error": refusal.code, **refusal.fields}
    if refusal.details:
        body["response_metadata"] = {"messages": [f"[ERROR] {detail}" for detail in refusal.details]}
    return web.json_response(body, status=status)


def _outcome(request: web.Request, response: web.Response) -> str:
    """Return how a call ended, as the app sees it."""
    if request.transport is None or request.transport.is_closing():
        return "no answer"
    if response.status != 200:
        return str(response.status)
    body = json.loads(response.text or "{}")
    return "ok" if body["ok"] else str(body["error"])
