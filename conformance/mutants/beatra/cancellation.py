"""Mutants that cancel what they should not, or do not cancel what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import ApiError, InvalidRequestError, NotFoundError
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.tasks import CANCELED, QUEUED, RUNNING, SUCCEEDED
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.tasks import Task

A_LITTLE = 60 * SECOND


class NotConfirmedError(ApiError):
    """The provider has not confirmed a cancellation."""

    code = "cancellation_not_confirmed"
    status = 400


def has_body(request: Request) -> bool:
    """Whether a body was sent along."""
    return int(request.headers.get("content-length", 0)) > 0


class OnlyQueued(TaskHandlers):
    """Cancels what has not begun."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse to cancel a running task."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if task.status == RUNNING:
            raise NotConfirmedError("The task runs already.")
        return await super().cancel(request)


class Unconfirmed(TaskHandlers):
    """Waits for a confirmation that never comes."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse to cancel whatever goes on."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if not task.is_terminal:
            raise NotConfirmedError("The provider did not confirm the cancellation.")
        return await super().cancel(request)


class RunsFromQueue(Lifecycle):
    """Does not take a cancelled task out of the queue."""

    def cancel(self, task: Task, moment: int) -> None:
        """Note the wish of the owner of a queued task, and run it."""
        if task.status != QUEUED:
            super().cancel(task, moment)
            return
        self.tasks.change(task.task_id, cancel_requested_at=moment)


class RunsToTheEnd(Lifecycle):
    """Does not stop what runs."""

    def cancel(self, task: Task, moment: int) -> None:
        """Note the wish of the owner of a running task, and run it to its end."""
        if task.status != RUNNING:
            super().cancel(task, moment)
            return
        self.tasks.change(task.task_id, cancel_requested_at=moment)


class CancelsSuccess(Lifecycle):
    """Takes a cancellation that comes a little late as if it had come in time."""

    def cancel(self, task: Task, moment: int) -> None:
        """Mark songs that were finished just now as canceled."""
        if task.status == SUCCEEDED and moment - task.ends_at < A_LITTLE:
            self.tasks.change(task.task_id, status=CANCELED)
        super().cancel(task, moment)


class TouchesEnded(Lifecycle):
    """Writes the time of a cancellation before it looks at the task."""

    def cancel(self, task: Task, moment: int) -> None:
        """Leave a trace on tasks that have ended."""
        self.tasks.change(task.task_id, cancel_requested_at=moment)
        super().cancel(task, moment)


class OnlyUnderWay(TaskHandlers):
    """Looks for a task to cancel among those that go on."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Not find tasks that have ended."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if task.is_terminal:
            raise NotFoundError("No such task is under way.")
        return await super().cancel(request)


class AcceptsAgain(TaskHandlers):
    """Accepts every cancellation, also of what has ended."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Answer as if there were something left to do."""
        answer = await super().cancel(request)
        answer.status_code = 202
        return answer


class NoReasons(TaskHandlers):
    """Takes no body."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse a reason."""
        if has_body(request):
            raise InvalidRequestError("This operation takes no body.")
        return await super().cancel(request)


class ReasonsRequired(TaskHandlers):
    """Takes the body for required."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse to cancel a task without a reason."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if not task.is_terminal and not has_body(request):
            raise InvalidRequestError("The body is missing.")
        return await super().cancel(request)


class Untimed(Presenter):
    """Does not show when a cancellation was asked for."""

    def expanded(self, task: Task, sections: tuple[str, ...], origin: str, now: int) -> dict[str, Any]:
        """Leave the time out."""
        return {**super().expanded(task, sections, origin, now), "cancel_requested_at": None}


MUTANTS = (
    Mutant(
        id="cancel-only-queued",
        breaks="BEATRA-CANCEL-01",
        story="What has been handed to the provider is not taken back.",
        front={"tasks": OnlyQueued},
    ),
    Mutant(
        id="cancel-unconfirmed",
        breaks="BEATRA-CANCEL-01",
        story="A cancellation that the provider does not confirm at once is refused as a mistake of the client.",
        front={"tasks": Unconfirmed},
    ),
    Mutant(
        id="cancel-runs-from-queue",
        breaks="BEATRA-CANCEL-02",
        story="A cancelled task stays in the queue, and is run when its turn comes.",
        cast={"lifecycle": RunsFromQueue},
    ),
    Mutant(
        id="cancel-runs-to-the-end",
        breaks="BEATRA-CANCEL-03",
        story="The provider is not told of a cancellation and delivers.",
        cast={"lifecycle": RunsToTheEnd},
    ),
    Mutant(
        id="cancel-success",
        breaks="BEATRA-CANCEL-04",
        story="For a minute after its end a task can still be set to canceled, because messages may be late.",
        cast={"lifecycle": CancelsSuccess},
        consequences={"BEATRA-TASK-03": "a task that had succeeded is canceled afterwards"},
    ),
    Mutant(
        id="cancel-touches-ended",
        breaks="BEATRA-CANCEL-04",
        story="The time of a cancellation is written before anybody looks whether there is something to cancel.",
        cast={"lifecycle": TouchesEnded},
    ),
    Mutant(
        id="cancel-ended-unknown",
        breaks="BEATRA-CANCEL-04",
        story="Tasks to cancel are looked up among those under way, so an ended one is not found.",
        front={"tasks": OnlyUnderWay},
    ),
    Mutant(
        id="cancel-ended-accepted",
        breaks="BEATRA-CANCEL-04",
        story="Every cancellation is put into a queue, so every one is answered 202.",
        front={"tasks": AcceptsAgain},
    ),
    Mutant(
        id="cancel-without-reasons",
        breaks="BEATRA-CANCEL-07",
        story="A cancellation with a body is refused.",
        front={"tasks": NoReasons},
    ),
    Mutant(
        id="cancel-reason-required",
        breaks="BEATRA-CANCEL-07",
        story="A cancellation without a body is refused.",
        front={"tasks": ReasonsRequired},
    ),
    Mutant(
        id="cancel-untimed",
        breaks="BEATRA-CANCEL-08",
        story="The time of a cancellation is stored and not shown.",
        cast={"presenter": Untimed},
    ),
)
