"""Mutants whose music is not what the task promises: too few clips, clips without a file, files without sound."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InternalError
from conformance.reference.beatra.handlers.media import MediaHandlers
from conformance.reference.beatra.services.artifacts import Artifacts
from conformance.reference.beatra.services.catalogue import Catalogue
from conformance.reference.beatra.services.presenter import Presenter

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.reference.beatra.services.artifacts import Artifact
    from conformance.reference.beatra.services.tasks import Task

_HALF_A_MELODY = 12_000
_HEADER = 44


class OneClipEach(Catalogue):
    """Takes one clip from every model."""

    models = tuple(replace(model, clips=1) for model in Catalogue.models)


class OneClipMoreForSuno(Catalogue):
    """Takes three clips from suno-5.5."""

    models = (replace(Catalogue.models[0], clips=3), *Catalogue.models[1:])


class TwoClipsEach(Catalogue):
    """Takes two clips from every model."""

    models = tuple(replace(model, clips=2) for model in Catalogue.models)


class NamesArtifactsOtherwise(Presenter):
    """Calls the artifact id of a clip its id."""

    def clip(self, task: Task, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Rename the field."""
        clip = super().clip(task, artifact, origin)
        return {"id": clip.pop("artifact_id"), **clip}


class GivesPaths(Presenter):
    """Leaves the origin out of the URLs of clips."""

    def clip(self, task: Task, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Cut the URL down to its path."""
        return {**super().clip(task, artifact, origin), "url": artifact.path}


class NumbersClips(Presenter):
    """Shows the clips as an object."""

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Use their positions as names."""
        found = super().output(task, origin)
        return found and {"clips": {str(at): clip for at, clip in enumerate(found["clips"])}}


class ShowsTheFirstTwice(Presenter):
    """Shows the first clip in the place of every clip."""

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Repeat the first one."""
        found = super().output(task, origin)
        return found and {"clips": [found["clips"][0] for _ in found["clips"]]}


class SharesOneUrl(Presenter):
    """Gives all clips the URL of the first one."""

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Repeat its URL."""
        found = super().output(task, origin)
        return found and {"clips": [{**clip, "url": found["clips"][0]["url"]} for clip in found["clips"]]}


class OneClipForCovers(Presenter):
    """Shows one clip of whatever was made of reference audio."""

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Keep the first one."""
        found = super().output(task, origin)
        is_cover = "reference_audio" in task.input
        return {"clips": found["clips"][:1]} if found and is_cover else found


class CutsClips(Artifacts):
    """Stores half of every clip."""

    def file_of(self, artifact: Artifact) -> Path:
        """Cut the file off in the middle."""
        file = super().file_of(artifact)
        if artifact.task_id is not None:
            file.write_bytes(file.read_bytes()[:_HALF_A_MELODY])
        return file


class StoresNoSound(Artifacts):
    """Stores the header of a WAV file and nothing after it."""

    def file_of(self, artifact: Artifact) -> Path:
        """Keep a header that says so."""
        file = super().file_of(artifact)
        if artifact.task_id is not None:
            empty = file.read_bytes()[: _HEADER - 4] + bytes(4)
            file.write_bytes(empty[:4] + (_HEADER - 8).to_bytes(4, "little") + empty[8:])
        return file


class ShowsAPage(MediaHandlers):
    """Delivers a page with a player where the file should be."""

    def find(self, artifact_id: str, name: str) -> Artifact:
        """Replace the file of a clip by a page."""
        artifact = super().find(artifact_id, name)
        if artifact.task_id is not None:
            self._services.artifacts.file_of(artifact).write_text("<!doctype html><title>Player</title>", "utf-8")
        return artifact


class LosesClips(MediaHandlers):
    """Can't reach the store of the clips."""

    def find(self, artifact_id: str, name: str) -> Artifact:
        """Fail where a clip is asked for."""
        artifact = super().find(artifact_id, name)
        if artifact.task_id is not None:
            raise InternalError("The store does not answer.")
        return artifact


MUTANTS = (
    Mutant(
        id="one-clip-each",
        breaks="BEATRA-MUSIC-04",
        story="The second clip of suno-5.5 is dropped, because the first model had only one.",
        cast={"catalogue": OneClipEach},
    ),
    Mutant(
        id="three-clips-for-suno",
        breaks="BEATRA-MUSIC-04",
        story="The preview of a clip is counted as a clip.",
        cast={"catalogue": OneClipMoreForSuno},
    ),
    Mutant(
        id="two-clips-each",
        breaks="BEATRA-MUSIC-05",
        story="The output of minimax-music-2.6 goes through the code that was written for suno-5.5.",
        cast={"catalogue": TwoClipsEach},
    ),
    Mutant(
        id="clips-without-artifact-id",
        breaks="BEATRA-MUSIC-06",
        story="A new serializer calls the artifact id of a clip its id.",
        cast={"presenter": NamesArtifactsOtherwise},
    ),
    Mutant(
        id="clips-with-paths",
        breaks="BEATRA-MUSIC-06",
        story="The URL of a clip is built without the origin of the media server.",
        cast={"presenter": GivesPaths},
    ),
    Mutant(
        id="clips-numbered",
        breaks="BEATRA-MUSIC-06",
        story="The clips are stored by their position, and so they are shown.",
        cast={"presenter": NumbersClips},
    ),
    Mutant(
        id="first-clip-twice",
        breaks="BEATRA-MUSIC-08",
        story="The loop over the clips uses the wrong variable.",
        cast={"presenter": ShowsTheFirstTwice},
    ),
    Mutant(
        id="one-clip-for-covers",
        breaks="BEATRA-MUSIC-04",
        story="Covers were built when every model made one clip.",
        cast={"presenter": OneClipForCovers},
    ),
    Mutant(
        id="clips-share-a-url",
        breaks="BEATRA-MUSIC-08",
        story="The signed URL is cached by task, not by clip.",
        cast={"presenter": SharesOneUrl},
    ),
    Mutant(
        id="clips-cut",
        breaks="BEATRA-MUSIC-07",
        story="The copy to the media store ends when the provider's connection does.",
        cast={"artifacts": CutsClips},
    ),
    Mutant(
        id="clips-silent",
        breaks="BEATRA-MUSIC-07",
        story="The file is published before its content is written.",
        cast={"artifacts": StoresNoSound},
    ),
    Mutant(
        id="clips-as-pages",
        breaks="BEATRA-MUSIC-07",
        story="The media host answers everything with the page of its player.",
        front={"media": ShowsAPage},
    ),
    Mutant(
        id="clips-out-of-reach",
        breaks="BEATRA-MUSIC-07",
        story="The credentials for the store of the clips have run out, so every URL answers 500.",
        front={"media": LosesClips},
    ),
)
