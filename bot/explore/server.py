"""Serving a snapshot with Datasette: on loopback, to whoever has the link, with nothing that leaves this machine.

Datasette itself looks at no Host header and lets anybody read who reaches its port. So a request must name a loopback
host, which a page elsewhere on the web cannot make a browser do (DNS rebinding), and Datasette's own one-time link
must have been opened, which other people on this machine cannot.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.errors import StartError
from bot.explore.pages import metadata

HOW = "For this install Datasette: `pip install --require-hashes -r requirements-explore.lock`."

HOST = "127.0.0.1"

_SETTINGS = {
    "allow_download": False,
    "allow_csv_stream": False,
    # A million events are more than a second's work.
    "sql_time_limit_ms": 20_000,
    "max_returned_rows": 5_000,
    "facet_time_limit_ms": 1_000,
    "num_sql_threads": 2,
}

# Datasette's pages have scripts of their own in them, and Vega compiles its formulas; but nothing is loaded from or
# sent to anywhere else.
_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_installed() -> bool:
    """Tell whether the extra is there."""
    return all(find_spec(name) is not None for name in ("datasette", "datasette_dashboards", "uvicorn"))


def serve(snapshot: Path, port: int, taken: str, say: Callable[[str], None]) -> None:
    """Serve a snapshot until SIGINT, SIGTERM or SIGHUP.

    Args:
        port: 0 takes a free one.
        taken: when the snapshot was made, for people.
        say: is given the link that opens the pages, once they are served.

    Raises:
        StartError: the port cannot be had.
    """
    with _listening(port) as listener, _stopped_by_signals():
        try:
            asyncio.run(_serve(snapshot, listener, taken, say))
        except KeyboardInterrupt:
            return


async def _serve(snapshot: Path, listener: socket.socket, taken: str, say: Callable[[str], None]) -> None:
    import uvicorn

    site, path = build(snapshot, taken)
    number = listener.getsockname()[1]
    config = uvicorn.Config(guarded(site, number), log_level="error", access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    # The port listens already: whoever opens the link at once waits until the pages are there.
    say(f"http://{HOST}:{number}{path}")
    await serving


def build(snapshot: Path, taken: str) -> tuple[App, str]:
    """Return Datasette over a snapshot, and the path that lets one browser in, once."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    from bot.explore import exact

    if not pm.is_registered(exact):
        pm.register(exact, exact.__name__)
    site = Datasette([], immutables=[str(snapshot)], metadata=metadata(taken), settings=_SETTINGS)
    # Datasette's own `--root` reads the same attribute for the link it prints.
    return site.app(), f"/-/auth-token?token={site._root_token}"


def guarded(app: App, port: int) -> App:
    """Let nobody in who came by another name, send our headers with every answer, and give out no CSV.

    What people typed may begin like a formula; the desk's own exports write it so that a spreadsheet does not run it.
    """
    hosts = [[f"{name}:{port}".encode()] for name in (HOST, "localhost")]

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif [value for name, value in scope["headers"] if name == b"host"] not in hosts:
            await _refuse(send, b"This page answers on this machine's own address only.\n")
        elif scope["path"].lower().endswith(".csv"):
            await _refuse(send, b"For a file use `transferdesk audit export`, or `/transfer export` in Slack.\n")
        else:
            await app(scope, receive, _with_headers(send))

    return guard


def _with_headers(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *_HEADERS]}
        await send(message)

    return answer


async def _refuse(send: Send, why: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *_HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": why})


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise StartError(f"port {port} cannot be used ({error.strerror}); choose another with --port") from None
        listener.listen()
        yield listener


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Make every polite end one that cleans up: the copy of the journal must not outlive us."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
