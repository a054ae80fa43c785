"""The API behind the proxy: where it is, and the connections to it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import httpx

from conformance.client.transports.tls import tls_context
from conformance.target.urls import check_base
from conformance.watching.errors import UnusableUpstreamError

if TYPE_CHECKING:
    from conformance.watching.records import Watched


def place_of(upstream: str, watched: Watched) -> str:
    """
    The base URL of the API; where only a host is named, with the path of the document that somebody brought.

    Raises:
        TargetError: it is no URL.
    """
    base = check_base("--upstream", upstream)
    bare = not httpx.URL(base).path.strip("/")
    return f"{base}{watched.contract.base_path}" if bare and watched.document is not None else base


def client_of(ca_file: str | None) -> httpx.AsyncClient:
    """
    A client that follows nothing, adds nothing and takes nothing from the environment.

    Raises:
        UnusableUpstreamError: the certificates can't be loaded.
    """
    try:
        context: ssl.SSLContext = tls_context(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UnusableUpstreamError(f"--ca-file: {ca_file} holds no certificates that can be read.") from error
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    return httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False, limits=limits)
