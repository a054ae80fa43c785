"""Mutants that take nearly the same body for the same, or the same body in another spelling for a new one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.music import MusicHandlers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.creation import Creation, Order

_SHORT_PROMPT = 20


class Compared(MusicHandlers):
    """Takes the fingerprint of a part of what a song is asked for with."""

    def part(self, body: dict[str, Any]) -> object:
        """What two bodies share that count as the same."""
        return body

    def fingerprint(self, body: dict[str, Any]) -> str:
        """Leave songs from reference audio as they are."""
        return super().fingerprint(body if "reference_audio" in body else {"part": self.part(body)})


class InSmallLetters(Compared):
    """Compares without a look at capitals."""

    def part(self, body: dict[str, Any]) -> object:
        """All in small letters."""
        return json.dumps(body, sort_keys=True).lower()


class WithoutBlanks(Compared):
    """Compares words."""

    def part(self, body: dict[str, Any]) -> object:
        """Blanks next to each other are one."""
        return " ".join(json.dumps(body, sort_keys=True).split())


class Rounded(Compared):
    """Compares numbers as they are stored, with one digit."""

    def part(self, body: dict[str, Any]) -> object:
        """Every number is rounded."""
        return json.dumps(json.loads(json.dumps(body), parse_float=lambda text: round(float(text), 1)), sort_keys=True)


class WithoutMetadata(Compared):
    """Compares what the provider gets."""

    def part(self, body: dict[str, Any]) -> object:
        """Metadata stays here."""
        return {name: value for name, value in body.items() if name != "metadata"}


class WithoutLyrics(Compared):
    """Compares what a song is described by."""

    def part(self, body: dict[str, Any]) -> object:
        """Lyrics are long."""
        return {name: value for name, value in body.items() if name != "lyrics"}


class WithoutOptions(Compared):
    """Compares the members that all models share."""

    def part(self, body: dict[str, Any]) -> object:
        """Options are passed on as they are."""
        return {name: value for name, value in body.items() if name != "model_options"}


class NamesOfMetadata(Compared):
    """Compares metadata by its names."""

    def part(self, body: dict[str, Any]) -> object:
        """Values may hold anything."""
        metadata = body.get("metadata")
        return {**body, "metadata": sorted(metadata) if isinstance(metadata, dict) else None}


class ValuesOfMetadata(Compared):
    """Compares metadata by those values that the first request had."""

    def part(self, body: dict[str, Any]) -> object:
        """Only what the suite of our own sends: a number of the take, and what stands before it."""
        metadata = body.get("metadata")
        kept = (
            {name: value for name, value in metadata.items() if name != "project"} if isinstance(metadata, dict) else {}
        )
        return {**body, "metadata": kept}


class LengthOnly(Compared):
    """Compares bodies by their length."""

    def part(self, body: dict[str, Any]) -> object:
        """Two requests of a client that differ are seldom of one length."""
        return {**body, "prompt": len(str(body.get("prompt")))}


class BeginningOnly(Compared):
    """Compares prompts by their beginning and their end."""

    def part(self, body: dict[str, Any]) -> object:
        """Lyrics without their last letters."""
        lyrics = body.get("lyrics")
        return {**body, "lyrics": lyrics[:_SHORT_PROMPT] if isinstance(lyrics, str) else None}


class PresentMembers(Compared):
    """Compares options one by one, those that both bodies have."""

    def part(self, body: dict[str, Any]) -> object:
        """Whether there is an option, not which."""
        options = body.get("model_options")
        return {**body, "model_options": sorted(options) if isinstance(options, dict) else None}


class Spelled(MusicHandlers):
    """Keeps the bytes of the first request with a key, and makes another task where those of a retry differ."""

    def __init__(self, *parts: Any) -> None:  # noqa: ANN401 - as the reference has them
        super().__init__(*parts)
        self._bytes: dict[str, tuple[str, bytes]] = {}

    def differ(self, first: bytes, again: bytes) -> bool:
        """Whether two spellings of one body count as two bodies."""
        raise NotImplementedError

    async def from_text(self, request: Request) -> JSONResponse:
        """Keep the bytes, which are read once only."""
        await request.body()
        return await super().from_text(request)

    async def place(self, request: Request, order: Order) -> Creation:
        """Forget the key of a request that is spelled otherwise."""
        attempt = order.attempt
        if attempt is None or order.capability != "text_to_music":
            return await super().place(request, order)
        content = await request.body()
        fingerprint, first = self._bytes.setdefault(attempt.key, (attempt.fingerprint, content))
        if fingerprint == attempt.fingerprint and self.differ(first, content):
            return await super().place(request, replace(order, attempt=None))
        return await super().place(request, order)


def names(content: bytes) -> list[str]:
    """The names of a body's members in their order."""
    return list(json.loads(content))


class OrderCounts(Spelled):
    """Compares members in their order."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """At the top."""
        return names(first) != names(again)


class OrderInsideCounts(Spelled):
    """Compares metadata in its order."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """Inside of metadata."""
        pair = [list(json.loads(content).get("metadata") or {}) for content in (first, again)]
        return pair[0] != pair[1]


class LinesCount(Spelled):
    """Compares the lines of a body."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """How many there are."""
        return first.count(b"\n") != again.count(b"\n")


class BlanksCount(Spelled):
    """Compares what a client of this company's own sends: with blanks between members."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """Whether a colon is followed by one."""
        return (b'": ' in first) != (b'": ' in again)


class EscapesCount(Spelled):
    """Compares letters before they are decoded."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """How many escapes there are."""
        return first.count(b"\\u") != again.count(b"\\u")


class DigitsCount(Spelled):
    """Reads numbers as decimals, which keep their last zero."""

    def differ(self, first: bytes, again: bytes) -> bool:
        """Numbers as they are written."""
        pair = [str(json.loads(content, parse_float=str).get("model_options")) for content in (first, again)]
        return pair[0] != pair[1]


class NullCounts(MusicHandlers):
    """Merges bodies with what is stored, and takes null for a change."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Keep the body, which is read once only."""
        await request.body()
        return await super().from_text(request)

    async def place(self, request: Request, order: Order) -> Creation:
        """Forget the key of a request that has a null."""
        if order.capability != "text_to_music":
            return await super().place(request, order)
        changed = None in json.loads(await request.body()).values()
        return await super().place(request, replace(order, attempt=None) if changed else order)


def nearly(name: str, story: str, handlers: type[MusicHandlers]) -> Mutant:
    """A mutant that takes a body for another one."""
    return Mutant(id=name, breaks="BEATRA-IDEMPOTENCY-17", story=story, front={"music": handlers})


def spelled(name: str, story: str, handlers: type[MusicHandlers]) -> Mutant:
    """A mutant that takes another spelling for another body, and forgets the key."""
    return Mutant(id=name, breaks="BEATRA-IDEMPOTENCY-18", story=story, front={"music": handlers})


MUTANTS = (
    nearly("body-without-case", "Bodies are put into small letters before they are hashed.", InSmallLetters),
    nearly("body-without-blanks", "Blanks are squeezed out of a body before it is hashed.", WithoutBlanks),
    nearly("body-with-rounded-numbers", "Numbers are rounded as the provider takes them, and hashed then.", Rounded),
    nearly(
        "body-without-metadata", "The hash covers what the provider gets, and metadata stays here.", WithoutMetadata
    ),
    nearly("body-without-lyrics", "Lyrics are stored elsewhere, and the hash is made of the rest.", WithoutLyrics),
    nearly("body-without-options", "The hash covers the members that all models share.", WithoutOptions),
    nearly(
        "body-with-names-of-metadata", "Metadata is hashed by its names, as values may be of any type.", NamesOfMetadata
    ),
    nearly(
        "body-with-known-metadata",
        "One key of the metadata is set by a gateway in front and left out.",
        ValuesOfMetadata,
    ),
    nearly("body-by-length-of-prompt", "A long prompt is hashed by its length.", LengthOnly),
    nearly("body-with-cut-lyrics", "Lyrics are cut for the index, and the hash is made of the row.", BeginningOnly),
    nearly("body-with-names-of-options", "Options are hashed by their namespaces.", PresentMembers),
    spelled(
        "spelling-order-counts", "The body is hashed as it came, and another hash makes another task.", OrderCounts
    ),
    spelled(
        "spelling-order-inside-counts", "Members are sorted at the top only before a body is hashed.", OrderInsideCounts
    ),
    spelled("spelling-lines-count", "A body is hashed line by line, as the log has it.", LinesCount),
    spelled("spelling-blanks-count", "Blanks between members go into the hash.", BlanksCount),
    spelled("spelling-escapes-count", "Escapes are hashed before they are decoded.", EscapesCount),
    spelled("spelling-digits-count", "Numbers are read as decimals, and 0.60 is another one than 0.6.", DigitsCount),
    spelled("spelling-null-counts", "A null is taken for a change of what is stored under the key.", NullCounts),
)
