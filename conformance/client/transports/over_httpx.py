"""The transport of ordinary requests: httpx with connections that are kept open."""

from __future__ import annotations

import urllib.request
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import httpcore
import httpx

from conformance.client.transports.base import (
    Incoming,
    NoAnswerError,
    Outgoing,
    UnsendableRequestError,
    header_bytes,
)
from conformance.client.transports.bounded import BoundedTransport, Progress
from conformance.client.transports.deadline import Deadline
from conformance.client.transports.failures import cut_before_body, cut_off, not_connected, not_http
from conformance.client.transports.gathering import Gathering, declared_length
from conformance.client.transports.tls import tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

_FILE_CHUNK = 64 * 1024
# Repeating these can't change anything at the target (RFC 9110, section 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class HttpxTransport:
    """
    Sends requests over keep-alive connections, follows no redirect and keeps no cookie.

    Proxies of the environment are used unless the target itself is on loopback. When the server has closed a
    kept connection, a safe request is sent once more, on a new one: only if no byte of an answer came, and
    only if the connection had served a request before. Anything else may have had an effect and is not
    repeated here.
    """

    name: Final = "httpx"

    def __init__(self, base_url: str, *, ca_file: str | PathLike[str] | None = None) -> None:
        self._ca_file = ca_file
        self._uses_proxies = not _on_loopback(httpx.URL(base_url).host)
        self._progress = Progress()
        self._transports: dict[tuple[str, str | None], BoundedTransport] = {}
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
        for transport in self._transports.values():
            transport.close()

    def _was_stale(self, outgoing: Outgoing) -> bool:
        progress = self._progress
        untouched = not progress.connected and progress.received == 0
        return untouched and progress.deadline.remains() and outgoing.method.upper() in _SAFE

    def _send_once(self, outgoing: Outgoing, deadline: Deadline) -> Incoming:
        self._progress.begin(deadline)
        gathering = Gathering(outgoing.max_response_bytes)
        head: list[tuple[str, str]] | None = None
        try:
            with (
                _request(outgoing) as request,
                closing(self._transport(request.url).handle_request(request)) as answer,
            ):
                head = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw]
                for chunk in answer.iter_raw():
                    gathering.add(chunk)
                    if gathering.overfull:
                        break
                return gathering.incoming(answer.status_code, tuple(head))
        # The frames of the libraries below hold the key: with `from None` no traceback ever shows them.
        except (httpcore.ConnectError, httpcore.ProxyError) as error:
            raise not_connected(error) from None
        except httpcore.TimeoutException:
            raise deadline.passed() from None
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise self._ended(error, gathering, head) from None
        except (
            httpcore.LocalProtocolError,
            httpcore.UnsupportedProtocol,
            httpx.InvalidURL,
            UnicodeError,
        ) as error:
            # Nor may the message hold theirs, which quotes the header that it refuses.
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

    def _transport(self, url: httpx.URL) -> BoundedTransport:
        # Not a client of httpx: that works out where a redirection leads, and fails where it leads nowhere.
        if not url.host:
            raise UnsendableRequestError(f"{url} is no http or https URL with a host.")
        proxy = _proxy_for(url) if self._uses_proxies else None
        with self._opening:
            transport = self._transports.get((url.scheme, proxy))
            if transport is None:
                context = tls_context(self._ca_file) if url.scheme == "https" else None
                transport = BoundedTransport(self._progress, context, proxy)
                self._transports[url.scheme, proxy] = transport
            return transport


@contextmanager
def _request(outgoing: Outgoing) -> Iterator[httpx.Request]:
    """The request in httpx's terms, without the headers that a client of httpx would add on its own."""
    if isinstance(outgoing.content, Path):
        with outgoing.content.open("rb") as file:
            chunks = iter(lambda: file.read(_FILE_CHUNK), b"")
            yield httpx.Request(outgoing.method, outgoing.url, headers=_headers(outgoing), content=chunks)
    else:
        yield httpx.Request(outgoing.method, outgoing.url, headers=_headers(outgoing), content=outgoing.content)


def _headers(outgoing: Outgoing) -> list[tuple[bytes, bytes]]:
    headers = [(header_bytes(name), header_bytes(value)) for name, value in outgoing.headers]
    if isinstance(outgoing.content, Path) and "content-length" not in {name.lower() for name, _ in outgoing.headers}:
        headers.append((b"Content-Length", str(outgoing.content.stat().st_size).encode()))
    return headers


def _on_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy_for(url: httpx.URL) -> str | None:
    if urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
