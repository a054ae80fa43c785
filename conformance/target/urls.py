"""Checking the URLs that users state for a target, its resources and a proxy."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from conformance.target.errors import InvalidUrlError

if TYPE_CHECKING:
    import httpx

_HIGHEST_PORT = 65535
_CREDENTIALS_OF_A_TARGET = "a key belongs in an environment variable"
_CREDENTIALS_OF_A_PROXY = "put the URL with them into HTTPS_PROXY or HTTP_PROXY, and say env here"


def check_base(subject: str, text: str) -> str:
    """
    A URL below which requests are made, without a slash at its end.

    `subject` is what the message of an error calls it, for example "The base URL".

    Raises:
        InvalidUrlError: it is no http or https URL, or carries credentials, a query or a fragment.
    """
    url = _parse(subject, text, ("http", "https"))
    if "?" in text:
        raise InvalidUrlError(f"{subject} must not have a query: paths are added to its end.")
    return str(url).rstrip("/")


def check_resource(subject: str, text: str, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """
    The URL of one resource, which may have a query.

    Raises:
        InvalidUrlError: it is no URL of these schemes, or carries credentials or a fragment.
    """
    return str(_parse(subject, text, schemes))


def check_control(subject: str, text: str) -> str:
    """
    Where the control interface is: a URL like a base URL, or a path on the target's own host.

    Raises:
        InvalidUrlError: as for `check_base`.
    """
    if not text.startswith("/") or text.startswith("//"):
        return check_base(subject, text)
    placed = check_base(subject, f"http://target{text}")
    return placed.removeprefix("http://target")


def check_proxy(text: str) -> str:
    """
    The URL of an HTTP proxy, or "env" for those that the environment names.

    Raises:
        InvalidUrlError: it is neither, or carries credentials, a path, a query or a fragment.
    """
    if text == "env":
        return text
    url = _parse("The proxy", text, ("http",), credentials=_CREDENTIALS_OF_A_PROXY)
    if url.path != "/" or "?" in text:
        raise InvalidUrlError("The proxy must be a scheme, a host and a port, nothing more.")
    return str(url).rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine."""
    import httpx  # noqa: PLC0415 - as below

    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _parse(
    subject: str, text: str, schemes: tuple[str, ...], *, credentials: str = _CREDENTIALS_OF_A_TARGET
) -> httpx.URL:
    import httpx  # noqa: PLC0415 - pytest loads the table of options, and this, in every run on a machine

    try:
        url = httpx.URL(text)
        url.raw_host.decode("ascii").encode("idna")  # as the resolver does, which refuses empty and overlong labels
    except (httpx.InvalidURL, UnicodeError) as error:
        # The library's message may quote a password.
        raise InvalidUrlError(f"{subject} is not a valid URL.") from error
    if url.userinfo:
        raise InvalidUrlError(f"{subject} must not carry a user name or password: {credentials}.")
    if url.scheme not in schemes:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        shown = "" if "@" in text else f', not "{text[:80]}"'
        raise InvalidUrlError(f"{subject} must start with {starts}{shown}.")
    if not url.host or set(url.host) & set(" %\\"):
        raise InvalidUrlError(f"{subject} must name a host.")
    if url.port is not None and not 0 < url.port <= _HIGHEST_PORT:
        raise InvalidUrlError(f"{subject} must have a port from 1 to {_HIGHEST_PORT}, not {url.port}.")
    if "#" in text:
        raise InvalidUrlError(f"{subject} must not have a fragment: no server ever sees it.")
    return url
