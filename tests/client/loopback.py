"""Servers on loopback that say exactly what a test wants them to say."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.client.transports.base import Outgoing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_SECONDS = 5.0


@dataclass
class Visit:
    """One connection, seen from the server; `heard` is all that the client sent over it."""

    connection: socket.socket
    heard: bytearray = field(default_factory=bytearray)

    def hear_request(self) -> bool:
        """Read one request with its body; False when the client closed before it was complete."""
        rest = bytearray()
        while b"\r\n\r\n" not in rest:
            if not self._hear(rest):
                return False
        head, _, body = bytes(rest).partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        missing = int(lengths[0]) - len(body) if lengths else 0
        rest.clear()
        while len(rest) < missing:
            if not self._hear(rest):
                return False
        return True

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self, body: bytes = b"", *headers: bytes, status: bytes = b"200 OK") -> None:
        lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
        self.say(b"\r\n".join(lines) + b"\r\n\r\n" + body)

    def _hear(self, into: bytearray) -> bool:
        data = self.connection.recv(65536)
        self.heard += data
        into += data
        return bool(data)


@dataclass
class Loopback:
    """A running server; `visits` are its connections in their order."""

    origin: str
    visits: list[Visit] = field(default_factory=list)
    last_visitor: object = None


def saying(data: bytes) -> Callable[[Visit], None]:
    """A handler that hears one request, says these bytes and hangs up."""

    def handler(visit: Visit) -> None:
        visit.hear_request()
        visit.say(data)

    return handler


@contextmanager
def serving(*handlers: Callable[[Visit], object], tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """A server that gives each connection to the next handler, and all further ones to the last."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Loopback(f"{'https' if tls else 'http'}://localhost:{listener.getsockname()[1]}")
        accepting = threading.Thread(target=_accept, args=(listener, handlers, server, tls))
        accepting.start()
        try:
            yield server
        finally:
            # A visit of our own comes after all others: when it is accepted, none of them has been missed.
            with socket.socket() as last:
                last.bind(("127.0.0.1", 0))
                server.last_visitor = last.getsockname()
                last.connect(listener.getsockname())
                accepting.join(PATIENCE_SECONDS)


def _accept(
    listener: socket.socket,
    handlers: tuple[Callable[[Visit], object], ...],
    server: Loopback,
    tls: ssl.SSLContext | None,
) -> None:
    working = []
    while True:
        connection, visitor = listener.accept()
        if visitor == server.last_visitor:
            connection.close()
            break
        connection.settimeout(PATIENCE_SECONDS)
        handler = handlers[min(len(server.visits), len(handlers) - 1)]
        visit = Visit(connection)
        server.visits.append(visit)
        thread = threading.Thread(target=_receive, args=(visit, handler, tls))
        thread.start()
        working.append(thread)
    for thread in working:
        thread.join(PATIENCE_SECONDS)


def _receive(visit: Visit, handler: Callable[[Visit], object], tls: ssl.SSLContext | None) -> None:
    # The client may hang up at any moment: that is what most of these tests are about.
    with suppress(OSError):
        if tls is not None:
            visit.connection = tls.wrap_socket(visit.connection, server_side=True)
        handler(visit)
    visit.connection.close()


def request(
    server: Loopback,
    path: str = "/",
    *headers: tuple[str, str],
    method: str = "GET",
    content: bytes | Path = b"",
    timeout_seconds: float = PATIENCE_SECONDS,
    max_response_bytes: int = 1_000_000,
) -> Outgoing:
    return Outgoing(method, server.origin + path, headers, content, timeout_seconds, max_response_bytes)


def unused_origin() -> str:
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
