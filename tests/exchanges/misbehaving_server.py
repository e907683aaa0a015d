"""A server on loopback that misbehaves as a test tells it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


def reply(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    """One complete HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Loopback:
    """A server on 127.0.0.1. `answer(connection, request)` says what happens to a complete request.

    The connection stays open for the next request unless `answer` returns False.
    """

    def __init__(self, answer: Callable[[socket.socket, bytes], bool | None]) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.incomplete = b""
        self.connections = 0
        self.stopping = threading.Event()
        self.closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            while request := self._request(connection):
                self.requests.append(request)
                if self.answer(connection, request) is False:
                    break
        self.closed.set()

    def _request(self, connection: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                self.incomplete = received
                return b""
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def drip(self, connection: socket.socket, head: bytes, piece: bytes) -> None:
        """Send `head`, then `piece` every 20 ms for six seconds, until the test is over or nobody listens."""
        connection.sendall(head)
        for _ in range(300):
            if self.stopping.wait(0.02):
                break
            connection.sendall(piece)

    def stop(self) -> None:
        self.stopping.set()
        # Wakes accept() up, which close() alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
