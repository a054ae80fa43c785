"""Mutants that answer, or take, something else than the document says."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.minimax.answers import in_successes_of
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.covers import CoverHandlers
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.shapes import LYRICS, MUSIC, PREPROCESS, Shape
from conformance.reference.parts.audio import RATE, melody_frames, wav

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json

SOUND = base64.b64encode(wav(melody_frames("sample") * 6, RATE)).decode()


def _status_as_text(content: dict[str, Any]) -> None:
    content["data"]["status"] = "completed"


def _trace_as_number(content: dict[str, Any]) -> None:
    content["trace_id"] = 1


def _styles_as_list(content: dict[str, Any]) -> None:
    content["style_tags"] = content["style_tags"].split(", ")


def _words_as_list(content: dict[str, Any]) -> None:
    content["formatted_lyrics"] = content["formatted_lyrics"].splitlines()


class SilentPrompts(MusicHandlers):
    """Wants to know the mood before it sings."""

    def check(self, body: Json) -> None:
        """Refuse lyrics of two lines and a form that is asked for."""
        super().check(body)
        if "audio_setting" in body and body.get("is_instrumental") is False:
            raise InvalidParamsError("audio_setting is taken for instrumental music only")


class LongTitlesOnly(LyricsHandlers):
    """Takes titles that say something."""

    shortest = 12

    def check(self, body: Json) -> None:
        """Refuse the others."""
        super().check(body)
        if len(body.get("title", "a title that is long")) < self.shortest:
            raise InvalidParamsError("title is too short")


class TakesTextForSwitches(MusicHandlers):
    """Takes whatever is true for true."""

    shape = Shape({**MUSIC, "properties": {**MUSIC["properties"], "stream": {}, "is_instrumental": {}}})


class TakesAnyTitle(LyricsHandlers):
    """Writes titles as they come."""

    shape = Shape({**LYRICS, "properties": {**LYRICS["properties"], "title": {}}})

    def check(self, body: Json) -> None:
        """Make a text of it."""
        super().check(body)
        if "title" in body:
            body["title"] = str(body["title"])


class TakesAnyBody(CoverHandlers):
    """Takes what is no text for no reference."""

    shape = Shape(
        {**PREPROCESS, "properties": {**PREPROCESS["properties"], "audio_url": {"type": ["string", "number", "null"]}}}
    )

    def check(self, body: Json) -> None:
        """Leave it out."""
        if isinstance(body, dict) and not isinstance(body.get("audio_url", ""), str):
            del body["audio_url"]
            body.setdefault("audio_base64", SOUND)
        super().check(body)


MUTANTS = (
    Mutant(
        id="status-as-text",
        breaks="MINIMAX-generateMusic-CONFORMS",
        story="The status is written as the word that stands for it.",
        wrap=in_successes_of("/music_generation", _status_as_text),
    ),
    Mutant(
        id="words-as-a-list",
        breaks="MINIMAX-preprocessCover-CONFORMS",
        story="The words are answered line by line.",
        wrap=in_successes_of("/music_cover_preprocess", _words_as_list),
    ),
    Mutant(
        id="styles-as-a-list",
        breaks="MINIMAX-generateLyrics-CONFORMS",
        story="The styles are answered as a list.",
        wrap=in_successes_of("/lyrics_generation", _styles_as_list),
    ),
    Mutant(
        id="sung-in-one-form",
        breaks="MINIMAX-generateMusic-ACCEPTS",
        story="Songs come in one form, and asking for another is an error.",
        front={"music": SilentPrompts},
        generated=True,
        examples=20,
    ),
    Mutant(
        id="titles-of-some-length",
        breaks="MINIMAX-generateLyrics-ACCEPTS",
        story="A title is checked like a password.",
        front={"lyrics": LongTitlesOnly},
        generated=True,
    ),
    Mutant(
        id="switches-of-any-type",
        breaks="MINIMAX-generateMusic-REFUSES",
        story="Whatever is true counts as true.",
        front={"music": TakesTextForSwitches},
        generated=True,
    ),
    Mutant(
        id="urls-of-any-type",
        breaks="MINIMAX-preprocessCover-REFUSES",
        story="What is no text is replaced by the sample of the documentation.",
        front={"covers": TakesAnyBody},
        generated=True,
    ),
    Mutant(
        id="titles-of-any-type",
        breaks="MINIMAX-generateLyrics-REFUSES",
        story="Whatever the title is, it is written down.",
        front={"lyrics": TakesAnyTitle},
        generated=True,
    ),
)
