"""The files of composed tracks: the track and its stems, made when a client first asks for them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from conformance.reference.parts.audio import melody
from conformance.reference.parts.formats import FORMATS, encoded

if TYPE_CHECKING:
    from conformance.reference.beatoven.records import Task
    from conformance.reference.parts.formats import AudioFormat

TRACK = "track"
STEMS = ("bass", "chords", "melody", "percussion")


class Assets:
    """Names files by paths that can't be guessed, and delivers them without a token."""

    def __init__(self) -> None:
        self._by_path: dict[str, tuple[str, AudioFormat]] = {}
        self._made: dict[str, bytes] = {}

    def path(self, task: Task, part: str) -> str:
        """The path of a part of a composed track: the track itself, or one of its stems."""
        kind = self.kind_of(task, part)
        seed = self.seed_of(task, part)
        path = f"/assets/{hashlib.sha256(f'{id(self)}:{seed}'.encode()).hexdigest()}{kind.extension}"
        self._by_path[path] = seed, kind
        return path

    def kind_of(self, task: Task, part: str) -> AudioFormat:
        """The format of a part: all are in the one that was asked for."""
        del part
        return FORMATS[task.format]

    def seed_of(self, task: Task, part: str) -> str:
        """What decides how a part sounds."""
        return f"{task.task_id}:{part}"

    def file(self, path: str) -> tuple[bytes, str] | None:
        """The bytes behind a path and their media type, None when there are none."""
        if path not in self._by_path:
            return None
        seed, kind = self._by_path[path]
        if path not in self._made:
            self._made[path] = self.make(seed, kind)
        return self._made[path], kind.media_type

    def make(self, seed: str, kind: AudioFormat) -> bytes:
        """Compose a part."""
        return encoded(melody(seed), kind.name)
