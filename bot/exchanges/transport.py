"""The wire: one request, at most once, within a total deadline and a size limit. The only module that knows httpx.

What a send came to is a value: a complete `Answer`, `NotSent` when no byte of the request was handed to a connection,
`Unknown` for all else. Nothing here retries, follows a redirect, asks the environment for a proxy, keeps a cookie or
says a URL: a signed URL in a log can be used by whoever reads it (htx-api.md §1.6, coinw-api.md §0.3). Requests go to
httpx's transport itself: a client stands above it for redirects, cookies, proxies and hooks, all unwanted here.

httpx's time-outs are per read, so a server that sends one byte every few seconds holds a send open for ever. `_Wire`
therefore sits under httpx's connection pool and cuts every look-up, connect, read and write to what is left of the
deadline. It also sees to it that an answer is one: no byte that was there before the request counts as its answer.
"""

from __future__ import annotations

import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Never
from urllib.parse import urlsplit

import httpcore
import httpx

from bot.errors import ExchangeUnreadable
from bot.exchanges.answers import Answer
from bot.transfers import NotSent, Unknown

SEND_DEADLINE_S = 20.0
READ_DEADLINE_S = 10.0
SEND_BYTES_MAX = 64 * 1024
# A read may be long: HTX's balance lists every coin there is, most of them with zero.
READ_BYTES_MAX = 4 * 1024 * 1024
# Of one address; a host may have several, and the next deserves its turn before the deadline.
CONNECT_S = 5.0
# Shorter than any server's own patience, so that a send does not meet a connection the server is about to close.
KEEPALIVE_S = 5.0

_HEADERS = {
    "User-Agent": "transferdesk",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
}
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_CONNECTING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NEVER_BEGUN = (*_CONNECTING, httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@dataclass(frozen=True)
class Request:
    """One complete request. `url` is sent byte for byte; it is signed, so the repr leaves it out."""

    method: str
    url: str = field(repr=False)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport:
    """One HTTP client for one exchange connection, used by one thread at a time."""

    def __init__(
        self,
        *,
        send_deadline_s: float = SEND_DEADLINE_S,
        read_deadline_s: float = READ_DEADLINE_S,
        send_bytes_max: int = SEND_BYTES_MAX,
        read_bytes_max: int = READ_BYTES_MAX,
    ) -> None:
        _silence_libraries()
        self._send_limits = (send_deadline_s, send_bytes_max)
        self._read_limits = (read_deadline_s, read_bytes_max)
        self._wire = _Wire()
        self._pooled = _PooledTransport(self._wire)

    def send(self, request: Request) -> Answer | NotSent | Unknown:
        """Send once. Whatever goes wrong is in the value; only BaseExceptions such as KeyboardInterrupt pass."""
        return self._exchange(request, *self._send_limits)

    def read(self, request: Request) -> Answer:
        """Send a request that changes nothing.

        Raises:
            ExchangeUnreadable: no complete answer; the text says why, without URL.
        """
        answer = self._exchange(request, *self._read_limits)
        if not isinstance(answer, Answer):
            # Raised here and not in an except clause: no foreign exception, whose text holds the URL, hangs on it.
            raise ExchangeUnreadable(answer.reason)
        return answer

    def close(self) -> None:
        """Close the connections. Only while no call is under way."""
        self._pooled.close()

    def _exchange(self, request: Request, deadline_s: float, bytes_max: int) -> Answer | NotSent | Unknown:
        try:
            built = _built(request, deadline_s)
        except Exception:  # noqa: BLE001 - whatever it is, nothing was sent, and its text may hold the URL
            return NotSent("the request could not be built")
        self._wire.begin(deadline_s)
        try:
            self._pooled.drop_connections_with_surplus()
            response = self._pooled.handle_request(built)
            try:
                answer = _whole(response, bytes_max)
            finally:
                response.close()
            if self._wire.begun and not self._wire.heard:
                return Unknown("the answer was there before the request")
            return answer
        except Exception as failure:  # noqa: BLE001 - an exception after a send must end as Unknown, never get away
            return self._failed(failure, deadline_s)

    def _failed(self, failure: Exception, deadline_s: float) -> NotSent | Unknown:
        """Put a failure in our own words; a library's text may hold the URL and so the signature."""
        if isinstance(failure, _NEVER_BEGUN) and not self._wire.begun:
            could_not = "connect" if isinstance(failure, _CONNECTING) else "send such a request"
            return NotSent(f"could not {could_not}{' in time' if isinstance(failure, httpx.TimeoutException) else ''}")
        match failure:
            case _Unusable():
                return Unknown(failure.reason)
            case httpx.TimeoutException():
                return Unknown(f"no complete answer within {deadline_s:g} s")
            case httpx.NetworkError() | httpx.ProtocolError():
                return Unknown("the connection broke before a complete answer")
            case _:
                return Unknown("an unexpected failure before a complete answer")


class _Unusable(Exception):
    """An answer arrived that may not be read to its end."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _built(request: Request, deadline_s: float) -> httpx.Request:
    """Return a request for httpx's transport, every header of it named here.

    Raises:
        ValueError: httpx would put the URL in order first, and what was signed would no longer be what is sent.
        httpx.InvalidURL: it is no URL.
    """
    url = httpx.URL(request.url)
    target = "/" + request.url.partition("://")[2].partition("/")[2]
    host = host_header(request.url)
    if (host.encode("ascii"), target.encode("ascii")) != (url.netloc, url.raw_path):
        raise ValueError("not a URL that can be sent as it is")
    headers = {"Host": host, **_HEADERS, **request.headers}
    if request.body or request.method != "GET":
        headers["Content-Length"] = str(len(request.body))
    patience = httpx.Timeout(deadline_s, connect=CONNECT_S).as_dict()
    return httpx.Request(
        request.method,
        url,
        headers=headers,
        stream=httpx.ByteStream(request.body),
        extensions={"timeout": patience},
    )


def _whole(response: httpx.Response, bytes_max: int) -> Answer:
    """Read an answer as it is on the wire, up to the limit. What was asked for is `identity`; nothing is unpacked."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise _Unusable("the answer came compressed")
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > bytes_max:
            raise _Unusable(f"the answer is larger than {bytes_max // 1024} KiB")
    # With a length or in chunks, httpx raises when the answer is cut off. Without, its end looks like a cut.
    delimited = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    return Answer(response.status_code, bytes(body), delimited)


class _Wire(httpcore.NetworkBackend):
    """Sockets that keep one deadline for a whole request.

    They know whether the request has begun to leave, and whether anything was heard since.
    """

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()
        self._ends = 0.0
        self.begun = False
        self.heard = False

    def begin(self, deadline_s: float) -> None:
        """Start the clock for the next request."""
        self._ends = time.monotonic() + deadline_s
        self.begun = False
        self.heard = False

    def left(self, timeout: float | None, late: type[Exception]) -> float:
        """Return how long one step may take; raise `late` when the deadline has passed."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise late
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the host's addresses in turn."""
        late: type[Exception] = httpcore.ConnectError
        for address in _addresses(host, port, self.left(None, httpcore.ConnectTimeout)):
            step_s = self.left(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(address, port, step_s, local_address, socket_options)
            except httpcore.ConnectTimeout:
                late = httpcore.ConnectTimeout
            except httpcore.ConnectError:
                late = httpcore.ConnectError
            else:
                return _Stream(stream, self)
        raise late

    def connect_unix_socket(self, *_: object, **__: object) -> Never:
        """Refuse: exchanges are not files."""
        raise httpcore.UnsupportedProtocol


class _Stream(httpcore.NetworkStream):
    """One connection under the wire's deadline.

    A write is one send: our requests are some hundred bytes, far below any socket's buffer.
    """

    def __init__(self, stream: httpcore.NetworkStream, wire: _Wire) -> None:
        self._stream = stream
        self._wire = wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece = self._stream.read(max_bytes, self._wire.left(timeout, httpcore.ReadTimeout))
        self._wire.heard = self._wire.heard or bool(self._wire.begun and piece)
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # httpcore swallows a failed write and reads on, as some servers answer before they close. So time that is
        # up before the first byte is a connect time-out, and from the first byte on nobody can know what left.
        step_s = self._wire.left(timeout, httpcore.WriteTimeout if self._wire.begun else httpcore.ConnectTimeout)
        self._wire.begun = self._wire.begun or bool(buffer)
        self._stream.write(buffer, step_s)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        step_s = self._wire.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, step_s), self._wire)

    def get_extra_info(self, info: str) -> Any:
        # Among others `is_readable`, by which the pool sees that the server closed an idle connection.
        return self._stream.get_extra_info(info)


class _PooledTransport(httpx.HTTPTransport):
    """httpx's own transport over a pool that uses our wire, which httpx has no argument for.

    `HTTPTransport.__init__` does nothing but build that pool, so it is not called: it would load the certificates
    a second time. The pool verifies certificates and host names, speaks HTTP/1.1 and never repeats a connect.
    """

    def __init__(self, wire: _Wire) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(verify=True, trust_env=False),
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=KEEPALIVE_S,
            http1=True,
            http2=False,
            retries=0,
            network_backend=wire,
        )

    def drop_connections_with_surplus(self) -> None:
        """Close a connection on which more came than the last answer: it would be taken for the next one's beginning.

        What still lies in the socket the pool sees by itself. The rest lies in h11's buffer, for which httpcore has
        no window, so this looks inside; whatever else is found there than an empty buffer counts as surplus.
        """
        for connection in self._pool.connections:
            protocol = getattr(getattr(connection, "_connection", None), "_h11_state", None)
            waiting, _ = getattr(protocol, "trailing_data", (None, False))
            if waiting != b"":
                connection.close()


def host_header(url: str) -> str:
    """Return the Host header httpx sends for a URL: lower case, the port only if it is not the scheme's own."""
    parts = urlsplit(url)
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme.lower(), ""))


def _addresses(host: str, port: int, within_s: float) -> list[str]:
    """Look a host up on a thread of its own: the resolver has no time-out, so one that hangs is left behind."""
    found: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError, OverflowError):  # no such name, no name at all, no port
            rows = []
        found.put([str(address[0]) for *_, address in rows])

    threading.Thread(target=look_up, name="name look-up", daemon=True).start()
    try:
        return found.get(timeout=within_s)
    except queue.Empty:
        raise httpcore.ConnectTimeout from None


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _silence_libraries() -> None:
    """Keep URLs and headers out of every log, also where the root logger was set to DEBUG.

    httpx's client writes whole URLs at INFO, httpcore writes response headers, such as a Location that repeats it,
    at DEBUG (htx-api.md §1.6). A logger's level can be set back by whoever configures logging, a filter stays.
    """
    for name in ("httpx", "httpcore", *(f"httpcore.{part}" for part in ("connection", "http11", "proxy"))):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addFilter(_nothing)
