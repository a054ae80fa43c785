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


class LosesADigit(Streams):
    """Cuts events, in the middle of a byte."""

    def event(self, content: dict[str, Any]) -> str:
        """Leave the last digit out."""
        text = content["data"].get("audio", "")
        return super().event({**content, "data": {**content["data"], "audio": text[:-1]}})


class SendsNothing(Streams):
    """Sends pieces before they are made; its last event has no audio."""

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Send zeros in their places."""
        return super().pieces(bytes(len(content)))

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


class CompletesInSilence(Streams):
    """Tells what it delivered to those who ask for it at once."""

    def events(self, content: bytes, last: dict[str, Any]) -> Iterator[str]:
        """Leave it out of the last event."""
        told = {name: value for name, value in last.items() if name != "extra_info"}
        return super().events(content, told)


def _streams(id: str, requirement: str, story: str, kind: type[Streams]) -> Mutant:  # noqa: A002 - that of a mutant
    return Mutant(id=id, breaks=requirement, story=story, front={"music": with_streams(kind)})


MUTANTS = (
    _streams("stream-loses-a-digit", "MINIMAX-STREAM-01", "Events have a limit of their length.", LosesADigit),
    _streams("stream-of-nothing", "MINIMAX-STREAM-01", "Pieces are sent before they are made.", SendsNothing),
    _streams("stream-not-in-hex", "MINIMAX-STREAM-01", "Events have another code than single answers.", SpeaksBase64),
    _streams("stream-without-audio", "MINIMAX-STREAM-01", "Events say how it goes on, and nothing more.", Swallows),
    _streams(
        "stream-never-completes",
        "MINIMAX-STREAM-03",
        "The connection is closed when the last piece is sent, without an event that says so.",
        NeverCompletes,
    ),
    Mutant(
        id="stream-goes-on",
        breaks="MINIMAX-STREAM-02",
        story="The end overtakes the last piece.",
        front={"music": with_streams(CompletesTwice)},
        consequences={"MINIMAX-STREAM-03": "A piece that comes after the end is something after the end."},
    ),
    _streams(
        "stream-tells-nothing",
        "MINIMAX-STREAM-06",
        "What is true of the file is told in single answers only.",
        CompletesInSilence,
    ),
)
