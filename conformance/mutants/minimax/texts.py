"""Mutants with other limits of prompts and lyrics, for the free models; see `models` for those of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.minimax.variants import UNBOUNDED, free_of_audio, with_rules
from conformance.reference.minimax.rules import Lengths, MusicRules, optional, required

if TYPE_CHECKING:
    from collections.abc import Iterator


class InstrumentalsShorter(MusicRules):
    """Compares with < in place of <=."""

    instrumental_prompt = Lengths(1, 1999)


class InstrumentalsLonger(MusicRules):
    """Has no upper limit for instrumental music."""

    instrumental_prompt = Lengths(1, 100_000)


class InstrumentalsFromNothing(MusicRules):
    """Takes an empty prompt."""

    instrumental_prompt = Lengths(0, 2000)


class InstrumentalsWithoutPrompt(MusicRules):
    """Takes a missing prompt."""

    def instrumental_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Look at a prompt that is there."""
        return optional(self.instrumental_prompt, body, "prompt")


class InstrumentalsOfTwo(MusicRules):
    """Takes one letter for a slip."""

    instrumental_prompt = Lengths(2, 2000)


class InstrumentalsSung(MusicRules):
    """Asks for lyrics in any case."""

    def instrumental_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Miss them."""
        yield from super().instrumental_complaints(body)
        yield from required(self.song_lyrics, body, "lyrics")


class SongsDescribed(MusicRules):
    """Needs a prompt for songs."""

    def vocal_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Miss it."""
        yield from required(self.song_prompt, body, "prompt")
        yield from super().vocal_complaints(body)


class SongsNotEmpty(MusicRules):
    """Takes an empty prompt for a slip."""

    song_prompt = Lengths(1, 2000)


class SongsShorter(MusicRules):
    """Has the prompts of covers for songs."""

    song_prompt = Lengths(0, 300)


class SongsLonger(MusicRules):
    """Has no upper limit for the prompts of songs."""

    song_prompt = Lengths(0, 100_000)


class LyricsShorter(MusicRules):
    """Has the lyrics of an older model."""

    song_lyrics = Lengths(1, 3000)


class LyricsOffByOne(MusicRules):
    """Compares with < in place of <=."""

    song_lyrics = Lengths(1, 3499)


class LyricsLonger(MusicRules):
    """Has no upper limit for lyrics."""

    song_lyrics = Lengths(1, 100_000)


class LyricsOfTen(MusicRules):
    """Has the shortest lyrics of covers for songs."""

    song_lyrics = Lengths(10, 3500)


class LyricsEmpty(MusicRules):
    """Takes empty lyrics."""

    song_lyrics = Lengths(0, 3500)


class WritesNothing(MusicRules):
    """Does not know that lyrics can be written."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Pass over the switch."""
        return super().song_complaints({name: value for name, value in body.items() if name != "lyrics_optimizer"})


class WritesUnasked(MusicRules):
    """Has the switch on where it is left out."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Write lyrics wherever there are none and there is a prompt."""
        return super().song_complaints({"lyrics_optimizer": True, **body})


class PlaysUnasked(MusicRules):
    """Has instrumental music where the request does not say otherwise."""

    def song_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Take a song without lyrics for instrumental music, unless the request says otherwise."""
        if "lyrics" in body or body.get("lyrics_optimizer"):
            return super().song_complaints(body)
        return super().song_complaints({"is_instrumental": True, **body})


class TagsOfLyrics(MusicRules):
    """Knows the tags that written lyrics have, and no others."""

    unknown: tuple[str, ...] = ("[Pre Chorus]", "[Build Up]", "[Inst]", "[Post Chorus]", "[Transition]")

    def vocal_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Miss them in the list."""
        yield from super().vocal_complaints(body)
        if any(tag in body.get("lyrics", "") for tag in self.unknown):
            yield "lyrics has an unknown tag"


class TagsButOne(TagsOfLyrics):
    """Has forgotten one tag."""

    unknown: tuple[str, ...] = ("[Solo]",)


class CoverPromptShorter(MusicRules):
    """Compares with < in place of <=."""

    cover_prompt = Lengths(10, 299)


class CoverPromptLonger(MusicRules):
    """Has the prompts of songs for covers."""

    cover_prompt = Lengths(10, 2000)


class CoverPromptOfOne(MusicRules):
    """Has no lower limit for the prompts of covers."""

    cover_prompt = Lengths(1, 300)


class CoverPromptOfEleven(MusicRules):
    """Compares with > in place of >=."""

    cover_prompt = Lengths(11, 300)


class CoversWithoutPrompt(MusicRules):
    """Covers in the style of the reference when no other is asked for."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Need no prompt."""
        return super().cover_complaints({"prompt": "the style of the reference", **body})


class CoverLyricsOfSongs(MusicRules):
    """Has the lyrics of songs for covers."""

    cover_lyrics = Lengths(10, 3500)


class CoverLyricsOfOne(MusicRules):
    """Has no lower limit for the lyrics of covers."""

    cover_lyrics = Lengths(1, 1000)


class CoverLyricsOffByOne(MusicRules):
    """Compares with < in place of <=."""

    cover_lyrics = Lengths(10, 999)


class CoversNeedLyrics(MusicRules):
    """Can't hear the words of a reference."""

    def cover_complaints(self, body: dict[str, Any]) -> Iterator[str]:
        """Need lyrics for every cover."""
        yield from super().cover_complaints(body)
        if "cover_feature_id" not in body:
            yield from required(self.cover_lyrics, body, "lyrics")


def _limits(id: str, requirement: str, story: str, rules: MusicRules) -> Mutant:  # noqa: A002 - that of a mutant
    return Mutant(id=id, breaks=requirement, story=story, front={"music": with_rules(rules, free_of_audio, UNBOUNDED)})


MUTANTS = (
    _limits(
        "instrumental-prompt-off-by-one",
        "MINIMAX-MUSIC-02",
        "The length is compared with < in place of <=.",
        InstrumentalsShorter(),
    ),
    _limits(
        "instrumental-prompt-unbounded",
        "MINIMAX-MUSIC-02",
        "The length of the prompt is looked at for songs only.",
        InstrumentalsLonger(),
    ),
    _limits(
        "instrumental-prompt-empty",
        "MINIMAX-MUSIC-02",
        "The limits of songs hold for instrumental music, and these take an empty prompt.",
        InstrumentalsFromNothing(),
    ),
    _limits(
        "instrumental-prompt-missing",
        "MINIMAX-MUSIC-02",
        "A prompt that is missing is not looked at.",
        InstrumentalsWithoutPrompt(),
    ),
    _limits(
        "instrumental-prompt-of-two",
        "MINIMAX-MUSIC-02",
        "One letter is taken for a slip.",
        InstrumentalsOfTwo(),
    ),
    _limits(
        "instrumental-needs-lyrics",
        "MINIMAX-MUSIC-03",
        "Lyrics are asked for before anyone looks whether they are sung.",
        InstrumentalsSung(),
    ),
    _limits("song-needs-prompt", "MINIMAX-MUSIC-04", "The prompt is required in any case.", SongsDescribed()),
    _limits("song-prompt-not-empty", "MINIMAX-MUSIC-04", "An empty prompt is taken for a slip.", SongsNotEmpty()),
    _limits("song-prompt-like-covers", "MINIMAX-MUSIC-04", "Songs have the prompts of covers.", SongsShorter()),
    _limits("song-prompt-unbounded", "MINIMAX-MUSIC-04", "What is optional is not looked at.", SongsLonger()),
    _limits("lyrics-of-an-older-model", "MINIMAX-MUSIC-05", "The limit is that of an older model.", LyricsShorter()),
    _limits("lyrics-off-by-one", "MINIMAX-MUSIC-05", "The length is compared with < in place of <=.", LyricsOffByOne()),
    _limits("lyrics-unbounded", "MINIMAX-MUSIC-05", "The engine cuts long lyrics itself.", LyricsLonger()),
    _limits("lyrics-like-covers", "MINIMAX-MUSIC-05", "Songs have the shortest lyrics of covers.", LyricsOfTen()),
    _limits("lyrics-empty", "MINIMAX-MUSIC-05", "Lyrics that are there are taken for lyrics.", LyricsEmpty()),
    _limits("lyrics-never-written", "MINIMAX-MUSIC-06", "The switch came with a later engine.", WritesNothing()),
    _limits("lyrics-written-unasked", "MINIMAX-MUSIC-08", "The switch is on where it is left out.", WritesUnasked()),
    _limits(
        "instrumental-unasked",
        "MINIMAX-MUSIC-09",
        "Without lyrics, music is instrumental, whether or not it was asked for.",
        PlaysUnasked(),
    ),
    _limits("tags-of-written-lyrics", "MINIMAX-MUSIC-07", "The list of tags is that of lyrics.", TagsOfLyrics()),
    _limits("one-tag-forgotten", "MINIMAX-MUSIC-07", "One tag was forgotten.", TagsButOne()),
    _limits(
        "cover-prompt-off-by-one",
        "MINIMAX-COVER-01",
        "The length is compared with < in place of <=.",
        CoverPromptShorter(),
    ),
    _limits("cover-prompt-like-songs", "MINIMAX-COVER-01", "Covers have the prompts of songs.", CoverPromptLonger()),
    _limits("cover-prompt-of-one", "MINIMAX-COVER-01", "Any prompt that is there will do.", CoverPromptOfOne()),
    _limits(
        "cover-prompt-of-eleven",
        "MINIMAX-COVER-01",
        "The length is compared with > in place of >=.",
        CoverPromptOfEleven(),
    ),
    _limits(
        "cover-prompt-missing",
        "MINIMAX-COVER-01",
        "Without a prompt the style of the reference is kept.",
        CoversWithoutPrompt(),
    ),
    _limits("cover-lyrics-like-songs", "MINIMAX-COVER-02", "Covers have the lyrics of songs.", CoverLyricsOfSongs()),
    _limits("cover-lyrics-of-one", "MINIMAX-COVER-02", "Any lyrics that are there will do.", CoverLyricsOfOne()),
    _limits(
        "cover-lyrics-off-by-one",
        "MINIMAX-COVER-02",
        "The length is compared with < in place of <=.",
        CoverLyricsOffByOne(),
    ),
    _limits(
        "cover-lyrics-needed",
        "MINIMAX-COVER-02",
        "The words of a reference are not listened to.",
        CoversNeedLyrics(),
    ),
)
