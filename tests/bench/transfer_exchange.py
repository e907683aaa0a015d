"""A loopback exchange that answers every transfer with the documented success, at once, and says what it was sent.

    python tests/bench/transfer_exchange.py

Prints its port and serves until its standard input ends. It judges nothing while a client is being timed: the last POST
is kept, any other request returns it, and `Seen` judges it afterwards.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from bot.sandbox.signatures import coinw_sign, htx_signature

HTX, COINW = "/v2/account/transfer", "/api/v1/private"
# htx-api.md §2.5, coinw-api.md §3.2.
SUCCESSES = {
    HTX: {"code": 200, "data": 176104252, "message": "Succeed", "success": True},
    COINW: {
        "code": "200",
        "data": {"bizNo": "202611200424150001000020000300"},
        "msg": "SUCCESS",
        "success": True,
        "failed": False,
    },
}
HTX_ASKED = {"from": "spot", "to": "linear-swap", "currency": "usdt", "margin-account": "USDT"}
COINW_ASKED = {"command": "subAccount_transfer", "side": "OUT", "subUid": "39000001", "currency": "USDT"}


def answer(document: object) -> bytes:
    """Return a whole answer, as short as one can be."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


_ANSWERS = {path.encode(): answer(document) for path, document in SUCCESSES.items()}


class Connection(asyncio.Protocol):
    """One kept-alive connection; `seen` is the last POST on any of them."""

    seen = b""

    def __init__(self) -> None:
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        head, whole, body = self._waiting.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)
        if not whole or len(body) < length:
            return
        self._waiting = b""
        method, target, _ = head.split(b" ", 2)
        if method == b"POST":
            Connection.seen = head + whole + body
            self._transport.write(_ANSWERS[target.partition(b"?")[0]])
        else:
            self._transport.write(answer(Connection.seen.decode()))


@dataclass(frozen=True)
class Seen:
    """A transfer as it reached the exchange."""

    path: str
    host: str
    query: dict[str, str]
    body: str

    @classmethod
    def of(cls, request: str) -> Seen:
        """Read a request."""
        head, _, body = request.partition("\r\n\r\n")
        first, *headers = head.split("\r\n")
        named = dict(line.lower().split(": ", 1) for line in headers)
        parts = urlsplit(first.split(" ")[1])
        return cls(parts.path, named["host"], dict(parse_qsl(parts.query)), body)

    @property
    def amount(self) -> str:
        """The amount's own characters: a number in JSON is not put through a float here."""
        if self.path == COINW:
            return self.query["amount"]
        return str(json.loads(self.body, parse_float=str, parse_int=str)["amount"])

    def problem(self, secret: str) -> str:
        """Return what an exchange would have against it, or an empty text: its signature, or what it asks for."""
        if self.path == COINW:
            good = coinw_sign(secret, self.query) == self.query.get("sign")
            asked, wanted = self.query, COINW_ASKED
        else:
            good = htx_signature(secret, "POST", self.host, HTX, self.query.items()) == self.query.get("Signature")
            asked, wanted = json.loads(self.body), HTX_ASKED
        if not good:
            return "its signature is wrong"
        return "" if wanted.items() <= asked.items() else f"it asks for {asked}"


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
