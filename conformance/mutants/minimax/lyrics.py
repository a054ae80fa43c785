"""Mutants of lyrics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.services.lyricist import Lyricist
from conformance.reference.minimax.shapes import LYRICS, Shape

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json

_TAG = re.compile(r"\[[^\]]*\]\n?")


class WritesNothing(Lyricist):
    """Plans a song and writes it later."""

    def written(self, prompt: str, choices: bytes) -> str:
        """Write nothing yet."""
        del prompt, choices
        return ""


class HasNoTitle(Lyricist):
    """Leaves titles to the singer."""

    def title(self, body: dict[str, Any], choices: bytes) -> str:
        """Find none."""
        del choices
        given: str = body.get("title", "")
        return given


class FindsTitles(Lyricist):
    """Finds a better title."""

    def title(self, body: dict[str, Any], choices: bytes) -> str:
        """Pass over the one that was given."""
        return super().title({name: value for name, value in body.items() if name != "title"}, choices)


class CapitalTitles(Lyricist):
    """Writes titles as titles are written."""

    def title(self, body: dict[str, Any], choices: bytes) -> str:
        """Change the letters of the one that was given."""
        return super().title(body, choices).upper()


class NeedsAPrompt(LyricsHandlers):
    """Needs something to write about."""

    def check(self, body: Json) -> None:
        """Miss it."""
        super().check(body)
        if not body.get("prompt"):
            raise InvalidParamsError("prompt is required")


class NeedsSomePrompt(LyricsHandlers):
    """Takes an empty prompt for a slip."""

    def check(self, body: Json) -> None:
        """Refuse it."""
        super().check(body)
        if body.get("prompt") == "":
            raise InvalidParamsError("prompt is too short")


class EditsAway(Lyricist):
    """Edits until nothing is left."""

    def edited(self, text: str, prompt: str) -> str:
        """Leave nothing."""
        del text, prompt
        return ""


class EditsNothing(LyricsHandlers):
    """Has no editor yet."""

    def check(self, body: Json) -> None:
        """Refuse to edit."""
        super().check(body)
        if body["mode"] == "edit" and body.get("lyrics"):
            raise InvalidParamsError("mode edit is not supported")


class HasADefault(LyricsHandlers):
    """Writes a whole song where no mode is given."""

    def check(self, body: Json) -> None:
        """Put it in."""
        if isinstance(body, dict):
            body.setdefault("mode", "write_full_song")
        super().check(body)


class TakesAnyMode(LyricsHandlers):
    """Writes a whole song where it does not edit."""

    shape = Shape({**LYRICS, "properties": {**LYRICS["properties"], "mode": {"type": "string"}}})


def limited(name: str, most: int | None) -> type[LyricsHandlers]:
    """Handlers with another limit for one text, or none."""
    text = {"type": "string"} if most is None else {"type": "string", "maxLength": most}

    class Limited(LyricsHandlers):
        """Has another limit."""

        shape = Shape({**LYRICS, "properties": {**LYRICS["properties"], name: text}})

    return Limited


class WithoutTags(Lyricist):
    """Writes words only."""

    def song(self, verse: str, chorus: str) -> str:
        """Leave the tags out."""
        return _TAG.sub("", super().song(verse, chorus))


class ForeignTags(Lyricist):
    """Names the parts of a song in another language."""

    def song(self, verse: str, chorus: str) -> str:
        """Change the names."""
        return f"[Strophe]\n{verse}\n\n[Refrain]\n{chorus}"


class WritesTooMuch(Lyricist):
    """Writes on and on."""

    def song(self, verse: str, chorus: str) -> str:
        """Repeat it all until no song is that long."""
        return (super().song(verse, chorus) + "\n\n") * 30


MUTANTS = (
    Mutant(
        id="lyrics-not-written",
        breaks="MINIMAX-LYRICS-01",
        story="The answer comes before the song is written.",
        cast={"lyricist": WritesNothing},
    ),
    Mutant(
        id="lyrics-without-title",
        breaks="MINIMAX-LYRICS-01",
        story="Titles are only those that are given.",
        cast={"lyricist": HasNoTitle},
    ),
    Mutant(
        id="title-replaced",
        breaks="MINIMAX-LYRICS-02",
        story="A title that is given is a hint for a better one.",
        cast={"lyricist": FindsTitles},
    ),
    Mutant(
        id="title-in-capitals",
        breaks="MINIMAX-LYRICS-02",
        story="Titles are written in capitals.",
        cast={"lyricist": CapitalTitles},
    ),
    Mutant(
        id="lyrics-need-a-prompt",
        breaks="MINIMAX-LYRICS-03",
        story="Without a prompt there is nothing to write about.",
        front={"lyrics": NeedsAPrompt},
    ),
    Mutant(
        id="lyrics-need-some-prompt",
        breaks="MINIMAX-LYRICS-03",
        story="An empty prompt is taken for a slip.",
        front={"lyrics": NeedsSomePrompt},
    ),
    Mutant(
        id="lyrics-edited-away",
        breaks="MINIMAX-LYRICS-04",
        story="What is edited is answered without its text.",
        cast={"lyricist": EditsAway},
    ),
    Mutant(
        id="lyrics-never-edited",
        breaks="MINIMAX-LYRICS-04",
        story="There is no editor yet.",
        front={"lyrics": EditsNothing},
    ),
    Mutant(
        id="mode-not-needed",
        breaks="MINIMAX-LYRICS-05",
        story="The mode has a default.",
        front={"lyrics": HasADefault},
    ),
    Mutant(
        id="any-mode",
        breaks="MINIMAX-LYRICS-05",
        story="What is not edited is written.",
        front={"lyrics": TakesAnyMode},
    ),
    Mutant(
        id="lyrics-prompt-off-by-one",
        breaks="MINIMAX-LYRICS-06",
        story="The length is compared with < in place of <=.",
        front={"lyrics": limited("prompt", 1999)},
    ),
    Mutant(
        id="lyrics-prompt-unbounded",
        breaks="MINIMAX-LYRICS-06",
        story="The engine cuts long prompts itself.",
        front={"lyrics": limited("prompt", None)},
    ),
    Mutant(
        id="edited-lyrics-shorter",
        breaks="MINIMAX-LYRICS-07",
        story="The limit is that of an older engine.",
        front={"lyrics": limited("lyrics", 3000)},
    ),
    Mutant(
        id="edited-lyrics-unbounded",
        breaks="MINIMAX-LYRICS-07",
        story="The engine cuts long lyrics itself.",
        front={"lyrics": limited("lyrics", None)},
    ),
    Mutant(
        id="lyrics-without-tags",
        breaks="MINIMAX-LYRICS-08",
        story="Tags are cut off with the rest of the markup.",
        cast={"lyricist": WithoutTags},
    ),
    Mutant(
        id="lyrics-with-foreign-tags",
        breaks="MINIMAX-LYRICS-08",
        story="The parts of a song have the names of another language.",
        cast={"lyricist": ForeignTags},
    ),
    Mutant(
        id="lyrics-too-long-to-sing",
        breaks="MINIMAX-LYRICS-09",
        story="What is written has no limit, and what is sung has one.",
        cast={"lyricist": WritesTooMuch},
    ),
)
