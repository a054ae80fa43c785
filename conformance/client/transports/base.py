"""What every transport takes and gives: a time limit, a body within bounds, or why there was no answer."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which a request is given up; `seconds` is how long it was given."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The deadline of a request that starts now."""
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """
        The seconds left.

        Raises:
            NoAnswerError: there are none.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def remains(self) -> bool:
        """Whether it has not passed yet."""
        return time.monotonic() < self.at

    def passed(self) -> NoAnswerError:
        """The error of a request whose deadline has passed."""
        return NoAnswerError("timeout", f"timed out after {self.seconds:g} s")


Kind = Literal["refused", "timeout", "cut", "protocol", "tls", "dns"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    A request as it is to be sent.

    `content` may be a file, which is then streamed. `timeout_seconds` bounds everything from the connection
    to the last byte of the answer; of the answer's body at most `max_response_bytes` are read.
    """

    method: str
    url: str
    # Both hold keys, and a test runner that shows local variables shows their representation.
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    content: bytes | Path = field(repr=False)
    timeout_seconds: float
    max_response_bytes: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """
    An answer.

    `content` is the body with gzip and deflate undone; `size` and `sha256` are of what was read from the
    wire. `truncated` says that there was more than the request allowed to read.
    """

    status: int
    # A target may put a key into both.
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    content: bytes = field(repr=False)
    size: int
    sha256: str
    truncated: bool = False
    # Pairs of a time (`time.perf_counter`) and the bytes of the body that had come by then.
    arrivals: tuple[tuple[float, int], ...] = field(default=(), repr=False, compare=False)


class NoAnswerError(Exception):
    """
    There was no answer, or no complete one; the message says why in a few words, `kind` for programs.

    `partial` is the part of it that had come, where its head was complete.
    """

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind: Kind = kind
        self.partial: Incoming | None = None


class UnsendableRequestError(Exception):
    """A request can't be put on the wire by this transport at all: the fault is ours, not the target's."""


class Transport(Protocol):
    """One way of sending; it may be shared by threads."""

    @property
    def name(self) -> str:
        """Its name in the journal."""

    def send(self, outgoing: Outgoing) -> Incoming:
        """
        Send a request and wait for the whole answer.

        Raises:
            NoAnswerError: no complete answer came within the time.
            UnsendableRequestError: the request is not one that this transport can express.
        """

    def close(self) -> None:
        """Close every connection that is kept open."""


def header_bytes(text: str) -> bytes:
    """A header's text as bytes: Latin-1, as HTTP has it, and UTF-8 where that can't express it."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def not_connected(error: BaseException) -> NoAnswerError:
    """The error of a request for which no connection could be made."""
    cause = _first_cause(error)
    if isinstance(cause, socket.gaierror):
        return NoAnswerError("dns", f"the host's name is unknown: {cause.strerror}")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswerError("tls", f"TLS: the certificate is not trusted: {cause.verify_message}")
    if isinstance(cause, ssl.SSLError):
        return NoAnswerError("tls", f"TLS: {cause.reason or cause}")
    if isinstance(cause, ConnectionRefusedError):
        return NoAnswerError("refused", "connection refused")
    words = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
    return NoAnswerError("refused", f"could not connect: {words}")


def cut_off(received: int, expected: int | None) -> NoAnswerError:
    """The connection ended within the body; `received` and `expected` count the body's bytes."""
    of = "" if expected is None else f" of {expected}"
    return NoAnswerError("cut", f"closed after {received}{of} bytes")


def cut_before_body(received: int) -> NoAnswerError:
    """The connection ended before the head of the answer was complete; `received` counts the bytes of it."""
    if received == 0:
        return NoAnswerError("cut", "closed before any byte of the answer")
    return NoAnswerError("cut", f"closed after {received} bytes, within the head of the answer")


def not_http(error: BaseException) -> NoAnswerError:
    """The error of an answer that is no HTTP/1.1."""
    return NoAnswerError("protocol", f"not HTTP: {error}")


def _first_cause(error: BaseException) -> BaseException:
    # A context stands where a layer in between has raised `from None`.
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error


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
        """Whether more came than may be kept, so that reading ends."""
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
        # A body that is not coded as its header says is judged as it came.
        return content, False


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
