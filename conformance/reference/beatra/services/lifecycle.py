"""How tasks move: queued, running, and one of three ends, with the money that goes with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.reference.beatra.services.tasks import CANCELED, FAILED, QUEUED, RUNNING, SUCCEEDED
from conformance.reference.parts.clock import seconds

if TYPE_CHECKING:
    from conformance.reference.beatra.services.artifacts import Artifacts
    from conformance.reference.beatra.services.catalogue import Catalogue
    from conformance.reference.beatra.services.overrides import AccountClock, Overrides
    from conformance.reference.beatra.services.tasks import Task, Tasks
    from conformance.reference.beatra.services.wallet import Wallet
    from conformance.reference.beatra.settings import ReferenceSettings
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Brings tasks to the state that they have by now, each step with its money in one transaction."""

    database: Database
    tasks: Tasks
    wallet: Wallet
    artifacts: Artifacts
    catalogue: Catalogue
    overrides: Overrides
    clock: AccountClock
    settings: ReferenceSettings

    def schedule(self, now: int) -> dict[str, int]:
        """When a task that is ready now will start and end, as columns."""
        starts_at = now + seconds(self.settings.queued_seconds)
        return {"starts_at": starts_at, "ends_at": self.end_of(starts_at)}

    def end_of(self, starts_at: int) -> int:
        """When a task ends that starts at this moment."""
        return starts_at + seconds(self.settings.running_seconds)

    def settle(self, tenant_id: str) -> None:
        """Take every step of the account's tasks that is due."""
        now = self.clock.now(tenant_id)
        due = self.tasks.due(tenant_id, now)
        if not due:
            return
        hold = self.overrides.hold(tenant_id)
        with self.database.transaction():
            for task in due:
                self.advance(task, now, hold)

    def settle_all(self) -> None:
        """Take every step that is due anywhere."""
        for tenant_id in self.tasks.tenants_under_way():
            self.settle(tenant_id)

    def advance(self, task: Task, now: int, hold: str | None) -> None:
        """Take the steps of one task that are due."""
        status = task.status
        if status == QUEUED and self.may_start(task, now, hold):
            self.start(task)
            status = RUNNING
        if status == RUNNING and self.may_end(task, now, hold):
            self.end(task)

    def may_start(self, task: Task, now: int, hold: str | None) -> bool:
        """Whether a queued task runs by now."""
        return hold != QUEUED and not task.waits_for_audio and task.starts_at <= now

    def may_end(self, task: Task, now: int, hold: str | None) -> bool:
        """Whether a running task has ended by now."""
        return hold != RUNNING and task.ends_at <= now

    def start(self, task: Task) -> None:
        """Let a task run."""
        self.tasks.change(task.task_id, status=RUNNING, started_at=task.starts_at)

    def end(self, task: Task) -> None:
        """Let a task end as planned."""
        if task.planned_failure is None:
            self.succeed(task)
        else:
            self.fail(task, task.planned_failure, task.ends_at)

    def succeed(self, task: Task) -> None:
        """Deliver the clips; the charge stays."""
        clips = self.catalogue.resolve(task.resolved_model).clips
        self.artifacts.add_clips(task, clips, task.ends_at)
        self.tasks.change(task.task_id, status=SUCCEEDED, completed_at=task.ends_at)

    def fail(self, task: Task, code: str, moment: int) -> None:
        """End a task without music and give its price back."""
        self.tasks.change(task.task_id, status=FAILED, failure=code, completed_at=moment)
        self.refund(task)

    def cancel(self, task: Task, moment: int) -> None:
        """End a task at the wish of its owner and give its price back; one that has ended stays as it is."""
        if task.is_terminal:
            return
        self.tasks.change(task.task_id, status=CANCELED, cancel_requested_at=moment, completed_at=moment)
        self.refund(task)

    def refund(self, task: Task) -> None:
        """Give back the whole price, in the wallet and on the task."""
        self.wallet.refund(task.tenant_id, task.charged)
        self.tasks.change(task.task_id, refunded=task.charged)

    def audio_arrived(self, task: Task, now: int) -> None:
        """Let a task that waited for its reference audio start when it is its turn, from now on."""
        self.tasks.change(task.task_id, waits_for_audio=0, **self._from_now(task, now))

    def release(self, tenant_id: str, state: str) -> None:
        """Let the account's tasks that stood still in a state go on from now."""
        now = self.clock.now(tenant_id)
        for task in self.tasks.under_way(tenant_id):
            if task.status == state:
                self.tasks.change(task.task_id, **self._from_now(task, now))

    def _from_now(self, task: Task, now: int) -> dict[str, int]:
        if task.status == RUNNING:
            return {"ends_at": max(task.ends_at, now)}
        starts_at = max(task.starts_at, now)
        return {"starts_at": starts_at, "ends_at": self.end_of(starts_at)}
