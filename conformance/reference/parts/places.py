"""Where HTTPS URLs point."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_HTTPS_PORT = 443


class ForbiddenUrlError(ValueError):
    """The URL may not be fetched: not HTTPS, malformed, or it leads out of the public internet."""


@dataclass(frozen=True, slots=True)
class Place:
    """The server that an HTTPS URL names."""

    url: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port in the form that origins are compared in."""
        return f"https://{self.host}:{self.port}"


def place_of(url: str) -> Place:
    """Take an HTTPS URL apart; raises ForbiddenUrlError when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS_PORT
    except ValueError as problem:
        raise ForbiddenUrlError("The URL is malformed.") from problem
    if parts.scheme != "https" or not parts.hostname:
        raise ForbiddenUrlError("The URL is not an HTTPS URL.")
    if parts.username is not None or not url.isprintable():
        raise ForbiddenUrlError("The URL holds credentials or control characters.")
    if "%" in parts.hostname:
        raise ForbiddenUrlError("The URL names a network interface.")
    return Place(url=url, host=parts.hostname, port=port)
