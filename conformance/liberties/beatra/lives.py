"""Liberties in how tasks live: how long they take, how they end, what becomes of cancellations."""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from conformance.liberties.base import Taken
from conformance.liberties.beatra.bills import LaterWork
from conformance.reference.beatra.errors import ApiError, RateLimitedError
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.services.creation import Creator
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.tasks import RUNNING
from conformance.reference.parts.clock import seconds

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.creation import Order
    from conformance.reference.beatra.services.tasks import Task

_SEED = 1
_ACCEPTED = 202
_MOST_UNFINISHED = 5
_EVERY = 7


class NotConfirmedError(ApiError):
    """The provider has not confirmed a cancellation."""

    code = "cancellation_not_confirmed"
    status = 409


class EndedError(ApiError):
    """There is nothing left to cancel."""

    code = "task_already_ended"
    status = 409


class UnevenTasks(Lifecycle):
    """Takes longer for one task than for another."""

    def end_of(self, starts_at: int) -> int:
        """Draw how long it takes."""
        return starts_at + seconds(self._dice.uniform(10, 25))

    @cached_property
    def _dice(self) -> random.Random:
        return random.Random(_SEED)  # noqa: S311 - durations


class FailsAtOnce(Lifecycle):
    """Finds out that a task must fail before it runs."""

    def start(self, task: Task) -> None:
        """Fail what can't run."""
        if task.planned_failure is None:
            super().start(task)
        else:
            self.fail(task, task.planned_failure, task.starts_at)

    def may_end(self, task: Task, now: int, hold: str | None) -> bool:
        """Leave alone what has failed a moment ago."""
        current = self.tasks.find(task.tenant_id, task.task_id)
        return current is not None and not current.is_terminal and super().may_end(task, now, hold)


class FailsNowAndThen(Lifecycle):
    """Has a provider that fails one task in seven."""

    def succeed(self, task: Task) -> None:
        """Count."""
        self._ended.append(task.task_id)
        if len(self._ended) % _EVERY:
            super().succeed(task)
        else:
            self.fail(task, "provider_error", task.ends_at)

    @cached_property
    def _ended(self) -> list[str]:
        return []


class CancelsLater(LaterWork):
    """Notes a cancellation and leaves it to a worker."""

    def cancel(self, task: Task, moment: int) -> None:
        """Let the task stand still until then."""
        if task.is_terminal or task.task_id in self._noted:
            return
        self._noted.add(task.task_id)
        self.tasks.change(task.task_id, cancel_requested_at=moment)

        def carry_out() -> None:
            current = self.tasks.find(task.tenant_id, task.task_id)
            if current is not None:
                super(CancelsLater, self).cancel(current, moment)

        self.put_off(carry_out)

    def may_start(self, task: Task, now: int, hold: str | None) -> bool:
        """Begin nothing that is to be cancelled."""
        return task.task_id not in self._noted and super().may_start(task, now, hold)

    def may_end(self, task: Task, now: int, hold: str | None) -> bool:
        """End nothing that is to be cancelled."""
        return task.task_id not in self._noted and super().may_end(task, now, hold)

    @cached_property
    def _noted(self) -> set[str]:
        return set()


class BestEffort(TaskHandlers):
    """Cancels at best: a running task is not stopped."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse while the task runs."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if task.status == RUNNING:
            raise NotConfirmedError("The provider did not confirm the cancellation.")
        return await super().cancel(request)


class BriefCancellations(TaskHandlers):
    """Says briefly that a cancellation was taken."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Name the task alone."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        answer = await super().cancel(request)
        return answer if task.is_terminal else JSONResponse({"task_id": task.task_id}, _ACCEPTED)


class RefusesLateCancellations(TaskHandlers):
    """Finds a conflict where a task has ended."""

    async def cancel(self, request: Request) -> JSONResponse:
        """Refuse what comes too late."""
        task = self.find(self._guard.admit(request), request.path_params["task_id"])
        if task.is_terminal:
            raise EndedError("The task has ended.")
        return await super().cancel(request)


class FewUnfinished(Creator):
    """Limits the tasks that an account may have under way."""

    def make(self, order: Order, now: int) -> str:
        """Refuse the sixth, and say when to come again."""
        if len(self.tasks.under_way(order.tenant_id)) >= _MOST_UNFINISHED:
            raise RateLimitedError("Five tasks are under way.", headers={"Retry-After": "2"})
        return super().make(order, now)


class StartsLate(Lifecycle):
    """Lets a task wait for its turn."""

    def schedule(self, now: int) -> dict[str, int]:
        """Begin eight seconds later."""
        starts_at = now + seconds(8)
        return {"starts_at": starts_at, "ends_at": self.end_of(starts_at)}


TAKEN = (
    Taken(id="no-queue", settings={"queued_seconds": 0.0}),
    Taken(id="long-queue", cast={"lifecycle": StartsLate}),
    Taken(id="short-work", settings={"running_seconds": 2.0}),
    Taken(id="tasks-end-at-once", settings={"queued_seconds": 0.0, "running_seconds": 0.0}),
    Taken(id="uneven-work", cast={"lifecycle": UnevenTasks}),
    Taken(id="failures-from-the-queue", cast={"lifecycle": FailsAtOnce}),
    Taken(id="tasks-fail-by-themselves", cast={"lifecycle": FailsNowAndThen}),
    Taken(id="late-cancellations", cast={"lifecycle": CancelsLater}),
    Taken(id="running-tasks-not-cancelled", front={"tasks": BestEffort}),
    Taken(id="brief-cancellations", front={"tasks": BriefCancellations}),
    Taken(id="ended-tasks-as-conflict", front={"tasks": RefusesLateCancellations}),
    Taken(id="few-unfinished-tasks", cast={"creator": FewUnfinished}),
)
