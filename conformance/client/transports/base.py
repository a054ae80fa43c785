"""What every transport takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from pathlib import Path

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
    # In both a target may give a key back.
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    content: bytes = field(repr=False)
    size: int
    sha256: str
    truncated: bool = False
    # When how many bytes had come, by the clock of `time.perf_counter`.
    arrivals: tuple[tuple[float, int], ...] = field(default=(), repr=False, compare=False)


class NoAnswerError(Exception):
    """
    There was no answer, or no complete one; the message says why in a few words, `kind` for programs.

    `partial` is what had come of it, where its head was complete.
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
        """How the journal calls it."""

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
