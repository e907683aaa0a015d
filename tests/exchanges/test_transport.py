"""The wire against real sockets: deadlines, limits, lost connections, and what leaves this machine at all."""

from __future__ import annotations

import socket
import threading
import time

import h11
import pytest
from exchange_orders import htx, order
from misbehaving_server import reply

from bot.errors import ExchangeUnreadable
from bot.exchanges.answers import Answer
from bot.exchanges.transport import Request, Transport
from bot.transfers import Accepted, NotSent, Refused, Unknown

SUCCESS = b'{"code":200,"data":176104252,"message":"Succeed","success":true}'
REFUSAL = b'{"code":1301,"data":null,"message":"Insufficient amount available.","success":false}'
ORDER = order("htx:spot -> htx:otc")
LOST = Unknown("the connection broke before a complete answer")
LATE = Unknown("no complete answer within 0.4 s")


def post(url: str) -> Request:
    return Request("POST", f"{url}/v2/account/transfer?Signature=abc%2Fdef%3D", b"{}")


def test_the_url_and_body_are_sent_byte_for_byte(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    assert htx(server.url, transport).transfer(ORDER) == Accepted("176104252")
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0].startswith(
        b"POST /v2/account/transfer?AccessKeyId=test-access-key-0001&SignatureMethod=HmacSHA256"
        b"&SignatureVersion=2&Timestamp=2026-11-20T04%3A24%3A15&Signature="
    )
    assert f"Host: 127.0.0.1:{server.port}".encode() in lines
    assert b"User-Agent: transferdesk" in lines
    assert b"Accept-Encoding: identity" in lines
    assert body == b'{"from":"spot","to":"otc","currency":"usdt","amount":"10"}'


def test_a_server_that_never_answers_is_unknown_at_the_deadline(loopback, transport):
    server = loopback(lambda *_: server.stopping.wait())
    began = time.monotonic()
    assert transport.send(post(server.url)) == LATE
    assert 0.3 < time.monotonic() - began < 2
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n", b"1"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n1\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    ],
    ids=["header", "headers", "interim answers", "body", "chunks", "endless body"],
)
def test_a_server_that_drips_does_not_outlast_the_deadline(loopback, transport, head, piece):
    server = loopback(lambda connection, _: server.drip(connection, head, piece))
    began = time.monotonic()
    assert transport.send(post(server.url)) == LATE
    assert time.monotonic() - began < 2


def test_a_read_has_its_own_deadline(loopback, transport):
    server = loopback(lambda connection, _: server.drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"))
    with pytest.raises(ExchangeUnreadable, match=r"^no complete answer within 0\.3 s$"):
        transport.read(Request("GET", server.url))


@pytest.mark.parametrize("head", [b"Content-Length: 70000\r\n\r\n", b"\r\n"], ids=["announced", "endless"])
def test_an_answer_over_64_kib_is_unknown(loopback, transport, head):
    server = loopback(lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b" " * 70000) or False)
    assert transport.send(post(server.url)) == Unknown("the answer is larger than 64 KiB")


def test_an_answer_of_64_kib_is_read(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(b"x" * 65536)))
    assert transport.send(post(server.url)) == Answer(200, b"x" * 65536)


def test_endless_headers_are_unknown(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000) or False)
    assert transport.send(post(server.url)) == LOST


def test_a_compressed_answer_is_unknown(loopback, transport):
    packed = reply(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")
    server = loopback(lambda connection, _: connection.sendall(packed))
    assert transport.send(post(server.url)) == Unknown("the answer came compressed")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=repr,
)
def test_a_connection_lost_after_sending_is_unknown(loopback, transport, answer):
    server = loopback(lambda connection, _: connection.sendall(answer) or False)
    assert transport.send(post(server.url)) == LOST
    assert len(server.requests) == 1


def test_a_reset_after_sending_is_unknown(loopback, transport):
    def reset(connection: socket.socket, _: bytes) -> bool:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        return False

    server = loopback(reset)
    assert transport.send(post(server.url)) == LOST
    assert server.connections == 1


def test_nobody_listening_is_not_sent(loopback, transport):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert transport.send(post(f"http://127.0.0.1:{port}")) == NotSent("could not connect")
    with pytest.raises(ExchangeUnreadable, match=r"^could not connect$"):
        transport.read(Request("GET", f"http://127.0.0.1:{port}"))


def test_a_tls_handshake_that_hangs_is_not_sent_and_no_byte_of_the_request_leaves(loopback, transport):
    server = loopback(lambda *_: False)
    assert transport.send(post(server.url.replace("http:", "https:"))) == NotSent("could not connect in time")
    assert server.closed.wait(2)
    assert server.incomplete.startswith(b"\x16\x03")  # the client's hello, a TLS handshake record
    assert b"Signature" not in server.incomplete


def test_a_server_that_speaks_no_tls_is_not_sent(transport):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        assert transport.send(post(url)) == NotSent("could not connect")
        thread.join()


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "127.0.0.1/x", "http://[", "", "http://127.0.0.1:99999/"])
def test_a_url_that_is_none_is_not_sent(transport, url):
    assert isinstance(transport.send(Request("POST", url)), NotSent)


@pytest.mark.parametrize(
    "rest",
    ["/x#y", "/x y", "/x\n", "/\u00fc", "/x/../y", '/x?y="', "?x", "\\x", "@127.0.0.1/x"],
)
def test_what_could_not_be_sent_byte_for_byte_is_not_sent(loopback, transport, rest):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    assert transport.send(Request("POST", server.url + rest)) == NotSent("the request could not be built")
    assert not server.connections


def test_a_header_that_is_not_ascii_is_not_sent(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    request = Request("POST", server.url, headers={"X": "\u00fc"})
    assert transport.send(request) == NotSent("the request could not be built")
    assert not server.connections


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(loopback, transport, status):
    target = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    redirect = reply(b"", status, f"Location: {target.url}/elsewhere\r\n")
    server = loopback(lambda connection, _: connection.sendall(redirect))
    outcome = htx(server.url, transport).transfer(ORDER)
    assert outcome == Unknown(f"the exchange answered HTTP {status[:3]}")
    assert len(server.requests) == 1
    assert not target.requests


def test_a_503_is_sent_once(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(b"", "503 Busy", "Retry-After: 0\r\n")) or False)
    assert isinstance(htx(server.url, transport).transfer(ORDER), Unknown)
    assert len(server.requests) == 1


def test_a_proxy_in_the_environment_is_ignored(loopback, monkeypatch):
    proxy = loopback(lambda connection, _: connection.sendall(reply(b"proxied")))
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv(name.lower(), proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    transport = Transport(send_deadline_s=2)
    assert transport.send(post(server.url)) == Answer(200, SUCCESS)
    assert not proxy.connections
    transport.close()


def test_one_connection_serves_the_snapshot_and_the_send(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    transport.read(Request("GET", server.url))
    assert isinstance(transport.send(post(server.url)), Answer)
    assert server.connections == 1


def test_a_connection_the_server_closed_meanwhile_is_not_used_for_the_send(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)) or False)
    transport.read(Request("GET", server.url))
    assert server.closed.wait(2)
    assert isinstance(transport.send(post(server.url)), Answer)
    assert server.connections == 2
    assert len(server.requests) == 2


def answers_the_read_with(surplus: bytes):
    """Answer a GET, with `surplus` behind the answer in the same segment, and carry out a POST."""

    def answer(connection: socket.socket, request: bytes) -> None:
        connection.sendall(reply(SUCCESS) if request.startswith(b"POST") else reply() + surplus)

    return answer


@pytest.mark.parametrize("surplus", [reply(REFUSAL), reply(REFUSAL)[:-20], b"H", b"\n"], ids=len)
def test_bytes_behind_the_snapshots_answer_are_not_the_answer_to_the_send(loopback, transport, surplus):
    server = loopback(answers_the_read_with(surplus))
    transport.read(Request("GET", server.url))
    assert transport.send(post(server.url)) == Answer(200, SUCCESS)
    assert server.connections == 2
    assert len(server.requests) == 2


def test_bytes_that_follow_the_snapshots_answer_later_are_not_the_answer_to_the_send(loopback, transport):
    connections: list[socket.socket] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        connections.append(connection)
        connection.sendall(reply(SUCCESS) if request.startswith(b"POST") else reply())

    server = loopback(answer)
    transport.read(Request("GET", server.url))
    connections[0].sendall(reply(REFUSAL))
    assert transport.send(post(server.url)) == Answer(200, SUCCESS)
    assert server.connections == 2


def test_an_answer_of_which_no_byte_was_read_after_the_send_is_unknown(loopback, transport, monkeypatch):
    """Even if h11 did not tell of bytes in its buffer."""
    monkeypatch.setattr(h11.Connection, "trailing_data", property(lambda _: (b"", False)))
    server = loopback(answers_the_read_with(reply(REFUSAL)))
    transport.read(Request("GET", server.url))
    assert transport.send(post(server.url)) == Unknown("the answer was there before the request")


@pytest.mark.parametrize(
    ("framing", "delimited"),
    [
        (b"Content-Length: 2\r\n\r\n{}", True),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"\r\n{}", False),
    ],
    ids=["length", "chunks", "neither"],
)
def test_an_answer_that_ends_with_its_connection_is_known_as_one(loopback, transport, framing, delimited):
    server = loopback(lambda connection, _: connection.sendall(b"HTTP/1.1 429 Slow\r\n" + framing) or False)
    assert transport.send(post(server.url)) == Answer(429, b"{}", delimited)


def test_a_429_that_may_have_been_cut_off_is_unknown(loopback, transport):
    server = loopback(lambda connection, _: connection.sendall(b"HTTP/1.1 429 Slow\r\n\r\n") or False)
    assert isinstance(htx(server.url, transport).transfer(ORDER), Unknown)


def test_after_a_lost_answer_the_next_request_has_a_connection_of_its_own(loopback, transport):
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n{", reply(b"second")]
    server = loopback(lambda connection, _: connection.sendall(answers[len(server.requests) - 1]))
    assert transport.send(post(server.url)) == LATE
    assert transport.send(post(server.url)) == Answer(200, b"second")
    assert server.connections == 2


def test_a_host_with_a_dead_and_a_living_address_is_reached(loopback, transport, monkeypatch):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    really, asked = socket.getaddrinfo, []

    def both(host: str, port: int, *args: object, **more: object) -> list[object]:
        asked.append(host)
        hosts = ["::1", "127.0.0.1"] if host == "localhost" else [host]
        return [found for each in hosts for found in really(each, port, *args, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert isinstance(transport.send(post(f"http://localhost:{server.port}")), Answer)
    assert asked == ["localhost", "::1", "127.0.0.1"]
    assert len(server.requests) == 1


def test_a_name_nobody_knows_is_not_sent(transport, monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert transport.send(post("http://api.invalid")) == NotSent("could not connect")


def test_a_resolver_slower_than_the_deadline_is_not_sent(loopback, monkeypatch):
    server = loopback(lambda connection, _: connection.sendall(reply(SUCCESS)))
    transport = Transport(send_deadline_s=0.05)
    address = (socket.AF_INET, 1, 6, "", ("127.0.0.1", server.port))
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [answered.wait(5), address][1:])
    began = time.monotonic()
    assert transport.send(post(f"http://localhost:{server.port}")) == NotSent("could not connect in time")
    assert time.monotonic() - began < 2
    answered.set()
    assert not server.requests
    transport.close()


def test_a_name_the_resolver_cannot_even_read_is_not_sent(transport, monkeypatch):
    def unreadable(*_: object, **__: object) -> None:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", unreadable)
    assert transport.send(post("http://api.invalid")) == NotSent("could not connect")


def test_a_refusal_over_a_real_socket(loopback, transport):
    answer = reply(REFUSAL, headers="Content-Type: text/plain\r\n")
    server = loopback(lambda connection, _: connection.sendall(answer))
    assert htx(server.url, transport).transfer(ORDER) == Refused("1301", "Insufficient amount available.")
