"""Mutants that deliver another format than the one that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.assets import TRACK, Assets
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.parts.formats import FORMATS

if TYPE_CHECKING:
    from conformance.reference.beatoven.records import Task
    from conformance.reference.parts.formats import AudioFormat


class OtherEncoder(Assets):
    """Encodes some formats as others."""

    asked = ""
    given = ""

    def kind_of(self, task: Task, part: str) -> AudioFormat:
        """Take the wrong encoder for the track."""
        kind = super().kind_of(task, part)
        return FORMATS[self.given] if part == TRACK and kind.name == self.asked else kind


class WavForMp3(OtherEncoder):
    """Has no encoder for mp3."""

    asked, given = "mp3", "wav"


class AacForMp3(OtherEncoder):
    """Has one encoder for all that is compressed."""

    asked, given = "mp3", "aac"


class Mp3ForAac(OtherEncoder):
    """Has one encoder for all that is compressed."""

    asked, given = "aac", "mp3"


class WavForAac(OtherEncoder):
    """Has no encoder for aac."""

    asked, given = "aac", "wav"


class Mp3ForLoopless(Assets):
    """Takes a flag that is false for one that is not there."""

    def kind_of(self, task: Task, part: str) -> AudioFormat:
        """Compress what is not looped in wav when it was asked for by name."""
        kind = super().kind_of(task, part)
        named = task.track.prompt.startswith("30 seconds")
        return FORMATS["mp3"] if kind.name == "wav" and named and part == TRACK else kind


class FlacForWav(OtherEncoder):
    """Saves room."""

    asked, given = "wav", "flac"


class Mp3ByDefault(Compositions):
    """Has another default."""

    def default_format(self) -> str:
        """Prefer small files."""
        return "mp3"


class AacByDefault(Compositions):
    """Has another default."""

    def default_format(self) -> str:
        """Prefer what phones play."""
        return "aac"


MUTANTS = (
    Mutant(
        id="wav-in-place-of-mp3",
        breaks="BEATOVEN-TRACK-07",
        story="The encoder of mp3 failed to build, and the file goes out as the mixer wrote it.",
        cast={"assets": WavForMp3},
    ),
    Mutant(
        id="aac-in-place-of-mp3",
        breaks="BEATOVEN-TRACK-07",
        story="All compressed formats go through one encoder.",
        cast={"assets": AacForMp3},
    ),
    Mutant(
        id="mp3-in-place-of-aac",
        breaks="BEATOVEN-TRACK-08",
        story="AAC was added to the validation and not to the encoder.",
        cast={"assets": Mp3ForAac},
    ),
    Mutant(
        id="wav-in-place-of-aac",
        breaks="BEATOVEN-TRACK-08",
        story="What the encoder does not know falls back to the default.",
        cast={"assets": WavForAac},
    ),
    Mutant(
        id="mp3-of-long-tracks",
        breaks="BEATOVEN-TRACK-09",
        story="Tracks of half a minute and more are compressed to save room.",
        cast={"assets": Mp3ForLoopless},
    ),
    Mutant(
        id="flac-in-place-of-wav",
        breaks="BEATOVEN-TRACK-09",
        story="FLAC loses nothing either, so the store keeps that.",
        cast={"assets": FlacForWav},
    ),
    Mutant(
        id="mp3-by-default",
        breaks="BEATOVEN-TRACK-10",
        story="The default became mp3, as most clients ask for that.",
        cast={"compositions": Mp3ByDefault},
    ),
    Mutant(
        id="aac-by-default",
        breaks="BEATOVEN-TRACK-10",
        story="The list of formats was sorted, and its first one is the default.",
        cast={"compositions": AacByDefault},
    ),
)
