"""Which proxy a request goes through: none, unless somebody asked for one."""

from __future__ import annotations

import http.client
import urllib.request
from base64 import b64encode
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from conformance.client.transports.failures import not_connected

if TYPE_CHECKING:
    import socket

    from conformance.client.transports.deadline import Deadline

FROM_ENVIRONMENT: Final = "env"
"""Said in place of a proxy's URL: what the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) is used."""


def proxy_for(wanted: str | None, scheme: str, host: str) -> str | None:
    """
    The URL of the proxy for requests to a host, None where they go there directly.

    `wanted` is a URL, `FROM_ENVIRONMENT`, or None for no proxy at all. Nothing stands between us and loopback. The
    URL may carry credentials, so it is not to be shown.
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
    A connection to a host through an HTTP proxy that lets everything pass as it is (CONNECT).

    Raises:
        NoAnswerError: there is none to be had in time.
    """
    parts = urlsplit(proxy)
    # Of the standard library's client nothing is used but this; it makes the connection and leaves it to us.
    opening = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=deadline.left())
    opening.set_tunnel(host, port, _credentials(parts.username, parts.password))
    try:
        opening.connect()
        # Taken out of the client, which would close it with itself.
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
