"""Mutants that deliver audio in another form, at another place, or for another time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from conformance.mutants.base import Mutant
from conformance.reference.minimax.errors import GoneError, InvalidParamsError
from conformance.reference.minimax.handlers.media import MediaHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.services.songs import Songs

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.handlers.guard import Guard
    from conformance.reference.minimax.handlers.reading import BodyReader
    from conformance.reference.minimax.services.songs import Song
    from conformance.reference.minimax.wiring import Services
    from conformance.reference.parts.bodies import Json
    from conformance.reference.parts.encoding import EncodedAudio

_HALF_A_DAY = 43_200.0
_NOT_FOUND = 404
_TWO_DAYS = 172_800.0


class LinksByDefault(MusicHandlers):
    """Answers with a link where nothing else is asked for."""

    default_output = "url"


class Shortened(MusicHandlers):
    """Has a limit for the length of answers."""

    def hex_data(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Cut the text, in the middle of a byte."""
        text = super().hex_data(encoded)["audio"]
        return {"audio": text[: len(text) // 2 * 2 - 1]}


class Prefixed(MusicHandlers):
    """Writes hex as programmers do."""

    def hex_data(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Put 0x before it."""
        return {"audio": "0x" + encoded.content.hex()}


class HexOfNothing(MusicHandlers):
    """Answers before the file is written."""

    def hex_data(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Give zeros in its place."""
        return {"audio": bytes(len(encoded.content)).hex()}


class DeadLinks(MediaHandlers):
    """Makes links before files are copied."""

    def find(self, name: str) -> Song:
        """Find no file."""
        raise GoneError(_NOT_FOUND, f"there is no file {name}")


class LinksToPages(MediaHandlers):
    """Serves a page with a player."""

    async def get(self, request: Request) -> Response:
        """Deliver the page."""
        self.find(request.path_params["name"])
        return Response("<html><audio controls></audio></html>", media_type="text/html")


class TakesBase64(MusicHandlers):
    """Takes other names for output formats for hex."""

    def check(self, body: Json) -> None:
        """Pass over names that are not known."""
        if isinstance(body, dict) and body.get("output_format") not in (None, "url"):
            body = {**body, "output_format": "hex"}
        super().check(body)


class HexOnly(MusicHandlers):
    """Has no links."""

    def check(self, body: Json) -> None:
        """Refuse to make one."""
        super().check(body)
        if body.get("output_format") == "url":
            raise InvalidParamsError("output_format url is not supported")


class LinksForHalfADay(Songs):
    """Has links of twelve hours."""

    url_seconds = _HALF_A_DAY


class LinksThatEndEarly(Songs):
    """Counts a day from the beginning of the hour."""

    url_seconds = 86_400.0 - 3600


class LinksForTwoDays(Songs):
    """Cleans up every other day."""

    url_seconds = _TWO_DAYS


class EternalLinks(Songs):
    """Never cleans up."""

    def has_expired(self, song: Song, now: int) -> bool:
        """Keep it."""
        del song, now
        return False


class LinksForOne(MediaHandlers):
    """Deletes files once they are downloaded."""

    def find(self, name: str) -> Song:
        """Find it once."""
        song = super().find(name)
        self._services.songs.forget(song.tenant_id)
        return song


class RemembersStreams(MusicHandlers):
    """Keeps what a key has asked for."""

    def __init__(self, services: Services, guard: Guard, reader: BodyReader) -> None:
        super().__init__(services, guard, reader)
        self._streaming: set[str] = set()

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """Stream to a key that has streamed before."""
        if body.get("stream"):
            self._streaming.add(song.tenant_id)
        return super().answer(request, {**body, "stream": song.tenant_id in self._streaming}, song)


class StreamsLinks(MusicHandlers):
    """Answers a stream that asks for a link with the link."""

    def check(self, body: Json) -> None:
        """Let the pair pass."""
        if isinstance(body, dict) and body.get("stream") and body.get("output_format") == "url":
            super().check({**body, "stream": False})
        else:
            super().check(body)

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """Give the link in one event."""
        if not (body.get("stream") and body.get("output_format") == "url"):
            return super().answer(request, body, song)
        content = self.content(request, self._services.songs.compose(song), self.url_data(request, song))
        return Response(self.streams().event(content), media_type="text/event-stream")


MUTANTS = (
    Mutant(
        id="url-by-default",
        breaks="MINIMAX-FORMAT-01",
        story="Answers became too long, and links became the default.",
        front={"music": LinksByDefault},
    ),
    Mutant(
        id="hex-cut-short",
        breaks="MINIMAX-FORMAT-02",
        story="A limit for the length of answers cuts the text in the middle of a byte.",
        front={"music": Shortened},
    ),
    Mutant(
        id="hex-with-a-prefix",
        breaks="MINIMAX-FORMAT-02",
        story="Hex is written as programmers write it.",
        front={"music": Prefixed},
    ),
    Mutant(
        id="hex-of-nothing",
        breaks="MINIMAX-FORMAT-02",
        story="The answer is written before the file is.",
        front={"music": HexOfNothing},
    ),
    Mutant(
        id="url-dead",
        breaks="MINIMAX-FORMAT-03",
        story="The link is made before the file is copied to where it points.",
        front={"media": DeadLinks},
    ),
    Mutant(
        id="url-of-a-page",
        breaks="MINIMAX-FORMAT-03",
        story="The link leads to a page with a player.",
        front={"media": LinksToPages},
    ),
    Mutant(
        id="any-output-format",
        breaks="MINIMAX-FORMAT-04",
        story="A name that is not known counts as the default.",
        front={"music": TakesBase64},
    ),
    Mutant(
        id="hex-only",
        breaks="MINIMAX-FORMAT-04",
        story="Links were switched off with the bucket that they led to.",
        front={"music": HexOnly},
    ),
    Mutant(
        id="url-for-half-a-day",
        breaks="MINIMAX-FORMAT-05",
        story="Links end after twelve hours.",
        cast={"songs": LinksForHalfADay},
    ),
    Mutant(
        id="url-ends-an-hour-early",
        breaks="MINIMAX-FORMAT-05",
        story="The day of a link is counted from the beginning of the hour before.",
        cast={"songs": LinksThatEndEarly},
    ),
    Mutant(
        id="url-for-one-download",
        breaks="MINIMAX-FORMAT-05",
        story="What is downloaded is deleted, to save room.",
        front={"media": LinksForOne},
    ),
    Mutant(
        id="url-for-two-days",
        breaks="MINIMAX-FORMAT-06",
        story="Files are deleted every other day.",
        cast={"songs": LinksForTwoDays},
    ),
    Mutant(
        id="url-for-ever",
        breaks="MINIMAX-FORMAT-06",
        story="No one deletes files.",
        cast={"songs": EternalLinks},
    ),
    Mutant(
        id="streamed-unasked",
        breaks="MINIMAX-STREAM-05",
        story="What a key has asked for once is kept with the key.",
        front={"music": RemembersStreams},
    ),
    Mutant(
        id="stream-with-a-url",
        breaks="MINIMAX-STREAM-04",
        story="A stream that asks for a link gets one, in its only event.",
        front={"music": StreamsLinks},
    ),
)
