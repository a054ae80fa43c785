"""Connections that are kept: names, certificates, proxies, and one time limit per request."""

from __future__ import annotations

import http.client
import math
import socket
import threading
import urllib.request
from base64 import b64encode
from collections import defaultdict, deque
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from ipaddress import ip_address
from os import fspath
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from conformance.client.transports.base import Deadline, not_connected

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator
    from os import PathLike


def addresses_of(host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    """
    The addresses of a host, in the order in which they are to be tried.

    Raises:
        NoAnswerError: the name is unknown, or was not looked up in time.
    """
    if _is_address(host):
        return (host,)
    looked_up: Future[tuple[str, ...]] = Future()
    # The system's resolver has no time limit: the thread is left behind when the look-up takes too long.
    threading.Thread(target=_look_up_into, args=(looked_up, host, port), daemon=True).start()
    try:
        return looked_up.result(deadline.left())
    except TimeoutError:
        raise deadline.passed() from None
    except OSError as error:
        raise not_connected(error) from error


def connected(host: str, port: int, deadline: Deadline) -> socket.socket:
    """
    A connection to the first of a host's addresses that accepts one.

    Raises:
        NoAnswerError: none could be made in time.
    """
    *others, last = addresses_of(host, port, deadline)
    for address in others:
        try:
            return socket.create_connection((address, port), deadline.left())
        except OSError:
            continue
    try:
        return socket.create_connection((last, port), deadline.left())
    except TimeoutError as error:
        raise deadline.passed() from error
    except OSError as error:
        raise not_connected(error) from error


def _look_up_into(looked_up: Future[tuple[str, ...]], host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        looked_up.set_result(tuple(dict.fromkeys(str(address[0]) for *_, address in found)))
    except Exception as error:  # noqa: BLE001 - raised again where the result is awaited
        looked_up.set_exception(error)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def tls_context(ca_file: str | PathLike[str] | None) -> ssl.SSLContext:
    """The usual authorities and those in a PEM file, if any (`OSError` when it can't be loaded)."""
    return _tls_context(None if ca_file is None else fspath(ca_file))


# Loading the usual authorities takes longer than many requests.
@lru_cache(maxsize=8)
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    # Certificates and proxies that the environment names are not used unless the user asks for it.
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


FROM_ENVIRONMENT: Final = "env"
"""In place of a proxy's URL: use what the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY)."""


def proxy_for(wanted: str | None, scheme: str, host: str) -> str | None:
    """
    The URL of the proxy for requests to a host, None where they go there directly.

    `wanted` is a URL, `FROM_ENVIRONMENT`, or None for no proxy at all. Requests to loopback use no proxy. The URL may
    carry credentials, so it must not be shown.
    """
    if wanted is None or on_loopback(host):
        return None
    if wanted != FROM_ENVIRONMENT:
        return wanted
    if urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def on_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def tunnel(proxy: str, host: str, port: int, deadline: Deadline) -> socket.socket:
    """
    A connection to a host through an HTTP proxy's tunnel (CONNECT).

    Raises:
        NoAnswerError: none could be made in time.
    """
    parts = urlsplit(proxy)
    # The standard library's client is used for this alone: it opens the tunnel, then its socket is taken out of it.
    opening = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=deadline.left())
    opening.set_tunnel(host, port, _credentials(parts.username, parts.password))
    try:
        opening.connect()
        # Else the client would close the socket with itself.
        connection, opening.sock = opening.sock, None
    # The frames below hold the credentials: with `from None` no traceback shows them.
    except TimeoutError:
        raise deadline.passed() from None
    except (OSError, http.client.HTTPException) as error:
        raise not_connected(error) from None
    finally:
        opening.close()
    return connection


def _credentials(user: str | None, password: str | None) -> dict[str, str]:
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}


# Servers close idle connections after 5 s or more; closing ours sooner avoids sending into a closed one.
_IDLE_SECONDS = 2.0
_WRITTEN_AT_ONCE = 64 * 1024


# Scheme, host and port.
_Key = tuple[bytes, bytes, int | None]


class TransferProgress(threading.local):
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
        """The seconds that one step may take: what is left of the request's time, or `timeout` if that is less."""
        left = self.deadline.left()
        return left if timeout is None else min(left, timeout)


class Connections:
    """
    Keep-alive connections whose every read and write counts against the deadline of the thread's `progress`.

    A request has its connection alone; the one used last is used next. This takes the place of httpcore's pool,
    which looks at all of its connections, several times, for every request.
    """

    def __init__(self, progress: TransferProgress, context: ssl.SSLContext | None, proxy: str | None) -> None:
        # Used to make connections only; they are kept here.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=None if proxy is None else _proxy(httpx.Proxy(proxy)),
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=_Backend(progress),
        )
        self._idle: defaultdict[_Key, deque[httpcore.ConnectionInterface]] = defaultdict(deque)
        self._changing = Lock()
        self._closed = False

    @contextmanager
    def answer(self, request: httpcore.Request) -> Iterator[httpcore.Response]:
        """
        Send a request; what is yielded is the head of its answer, with the body yet to be read.

        Errors are those of httpcore, or `NoAnswerError` once the time is over.
        """
        url = request.url
        key = (url.scheme, url.host, url.port)
        connection = self._taken(key, request)
        try:
            with closing(connection.handle_request(request)) as answer:
                yield answer
        finally:
            self._give_back(connection, key)

    def close(self) -> None:
        """Close the idle connections now, and those in use as soon as they are no longer."""
        with self._changing:
            self._closed = True
            idle = [connection for kept in self._idle.values() for connection in kept]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _taken(self, key: _Key, request: httpcore.Request) -> httpcore.ConnectionInterface:
        while (connection := self._last_used(key)) is not None:
            if not connection.has_expired():
                return connection
            connection.close()
        return self._pool.create_connection(request.url.origin)

    def _last_used(self, key: _Key) -> httpcore.ConnectionInterface | None:
        with self._changing:
            kept = self._idle[key]
            return kept.pop() if kept else None

    def _give_back(self, connection: httpcore.ConnectionInterface, key: _Key) -> None:
        # A connection that was never made is both closed and idle to httpcore.
        fit = connection.is_idle() and not connection.is_closed()
        done_with: httpcore.ConnectionInterface | None = connection
        with self._changing:
            if fit and not self._closed:
                kept = self._idle[key]
                kept.append(connection)
                # The one that was just used is looked at when it is taken again.
                done_with = kept.popleft() if len(kept) > 1 and kept[0].has_expired() else None
        if done_with is not None:
            done_with.close()


def _proxy(proxy: httpx.Proxy) -> httpcore.Proxy:
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth, headers=proxy.headers.raw)


class _Backend(httpcore.NetworkBackend):
    """Connections whose time limits are what is left for the request."""

    def __init__(self, progress: TransferProgress) -> None:
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
        return _BoundedStream(
            self._plain.connect_tcp(address, port, left, local_address, socket_options), self._progress
        )


class _BoundedStream(httpcore.NetworkStream):
    """A connection that sends head and body of a short request in one piece, so that the server wakes up once."""

    def __init__(self, inner: httpcore.NetworkStream, progress: TransferProgress) -> None:
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
        return _BoundedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._progress)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore declares it
        return self._inner.get_extra_info(info)
