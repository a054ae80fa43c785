"""Mutants whose tasks take other ways than the documents say, or show something else of themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.reading import origin_of
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.rehosting import FETCH_FAILED, Rehosting
from conformance.reference.beatra.services.tasks import CANCELED, FAILED, QUEUED, RUNNING, SUCCEEDED, Selection
from conformance.reference.parts.clock import SECOND, to_text

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.artifacts import Artifacts
    from conformance.reference.beatra.services.tasks import Task

LONGEST_PAGE = 100
_A_SLOW_FETCH_SECONDS = 0.3


class BritishSpelling(Presenter):
    """Writes cancelled with two l."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Spell it as most people do."""
        status = "cancelled" if task.status == CANCELED else task.status
        return {**super().summary(task), "status": status}


class OwnWords(Presenter):
    """Calls running tasks in_progress."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Use the word of the queue's library."""
        status = "in_progress" if task.status == RUNNING else task.status
        return {**super().summary(task), "status": status}


@dataclass(frozen=True, kw_only=True)
class ImpatientQueue(Lifecycle):
    """Hands a task to another worker when the first one says nothing for five seconds."""

    handed_on: set[str] = field(default_factory=set)

    def settle(self, tenant_id: str) -> None:
        """Put tasks that run quietly back into the queue, once."""
        now = self.clock.now(tenant_id)
        for task in self.tasks.under_way(tenant_id):
            started_at = task.started_at
            quiet = started_at is not None and started_at + 5 * SECOND <= now < task.ends_at
            if task.status == RUNNING and quiet and task.task_id not in self.handed_on:
                self.handed_on.add(task.task_id)
                self.tasks.change(task.task_id, status=QUEUED, starts_at=now + SECOND)
        super().settle(tenant_id)


class StaleList(TaskHandlers):
    """Lists tasks from a copy that does not hear of their start."""

    def item(self, request: Request, task: Task, sections: tuple[str, ...]) -> dict[str, Any]:
        """Show running tasks as queued."""
        status = QUEUED if task.status == RUNNING else task.status
        return {**super().item(request, task, sections), "status": status}


class Undead(Lifecycle):
    """Cancels a task and not its job."""

    def settle(self, tenant_id: str) -> None:
        """Let the job deliver."""
        super().settle(tenant_id)
        now = self.clock.now(tenant_id)
        for task in self.tasks.page(tenant_id, Selection(status=CANCELED, limit=LONGEST_PAGE)):
            if task.ends_at <= now:
                self.succeed(task)


class Sweeper(Lifecycle):
    """Marks every task as failed that did not deliver in time."""

    def settle(self, tenant_id: str) -> None:
        """Take cancelled tasks for lost ones."""
        super().settle(tenant_id)
        now = self.clock.now(tenant_id)
        for task in self.tasks.page(tenant_id, Selection(status=CANCELED, limit=LONGEST_PAGE)):
            if task.ends_at <= now:
                self.tasks.change(task.task_id, status="failed", failure="timeout")


class BareIds(TaskHandlers):
    """Reads a task by the id that it has in the database."""

    async def get(self, request: Request) -> JSONResponse:
        """Show the id without its prefix."""
        tenant_id = self._guard.admit(request)
        task = self.find(tenant_id, request.path_params["task_id"])
        now = self._services.clock.now(tenant_id)
        envelope = self._services.presenter.envelope(task, origin_of(request), now)
        return JSONResponse({**envelope, "task_id": task.task_id.removeprefix("tsk_")})


class CancellationIds(TaskHandlers):
    """Answers a cancellation with its own id."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Show the id of the cancellation where that of the task belongs."""
        await super().cancel(request)
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        now = self._services.clock.now(task.tenant_id)
        envelope = self._services.presenter.envelope(task, origin_of(request), now)
        return JSONResponse({**envelope, "task_id": task.task_id.replace("tsk_", "cnl_")})


class StuckQueue(Lifecycle):
    """Lost its worker."""

    def may_start(self, task: Task, now: int, hold: str | None) -> bool:
        """Never start anything."""
        del task, now, hold
        return False


class LostCallbacks(Lifecycle):
    """Does not hear of what the provider has finished."""

    def may_end(self, task: Task, now: int, hold: str | None) -> bool:
        """Never end anything."""
        del task, now, hold
        return False


class BriefCancellations(TaskHandlers):
    """Answers a cancellation with a task that has no output."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Leave the output out."""
        await super().cancel(request)
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        now = self._services.clock.now(task.tenant_id)
        envelope = self._services.presenter.envelope(task, origin_of(request), now)
        return JSONResponse({**envelope, "output": None})


class OutputOnce(Presenter):
    """Frees the memory of an output when it has been delivered."""

    def __init__(self, artifacts: Artifacts) -> None:
        super().__init__(artifacts)
        self._delivered: set[str] = set()

    def envelope(self, task: Task, origin: str, now: int) -> dict[str, Any]:
        """Show the output of a succeeded task for the first time only."""
        shown = super().envelope(task, origin, now)
        if task.status != SUCCEEDED:
            return shown
        if task.task_id in self._delivered:
            return {**shown, "output": None}
        self._delivered.add(task.task_id)
        return shown


class Previews(Presenter):
    """Shows something to listen to before the task has ended."""

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """Name a stream while the task runs."""
        return {"preview": f"{origin}/media/preview"} if task.status == RUNNING else super().output(task, origin)


class Silent(Presenter):
    """Keeps the reasons of failures for the log."""

    def error(self, task: Task) -> None:
        """Show none."""
        del task


class LocalTime(Presenter):
    """Writes times as its users read them."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Show the start in local time."""
        started_at = None if task.started_at is None else to_text(task.started_at + 8 * 3600 * SECOND)
        shown = started_at and started_at.replace("Z", "+08:00")
        return {**super().summary(task), "started_at": shown}


class StartedAtEnd(Presenter):
    """Notes the start of a task when its worker reports, which is afterwards."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Show a start behind the end."""
        summary = super().summary(task)
        late = None if task.completed_at is None else to_text(task.completed_at + SECOND)
        return {**summary, "started_at": late or summary["started_at"]}


class MusicTasks(Presenter):
    """Calls its tasks music tasks."""

    def summary(self, task: Task) -> dict[str, Any]:
        """Use the name of the class."""
        return {**super().summary(task), "object": "music_task"}


class NotToldOfAudio(Lifecycle):
    """Lets a task wait for audio that has come."""

    def audio_arrived(self, task: Task, now: int) -> None:
        """Take no notice."""


class FailsWhatIsOver(Rehosting):
    """Reports a fetch that failed, whatever has become of the task."""

    async def rehost(self, task: Task, url: str) -> None:
        """Take some time."""
        await asyncio.sleep(_A_SLOW_FETCH_SECONDS)
        await super().rehost(task, url)

    def failed(self, task: Task) -> None:
        """Mark a cancelled task as failed."""
        current = self.tasks.find(task.tenant_id, task.task_id)
        if current is not None and current.status == CANCELED:
            self.tasks.change(task.task_id, status=FAILED, failure=FETCH_FAILED)
        super().failed(task)


MUTANTS = (
    Mutant(
        id="task-cancelled-with-two-l",
        breaks="BEATRA-TASK-01",
        story="The state of a cancelled task is spelled as in British English.",
        cast={"presenter": BritishSpelling},
    ),
    Mutant(
        id="task-in-progress",
        breaks="BEATRA-TASK-01",
        story="The queue's own word for a running task is shown.",
        cast={"presenter": OwnWords},
    ),
    Mutant(
        id="task-queued-again",
        breaks="BEATRA-TASK-02",
        story="A task whose worker is quiet for a while goes back into the queue.",
        cast={"lifecycle": ImpatientQueue},
    ),
    Mutant(
        id="task-list-stale",
        breaks="BEATRA-LIST-17",
        story="The list is read from a copy that lags behind, where running tasks are still queued.",
        front={"tasks": StaleList},
    ),
    Mutant(
        id="task-undead",
        breaks="BEATRA-TASK-03",
        story="The job of a cancelled task goes on, and its delivery makes the task succeed.",
        cast={"lifecycle": Undead},
    ),
    Mutant(
        id="task-swept",
        breaks="BEATRA-TASK-03",
        story="A nightly sweep marks everything as failed that was not delivered, cancelled tasks too.",
        cast={"lifecycle": Sweeper},
    ),
    Mutant(
        id="task-id-bare",
        breaks="BEATRA-TASK-04",
        story="Reading a task shows the id of its row.",
        front={"tasks": BareIds},
    ),
    Mutant(
        id="task-id-of-cancellation",
        breaks="BEATRA-TASK-04",
        story="The answer to a cancellation has an id of its own where that of the task belongs.",
        front={"tasks": CancellationIds},
    ),
    Mutant(
        id="task-stuck-queued",
        breaks="BEATRA-TASK-05",
        story="The worker has died and no other one is started.",
        cast={"lifecycle": StuckQueue},
    ),
    Mutant(
        id="task-stuck-running",
        breaks="BEATRA-TASK-05",
        story="The provider's callbacks get lost and it is not asked.",
        cast={"lifecycle": LostCallbacks},
    ),
    Mutant(
        id="task-cancellation-without-output",
        breaks="BEATRA-TASK-06",
        story="The answer to a cancellation is made from the row of the task, without its clips.",
        front={"tasks": BriefCancellations},
    ),
    Mutant(
        id="task-output-once",
        breaks="BEATRA-TASK-06",
        story="The output is freed when it has been read.",
        cast={"presenter": OutputOnce},
    ),
    Mutant(
        id="task-preview",
        breaks="BEATRA-TASK-07",
        story="The provider's preview is passed on as output while the task runs.",
        cast={"presenter": Previews},
    ),
    Mutant(
        id="task-failure-unexplained",
        breaks="BEATRA-TASK-08",
        story="Why a task failed is logged and not shown.",
        cast={"presenter": Silent},
    ),
    Mutant(
        id="task-times-local",
        breaks="BEATRA-TASK-09",
        story="The start of a task is written in the time zone of the server.",
        cast={"presenter": LocalTime},
    ),
    Mutant(
        id="task-start-after-end",
        breaks="BEATRA-TASK-09",
        story="The start is noted when the worker's report arrives.",
        cast={"presenter": StartedAtEnd},
    ),
    Mutant(
        id="task-object-of-class",
        breaks="BEATRA-TASK-10",
        story="The object is named after its class.",
        cast={"presenter": MusicTasks},
    ),
    Mutant(
        id="task-stuck-after-fetch",
        breaks="BEATRA-MUSIC-16",
        story="The message that the reference audio has come goes to a queue without a reader.",
        cast={"lifecycle": NotToldOfAudio},
    ),
    Mutant(
        id="task-fails-after-cancellation",
        breaks="BEATRA-TASK-03",
        story="The job that fetches references reports a failure and does not look whether the task was cancelled.",
        cast={"rehosting": FailsWhatIsOver},
    ),
)
