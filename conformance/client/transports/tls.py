"""Which certificates are trusted."""

from __future__ import annotations

from functools import lru_cache
from os import fspath
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl
    from os import PathLike


def tls_context(ca_file: str | PathLike[str] | None) -> ssl.SSLContext:
    """The usual authorities and those in a PEM file, if any (`OSError` when it can't be loaded)."""
    return _tls_context(None if ca_file is None else fspath(ca_file))


# Loading the usual authorities takes longer than many a request.
@lru_cache(maxsize=8)
def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    # What certificates the environment names is as little our business as its proxies.
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
