"""Connections that are kept, with one time limit per request, also against a server that drips."""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque
from contextlib import closing, contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from conformance.client.transports.deadline import Deadline
from conformance.client.transports.names import addresses_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

# Servers close idle connections after 5 s or more; not using them for as long avoids sending into a closed
# one.
_IDLE_SECONDS = 2.0
_WRITTEN_AT_ONCE = 64 * 1024


class Progress(threading.local):
    """
    How far the request of the current thread has come.

    `connected` says that a connection was opened for it, `received` counts bytes of the answer, `ended` says
    that the server closed its side.
    """

    def __init__(self) -> None:
        self.begin(Deadline(math.inf, math.inf))

    def begin(self, deadline: Deadline) -> None:
        """Start over for the next request."""
        self.deadline = deadline
        self.connected = False
        self.received = 0
        self.ended = False

    def left(self, timeout: float | None) -> float:
        """The seconds one step may take: what is left of the request's time, or less where less is asked."""
        left = self.deadline.left()
        return left if timeout is None else min(left, timeout)


class Connections:
    """
    Keep-alive connections whose every read and write counts against the deadline of the thread's `progress`.

    Who is answered has a connection alone; the one used last is used next. This takes the place of httpcore's pool,
    which looks at all of its connections, several times, for every request.
    """

    def __init__(self, progress: Progress, context: ssl.SSLContext | None, proxy: str | None) -> None:
        # Only asked for new connections, to be kept here.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _proxy(httpx.Proxy(proxy)),
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Backend(progress),
        )
        self._idle: defaultdict[str, deque[httpcore.ConnectionInterface]] = defaultdict(deque)
        self._changing = Lock()
        self._closed = False

    @contextmanager
    def answer(self, request: httpcore.Request) -> Iterator[httpcore.Response]:
        """
        Send a request; what is yielded is the head of its answer, with the body yet to be read.

        What goes wrong is raised as httpcore says it, or as `NoAnswerError` once the time is over.
        """
        origin = request.url.origin
        connection = self._taken(origin)
        try:
            with closing(connection.handle_request(request)) as answer:
                yield answer
        finally:
            self._give_back(connection, str(origin))

    def close(self) -> None:
        """Close the idle connections now, and those in use as soon as they are no longer."""
        with self._changing:
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _taken(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:
        while (connection := self._last_used(str(origin))) is not None:
            if not connection.has_expired():
                return connection
            connection.close()
        return self._pool.create_connection(origin)

    def _last_used(self, origin: str) -> httpcore.ConnectionInterface | None:
        with self._changing:
            kept = self._idle[origin]
            return kept.pop() if kept else None

    def _give_back(self, connection: httpcore.ConnectionInterface, origin: str) -> None:
        # One that never came about calls itself both closed and idle.
        fit = connection.is_idle() and not connection.is_closed()
        done_with: httpcore.ConnectionInterface | None = connection
        with self._changing:
            if fit and not self._closed:
                kept = self._idle[origin]
                kept.append(connection)
                done_with = kept.popleft() if kept[0].has_expired() else None
        if done_with is not None:
            done_with.close()


def _proxy(proxy: httpx.Proxy) -> httpcore.Proxy:
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth, headers=proxy.headers.raw)


class _Backend(httpcore.NetworkBackend):
    """Connections whose time limits are what is left for the request."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self._progress.connected = True
        *others, last = addresses_of(host, port, self._progress.deadline)
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self._connected(address, port, timeout, local_address, socket_options)
        return self._connected(last, port, timeout, local_address, socket_options)

    def _connected(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.NetworkStream:
        left = self._progress.left(timeout)
        return _Stream(self._plain.connect_tcp(address, port, left, local_address, socket_options), self._progress)


class _Stream(httpcore.NetworkStream):
    """A connection that sends head and body of a short request in one piece, so that the server wakes up once."""

    def __init__(self, inner: httpcore.NetworkStream, progress: Progress) -> None:
        self._inner = inner
        self._progress = progress
        self._unsent = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # A server may close its side early and have answered all the same.
        with suppress(httpcore.WriteError):
            self._send(timeout)
        data = self._inner.read(max_bytes, self._progress.left(timeout))
        self._progress.received += len(data)
        self._progress.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent += buffer
        if len(self._unsent) >= _WRITTEN_AT_ONCE:
            self._send(timeout)

    def _send(self, timeout: float | None) -> None:
        unsent, self._unsent = self._unsent, b""
        for start in range(0, len(unsent), _WRITTEN_AT_ONCE):
            self._inner.write(unsent[start : start + _WRITTEN_AT_ONCE], self._progress.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._progress.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._progress)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore declares it
        return self._inner.get_extra_info(info)
