"""Applications that choose otherwise than the reference where the documents leave a choice."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.beatra.errors import ApiError, InvalidRequestError, NotFoundError
from conformance.reference.beatra.handlers.media import MediaHandlers
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.tasks import Tasks
from conformance.reference.beatra.validation import Complaint, refusal
from tests.liberties.applications import reference

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from conformance.reference.beatra.handlers.music import Capability
    from conformance.reference.beatra.services.artifacts import Artifact
    from conformance.reference.beatra.services.tasks import Selection, Task

_TASK_ID = re.compile("tsk_[0-9a-f]{26}")
_TRIES = 2
_ACCEPTED = 202


class TypedIds(TaskHandlers):
    """Has a type for the id in the path: what has another form is invalid."""

    def find(self, tenant_id: str, task_id: str) -> Task:
        """Look at the form first."""
        if not _TASK_ID.fullmatch(task_id):
            raise InvalidRequestError("The path names no task id.")
        return super().find(tenant_id, task_id)


def typed_ids() -> ASGIApp:
    """Ids of another form are refused as invalid, and not as unknown (no form of ids is normative)."""
    return reference(front={"tasks": TypedIds})


class UnsupportedModelError(ApiError):
    """The account lacks the model."""

    code = "unsupported_model"
    status = 400


class WithoutMinimax(MusicHandlers):
    """Serves an account that has one model only."""

    def check(self, capability: Capability, body: dict[str, Any]) -> None:
        """Refuse the other model."""
        if body.get("model") == "minimax-music-2.6":
            raise UnsupportedModelError("The model is not available for this account.")
        super().check(capability, body)


def one_model() -> ASGIApp:
    """The account lacks minimax-music-2.6 ("when your account exposes that model")."""
    return reference(front={"music": WithoutMinimax})


class LateMedia(MediaHandlers):
    """Has each file at the edge only when it was asked for a few times."""

    async def get(self, request: Request) -> Response:
        """Not have it yet."""
        asked = self._asked[request.url.path] = self._asked.get(request.url.path, 0) + 1
        if asked <= _TRIES:
            raise NotFoundError("There is no such file.")
        return await super().get(request)

    @cached_property
    def _asked(self) -> dict[str, int]:
        return {}


def late_media() -> ASGIApp:
    """Files get to the network that delivers them a moment after the task has succeeded."""
    return reference(front={"media": LateMedia})


class NestedArtifacts(Presenter):
    """Shows an upload inside of an object."""

    def artifact(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        """Put it one level down."""
        return {"artifact": super().artifact(artifact, origin)}


class OnlyMp3(UploadHandlers):
    """Takes the one type of files that a document shows."""

    def sent_type(self, file: UploadFile) -> str:
        """Refuse all others."""
        found = super().sent_type(file)
        if found != "audio/mpeg":
            raise refusal([Complaint("/file", "is of a type that is not supported")])
        return found


def other_uploads() -> ASGIApp:
    """Uploads are MP3 only, and their answer has the artifact id inside of another object."""
    return reference(cast={"presenter": NestedArtifacts}, front={"uploads": OnlyMp3})


class NotConfirmedError(ApiError):
    """The provider has not confirmed a cancellation."""

    code = "cancellation_not_confirmed"
    status = 409


class BestEffort(TaskHandlers):
    """Cancels at best: a running task is not stopped, and what is accepted is said briefly."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse while the task runs, else answer with its id."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if task.status == "running":
            raise NotConfirmedError("The provider did not confirm the cancellation.")
        answer = await super().cancel(request)
        return answer if task.is_terminal else JSONResponse({"task_id": task.task_id}, _ACCEPTED)


def best_effort() -> ASGIApp:
    """A running task is not cancelled (409), and an accepted cancellation has neither status nor billing."""
    return reference(front={"tasks": BestEffort})


class LaggingTasks(Tasks):
    """Reads lists from a copy that hears of a task a moment later."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Leave out what was not seen in the list before the last one."""
        found = super().page(tenant_id, replace(selection, limit=selection.limit))
        late = [task for task in found if self._seen.setdefault(task.task_id, 0) < 1]
        for task in found:
            self._seen[task.task_id] += 1
        return [task for task in found if task not in late]

    @cached_property
    def _seen(self) -> dict[str, int]:
        return {}


def lagging_lists() -> ASGIApp:
    """A task is in the list a moment after it was created."""
    return reference(cast={"tasks": LaggingTasks})
