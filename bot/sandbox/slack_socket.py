"""Socket Mode: tickets, WebSocket connections, envelopes and their acks (slack.md §1.6).

Slack gives out an address with a single-use ticket, says hello on the connection it opens, and sends each envelope on
any one of the app's connections. An envelope not acked within 3 s counts as failed for the person; its late ack, and
a second ack of an envelope sent twice, are only remembered.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.sandbox.slack_switches import Switches
from bot.sandbox.slack_workspace import KEPT_MAX, Json

CONNECTIONS_MAX = 10
PING_SECONDS = 10.0

TIMED_OUT = "operation_timeout"
NOT_DELIVERED = "dispatch_failed"


@dataclass(frozen=True)
class Ack:
    """The app's word that it has an envelope, with what it answers at once, seconds after the act."""

    seconds: float
    payload: Json


@dataclass
class Act:
    """Something a person did, and what came of it at the socket.

    Attributes:
        envelope: what was sent to the app; holds the trigger id and the response URL.
        acks: every ack that came, late and repeated ones too.
        failure: why Slack told the person that it failed: `operation_timeout`, `dispatch_failed`, or nothing.
    """

    envelope: Json = field(repr=False)
    acks: list[Ack] = field(default_factory=list)
    failure: str | None = None

    @property
    def acked(self) -> bool:
        """Whether the app acked in time."""
        return self.failure is None and bool(self.acks)

    @property
    def seconds(self) -> float | None:
        """How long the first ack took."""
        return self.acks[0].seconds if self.acks else None

    @property
    def payload(self) -> Json:
        """What the first ack carried; empty when it carried nothing."""
        return self.acks[0].payload if self.acks else {}


@dataclass(eq=False)
class Connection:
    """One open WebSocket. A retiring one gets nothing more while there is another."""

    socket: web.WebSocketResponse
    request: web.Request
    retiring: bool = False


@dataclass(eq=False)
class _Delivery:
    act: Act
    sent_at: float
    first_ack: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """Every connection of the app, and every envelope on its way.

    Attributes:
        handshakes_refused: how often the app came with an address that does not work.
    """

    def __init__(
        self, app_id: str, switches: Switches, changed: Callable[[], None], *, ack_seconds: float = 3.0
    ) -> None:
        """Take what to call on every change, and how long an ack may take."""
        self.handshakes_refused = 0
        self._app_id = app_id
        self._switches = switches
        self._changed = changed
        self._ack_seconds = ack_seconds
        self._tickets: dict[str, bool] = {}  # ticket → whether it will ever work
        self._connections: list[Connection] = []
        self._turn = 0
        self._deliveries: OrderedDict[str, _Delivery] = OrderedDict()

    @property
    def connections(self) -> int:
        """How many connections the app has open, retiring ones not counted."""
        return sum(not connection.retiring for connection in self._connections)

    def new_ticket(self) -> str:
        """Give out a ticket for one handshake."""
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = self._switches.take("dead_ticket") is None
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from handshake to close."""
        ticket = request.match_info["ticket"]
        if self._switches.take("dead_tickets") or self._tickets.get(ticket) is False:
            return self._refuse(503)
        if self._tickets.pop(ticket, None) is None:
            return self._refuse(403)
        socket = web.WebSocketResponse(heartbeat=PING_SECONDS)
        await socket.prepare(request)
        connection = Connection(socket, request)
        if self.connections >= CONNECTIONS_MAX or self._switches.take("too_many_websockets"):
            await self._say_disconnect(connection, "too_many_websockets")
            await socket.close()
            return socket
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._changed()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take_ack(message.data)
        except ConnectionError:
            pass  # the app went away; that it is gone is what the list of connections says
        finally:
            self._connections.remove(connection)
            self._changed()
        return socket

    async def deliver(self, envelope: Json) -> Act:
        """Send an envelope and wait for its ack, as long as Slack would."""
        act = Act(envelope)
        delivery = _Delivery(act, asyncio.get_running_loop().time())
        self._deliveries[envelope["envelope_id"]] = delivery
        if len(self._deliveries) > KEPT_MAX:
            self._deliveries.popitem(last=False)
        if self._switches.take("lose_delivery") is None:
            copies = 2 if self._switches.take("deliver_twice") else 1
            sent = [await self._send(envelope) for _ in range(copies)]
            if not any(sent):
                act.failure = NOT_DELIVERED
                return act
        try:
            async with asyncio.timeout(self._ack_seconds):
                await delivery.first_ack.wait()
        except TimeoutError:
            act.failure = TIMED_OUT
        return act

    async def redeliver(self, act: Act) -> bool:
        """Send an old act's envelope once more, as reported of Slack (slack.md §1.5); its ack is added to the act."""
        return await self._send(act.envelope)

    async def disconnect(self, reason: str) -> None:
        """Tell the app to leave: `warning`, `refresh_requested`, or `link_disabled`, which also closes at once."""
        for connection in list(self._connections):
            connection.retiring = True
            await self._say_disconnect(connection, reason)
            if reason == "link_disabled":
                await connection.socket.close()
        self._changed()

    def reset(self) -> None:
        """Cut every connection off without a close frame, as a broken network does."""
        for connection in self._connections:
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self._connections):
            await connection.socket.close()

    def _refuse(self, status: int) -> web.Response:
        self.handshakes_refused += 1
        self._changed()
        return web.Response(status=status)

    async def _send(self, envelope: Json) -> bool:
        """Send on any one connection, in turn; False when there is none that takes it."""
        candidates = [each for each in self._connections if not each.retiring] or list(self._connections)
        self._turn += 1
        for offset in range(len(candidates)):
            connection = candidates[(self._turn + offset) % len(candidates)]
            try:
                await connection.socket.send_json(envelope)
            except ConnectionError:
                continue
            return True
        return False

    def _take_ack(self, text: str) -> None:
        """Write an ack down; what is no ack of ours is ignored, as Slack does."""
        try:
            said = json.loads(text)
            delivery = self._deliveries[said["envelope_id"]]
        except (ValueError, KeyError, TypeError):
            return
        if self._switches.take("lose_ack"):
            return
        waited = asyncio.get_running_loop().time() - delivery.sent_at
        delivery.act.acks.append(Ack(waited, said.get("payload") or {}))
        delivery.first_ack.set()
        self._changed()

    async def _say_disconnect(self, connection: Connection, reason: str) -> None:
        try:
            await connection.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )
        except ConnectionError:
            connection.retiring = True

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }
