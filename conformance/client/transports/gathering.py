"""Collecting an answer's body within bounds."""

from __future__ import annotations

import hashlib
import time
import zlib

from conformance.client.transports.base import Incoming

# zlib's own switch: recognise a gzip or a zlib header by itself.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_MOST_ARRIVALS = 4096
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})


class Gathering:
    """The body of one answer while it is being read: at most `limit` bytes of it are kept."""

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._content = bytearray()
        self._digest = hashlib.sha256()
        self._arrivals: list[tuple[float, int]] = []

    @property
    def overfull(self) -> bool:
        """Whether more came than may be kept, so that reading on is of no use."""
        return self.size > self._limit

    def add(self, chunk: bytes | bytearray | memoryview) -> None:
        """Take in the next bytes of the body."""
        self.size += len(chunk)
        self._digest.update(chunk)
        if len(self._arrivals) == _MOST_ARRIVALS:
            self._arrivals.pop()
        self._arrivals.append((time.perf_counter(), self.size))
        self._content += chunk[: self._limit - len(self._content)]

    def incoming(self, status: int, headers: tuple[tuple[str, str], ...]) -> Incoming:
        """The answer with the body gathered so far."""
        content, cut = _decoded(bytes(self._content), headers, self._limit)
        return Incoming(
            status,
            headers,
            content,
            self.size,
            self._digest.hexdigest(),
            cut or self.overfull,
            tuple(self._arrivals),
        )


def declared_length(headers: tuple[tuple[str, str], ...]) -> int | None:
    """The Content-Length of an answer, None when it has none that is a number."""
    value = _header(headers, "content-length")
    return int(value) if value.isascii() and value.isdigit() else None


def _decoded(content: bytes, headers: tuple[tuple[str, str], ...], limit: int) -> tuple[bytes, bool]:
    """The content with its coding undone, and whether it would have become longer than the limit."""
    coding = _header(headers, "content-encoding").strip().lower()
    if coding not in _CODINGS:
        return content, False
    try:
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        # A limit of 0 would mean none to zlib.
        return decoder.decompress(content, max(1, limit)), bool(decoder.unconsumed_tail)
    except zlib.error:
        # What only claims to be coded is judged as it came.
        return content, False


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
