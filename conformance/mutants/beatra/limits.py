"""Mutants with other limits than those that are known from the gateway's other routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.music_bodies import with_rules
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.rules import MinimaxRules, SunoRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.validation import Complaint
    from conformance.reference.parts.bodies import Json


class CutsTexts(MusicHandlers):
    """Cuts a text to the length that all models share before it looks at it."""

    name: str
    longest: int

    def check(self, capability: Capability, body: Json) -> None:
        """Look at the beginning of the text only."""
        text = body.get(self.name) if isinstance(body, dict) else None
        super().check(capability, {**body, self.name: text[: self.longest]} if isinstance(text, str) else body)


class CutsPrompts(CutsTexts):
    """Cuts prompts."""

    name, longest = "prompt", 2000


class CutsLyrics(CutsTexts):
    """Cuts lyrics."""

    name, longest = "lyrics", 5000


class CutsTitles(CutsTexts):
    """Cuts titles."""

    name, longest = "title", 100


class CountsOneMore(SunoRules):
    """Compares the length of a simple prompt in the wrong way."""

    simple_prompt = SunoRules.simple_prompt - 1


class KnowsOneMode(SunoRules):
    """Has the limit of custom prompts for all."""

    simple_prompt = SunoRules.custom_prompt


class HasTheSharedPrompt(SunoRules):
    """Has the shared limit for custom prompts."""

    custom_prompt = 2000


class HasTheSharedTitle(SunoRules):
    """Has the shared limit for titles."""

    title = 100


class TrustsOptions(SunoRules):
    """Hands options on as they come."""

    def option_complaints(self, options: dict[str, Any]) -> Iterator[Complaint]:
        """See nothing wrong."""
        del options
        yield from ()


class HasTheSharedLyrics(MinimaxRules):
    """Has the shared limit for lyrics."""

    lyrics = 5000


class CoversLikeSongs(MinimaxRules):
    """Has the limits of songs for the texts of covers."""

    cover_prompt = (1, 2000)
    cover_lyrics = (1, 3500)


class CoversWithoutVoice(MinimaxRules):
    """Looks at the texts of covers only."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[Complaint]:
        """Forget the switches."""
        switches = ("instrumental", "model_options")
        yield from super().cover_complaints({name: value for name, value in body.items() if name not in switches})


class TakesForeignOptions(SunoRules):
    """Passes over options of the other model."""

    def check_family(self, options: dict[str, Any]) -> None:
        """See nothing wrong."""


MUTANTS = (
    Mutant(
        id="simple-prompt-off-by-one",
        breaks="BEATRA-MUSIC-21",
        story="The length is compared with >= in place of >.",
        front={"music": with_rules(CountsOneMore())},
    ),
    Mutant(
        id="prompts-cut",
        breaks="BEATRA-MUSIC-22",
        story="Long prompts are cut silently, to be kind.",
        front={"music": CutsPrompts},
    ),
    Mutant(
        id="lyrics-cut",
        breaks="BEATRA-MUSIC-23",
        story="Long lyrics are cut silently, to be kind.",
        front={"music": CutsLyrics},
    ),
    Mutant(
        id="titles-cut",
        breaks="BEATRA-MUSIC-24",
        story="Long titles are cut silently, to be kind.",
        front={"music": CutsTitles},
    ),
    Mutant(
        id="simple-prompt-like-custom",
        breaks="BEATRA-MUSIC-25",
        story="Both modes got the limit of the longer one.",
        front={"music": with_rules(KnowsOneMode())},
    ),
    Mutant(
        id="custom-prompt-like-all",
        breaks="BEATRA-MUSIC-26",
        story="Custom prompts have the limit that all models share.",
        front={"music": with_rules(HasTheSharedPrompt())},
    ),
    Mutant(
        id="suno-title-like-all",
        breaks="BEATRA-MUSIC-27",
        story="Titles have the limit that all models share.",
        front={"music": with_rules(HasTheSharedTitle())},
    ),
    Mutant(
        id="options-unchecked",
        breaks="BEATRA-MUSIC-29",
        story="The options are handed on to the provider, who clamps them.",
        front={"music": with_rules(TrustsOptions())},
    ),
    Mutant(
        id="minimax-lyrics-like-all",
        breaks="BEATRA-MUSIC-30",
        story="Lyrics have the limit that all models share.",
        front={"music": with_rules(HasTheSharedLyrics())},
    ),
    Mutant(
        id="covers-like-songs",
        breaks="BEATRA-MUSIC-32",
        story="Covers are validated by the rules of songs.",
        front={"music": with_rules(CoversLikeSongs())},
    ),
    Mutant(
        id="covers-without-voice",
        breaks="BEATRA-MUSIC-33",
        story="The rules of covers know texts only.",
        front={"music": with_rules(CoversWithoutVoice())},
    ),
    Mutant(
        id="foreign-options-taken",
        breaks="BEATRA-MUSIC-34",
        story="Options of the other model are known, so no check objects.",
        front={"music": with_rules(TakesForeignOptions())},
    ),
)
