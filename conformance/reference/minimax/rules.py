"""What each model takes within the shape that all bodies share: who needs a prompt, who needs lyrics, how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.reference.minimax.errors import InvalidParamsError

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCES = ("audio_url", "audio_base64", "cover_feature_id")


class Lengths(NamedTuple):
    """How many characters a text has at least and at most."""

    least: int
    most: int


class MusicRules:
    """The rules of all models, by what a request asks them for."""

    instrumental_prompt = Lengths(1, 2000)
    song_prompt = Lengths(0, 2000)
    song_lyrics = Lengths(1, 3500)
    cover_prompt = Lengths(10, 300)
    cover_lyrics = Lengths(10, 1000)

    def check(self, body: dict[str, Any], *, cover: bool) -> None:
        """Refuse what the model does not take; raises InvalidParamsError."""
        for complaint in self.complaints(body, cover=cover):
            raise InvalidParamsError(complaint)

    def complaints(self, body: dict[str, Any], *, cover: bool) -> Iterator[str]:
        """All that is wrong."""
        yield from self.cover_complaints(body) if cover else self.song_complaints(body)
        yield from self.output_complaints(body)

    def song_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """What is wrong with a request for a song from text."""
        if body.get("is_instrumental"):
            yield from self.instrumental_complaints(body)
        elif body.get("lyrics_optimizer") and not body.get("lyrics"):
            yield from self.optimizer_complaints(body)
        else:
            yield from self.vocal_complaints(body)

    def instrumental_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Music without singing needs a description."""
        yield from required(self.instrumental_prompt, body, "prompt")

    def optimizer_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Lyrics are written from the prompt."""
        yield from required(self.instrumental_prompt, body, "prompt")

    def vocal_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Songs need lyrics, and may have a description."""
        yield from optional(self.song_prompt, body, "prompt")
        yield from required(self.song_lyrics, body, "lyrics")

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Covers need a style and exactly one reference; with a preprocessed one they need lyrics."""
        yield from required(self.cover_prompt, body, "prompt")
        given = [name for name in REFERENCES if name in body]
        if len(given) != 1:
            yield from self.reference_complaints(given)
        if "cover_feature_id" in given:
            yield from self.feature_complaints(body)
        else:
            yield from optional(self.cover_lyrics, body, "lyrics")

    def reference_complaints(self, given: list[str]) -> Iterator[str]:
        """What is wrong when not exactly one reference is given."""
        del given
        yield "exactly one of audio_url, audio_base64 and cover_feature_id must be provided"

    def feature_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """A preprocessed reference comes without the words that are to be sung."""
        yield from required(self.cover_lyrics, body, "lyrics")

    def output_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Streams carry hex only."""
        if body.get("stream") and body.get("output_format") == "url":
            yield "only hex is supported when stream is true"


def required(lengths: Lengths, body: dict[str, Any], name: str) -> Iterator[str]:
    """A complaint when a text is missing or out of its bounds."""
    if name not in body:
        yield f"{name} is required"
    else:
        yield from optional(lengths, body, name)


def optional(lengths: Lengths, body: dict[str, Any], name: str) -> Iterator[str]:
    """A complaint when a text that was given is out of its bounds."""
    if name not in body:
        return
    length = len(body[name])
    if length < lengths.least:
        yield f"{name} is too short" if length else f"{name} is required"
    if length > lengths.most:
        yield f"{name} is too long"
