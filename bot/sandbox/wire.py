"""What a look-alike is asked and what it answers, as plain values, so that judging a request needs no socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from aiohttp import web


@dataclass(frozen=True)
class Call:
    """One request as it stood on the wire.

    The target and the headers hold a key and a signature, so they stay out of the repr.

    Attributes:
        target: path and query exactly as sent, not decoded.
        headers: names in lower case; of repeated headers the last one.
        remote: the caller's IP address.
    """

    at: datetime
    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""
    remote: str = ""

    @classmethod
    async def read(cls, request: web.Request, at: datetime) -> Call:
        """Read a request to its end."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        return cls(at, request.method, request.raw_path, headers, await request.read(), request.remote or "")

    @property
    def path(self) -> str:
        """The target up to the question mark, as sent."""
        return self.target.partition("?")[0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query's parameters, decoded, in the order sent.

        A bare `+` becomes a space, as on the exchanges' servers: an unencoded base64 signature must fail here too.
        """
        query = self.target.partition("?")[2]
        split = (piece.partition("=") for piece in query.split("&") if piece)
        return [(unquote_plus(name), unquote_plus(value)) for name, _, value in split]

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters by name; of repeated ones the last."""
        return dict(self.pairs)

    @property
    def has_json_type(self) -> bool:
        """Whether the body is announced as JSON."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


@dataclass(frozen=True)
class Answer:
    """One response. `headers` are beside Content-Type."""

    body: str
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, document: object, status: int = 200, content_type: str = "application/json") -> Answer:
        """Answer with a JSON document, without spaces and with foreign scripts unescaped, as both exchanges do."""
        return cls(json.dumps(document, ensure_ascii=False, separators=(",", ":")), status, content_type)

    def response(self) -> web.Response:
        """Return this as aiohttp sends it."""
        return web.Response(
            text=self.body, status=self.status, content_type=self.content_type, headers=dict(self.headers)
        )
