"""Mutants that make other music than was asked for, or from other audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import InvalidRequestError, UnsupportedModelError
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.services.artifacts import REFERENCE_AUDIO
from conformance.reference.beatra.services.catalogue import AUTO, Catalogue
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.rehosting import Rehosting

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.artifacts import Incoming
    from conformance.reference.beatra.services.catalogue import Model
    from conformance.reference.beatra.services.tasks import Task


def renamed(answer: JSONResponse, old: str, new: str) -> JSONResponse:
    """The same answer with another name for one of its fields."""
    content = bytes(answer.body).replace(f'"{old}":'.encode(), f'"{new}":'.encode(), 1)
    answer.body = content
    answer.headers["Content-Length"] = str(len(content))
    return answer


class NamesCoversOtherwise(MusicHandlers):
    """Answers a request with reference audio with `id` in place of `task_id`."""

    async def from_reference_audio(self, request: Request) -> JSONResponse:
        """Rename the field."""
        return renamed(await super().from_reference_audio(request), "task_id", "id")


class NamesSongsOtherwise(MusicHandlers):
    """Answers a request for a song with `id` in place of `task_id`."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Rename the field."""
        return renamed(await super().from_text(request), "task_id", "id")


class FallsBack(Catalogue):
    """Takes the usual model for one that it does not know."""

    def resolve(self, requested: str) -> Model:
        """Never object."""
        try:
            return super().resolve(requested)
        except UnsupportedModelError:
            return self.choose()


class CallsModelsInvalid(MusicHandlers):
    """Refuses unknown models like any other wrong value."""

    def check_model(self, body: dict[str, Any]) -> None:
        """Forget the code of its own."""
        try:
            super().check_model(body)
        except UnsupportedModelError as problem:
            raise InvalidRequestError(problem.message, param=problem.param) from problem


class KnowsNamesOnly(MusicHandlers):
    """Looks `auto` up among the models."""

    def check_model(self, body: dict[str, Any]) -> None:
        """Find no model of that name."""
        if body.get("model") == AUTO:
            raise UnsupportedModelError("There is no such model.", param="/model")
        super().check_model(body)


class ShowsTheChoice(Presenter):
    """Writes the model that was chosen over the one that was asked for."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Show one model twice."""
        return {**super().summary(task), "model": task.resolved_model}


class KeepsOneEntry(Presenter):
    """Keeps the first entry of the metadata only."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Cut the metadata."""
        return {**super().summary(task), "metadata": dict(list(task.metadata.items())[:1])}


class WantsMediaInput(MusicHandlers):
    """Takes references only from uploads of the usual purpose."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Confuse the purposes."""
        super().check_artifact(tenant_id, artifact_id)
        found = self._services.artifacts.owned(tenant_id, artifact_id)
        if found is not None and found.purpose == REFERENCE_AUDIO:
            raise InvalidRequestError("The artifact has another purpose.", param="/reference_audio/artifact_id")


class UsesUpArtifacts(Lifecycle):
    """Deletes the reference with the task that was made from it."""

    def cancel(self, task: Task, moment: int) -> None:
        """Clean up too much."""
        super().cancel(task, moment)
        reference = task.input.get("reference_audio", {})
        self.database.change("DELETE FROM artifacts WHERE artifact_id = ?", (reference.get("artifact_id"),))


class FindsAllArtifacts(MusicHandlers):
    """Looks an artifact up by its id alone."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Forget whose it is."""
        found = self._services.artifacts.find(artifact_id)
        super().check_artifact(tenant_id if found is None else found.tenant_id, artifact_id)


class SharesReferences(MusicHandlers):
    """Takes references for common property."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Ask for the owner of other files only."""
        found = self._services.artifacts.find(artifact_id)
        if found is None or found.purpose != REFERENCE_AUDIO:
            super().check_artifact(tenant_id, artifact_id)


class MissesNothing(MusicHandlers):
    """Objects to artifacts of others but not to those that do not exist."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Pass over what can't be found."""
        if self._services.artifacts.find(artifact_id) is not None:
            super().check_artifact(tenant_id, artifact_id)


class NeverFetches(Rehosting):
    """Lets the task run as if its audio had come."""

    def begin(self, task: Task, url: str) -> None:
        """Leave the file where it is."""
        del url
        self.lifecycle.audio_arrived(task, self.clock.now(task.tenant_id))


class GoesOnWithout(Rehosting):
    """Lets the task run without the audio that could not be fetched."""

    def failed(self, task: Task) -> None:
        """Take no notice."""
        self.lifecycle.audio_arrived(task, self.clock.now(task.tenant_id))


class FetchesInVain(Rehosting):
    """Loses every file that it has fetched."""

    def arrived(self, task: Task, incoming: Incoming) -> None:
        """Look for it in the wrong place."""
        raise FileNotFoundError(f"{task.task_id} has no {incoming.staged.file}")


MUTANTS = (
    Mutant(
        id="song-task-called-id",
        breaks="BEATRA-MUSIC-01",
        story="A new serializer calls the id of a new song's task id.",
        front={"music": NamesSongsOtherwise},
        consequences=dict.fromkeys(
            ("BEATRA-IDEMPOTENCY-13", "BEATRA-IDEMPOTENCY-14"),
            "a retry has to be answered with the task, and an answer without its id is not",
        ),
    ),
    Mutant(
        id="cover-task-called-id",
        breaks="BEATRA-MUSIC-02",
        story="The younger of the two operations calls the id of its task id.",
        front={"music": NamesCoversOtherwise},
        consequences={"BEATRA-MONEY-22": "what was debited for a task without an id is explained by no task"},
    ),
    Mutant(
        id="unknown-model-falls-back",
        breaks="BEATRA-MUSIC-13",
        story="A fallback for retired models serves names that never existed.",
        cast={"catalogue": FallsBack},
    ),
    Mutant(
        id="unknown-model-invalid",
        breaks="BEATRA-MUSIC-13",
        story="The model became an enumeration of the schema, so its own error is never reached.",
        front={"music": CallsModelsInvalid},
    ),
    Mutant(
        id="auto-looked-up",
        breaks="BEATRA-MUSIC-14",
        story="The check of the model runs before auto is resolved.",
        front={"music": KnowsNamesOnly},
    ),
    Mutant(
        id="model-overwritten",
        breaks="BEATRA-MUSIC-19",
        story="One column holds the model that was asked for and the one that was chosen.",
        cast={"presenter": ShowsTheChoice},
    ),
    Mutant(
        id="metadata-cut",
        breaks="BEATRA-MUSIC-20",
        story="The metadata is kept as one pair, as it was in the first version.",
        cast={"presenter": KeepsOneEntry},
    ),
    Mutant(
        id="references-of-wrong-purpose",
        breaks="BEATRA-MUSIC-15",
        story="References are looked for among files of the default purpose.",
        front={"music": WantsMediaInput},
    ),
    Mutant(
        id="artifact-used-up",
        breaks="BEATRA-UPLOAD-12",
        story="The clean-up after a task takes the reference along.",
        cast={"lifecycle": UsesUpArtifacts},
    ),
    Mutant(
        id="artifact-without-owner",
        breaks="BEATRA-MUSIC-17",
        story="The artifact is found by its id, which can't be guessed anyway.",
        front={"music": FindsAllArtifacts},
    ),
    Mutant(
        id="references-shared",
        breaks="BEATRA-MUSIC-17",
        story="The owner is checked for every purpose that existed before references did.",
        front={"music": SharesReferences},
    ),
    Mutant(
        id="unknown-artifact-accepted",
        breaks="BEATRA-MUSIC-18",
        story="Nothing found means no owner, and no owner means no objection.",
        front={"music": MissesNothing},
    ),
    Mutant(
        id="url-never-fetched",
        breaks="BEATRA-MUSIC-16",
        story="The job that fetches references was switched off and the task does not wait for it.",
        cast={"rehosting": NeverFetches},
    ),
    Mutant(
        id="url-fetch-failure-ignored",
        breaks="BEATRA-MUSIC-16",
        story="A reference that can't be fetched is dropped, and the music is made from the prompt alone.",
        cast={"rehosting": GoesOnWithout},
    ),
    Mutant(
        id="url-fetched-in-vain",
        breaks="BEATRA-MUSIC-16",
        story="The jobs that fetch and that store references mean different folders, so each such task fails.",
        cast={"rehosting": FetchesInVain},
    ),
)
