"""Fetching audio from URLs that strangers choose, without being led into private networks."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from conformance.reference.beatra.services.artifacts import FALLBACK_TYPE
from conformance.reference.parts.places import ForbiddenUrlError, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from conformance.reference.parts.places import Place

_HTTP_OK = 200
_IN_MEMORY_BYTES = 1_048_576
_RESOLVE_SECONDS = 2.0


class FetchError(Exception):
    """The URL may be fetched but did not deliver a file."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that a URL delivered, open for reading."""

    content: BinaryIO
    content_type: str


class Fetcher:
    """Fetches from public addresses, and from one allowed origin whose certificates `ca` vouches for."""

    def __init__(self, *, allow: str | None, ca: Path | None, seconds: float, limit: int) -> None:
        self._allow = None if allow is None else place_of(allow).origin
        self._ca = ca
        self._seconds = seconds
        self._limit = limit

    async def vet(self, url: str) -> None:
        """Refuse what may never be fetched; raises ForbiddenUrlError."""
        place = place_of(url)
        if self.is_allowed(place):
            return
        try:
            await self.public_address(place)
        except FetchError:
            return

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Fetched]:
        """Download a file within the limits of time and size; raises ForbiddenUrlError and FetchError."""
        place = place_of(url)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
            try:
                async with asyncio.timeout(self._seconds):
                    content_type = await self._download(place, file)
            except TimeoutError as problem:
                raise FetchError("The server took too long.") from problem
            # A spooled file does all that a binary file does, but its type does not say so.
            yield Fetched(content=file, content_type=content_type)  # type: ignore[arg-type]

    def is_allowed(self, place: Place) -> bool:
        """Whether the place is the one origin that may be fetched from wherever it is."""
        return place.origin == self._allow

    def is_public(self, address: str) -> bool:
        """Whether an IP address belongs to the public internet, whatever it is wrapped in."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address):
            ip = ip.ipv4_mapped or ip.sixtofour or ip
        return ip.is_global and not ip.is_multicast

    async def public_address(self, place: Place) -> str:
        """An address of the host; raises FetchError without any, ForbiddenUrlError unless all are public."""
        addresses = await self.resolve(place)
        if not all(self.is_public(address) for address in addresses):
            raise ForbiddenUrlError("The URL does not lead to the public internet.")
        return addresses[0]

    async def resolve(self, place: Place) -> list[str]:
        """All addresses of the host; raises FetchError when it has none."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, TimeoutError) as problem:
            raise FetchError("The host has no address.") from problem
        except ValueError as problem:
            raise ForbiddenUrlError("The URL names an impossible host.") from problem
        return [str(entry[4][0]) for entry in found]

    async def _download(self, place: Place, file: tempfile.SpooledTemporaryFile[bytes]) -> str:
        # Most instances never fetch, and a start should not pay for the client.
        import httpx  # noqa: PLC0415 - see above

        address = place.host if self.is_allowed(place) else await self.public_address(place)
        trust = self._trust(place)
        try:
            url = httpx.URL(place.url)
            async with (
                httpx.AsyncClient(verify=trust, trust_env=False, timeout=self._seconds) as client,
                client.stream(
                    "GET",
                    # Connecting to the address that was checked: the name might resolve differently now.
                    url.copy_with(host=address),
                    headers={"Host": url.netloc.decode()},
                    extensions={"sni_hostname": place.host},
                ) as answer,
            ):
                await self._save(answer, file)
                return _content_type(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise FetchError("The server did not deliver the file.") from problem

    async def _save(self, answer: httpx.Response, file: tempfile.SpooledTemporaryFile[bytes]) -> None:
        if answer.status_code != _HTTP_OK:
            raise FetchError("The server did not answer 200.")
        async for piece in answer.aiter_bytes():
            file.write(piece)
            if file.tell() > self._limit:
                raise FetchError("The file is too large.")
        if file.tell() == 0:
            raise FetchError("The file is empty.")

    def _trust(self, place: Place) -> ssl.SSLContext:
        if self._ca is not None and self.is_allowed(place):
            return ssl.create_default_context(cafile=str(self._ca))
        return ssl.create_default_context()


def _content_type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", FALLBACK_TYPE).partition(";")[0].strip() or FALLBACK_TYPE
