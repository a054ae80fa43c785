"""Liberties in how tasks go on: how long they take, what states are seen, how they are called."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.records import FAILED

if TYPE_CHECKING:
    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task, Track

_MINUTE = 60.0


class OpaqueIds(Compositions):
    """Gives tasks ids that say nothing."""

    def start(self, account: Account, track: Track, asked_format: str | None, looping: bool | None) -> Task:  # noqa: FBT001 - as in the body
        """Make one up."""
        task = super().start(account, track, asked_format, looping)
        del account.tasks[task.task_id]
        task.task_id = f"T-{secrets.token_urlsafe(12)}"
        account.tasks[task.task_id] = task
        return task


class FailuresAsErrors(TaskHandlers):
    """Shows an error in place of a status."""

    def shown(self, task: Task, origin: str) -> dict[str, Any]:
        """Say why alone."""
        return {"error": "The composition failed."} if task.status == FAILED else super().shown(task, origin)


TAKEN = (
    Taken(id="opaque-task-ids", cast={"compositions": OpaqueIds}),
    Taken(id="composed-at-once", settings={"queued_seconds": 0.0, "running_seconds": 0.0}),
    Taken(id="never-seen-waiting", settings={"queued_seconds": 0.0}),
    Taken(id="never-seen-running", settings={"running_seconds": 0.0}),
    Taken(id="slow-compositions", settings={"queued_seconds": 5 * _MINUTE, "running_seconds": 10 * _MINUTE}),
    Taken(id="failures-as-errors", front={"tasks": FailuresAsErrors}),
)
