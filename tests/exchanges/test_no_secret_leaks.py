"""Whatever goes wrong, neither key nor signature is in a log, an exception, a traceback, an outcome or a repr."""

from __future__ import annotations

import gc
import logging
import socket
import traceback
from collections.abc import Callable, Iterator

import pytest
from exchange_orders import StillClock, coinw, htx, order
from misbehaving_server import reply

from bot.accounts import Account
from bot.errors import ExchangeUnreadable
from bot.evidence import Snapshot
from bot.exchanges.transport import Transport

SECRETS = (
    "test-access-key-0001",
    "test-secret-key-0001",
    "test_api_key",
    "test_secret_key",
    "Signature=",
    "AccessKeyId",
    "sign=",
    "api_key=",
)

SENT_AT = StillClock().now()


class Capture(logging.Handler):
    """Every record as it would be written, traceback and all, also when the code that logs is careless."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {record.__dict__!r}")


@pytest.fixture
def log(transport: Transport) -> Iterator[Capture]:
    """The root logger at DEBUG, and after the transport the libraries' own, as a careless operator would set them."""
    root, capture = logging.getLogger(), Capture()
    before = root.level
    names = ["httpx", "httpcore", *(name for name in logging.root.manager.loggerDict if name.startswith("httpcore."))]
    levels = {name: logging.getLogger(name).level for name in names}
    root.setLevel(logging.DEBUG)
    root.addHandler(capture)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield capture
    root.removeHandler(capture)
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def echoing(status: str) -> Callable[[socket.socket, bytes], None]:
    """Answer with the signed request line itself, in a header and in every field of the body."""

    def answer(connection: socket.socket, request: bytes) -> None:
        target = request.split(b" ")[1].decode()
        body = f'{{"code":1301,"message":"{target}","msg":"{target}","success":false,"data":null}}'.encode()
        connection.sendall(reply(body, status, f"Location: {target}\r\nX-Request: {target}\r\n"))

    return answer


FAILURES: dict[str, Callable[[socket.socket, bytes], object]] = {
    "echo": echoing("200 OK"),
    "echo 400": echoing("400 Bad Request"),
    "echo 500": echoing("500 Error"),
    "redirect": echoing("302 Found"),
    "drop": lambda *_: False,
    "half": lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") or False,
    "garbage": lambda connection, _: connection.sendall(b"garbage\r\n\r\n") or False,
    "page": lambda connection, _: connection.sendall(reply(b"<html>", "403 Forbidden")),
    "large": lambda connection, _: connection.sendall(reply(b"x" * 70_000)),
    "deep": lambda connection, _: connection.sendall(reply(b"[" * 60_000)),
    "packed": lambda connection, _: connection.sendall(reply(b"x", headers="Content-Encoding: br\r\n")),
}


@pytest.mark.parametrize("failure", [*FAILURES, "hang", "refused"])
def test_no_failure_says_a_secret(loopback, log, transport, failure):
    server = loopback(FAILURES.get(failure, lambda *_: server.stopping.wait()))
    if failure == "refused":
        with socket.create_server(("127.0.0.1", 0)) as unused:
            server.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    said: list[str] = []
    for exchange, asked in (
        (htx(server.url, transport), order("htx:spot -> htx:otc")),
        (coinw(server.url, transport), order("coinw:master -> coinw:39000001")),
    ):
        outcome = exchange.transfer(asked)
        said += [repr(outcome), repr(exchange), str(vars(exchange))]
        logging.getLogger("desk").info("%s %r", outcome, exchange)
        said.append(repr(exchange.probe(frozenset({Account("htx", "spot")}))))
        for read in (exchange.snapshot, lambda order, desk=exchange: desk.look(order, SENT_AT, Snapshot({}))):
            try:
                said.append(repr(read(asked)))
            except ExchangeUnreadable as problem:
                said += ["".join(traceback.format_exception(problem)), repr(problem.__context__)]
                logging.getLogger("desk").exception("cannot read")
    assert log.lines
    for text in (*said, *log.lines):
        for secret in SECRETS:
            assert secret not in text
    gc.collect()


@pytest.mark.parametrize("library", ["httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy"])
def test_no_library_that_sends_says_anything(log, library):
    """Neither does httpx's client, which writes whole URLs, should anything in the process ever use one."""
    logging.getLogger(library).critical("HTTP Request: POST https://api.huobi.pro?Signature=x")
    assert not log.lines


def test_the_libraries_would_have_said_it(loopback, log, transport, monkeypatch):
    """The test above can fail: without the filter httpcore writes the headers of the answer."""
    server = loopback(echoing("302 Found"))
    monkeypatch.setattr(logging.getLogger("httpcore.http11"), "filters", [])
    htx(server.url, transport).transfer(order("htx:spot -> htx:otc"))
    assert any("Signature=" in line for line in log.lines)
