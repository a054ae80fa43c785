"""Liberties of streams, of which documents say little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from conformance.liberties.base import Taken
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.handlers.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from conformance.reference.parts.encoding import EncodedAudio

_TAIL_BYTES = 64


def streaming(kind: type[Streams]) -> type[MusicHandlers]:
    """Handlers whose streams are of this kind as well."""

    class Otherwise(MusicHandlers):
        """Streams in another way."""

        def __init_subclass__(cls) -> None:
            """Put the kinds of several liberties together."""
            super().__init_subclass__()
            kinds = [vars(each)["streams"] for each in cls.__mro__ if "streams" in vars(each)]
            cls.streams = type("SeveralStreams", tuple(dict.fromkeys(kinds)), {})

        streams = kind

    return Otherwise


class EmptyEnd(Streams):
    """Ends with an event without audio."""

    def last_data(self, content: bytes) -> dict[str, Any]:
        """Leave it out."""
        del content
        return {}


class LastPieceAtTheEnd(Streams):
    """Sends the last piece with the end."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Keep some of the music back."""
        return super().pieces(content[:-_TAIL_BYTES])

    def last_data(self, content: bytes) -> dict[str, Any]:
        """Send what was kept back."""
        return {"audio": content[-_TAIL_BYTES:].hex()}


class TailAtTheEnd(Streams):
    """Ends with the whole song, which is a bit more than what was sent."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Keep some of the music back."""
        return super().pieces(content[:-_TAIL_BYTES])


class Done(Streams):
    """Says that there is no more."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Add a text."""
        yield from super().events(content, last)
        yield "data: [DONE]\n\n"


class EndsInWords(Done):
    """Says by a text alone that there is no more."""

    def end(self, content: dict[str, Any]) -> dict[str, Any]:
        """Leave the status out."""
        content = super().end(content)
        return {**content, "data": {name: value for name, value in content["data"].items() if name != "status"}}


class Beats(Streams):
    """Shows that it is alive."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Put comments between events."""
        for event in super().events(content, last):
            yield f": alive\n\n{event}"


class Named(Streams):
    """Names and numbers events."""

    def event(self, content: dict[str, Any]) -> str:
        """Add fields."""
        return f"id: {len(content)}\nevent: music\nretry: 3000\n{super().event(content)}"


class Windows(Streams):
    """Ends lines as HTTP does."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Change the ends of lines."""
        return (event.replace("\n", "\r\n") for event in super().events(content, last))


class Informed(Streams):
    """Says in each event what the last one says."""

    def beside(self, last: dict[str, Any]) -> dict[str, Any]:
        """Add the figures."""
        return {**super().beside(last), "extra_info": last.get("extra_info"), "analysis_info": None}


class AtOnce(Streams):
    """Has the song ready before it sends the first piece."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Send none."""
        del content
        return iter(())


class ManyPieces(Streams):
    """Sends small pieces."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Cut each into several."""
        for piece in super().pieces(content):
            middle = len(piece) // 3
            yield from filter(None, (piece[:1], piece[1:middle], piece[middle:]))


class OneBody(MusicHandlers):
    """Answers a stream with one body."""

    def streamed(self, request: Request, encoded: EncodedAudio) -> Response:
        """Put the whole song into it."""
        return JSONResponse(self.content(request, encoded, self.hex_data(encoded)))


class WithCharset(MusicHandlers):
    """Names the character set of streams."""

    def streamed(self, request: Request, encoded: EncodedAudio) -> Response:
        """Add it in capitals."""
        answer = super().streamed(request, encoded)
        if isinstance(answer, StreamingResponse):
            answer.headers["content-type"] = "text/event-stream;charset=UTF-8"
        return answer


TAKEN = (
    Taken(id="stream-ends-empty", front={"music": streaming(EmptyEnd)}),
    Taken(id="stream-ends-with-the-last-piece", front={"music": streaming(LastPieceAtTheEnd)}),
    Taken(id="stream-ends-with-a-tail", front={"music": streaming(TailAtTheEnd)}),
    Taken(id="stream-says-done", front={"music": streaming(Done)}),
    Taken(id="stream-ends-in-words", front={"music": streaming(EndsInWords)}),
    Taken(id="stream-with-comments", front={"music": streaming(Beats)}),
    Taken(id="stream-of-named-events", front={"music": streaming(Named)}),
    Taken(id="stream-of-crlf-lines", front={"music": streaming(Windows)}),
    Taken(id="stream-informs-all-along", front={"music": streaming(Informed)}),
    Taken(id="stream-of-one-frame", front={"music": streaming(AtOnce)}),
    Taken(id="stream-of-small-pieces", front={"music": streaming(ManyPieces)}),
    Taken(id="stream-as-one-body", front={"music": OneBody}),
    Taken(id="stream-with-charset", front={"music": WithCharset}),
)
