"""The transport that cuts or stalls requests and answers on their way."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.transports.base import Deadline, NoAnswerError
from conformance.client.transports.raw import AnswerReader, Origin, framed_headers, request_bytes, write

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from os import PathLike

    from conformance.client.transports.base import Incoming, Outgoing


@dataclass(frozen=True, slots=True)
class CutBeforeSending:
    """The connection is opened and closed again, nothing is sent."""


@dataclass(frozen=True, slots=True)
class CutRequest:
    """The first `after_bytes` of the request, head included, are sent, then the connection is closed."""

    after_bytes: int


@dataclass(frozen=True, slots=True)
class CutBeforeAnswer:
    """All of the request is sent, then the connection is closed without reading."""


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """Only the first `after_bytes` of the answer, head included, are read before the connection is closed."""

    after_bytes: int


@dataclass(frozen=True, slots=True)
class StallRequest:
    """After `after_bytes` of the request nothing is sent for at most `seconds`, then the rest."""

    after_bytes: int
    seconds: float


FaultPlan = CutBeforeSending | CutRequest | CutBeforeAnswer | CutAnswer | StallRequest


class FaultyTransport:
    """
    Sends every request with the same fault, each on a connection of its own.

    An answer that was complete in spite of the fault is returned like any other.

    Raises:
        UnsendableRequestError: the base URL is no http or https URL.
    """

    name: Final = "faulty"

    def __init__(
        self,
        base_url: str,
        plan: FaultPlan,
        *,
        ca_file: str | PathLike[str] | None = None,
        proxy: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._origin = Origin.of(base_url)
        self._plan = plan
        self._ca_file = ca_file
        self._proxy = proxy
        self._sleep = sleep

    def send(self, outgoing: Outgoing) -> Incoming:
        """Send a request, let the fault happen, and read what answer there is; see `Transport`."""
        deadline = Deadline.after(outgoing.timeout_seconds)
        headers = framed_headers(outgoing, self._origin.authority)
        with closing(self._origin.connect(deadline, self._ca_file, self._proxy)) as connection:
            self._send(connection, request_bytes(outgoing, headers, self._origin), deadline)
            most_bytes = self._plan.after_bytes if isinstance(self._plan, CutAnswer) else None
            return AnswerReader(connection, outgoing, deadline, most_bytes=most_bytes).read()

    def close(self) -> None:
        """Nothing is kept open."""

    def _send(self, connection: socket.socket, pieces: Iterator[bytes], deadline: Deadline) -> None:
        match self._plan:
            case CutBeforeSending():
                raise NoAnswerError("cut", "cut by us before anything was sent")
            case CutRequest(after_bytes):
                _send_first(connection, pieces, after_bytes, deadline)
                raise NoAnswerError("cut", f"cut by us after {after_bytes} bytes of the request")
            case CutBeforeAnswer():
                _send_all(connection, pieces, deadline)
                raise NoAnswerError("cut", "cut by us after the request, before its answer")
            case StallRequest(after_bytes, seconds):
                rest = _send_first(connection, pieces, after_bytes, deadline)
                self._sleep(min(seconds, deadline.left()))
                write(connection, rest, deadline)
                _send_all(connection, pieces, deadline)
            case CutAnswer():
                _send_all(connection, pieces, deadline)


def _send_all(connection: socket.socket, pieces: Iterator[bytes], deadline: Deadline) -> None:
    for piece in pieces:
        if not write(connection, piece, deadline):
            return


def _send_first(connection: socket.socket, pieces: Iterator[bytes], count: int, deadline: Deadline) -> bytes:
    """Send the first `count` bytes and return what remains of the piece in which they ended."""
    for piece in pieces:
        write(connection, piece[:count], deadline)
        if len(piece) > count:
            return piece[count:]
        count -= len(piece)
    return b""
