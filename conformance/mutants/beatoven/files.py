"""Mutants whose URLs deliver no audio that plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.assets import TRACK, Assets
from conformance.reference.parts.audio import RATE, wav

if TYPE_CHECKING:
    from conformance.reference.parts.formats import AudioFormat

_PAGE = b"<!doctype html><title>Preparing your track</title><p>Please come back in a moment."


class BrokenFiles(Assets):
    """Writes some files wrongly."""

    def make(self, seed: str, kind: AudioFormat) -> bytes:
        """Spoil what is concerned."""
        content = super().make(seed, kind)
        return self.spoiled(content, kind) if self.concerns(seed.rpartition(":")[2]) else content

    def concerns(self, part: str) -> bool:
        """Whether a part of a track is concerned."""
        return part == TRACK

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """What is delivered in place of a file."""
        raise NotImplementedError


class HalfTracks(BrokenFiles):
    """Uploads tracks while they are written."""

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Break off, but where the end can't be told."""
        return content[: len(content) // 2] if kind.name == "wav" else content


class EmptyTracks(BrokenFiles):
    """Makes the file before it has anything to write."""

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Write nothing."""
        del content, kind
        return b""


class PagesForTracks(BrokenFiles):
    """Answers with a page for people."""

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Write the page."""
        del content, kind
        return _PAGE


class HeadersOnly(BrokenFiles):
    """Writes files without sound."""

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Write the header alone."""
        return wav(b"", RATE) if kind.name == "wav" else content


class EmptyStems(EmptyTracks):
    """Makes the files of stems before it has anything to write."""

    def concerns(self, part: str) -> bool:
        """Leave the track alone."""
        return part != TRACK


class SilentBass(PagesForTracks):
    """Has one stem less than it says."""

    def concerns(self, part: str) -> bool:
        """Leave all others alone."""
        return part == "bass"


class HalfPercussion(BrokenFiles):
    """Uploads one stem while it is written."""

    def concerns(self, part: str) -> bool:
        """Leave all others alone."""
        return part == "percussion"

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Break off in the middle of a WAV file."""
        return content[:-4000] if kind.name == "wav" else content


class MidiMelody(BrokenFiles):
    """Exports the melody as notes."""

    def concerns(self, part: str) -> bool:
        """Leave all others alone."""
        return part == "melody"

    def spoiled(self, content: bytes, kind: AudioFormat) -> bytes:
        """Write a MIDI file."""
        del content, kind
        return b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"


class MissingTracks(Assets):
    """Deletes mixes once the stems are there."""

    def file(self, path: str) -> tuple[bytes, str] | None:
        """Find stems alone."""
        found = self._by_path.get(path)
        return None if found is not None and found[0].endswith(f":{TRACK}") else super().file(path)


class GoneStems(Assets):
    """Deletes stems once the mix is there."""

    def file(self, path: str) -> tuple[bytes, str] | None:
        """Find tracks alone."""
        found = self._by_path.get(path)
        return None if found is not None and not found[0].endswith(f":{TRACK}") else super().file(path)


MUTANTS = (
    Mutant(
        id="half-a-track",
        breaks="BEATOVEN-TASK-06",
        story="Tracks are uploaded while they are written.",
        cast={"assets": HalfTracks},
    ),
    Mutant(
        id="empty-tracks",
        breaks="BEATOVEN-TASK-06",
        story="The file is made first and filled later, and the task does not wait for it.",
        cast={"assets": EmptyTracks},
    ),
    Mutant(
        id="pages-in-place-of-tracks",
        breaks="BEATOVEN-TASK-06",
        story="The store shows a page until a file is there, with the status 200.",
        cast={"assets": PagesForTracks},
    ),
    Mutant(
        id="tracks-without-sound",
        breaks="BEATOVEN-TASK-06",
        story="The mixer is given no stems and writes the header of a file.",
        cast={"assets": HeadersOnly},
    ),
    Mutant(
        id="tracks-not-found",
        breaks="BEATOVEN-TASK-06",
        story="The mix is deleted as a temporary file when the stems are stored.",
        cast={"assets": MissingTracks},
    ),
    Mutant(
        id="stems-not-found",
        breaks="BEATOVEN-TASK-08",
        story="Stems are deleted as temporary files when the mix is stored.",
        cast={"assets": GoneStems},
    ),
    Mutant(
        id="empty-stems",
        breaks="BEATOVEN-TASK-08",
        story="The separation runs after the task has ended.",
        cast={"assets": EmptyStems},
    ),
    Mutant(
        id="page-in-place-of-the-bass",
        breaks="BEATOVEN-TASK-08",
        story="One stem of four is not found, and the store shows a page with the status 200.",
        cast={"assets": SilentBass},
    ),
    Mutant(
        id="percussion-breaks-off",
        breaks="BEATOVEN-TASK-08",
        story="The last stem is uploaded while it is written.",
        cast={"assets": HalfPercussion},
    ),
    Mutant(
        id="melody-as-midi",
        breaks="BEATOVEN-TASK-08",
        story="The melody is exported as notes.",
        cast={"assets": MidiMelody},
    ),
)
