"""The wires: requests of the real adapters and the real Slack client, carried to the look-alikes in plain calls."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import ExchangeUnreadable
from bot.exchanges.answers import Answer
from bot.exchanges.transport import Request, host_header
from bot.sandbox.faults import SCRIPTS, Ending
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_backend import Backend
from bot.sandbox.slack_methods import METHODS
from bot.sandbox.slack_workspace import SlackRefusal
from bot.sandbox.wire import Answer as WireAnswer
from bot.sandbox.wire import Call
from bot.transfers import NotSent, Unknown
from handlers.roll import ASK_MAX_S

if TYPE_CHECKING:
    from simulation.world import World

SEND_S, READ_S, SLACK_S = 0.2, 0.1, 0.1
SEND_DEADLINE_S, READ_DEADLINE_S, SLACK_DEADLINE_S = 20.0, 10.0, 30.0
ASKING = frozenset({"users.info", "conversations.info"})

# Beside the look-alikes' own scripts: never reached, and executed only after the desk gave up waiting.
UNREACHABLE, EXECUTED_LATE = "unreachable", "executed_late"
SEND_FAULTS = (*sorted(SCRIPTS), UNREACHABLE, EXECUTED_LATE)
READ_FAULTS = ("timeout", "http_500", "html", "http_429")
# Whether Slack carried the call out before it went wrong.
SLACK_FAULTS: Mapping[str, bool] = {
    "unreachable": False,
    "timeout_before": False,
    "limited": False,
    "http_500": False,
    "internal_error": False,
    "drop_after": True,
    "timeout_after": True,
    "http_500_after": True,
    "fatal_error_after": True,
}


class ExchangeWire:
    """Stands in for `bot.exchanges.transport.Transport`: one request, at most once, to a look-alike.

    Attributes:
        send_faults, read_faults: what the next requests meet.
    """

    def __init__(self, world: World, lookalike: Lookalike) -> None:
        self._world = world
        self._lookalike = lookalike

    def send(self, request: Request) -> Answer | NotSent | Unknown:
        world, lookalike = self._world, self._lookalike
        transfer_id = world.books.note_send(lookalike.name, world.true.now())
        world.points("before a send")
        faults = world.send_faults[lookalike.name]
        fault = faults.popleft() if faults else ""
        if fault:
            world.log(f"  fault at {lookalike.name}: {fault}")
        world.meanwhile("before a send")
        if fault == UNREACHABLE:
            world.pass_time(SEND_S)
            return NotSent("could not connect")
        call = self._call(request)
        if fault == EXECUTED_LATE:
            world.hold(lookalike, call, transfer_id)
            world.pass_time(SEND_DEADLINE_S)
            world.points("after a send")
            return Unknown("no complete answer within 20 s")
        script = SCRIPTS.get(fault)
        executes = script is None or script.executes
        answer = world.books.execute(lookalike, call, transfer_id) if executes else WireAnswer("")
        world.points("after a send")
        world.meanwhile("after a send")
        return self._ending(fault, call, answer)

    def _ending(self, fault: str, call: Call, answer: WireAnswer) -> Answer | Unknown:
        script = SCRIPTS.get(fault)
        if script is None:
            self._world.pass_time(SEND_S)
            return _read(answer)
        match script.ending:
            case Ending.HANG:
                self._world.pass_time(SEND_DEADLINE_S)
                return Unknown("no complete answer within 20 s")
            case Ending.DROP:
                self._world.pass_time(SEND_S)
                return Unknown("the connection broke before a complete answer")
            case Ending.LATE:
                self._world.pass_time(8.0)
                return _read(answer)
        self._world.pass_time(SEND_S)
        return _read(script.answer(call, answer))

    def read(self, request: Request) -> Answer:
        world, lookalike = self._world, self._lookalike
        world.points("before a read")
        world.meanwhile("before a read")
        faults = world.read_faults[lookalike.name]
        fault = faults.popleft() if faults else ""
        if fault == "timeout":
            world.pass_time(READ_DEADLINE_S)
            raise ExchangeUnreadable("no complete answer within 10 s")
        world.pass_time(READ_S)
        if fault == "http_500":
            return Answer(500, b"upstream connect error")
        if fault == "html":
            return Answer(502, b"<html><body>Bad gateway</body></html>")
        if fault == "http_429":
            return Answer(429, b"Too Many Requests")
        answer = lookalike.answer(self._call(request))
        world.points("after a read")
        return _read(answer)

    def close(self) -> None:
        """Nothing is open."""

    def _call(self, request: Request) -> Call:
        parts = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers["host"] = host_header(request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return Call(self._world.true.now(), request.method, target, headers, request.body, "127.0.0.1")


def _read(answer: WireAnswer) -> Answer:
    return Answer(answer.status, answer.body.encode())


class SlackWire(AsyncWebClient):
    """The real client, whose calls reach the local Slack's methods without a socket.

    Attributes:
        faults: what the next posts, edits and look-ups meet.
        ask_faults: what the next questions after a person or a channel meet.
        down: nothing reaches Slack.
    """

    def __init__(self, points: Callable[[str], None], backend: Backend, log: Callable[[str], None]) -> None:
        super().__init__(token="xoxb-simulated", base_url="http://127.0.0.1:9/api/", retry_handlers=[])
        self.faults: deque[str] = deque()
        self.ask_faults: deque[str] = deque()
        self.down = False
        self.rest_s = 5
        self.wait: Callable[[float], None] = lambda seconds: None
        self.before: Callable[[str, dict[str, Any]], None] = lambda method, arguments: None
        self._points = points
        self._backend = backend
        self._log_line = log

    async def api_call(self, api_method: str, **request: Any) -> AsyncSlackResponse:  # type: ignore[override]
        parts = (request.get(name) or {} for name in ("data", "params", "json"))
        given = {name: value for part in parts for name, value in part.items() if value is not None}
        arguments = json.loads(json.dumps(given))
        self._points(f"before {api_method}")
        self.before(api_method, arguments)
        self.wait(SLACK_S)
        faults = self.ask_faults if api_method in ASKING else self.faults
        fault = "unreachable" if self.down else faults.popleft() if faults else ""
        if fault:
            self._log_line(f"  fault at Slack: {fault} of {api_method}")
        done: dict[str, Any] = {}
        if SLACK_FAULTS.get(fault, True):
            done = self._carry_out(api_method, arguments)
            self._points(f"after {api_method}")
        return self._ending(fault, api_method, done)

    def _carry_out(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method not in METHODS:
            return {"ok": False, "error": "unknown_method"}
        scope = METHODS[method].scope_for(self._backend.workspace, arguments)
        if scope is not None and scope not in self._backend.workspace.scopes:
            return {"ok": False, "error": "missing_scope"}
        try:
            return {"ok": True, **METHODS[method].run(self._backend, arguments)}
        except SlackRefusal as refusal:
            return {"ok": False, "error": refusal.code}

    def _ending(self, fault: str, method: str, done: dict[str, Any]) -> AsyncSlackResponse:
        match fault:
            case "unreachable":
                raise aiohttp.ClientConnectionError
            case "drop_after":
                raise aiohttp.ServerDisconnectedError
            case "timeout_before" | "timeout_after":
                self.wait(ASK_MAX_S if method in ASKING else SLACK_DEADLINE_S)
                raise TimeoutError
            case "http_500" | "http_500_after":
                # For a body that is no JSON the SDK hands on aiohttp's own response.
                raise SlackApiError("a body that is no JSON", SimpleNamespace(status=500, headers={}))
            case "limited":
                return self._answer(
                    method, {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": f"{self.rest_s}"}
                )
            case "internal_error" | "fatal_error_after":
                return self._answer(method, {"ok": False, "error": fault.removesuffix("_after")})
        return self._answer(method, done)

    def _answer(
        self, method: str, data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> AsyncSlackResponse:
        response = AsyncSlackResponse(
            client=self,
            http_verb="POST",
            api_url=method,
            req_args={},
            data=data,
            headers=headers or {},
            status_code=status,
        )
        return response.validate()
