"""HTTP/1.1 over a socket of our own, and the transport of requests that a well-behaved client would not send."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import h11

from conformance.client.transports.base import (
    Deadline,
    Gathering,
    NoAnswerError,
    UnsendableRequestError,
    cut_before_body,
    cut_off,
    declared_length,
    header_bytes,
    not_connected,
    not_http,
)
from conformance.client.transports.connections import connected, proxy_for, tls_context, tunnel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from typing import Self

    from conformance.client.transports.base import Incoming, Outgoing


_CHUNK = 64 * 1024
_LONGEST_HEAD = 256 * 1024
# For these a server expects a length even where there is no body (RFC 9110, section 8.6).
_WITH_BODY = frozenset({"PATCH", "POST", "PUT"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a transport connects to: the part of a URL before its path."""

    scheme: str
    authority: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """
        The origin of a URL.

        Raises:
            UnsendableRequestError: it is no http or https URL with a host.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise UnsendableRequestError(f"{url} is no http or https URL with a host.")
        return cls(parts.scheme, parts.netloc, parts.hostname, parts.port or _PORTS[parts.scheme])

    def target(self, url: str) -> str:
        """
        The request target of a URL of this origin: all that follows the origin, as it was written.

        What begins with "/" or is "*" is a request target already.

        Raises:
            UnsendableRequestError: the URL belongs to another origin.
        """
        if url.startswith("/") or url == "*":
            return url
        scheme, _, rest = url.partition("://")
        if scheme != self.scheme or rest[: len(self.authority)] != self.authority:
            raise UnsendableRequestError(f"{url} is not at {self.scheme}://{self.authority}.")
        following = rest[len(self.authority) :]
        if following and following[0] not in "/?#":
            raise UnsendableRequestError(f"{url} is not at {self.scheme}://{self.authority}.")
        return following or "/"

    def connect(
        self, deadline: Deadline, ca_file: str | PathLike[str] | None, proxy: str | None = None
    ) -> socket.socket:
        """
        A connection, with TLS where the scheme asks for it; through a proxy where one is wanted (see `proxy_for`).

        Raises:
            NoAnswerError: none could be made in time.
        """
        through = proxy_for(proxy, self.scheme, self.host)
        if through is None:
            plain = connected(self.host, self.port, deadline)
        else:
            plain = tunnel(through, self.host, self.port, deadline)
        # What is written in pieces on purpose is sent in pieces.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.scheme == "http":
            return plain
        try:
            plain.settimeout(deadline.left())
            return tls_context(ca_file).wrap_socket(plain, server_hostname=self.host)
        except TimeoutError as error:
            plain.close()
            raise deadline.passed() from error
        except OSError as error:
            plain.close()
            raise not_connected(error) from error


def framed_headers(outgoing: Outgoing, host: str) -> tuple[tuple[str, str], ...]:
    """The request's headers with those that HTTP/1.1 needs, where they are not given: Host and Content-Length."""
    given = {name.lower() for name, _ in outgoing.headers}
    headers = list(outgoing.headers)
    if "host" not in given:
        headers.insert(0, ("Host", host))
    length = _length(outgoing.content)
    if not given & {"content-length", "transfer-encoding"} and (length or outgoing.method.upper() in _WITH_BODY):
        headers.append(("Content-Length", str(length)))
    return tuple(headers)


def request_bytes(outgoing: Outgoing, headers: tuple[tuple[str, str], ...], origin: Origin) -> Iterator[bytes]:
    """The request in pieces, as it is written: exactly the given method, target and headers in order."""
    lines = [f"{outgoing.method} {origin.target(outgoing.url)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    yield b"".join(header_bytes(line) + b"\r\n" for line in lines) + b"\r\n"
    if isinstance(outgoing.content, Path):
        with outgoing.content.open("rb") as file:
            yield from iter(lambda: file.read(_CHUNK), b"")
    elif outgoing.content:
        yield outgoing.content


def write(connection: socket.socket, data: bytes, deadline: Deadline) -> bool:
    """
    Write all of it; False when the server no longer reads, which it may do because it has answered already.

    Raises:
        NoAnswerError: the time is over.
    """
    try:
        connection.settimeout(deadline.left())
        connection.sendall(data)
    except TimeoutError as error:
        raise deadline.passed() from error
    except OSError:
        return False
    return True


class AnswerReader:
    """
    Reads one answer from a connection, as leniently as h11 does.

    After `most_bytes` from the wire the reader stops and reports a cut (None: it reads all).
    """

    def __init__(
        self,
        connection: socket.socket,
        outgoing: Outgoing,
        deadline: Deadline,
        *,
        most_bytes: int | None = None,
    ) -> None:
        self._connection = connection
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._received = 0
        self._ended = False
        self._gathering = Gathering(outgoing.max_response_bytes)
        self._headers: tuple[tuple[str, str], ...] | None = None
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        # h11 reads answers to requests that it has seen; how a body ends depends on nothing but HEAD.
        method = "HEAD" if outgoing.method == "HEAD" else "GET"
        self._protocol.send(h11.Request(method=method, target="/", headers=[("Host", "stand-in")]))
        self._protocol.send(h11.EndOfMessage())

    def read(self) -> Incoming:
        """
        The answer.

        Raises:
            NoAnswerError: no complete one came.
        """
        status = 0
        while True:
            event = self._next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
                self._headers = tuple(
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers.raw_items()
                )
            elif isinstance(event, h11.Data):
                self._gathering.add(event.data)
            if isinstance(event, h11.EndOfMessage) or self._gathering.overfull:
                return self._gathering.incoming(status, self._headers or ())

    def _next_event(self) -> h11.Event:
        try:
            event = self._protocol.next_event()
            while event is h11.NEED_DATA:
                self._protocol.receive_data(self._receive())
                event = self._protocol.next_event()
        except h11.RemoteProtocolError as error:
            raise self._cut() if self._ended else not_http(error) from error
        # Otherwise the connection is over, or the server has switched to another protocol.
        if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
            raise self._cut()
        return event

    def _receive(self) -> bytes:
        wanted = _CHUNK if self._most_bytes is None else min(_CHUNK, self._most_bytes - self._received)
        try:
            self._connection.settimeout(self._deadline.left())
            data = self._connection.recv(wanted) if wanted else b""
        except TimeoutError as error:
            raise self._deadline.passed() from error
        except OSError as error:
            raise self._cut() from error
        self._received += len(data)
        self._ended = not data
        return data

    def _cut(self) -> NoAnswerError:
        if self._headers is None:
            return cut_before_body(self._received)
        return cut_off(self._gathering.size, declared_length(self._headers))


def _length(content: bytes | Path) -> int:
    return content.stat().st_size if isinstance(content, Path) else len(content)


class RawTransport:
    """
    Sends method, path and headers byte by byte as they are given, each request on a connection of its own.

    Nothing is normalised or refused. Host, and Content-Length where there is no Transfer-Encoding, are added if they
    are not given; `exactly` turns this off too.

    Raises:
        UnsendableRequestError: the base URL is no http or https URL.
    """

    name: Final = "raw"

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: str | PathLike[str] | None = None,
        exactly: bool = False,
        proxy: str | None = None,
    ) -> None:
        self._origin = Origin.of(base_url)
        self._ca_file = ca_file
        self._exactly = exactly
        self._proxy = proxy

    def send(self, outgoing: Outgoing) -> Incoming:
        """Send a request and read its answer; see `Transport`."""
        deadline = Deadline.after(outgoing.timeout_seconds)
        headers = outgoing.headers if self._exactly else framed_headers(outgoing, self._origin.authority)
        with closing(self._origin.connect(deadline, self._ca_file, self._proxy)) as connection:
            for piece in request_bytes(outgoing, headers, self._origin):
                if not write(connection, piece, deadline):
                    break
            return AnswerReader(connection, outgoing, deadline).read()

    def close(self) -> None:
        """Nothing is kept open."""
