"""Reading an exchange once, before it is recorded: its outcome, and the frames of a stream."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx
from httpx_sse import EventSource

from conformance.contract.outcomes import by_status
from conformance.journal.records import Body, Mismatch, StreamFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract.conventions import Conventions
    from conformance.contract.operations import Stream
    from conformance.journal.records import Exchange, Response

    # Pairs of seconds since the request was sent and the bytes of the body that had come by then.
    Arrivals = Sequence[tuple[float, int]]

# A blank line, however its lines end.
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r){2}")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_EVENTS: Final = {"Content-Type": "text/event-stream"}
_MOST_FRAMES: Final = 2000


class Reader:
    """Reads exchanges of one system."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions
        self._interpreter = conventions.interpreter

    def read(self, exchange: Exchange, arrivals: Arrivals = ()) -> Exchange:
        """The exchange with its outcome, and with frames where a stream was asked for and has come."""
        response = exchange.response
        if response is None or exchange.origin != "target":
            return exchange
        stream = self.stream_of(exchange)
        if stream is not None and not _is_plain(response, stream):
            return self._streamed(exchange, response, stream, arrivals)
        read = self._interpreter.read(exchange.operation, response.status, lambda: json_of(response.body))
        return exchange if read == by_status(response.status) else replace(exchange, read_as=read)

    def stream_of(self, exchange: Exchange) -> Stream | None:
        """The stream that the request asks for, None where it asks for none."""
        own = self._conventions.operations.get(exchange.operation or "")
        if own is None or own.stream is None:
            return None
        return own.stream if own.stream.is_asked(json_of(exchange.request.body)) else None

    def _streamed(self, exchange: Exchange, response: Response, stream: Stream, arrivals: Arrivals) -> Exchange:
        coded = bool(response.headers.get("Content-Encoding"))
        frames = [
            (
                StreamFrame(text, _seconds(arrivals, None if coded else end)),
                json_of(Body(text.encode("utf-8", "replace"))),
            )
            for text, end in _frames(response.body.content, stream)
        ]
        texts = [(frame.data, value) for frame, value in frames]
        read = self._interpreter.read_stream(exchange.operation, response.status, texts, stream.ended_by)
        kept = frames[: _MOST_FRAMES - 1] + frames[_MOST_FRAMES - 1 :][-1:]
        shown = tuple(frame for frame, _ in kept)
        return replace(exchange, read_as=read, response=replace(response, frames=shown))


def json_of(body: Body) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value of a body, None where it is none."""
    if not body.content or body.truncated:
        return None
    try:
        return body.json
    except Mismatch:
        return None


def _is_plain(response: Response, stream: Stream) -> bool:
    """Whether the answer is one JSON value, although a stream was asked for."""
    declared = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if declared == "application/json":
        return json_of(response.body) is not None
    lines = stream.format != "sse"
    return not lines and declared != _EVENTS["Content-Type"] and json_of(response.body) is not None


def _frames(content: bytes, stream: Stream) -> Iterator[tuple[str, int]]:
    """The data of every frame, and where in the body it ends."""
    separator = _BLANK_LINE if stream.format == "sse" else _LINE_END
    start = 0
    ends = [(found.start(), found.end()) for found in separator.finditer(content)]
    for end, following in (*ends, (len(content), len(content))):
        block = content[start:end]
        start = following
        if stream.format != "sse":
            if block.strip():
                yield block.decode("utf-8", "replace"), end
            continue
        whole = httpx.Response(200, headers=_EVENTS, content=block + b"\n\n")
        yield from ((event.data, end) for event in EventSource(whole).iter_sse())


def _seconds(arrivals: Arrivals, end: int | None) -> float | None:
    """Seconds until the first `end` bytes had come (None: all bytes); None where arrivals are not known."""
    if not arrivals:
        return None
    position = len(arrivals) - 1 if end is None else bisect_left(arrivals, end, key=lambda one: one[1])
    return arrivals[min(position, len(arrivals) - 1)][0]
