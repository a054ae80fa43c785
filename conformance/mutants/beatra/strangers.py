"""Mutants that let tenants reach each other's tasks, or make up tasks that were never created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import ForbiddenError, InvalidRequestError
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.tasks import Tasks

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.tasks import Task


class TasksOfEverybody(Tasks):
    """Finds tasks by their id alone."""

    def find_anywhere(self, task_id: str) -> Task | None:
        """The task, of any owner."""
        row = self._database.row("SELECT tenant_id FROM tasks WHERE task_id = ?", (task_id,))
        return None if row is None else self.find(row["tenant_id"], task_id)


class Anywhere(TaskHandlers):
    """Has a way to find tasks without their account."""

    def anywhere(self, request: Request) -> Task | None:
        """The task that the path names, of any owner."""
        tasks = self._services.tasks
        assert isinstance(tasks, TasksOfEverybody)  # noqa: S101 - these mutants name both classes
        return tasks.find_anywhere(request.path_params["task_id"])


class OpenReading(Anywhere):
    """Checks the key and not whose task it is."""

    async def get(self, request: Request) -> JSONResponse:
        """Read any task."""
        self._guard.admit(request)
        task = self.anywhere(request)
        return await super().get(request) if task is None else self.answer(request, task)


class TalkativeRefusal(Anywhere):
    """Says what it is that one may not see."""

    async def get(self, request: Request) -> JSONResponse:
        """Show the prompt in the refusal."""
        tenant_id = self._guard.admit(request)
        task = self.anywhere(request)
        if task is not None and task.tenant_id != tenant_id:
            raise ForbiddenError(f"The task {task.input.get('prompt')!r} belongs to another account.")
        return await super().get(request)


class OpenCancelling(Anywhere):
    """Checks the key and not whose task it is."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Cancel any task."""
        tenant_id = self._guard.admit(request)
        task = self.anywhere(request)
        if task is None or task.tenant_id == tenant_id:
            return await super().cancel(request)
        self._services.lifecycle.cancel(task, self._services.clock.now(task.tenant_id))
        return self.answer(request, self.find(task.tenant_id, task.task_id))


class LateCheck(Anywhere):
    """Cancels first and then looks for the task to show."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Cancel any task, and show it to its owner only."""
        tenant_id = self._guard.admit(request)
        task = self.anywhere(request)
        if task is not None and task.tenant_id != tenant_id:
            self._services.lifecycle.cancel(task, self._services.clock.now(task.tenant_id))
        return await super().cancel(request)


class ForbiddenReading(Anywhere):
    """Asks for permissions before it asks whether there is anything."""

    async def get(self, request: Request) -> JSONResponse:
        """Forbid what has no owner."""
        self._guard.admit(request)
        if self.anywhere(request) is None:
            raise ForbiddenError("The task does not belong to this account.")
        return await super().get(request)


class InvalidReading(Anywhere):
    """Takes an id that it does not know for an invalid one."""

    async def get(self, request: Request) -> JSONResponse:
        """Refuse the parameter."""
        self._guard.admit(request)
        if self.anywhere(request) is None:
            raise InvalidRequestError("The task_id is not valid.")
        return await super().get(request)


class BlindCancelling(Anywhere):
    """Does not look whether the task exists."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Accept the cancellation of what was never created."""
        self._guard.admit(request)
        return JSONResponse({}, 202) if self.anywhere(request) is None else await super().cancel(request)


class InvalidCancelling(Anywhere):
    """Takes an id that it does not know for an invalid one."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse the parameter."""
        self._guard.admit(request)
        if self.anywhere(request) is None:
            raise InvalidRequestError("The task_id is not valid.")
        return await super().cancel(request)


def reached(mutant_id: str, breaks: str, story: str, handlers: type[Anywhere]) -> Mutant:
    """A mutant that finds tasks without their account."""
    return Mutant(id=mutant_id, breaks=breaks, story=story, cast={"tasks": TasksOfEverybody}, front={"tasks": handlers})


MUTANTS = (
    reached("stranger-reads", "BEATRA-TASK-12", "A task is found by its id, whichever account asks.", OpenReading),
    reached(
        "stranger-told",
        "BEATRA-TASK-12",
        "The refusal to show a task says helpfully which one it is.",
        TalkativeRefusal,
    ),
    reached(
        "stranger-cancels",
        "BEATRA-CANCEL-06",
        "A task to cancel is found by its id, whichever account asks.",
        OpenCancelling,
    ),
    reached(
        "stranger-cancels-unseen",
        "BEATRA-CANCEL-06",
        "The task is cancelled before it is looked up for the answer, which then is 404.",
        LateCheck,
    ),
    reached(
        "unknown-task-forbidden",
        "BEATRA-TASK-11",
        "A task that has no owner does not belong to the one who asks.",
        ForbiddenReading,
    ),
    reached("unknown-task-invalid", "BEATRA-TASK-11", "An unknown id is taken for an invalid one.", InvalidReading),
    reached(
        "unknown-cancellation-accepted",
        "BEATRA-CANCEL-05",
        "Cancellations are put into a queue, and whether there is such a task is not looked up.",
        BlindCancelling,
    ),
    reached(
        "unknown-cancellation-invalid",
        "BEATRA-CANCEL-05",
        "An unknown id is taken for an invalid one.",
        InvalidCancelling,
    ),
)
