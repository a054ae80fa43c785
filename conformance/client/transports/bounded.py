"""A connection pool for httpx that keeps one time limit per request, also against a server that drips."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from conformance.client.transports.deadline import Deadline

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


class BoundedTransport(httpx.BaseTransport):
    """
    Keep-alive connections whose every read and write counts against the deadline of the thread's `progress`.

    What goes wrong is raised as httpcore says it, or as `NoAnswerError` once the time is over.
    """

    def __init__(self, progress: Progress, context: ssl.SSLContext | None, proxy: str | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _proxy(httpx.Proxy(proxy)),
            max_connections=None,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Backend(progress),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return as soon as the head of the answer is there."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_AnswerStream(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _proxy(proxy: httpx.Proxy) -> httpcore.Proxy:
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth, headers=proxy.headers.raw)


class _AnswerStream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


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
        left = self._progress.left(timeout)
        return _Stream(self._plain.connect_tcp(host, port, left, local_address, socket_options), self._progress)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, progress: Progress) -> None:
        self._inner = inner
        self._progress = progress

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._progress.left(timeout))
        self._progress.received += len(data)
        self._progress.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN_AT_ONCE):
            self._inner.write(buffer[start : start + _WRITTEN_AT_ONCE], self._progress.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._progress.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._progress)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore declares it
        return self._inner.get_extra_info(info)
