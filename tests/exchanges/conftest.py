"""Servers that are stopped and clients that are closed at the end of a test."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from misbehaving_server import Loopback

from bot.exchanges.transport import Transport


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
