"""Exchanges as a test sets them, and servers that are stopped and clients that are closed at the end of a test."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import respx
from coinw_bench import Bench
from exchange_orders import HurriedClock, coinw, htx
from htx_bench import quiet
from misbehaving_server import Loopback

from bot.exchanges.coinw import CoinwExchange
from bot.exchanges.htx import HtxExchange
from bot.exchanges.transport import Transport
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.lookalike import Lookalike

SUBS = {"39000001": SubAccount("u1", "anna@example.com"), "39000002": SubAccount("u2", "ben@example.com")}


@pytest.fixture
def loopback() -> Iterator[Callable[..., Loopback]]:
    """Start servers that are stopped at the end of the test."""
    servers: list[Loopback] = []

    def start(answer: Callable[[socket.socket, bytes], bool | None]) -> Loopback:
        servers.append(Loopback(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport that loses patience quickly."""
    transport = Transport(send_deadline_s=0.4, read_deadline_s=0.3, read_bytes_max=64 * 1024)
    yield transport
    transport.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop on a thread of its own, as the sandbox has one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def start(loop: asyncio.AbstractEventLoop, lookalike: Lookalike) -> str:
    return asyncio.run_coroutine_threadsafe(lookalike.start(), loop).result()


@pytest.fixture
def clock() -> HurriedClock:
    """The clock of both sides."""
    return HurriedClock()


@pytest.fixture
def htx_pair(loop, transport, clock) -> Iterator[tuple[HtxLookalike, HtxExchange]]:
    lookalike = HtxLookalike(
        clock,
        "test-access-key-0001",
        "test-secret-key-0001",
        63628520,
        {"spot": {"USDT": "1000"}, "linear-swap": {"USDT": "50"}},
    )
    yield lookalike, htx(start(loop, lookalike), transport, clock=clock)
    asyncio.run_coroutine_threadsafe(lookalike.stop(), loop).result()


@pytest.fixture
def coinw_pair(loop, transport, clock) -> Iterator[tuple[CoinwLookalike, CoinwExchange]]:
    lookalike = CoinwLookalike(
        clock,
        "test_api_key",
        "test_secret_key",
        38000000,
        SUBS,
        {"master": {"USDT": "500"}, "39000001": {"USDT": "20"}},
    )
    yield lookalike, coinw(start(loop, lookalike), transport, clock=clock)
    asyncio.run_coroutine_threadsafe(lookalike.stop(), loop).result()


@pytest.fixture(name="coinw")
def coinw_bench() -> Iterator[Bench]:
    """CoinW with two transfers on record."""
    bench = Bench()
    with respx.mock:
        respx.route().mock(side_effect=bench.answer)
        yield bench


@pytest.fixture
def exchange() -> Iterator[dict[str, Any]]:
    """HTX on which nothing happened; a test replaces an answer (a document, a list of them in turn, or a Response)."""
    answers: dict[str, Any] = quiet()

    def answer(request: httpx.Request) -> httpx.Response:
        given = answers[request.url.path]
        if isinstance(given, list):
            given = given.pop(0)
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, content=json.dumps(given))

    with respx.mock:
        respx.route().mock(side_effect=answer)
        yield answers
