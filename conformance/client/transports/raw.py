"""The transport of requests that a well-behaved client would not send."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from conformance.client.transports.deadline import Deadline
from conformance.client.transports.wire import AnswerReader, Origin, framed, request_bytes, write

if TYPE_CHECKING:
    from os import PathLike

    from conformance.client.transports.base import Incoming, Outgoing


class RawTransport:
    """
    Sends method, path and headers byte by byte as they are given, each request on a connection of its own.

    Nothing is normalised or refused. Only where neither Content-Length nor Transfer-Encoding, or no Host, is given,
    the right one is added; `exactly` turns this off too.

    Raises:
        UnsendableRequestError: the base URL is no http or https URL.
    """

    name: Final = "raw"

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: str | PathLike[str] | None = None,
        exactly: bool = False,
        proxy: str | None = None,
    ) -> None:
        self._origin = Origin.of(base_url)
        self._ca_file = ca_file
        self._exactly = exactly
        self._proxy = proxy

    def send(self, outgoing: Outgoing) -> Incoming:
        """Send a request and read its answer; see `Transport`."""
        deadline = Deadline.after(outgoing.timeout_seconds)
        if not self._exactly:
            outgoing = framed(outgoing, self._origin.authority)
        with closing(self._origin.connect(deadline, self._ca_file, self._proxy)) as connection:
            for piece in request_bytes(outgoing, self._origin):
                if not write(connection, piece, deadline):
                    break
            return AnswerReader(connection, outgoing, deadline).read()

    def close(self) -> None:
        """Nothing is kept open."""
