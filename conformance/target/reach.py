"""Whether anything that speaks HTTP answers at a URL, decided within seconds."""

from __future__ import annotations

import socket
import ssl
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from conformance.target.errors import UnreachableTargetError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Reachability:
    """Whether a target answers; `problem` says in one sentence why not, and is None when it does."""

    problem: str | None

    @property
    def reachable(self) -> bool:
        """Whether an HTTP response came, whatever it says."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class ReachSettings:
    """
    How a target is reached.

    `ca_file` holds certificates to trust beside the usual ones; `proxy` is the URL of an HTTP proxy, which may carry
    credentials; `user_agent` is the value of that header.
    """

    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)
    user_agent: str = "music-api-conformance"


def probe(base_url: str, timeout_seconds: float = 8.0, way: ReachSettings | None = None) -> Reachability:
    """
    Ask once for `base_url`, without a key, and wait no longer than `timeout_seconds` in total.

    What is started by its first request may take seconds to answer it. `base_url` has passed `check_base`. Any HTTP
    response will do, also an error or a redirect, which is not followed.
    """
    asked: Future[None] = Future()
    # A look-up of a name has no time limit, and each byte that arrives renews that of httpx: so a thread asks,
    # and is left behind when it takes too long.
    threading.Thread(
        target=_ask_into, args=(asked, base_url, timeout_seconds, way or ReachSettings()), daemon=True
    ).start()
    try:
        asked.result(timeout_seconds)
    except TimeoutError:
        return Reachability(_too_late(base_url, timeout_seconds))
    except UnreachableTargetError as error:
        return Reachability(str(error))
    return Reachability(None)


def _ask_into(asked: Future[None], base_url: str, timeout_seconds: float, way: ReachSettings) -> None:
    try:
        _ask(base_url, timeout_seconds, way)
    except Exception as error:  # noqa: BLE001 - raised again where the result is awaited
        asked.set_exception(error)
    else:
        asked.set_result(None)


def _ask(base_url: str, timeout_seconds: float, way: ReachSettings) -> None:
    place = _place(base_url) if way.proxy is None else f"{_place(base_url)} through the proxy"
    try:
        with open_client(timeout_seconds, way) as client, client.stream("GET", base_url):
            pass
    except httpx.TimeoutException as error:
        raise UnreachableTargetError(_too_late(base_url, timeout_seconds)) from error
    except httpx.RemoteProtocolError as error:
        raise UnreachableTargetError(f"What answers at {place} does not speak HTTP: {_words(error)}.") from error
    except httpx.TransportError as error:
        raise UnreachableTargetError(_reason(place, error)) from error


def why_unreachable(url: str, error: httpx.TransportError) -> str:
    """In one sentence why no answer came from a URL."""
    if isinstance(error, httpx.RemoteProtocolError):
        return f"What answers at {_place(url)} does not speak HTTP: {_words(error)}."
    return _reason(_place(url), error)


def open_client(timeout_seconds: float, way: ReachSettings, *, redirects: int = 0) -> httpx.Client:
    """
    A client without credentials that follows so many redirects.

    Raises:
        UnreachableTargetError: the certificates that it is to trust can't be read.
    """
    # Proxies and certificates that the environment names are used only if an option asks for them.
    trust = httpx.create_ssl_context(trust_env=False)
    if way.ca_file is not None:
        try:
            trust.load_verify_locations(way.ca_file)
        except OSError as error:
            sentence = f"The certificates in {way.ca_file} can't be used: {_words(error)}."
            raise UnreachableTargetError(sentence) from error
    headers = {"User-Agent": way.user_agent}
    return httpx.Client(
        timeout=timeout_seconds,
        trust_env=False,
        verify=trust,
        proxy=way.proxy,
        headers=headers,
        follow_redirects=redirects > 0,
        max_redirects=redirects,
    )


def _too_late(base_url: str, timeout_seconds: float) -> str:
    return f"{_place(base_url)} gives no answer within {timeout_seconds:g} s."


def _reason(place: str, error: httpx.TransportError) -> str:
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return f"The TLS certificate of {place} is not trusted: {cause.verify_message}."
            case ssl.SSLError():
                return f"What answers at {place} does not speak TLS as https needs it: {_words(cause)}."
            case socket.gaierror():
                return f"The host of {place} is not known: {_words(cause)}."
            case ConnectionRefusedError():
                return f"Nothing answers at {place}: connection refused."
            case ConnectionResetError():
                return f"What answers at {place} closed the connection without an HTTP response."
            case _:
                continue
    return f"{place} can't be reached: {_words(error)}."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__


def _place(base_url: str) -> str:
    url = httpx.URL(base_url)
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return f"[{url.host}]:{port}" if ":" in url.host else f"{url.host}:{port}"
