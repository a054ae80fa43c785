"""The transport of ordinary requests: httpx with connections that are kept open."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import httpcore
import httpx

from conformance.client.transports.base import (
    Deadline,
    Gathering,
    Incoming,
    NoAnswerError,
    Outgoing,
    UnsendableRequestError,
    cut_before_body,
    cut_off,
    declared_length,
    header_bytes,
    not_connected,
    not_http,
)
from conformance.client.transports.connections import Connections, TransferProgress, proxy_for, tls_context
from conformance.client.transports.raw import framed_headers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from os import PathLike

_FILE_CHUNK = 64 * 1024
# Repeating these can't change anything at the target (RFC 9110, section 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class HttpxTransport:
    """
    Sends requests over keep-alive connections, follows no redirect and keeps no cookie.

    Requests go through the `proxy`, if any (see `proxy_for`). When the server has closed a
    kept connection, a safe request is sent once more, on a new one: only if no byte of an answer came, and
    only if the connection had served a request before. Anything else may have had an effect and is not
    repeated here.
    """

    name: Final = "httpx"

    def __init__(self, *, ca_file: str | PathLike[str] | None = None, proxy: str | None = None) -> None:
        self._ca_file = ca_file
        self._proxy = proxy
        self._progress = TransferProgress()
        self._connections: dict[tuple[str, str | None], Connections] = {}
        self._opening = Lock()

    def send(self, outgoing: Outgoing) -> Incoming:
        """Send a request and read its answer; see `Transport`."""
        deadline = Deadline.after(outgoing.timeout_seconds)
        try:
            return self._send_once(outgoing, deadline)
        except NoAnswerError:
            if not self._was_stale(outgoing):
                raise
            return self._send_once(outgoing, deadline)

    def close(self) -> None:
        """Close the kept connections."""
        for connections in self._connections.values():
            connections.close()

    def _was_stale(self, outgoing: Outgoing) -> bool:
        progress = self._progress
        untouched = not progress.connected and progress.received == 0
        return untouched and progress.deadline.remains() and outgoing.method.upper() in _SAFE

    def _send_once(self, outgoing: Outgoing, deadline: Deadline) -> Incoming:
        self._progress.begin(deadline)
        gathering = Gathering(outgoing.max_response_bytes)
        head: list[tuple[str, str]] | None = None
        status = 0
        try:
            url = _parsed(outgoing.url)
            with (
                _content_of(outgoing) as content,
                self._connections_to(url).answer(_request(outgoing, url, content)) as answer,
            ):
                status = answer.status
                head = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
                for chunk in answer.iter_stream():
                    gathering.add(chunk)
                    if gathering.overfull:
                        break
                return gathering.incoming(answer.status, tuple(head))
        # The frames of the libraries below hold the key: with `from None` no traceback ever shows them.
        except (httpcore.ConnectError, httpcore.ProxyError) as error:
            raise not_connected(error) from None
        except httpcore.TimeoutException:
            raise _with_part(deadline.passed(), status, head, gathering) from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise _with_part(self._ended(error, gathering, head), status, head, gathering) from None
        except (
            httpcore.LocalProtocolError,
            httpx.InvalidURL,
            UnicodeError,
        ) as error:
            # Nor may the message quote the library's, which quotes the header that it refuses.
            raise UnsendableRequestError(
                f"{outgoing.method} {outgoing.url} can't be sent over httpx ({type(error).__name__}); "
                "the raw transport sends whatever it is given."
            ) from None

    def _ended(self, error: Exception, gathering: Gathering, head: list[tuple[str, str]] | None) -> NoAnswerError:
        if isinstance(error, httpcore.RemoteProtocolError) and not self._progress.ended:
            return not_http(error)
        if head is None:
            return cut_before_body(self._progress.received)
        return cut_off(gathering.size, declared_length(tuple(head)))

    def _connections_to(self, url: httpx.URL) -> Connections:
        if url.scheme not in ("http", "https") or not url.host:
            raise UnsendableRequestError(f"{url} is no http or https URL with a host.")
        proxy = proxy_for(self._proxy, url.scheme, url.host)
        with self._opening:
            connections = self._connections.get((url.scheme, proxy))
            if connections is None:
                context = tls_context(self._ca_file) if url.scheme == "https" else None
                connections = Connections(self._progress, context, proxy)
                self._connections[url.scheme, proxy] = connections
            return connections


def _with_part(
    error: NoAnswerError, status: int, head: list[tuple[str, str]] | None, gathering: Gathering
) -> NoAnswerError:
    """The error with the part of the answer that had come."""
    if head is not None:
        error.partial = gathering.incoming(status, tuple(head))
    return error


# Most requests of a run go to few URLs, and parsing one costs as much time as sending to it.
_parsed = lru_cache(maxsize=1024)(httpx.URL)


def _content_of(outgoing: Outgoing) -> AbstractContextManager[bytes | Iterator[bytes]]:
    return _file(outgoing.content) if isinstance(outgoing.content, Path) else nullcontext(outgoing.content)


@contextmanager
def _file(path: Path) -> Iterator[Iterator[bytes]]:
    with path.open("rb") as file:
        yield iter(lambda: file.read(_FILE_CHUNK), b"")


def _request(outgoing: Outgoing, url: httpx.URL, content: bytes | Iterator[bytes]) -> httpcore.Request:
    """The request in httpcore's terms, with the headers that HTTP/1.1 needs and none that httpx adds on its own."""
    headers = framed_headers(outgoing, url.netloc.decode("ascii"))
    return httpcore.Request(
        outgoing.method.upper(),
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=[(header_bytes(name), header_bytes(value)) for name, value in headers],
        content=content,
    )
