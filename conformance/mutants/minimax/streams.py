"""Mutants whose streams deliver something else, or come to another end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.handlers.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_streams(kind: type[Streams]) -> type[MusicHandlers]:
    """Handlers that stream in this way."""

    class Changed(MusicHandlers):
        """Streams in another way."""

        streams = kind

    return Changed


class LosesAPiece(Streams):
    """Drops a piece when the client is slow; its last event has no audio."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Leave the first piece out."""
        pieces = super().pieces(content)
        next(pieces)
        return pieces

    def last_data(self, content: bytes) -> dict[str, Any]:
        """Rely on the pieces."""
        del content
        return {}


class Shuffles(Streams):
    """Sends pieces as they get ready; its last event has no audio."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Turn them round."""
        return reversed(list(super().pieces(content)))

    def last_data(self, content: bytes) -> dict[str, Any]:
        """Rely on the pieces."""
        del content
        return {}


class SpeaksBase64(Streams):
    """Codes pieces as the framework's own client expects them."""

    def event(self, content: dict[str, Any]) -> str:
        """Write audio in another way."""
        text = content["data"].get("audio", "")
        return super().event({**content, "data": {**content["data"], "audio": text[::-1] + "=="}})


class Swallows(Streams):
    """Sends statuses only."""

    def event(self, content: dict[str, Any]) -> str:
        """Leave the audio out."""
        return super().event({**content, "data": {"status": content["data"]["status"]}})


class NeverCompletes(Streams):
    """Closes the connection when the last piece is sent."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Leave the last event out."""
        return iter(list(super().events(content, last))[:-1])


class CompletesTwice(Streams):
    """Says that it is complete, and goes on."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Send the end before the last piece."""
        *pieces, end = super().events(content, last)
        yield from [*pieces[:-1], end, pieces[-1]]


class AllComplete(Streams):
    """Calls each piece complete, as it is one whole piece."""

    def event(self, content: dict[str, Any]) -> str:
        """Give every event the status of the last."""
        return super().event({**content, "data": {**content["data"], "status": 2}})


class CompletesInSilence(Streams):
    """Tells what it delivered to those who ask for it at once."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Leave it out of the last event."""
        told = {name: value for name, value in last.items() if name != "extra_info"}
        return super().events(content, told)


class EndsWithText(Streams):
    """Ends in the way of another API, without saying that it is complete."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Send the text in place of the last event."""
        *pieces, _ = super().events(content, last)
        yield from [*pieces, "data: [DONE]\n\n"]


def _streams(id: str, requirement: str, story: str, kind: type[Streams]) -> Mutant:  # noqa: A002 - that of a mutant
    return Mutant(id=id, breaks=requirement, story=story, front={"music": with_streams(kind)})


MUTANTS = (
    _streams(
        "stream-loses-a-piece", "MINIMAX-STREAM-01", "The first piece is sent before a client can read.", LosesAPiece
    ),
    _streams("stream-out-of-order", "MINIMAX-STREAM-01", "Pieces are sent as they get ready.", Shuffles),
    _streams("stream-not-in-hex", "MINIMAX-STREAM-01", "Events have another code than single answers.", SpeaksBase64),
    _streams("stream-without-audio", "MINIMAX-STREAM-01", "Events say how it goes on, and nothing more.", Swallows),
    _streams(
        "stream-never-completes",
        "MINIMAX-STREAM-03",
        "The connection is closed when the last piece is sent, without an event that says so.",
        NeverCompletes,
    ),
    _streams("stream-goes-on", "MINIMAX-STREAM-02", "The end overtakes the last piece.", CompletesTwice),
    _streams("stream-all-complete", "MINIMAX-STREAM-02", "Each piece is complete, and says so.", AllComplete),
    _streams("stream-ends-with-text", "MINIMAX-STREAM-02", "The end is that of another API.", EndsWithText),
    _streams(
        "stream-tells-nothing",
        "MINIMAX-STREAM-06",
        "What is true of the file is told in single answers only.",
        CompletesInSilence,
    ),
)
