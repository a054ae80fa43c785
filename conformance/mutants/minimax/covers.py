"""Mutants that take other references than they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.minimax.variants import free_of_audio, free_of_prepared, with_rules
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.rules import Lengths, MusicRules, optional
from conformance.reference.minimax.services.references import References

if TYPE_CHECKING:
    from collections.abc import Iterator


class TakesBoth(MusicRules):
    """Takes the first reference that is there."""

    def reference_complaints(self, given: list[str]) -> Iterator[str]:
        """Object only where there is none."""
        return iter(()) if given else super().reference_complaints(given)


class TakesNone(MusicRules):
    """Makes a cover of what it heard last when there is no reference."""

    def reference_complaints(self, given: list[str]) -> Iterator[str]:
        """Object only where there are several."""
        return super().reference_complaints(given) if given else iter(())


class PreparedNeedsMore(MusicRules):
    """Wants the audio of prepared covers as well."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Miss it."""
        yield from super().cover_complaints(body)
        if "cover_feature_id" in body and "audio_url" not in body:
            yield "audio_url is required"


class PreparedPromptOfOne(MusicRules):
    """Has no lower limit for the prompts of prepared covers."""

    cover_prompt = Lengths(1, 300)


class PreparedPromptOffByOne(MusicRules):
    """Compares with < in place of <=."""

    cover_prompt = Lengths(10, 299)


class PreparedWithoutPrompt(MusicRules):
    """Covers in the style that was heard."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Need no prompt."""
        return super().cover_complaints({"prompt": "the style of the reference", **body})


class PreparedWithoutLyrics(MusicRules):
    """Sings the words that were heard."""

    def feature_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Need no lyrics."""
        return optional(self.cover_lyrics, body, "lyrics")


class PreparedLyricsOfSongs(MusicRules):
    """Has the lyrics of songs for prepared covers."""

    cover_lyrics = Lengths(1, 3500)


class FromFiveSeconds(References):
    """Allows for a second of silence."""

    shortest_seconds = 5.0


class FromSevenSeconds(References):
    """Wants more than six seconds."""

    shortest_seconds = 6.5


class UpToTenMinutes(References):
    """Has another limit than the documents."""

    longest_seconds = 600.0


class UpToFiveMinutes(References):
    """Has the limit of an older model."""

    longest_seconds = 300.0


class UpToSixMinutes(References):
    """Compares with < in place of <=."""

    longest_seconds = 359.9


class OfAnySize(References):
    """Leaves sizes to the proxy."""

    def check_size(self, content: bytes) -> None:
        """Take any."""


class BareAudio(References):
    """Knows some formats."""

    unknown: tuple[bytes, ...]

    async def measure(self, content: bytes) -> float:
        """Refuse the others by their first bytes."""
        if content.startswith(self.unknown):
            raise InvalidParamsError("the format of the reference is not supported")
        return await super().measure(content)


class WithoutFlac(BareAudio):
    """Does not know FLAC."""

    unknown: tuple[bytes, ...] = (b"fLaC",)


class FetchesNothing(MusicHandlers):
    """Has no way to the internet where music is made."""

    async def check_reference(self, tenant_id: str, body: dict[str, Any]) -> None:
        """Fail for what is to be fetched."""
        if "audio_url" in body:
            raise InvalidParamsError("audio_url can't be fetched")
        await super().check_reference(tenant_id, body)


class RemembersTheLast(References):
    """Makes a cover of what it heard last."""

    async def bring(self, body: dict[str, Any]) -> tuple[bytes, float]:
        """Take the last reference where there is none."""
        if "audio_url" in body or "audio_base64" in body:
            return await super().bring(body)
        return b"", self.shortest_seconds


def _rules(id: str, requirement: str, story: str, rules: MusicRules, *, prepared: bool = False) -> Mutant:  # noqa: A002 - that of a mutant
    applies = free_of_prepared if prepared else free_of_audio
    return Mutant(id=id, breaks=requirement, story=story, front={"music": with_rules(rules, applies)})


MUTANTS = (
    _rules("two-references", "MINIMAX-COVER-03", "The first reference that is there is taken.", TakesBoth()),
    Mutant(
        id="no-reference",
        breaks="MINIMAX-COVER-03",
        story="Without a reference the last one is taken.",
        front={"music": with_rules(TakesNone(), free_of_audio)},
        cast={"references": RemembersTheLast},
    ),
    _rules(
        "prepared-prompt-of-one",
        "MINIMAX-COVER-04",
        "Any prompt that is there will do.",
        PreparedPromptOfOne(),
        prepared=True,
    ),
    _rules(
        "prepared-prompt-off-by-one",
        "MINIMAX-COVER-04",
        "The length is compared with < in place of <=.",
        PreparedPromptOffByOne(),
        prepared=True,
    ),
    _rules(
        "prepared-prompt-missing",
        "MINIMAX-COVER-04",
        "Without a prompt the style of the reference is kept.",
        PreparedWithoutPrompt(),
        prepared=True,
    ),
    _rules(
        "prepared-without-lyrics",
        "MINIMAX-COVER-05",
        "Without lyrics those that were heard are sung.",
        PreparedWithoutLyrics(),
        prepared=True,
    ),
    _rules(
        "prepared-lyrics-like-songs",
        "MINIMAX-COVER-05",
        "Prepared covers have the lyrics of songs.",
        PreparedLyricsOfSongs(),
        prepared=True,
    ),
    _rules(
        "prepared-and-more",
        "MINIMAX-COVER-06",
        "Prepared audio wins over any other, without an objection.",
        TakesBoth(),
        prepared=True,
    ),
    _rules(
        "prepared-needs-audio",
        "MINIMAX-FEATURE-10",
        "The step that was prepared is not left out.",
        PreparedNeedsMore(),
        prepared=True,
    ),
    Mutant(
        id="reference-of-five-seconds",
        breaks="MINIMAX-REFERENCE-01",
        story="A second of silence is allowed for.",
        cast={"references": FromFiveSeconds},
    ),
    Mutant(
        id="reference-of-six-seconds-refused",
        breaks="MINIMAX-REFERENCE-01",
        story="The length is measured after silence is cut off.",
        cast={"references": FromSevenSeconds},
    ),
    Mutant(
        id="reference-of-ten-minutes",
        breaks="MINIMAX-REFERENCE-02",
        story="The limit was raised, and the documents were not.",
        cast={"references": UpToTenMinutes},
    ),
    Mutant(
        id="reference-of-five-minutes",
        breaks="MINIMAX-REFERENCE-02",
        story="The limit is that of an older model.",
        cast={"references": UpToFiveMinutes},
    ),
    Mutant(
        id="reference-off-by-one",
        breaks="MINIMAX-REFERENCE-02",
        story="The length is compared with < in place of <=.",
        cast={"references": UpToSixMinutes},
    ),
    Mutant(
        id="reference-of-any-size",
        breaks="MINIMAX-REFERENCE-03",
        story="Sizes are left to the proxy, which has another limit.",
        cast={"references": OfAnySize},
        heavy=True,
    ),
    Mutant(
        id="reference-without-flac",
        breaks="MINIMAX-REFERENCE-04",
        story="FLAC was left out when the decoder was built.",
        cast={"references": WithoutFlac},
    ),
    Mutant(
        id="reference-never-fetched",
        breaks="MINIMAX-REFERENCE-05",
        story="The engine has no way out to the internet.",
        front={"music": FetchesNothing},
    ),
)
