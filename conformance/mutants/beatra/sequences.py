"""Mutants that behave until things happen in an order that no scenario brings about: only histories find them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import IdempotencyConflictError
from conformance.reference.beatra.handlers.music import FROM_TEXT
from conformance.reference.beatra.services.creation import Creator
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.tasks import CANCELED, Tasks

if TYPE_CHECKING:
    from conformance.reference.beatra.services.creation import Creation, Order
    from conformance.reference.beatra.services.idempotency import Attempt
    from conformance.reference.beatra.services.tasks import Selection, Task

# Enough for orders of three and four steps to come up.
_HISTORIES: Final = 20


class UnlocksConflicts(Creator):
    """Lets go of a key when its request for a song from text is over, also when that was a conflict."""

    def create(self, order: Order) -> Creation:
        """Unlock the key of a refused order, which was never its own."""
        try:
            return super().create(order)
        except IdempotencyConflictError:
            if order.attempt is not None and order.capability == FROM_TEXT.name:
                self.unlock(order.attempt)
            raise

    def unlock(self, attempt: Attempt) -> None:
        """Forget the key of an attempt."""
        statement = "DELETE FROM idempotency WHERE tenant_id = ? AND key = ?"
        self.database.change(statement, (attempt.tenant_id, attempt.key))


class PaysForConflicts(Creator):
    """Sets money aside for a key whose task holds none any more, before it compares the requests."""

    def create(self, order: Order) -> Creation:
        """Keep the money although the order is refused."""
        try:
            return super().create(order)
        except IdempotencyConflictError:
            if order.attempt is not None and self.was_canceled(order.attempt):
                self.wallet.refund(order.tenant_id, -self.catalogue.resolve(order.model).price)
            raise

    def was_canceled(self, attempt: Attempt) -> bool:
        """Whether the task of a key was cancelled."""
        statement = "SELECT resource_id FROM idempotency WHERE tenant_id = ? AND key = ?"
        row = self.database.row(statement, (attempt.tenant_id, attempt.key))
        task = None if row is None else self.tasks.find(attempt.tenant_id, row["resource_id"])
        return task is not None and task.status == CANCELED


class RefundsSweeps(Lifecycle):
    """Writes the balance that it read before a sweep, plus the refund, for every task that failed in it."""

    def settle(self, tenant_id: str) -> None:
        """Let the last refund of a sweep overwrite those before it."""
        failing = [task for task in self.tasks.under_way(tenant_id) if task.planned_failure is not None]
        super().settle(tenant_id)
        refunded = [task.charged for task in failing if self._has_ended(task)]
        self.wallet.refund(tenant_id, -sum(refunded[:-1]))

    def _has_ended(self, task: Task) -> bool:
        now = self.tasks.find(task.tenant_id, task.task_id)
        return now is not None and now.is_terminal


class MarksDuplicates(Creator):
    """Marks the task of a retry that comes after a cancellation, so that it is not started again."""

    def create(self, order: Order) -> Creation:
        """Write the mark where the list looks for duplicates."""
        creation = super().create(order)
        if not creation.is_new and creation.task.status == CANCELED:
            self.tasks.change(creation.task.task_id, waits_for_audio=1)
        return creation


class WithoutDuplicates(Tasks):
    """Lists what is no duplicate."""

    def page(self, tenant_id: str, selection: Selection) -> list[Task]:
        """Leave out what carries the mark."""
        found = super().page(tenant_id, selection)
        return [task for task in found if not (task.waits_for_audio and task.status == CANCELED)]


MUTANTS = (
    Mutant(
        id="conflict-unlocks-the-key",
        breaks="BEATRA-IDEMPOTENCY-01",
        story="A key is unlocked when its request is over; a conflict unlocks the key of the first request as well.",
        cast={"creator": UnlocksConflicts},
        histories=_HISTORIES,
        consequences={
            "BEATRA-IDEMPOTENCY-17": "After the first of several conflicts the next body with the key makes a task.",
        },
    ),
    Mutant(
        id="conflict-after-cancellation-debits",
        breaks="BEATRA-IDEMPOTENCY-07",
        story="Money is set aside again for the key of a cancelled task, and kept when another request is refused.",
        cast={"creator": PaysForConflicts},
        histories=_HISTORIES,
    ),
    Mutant(
        id="refunds-of-a-sweep-overwritten",
        breaks="BEATRA-MONEY-10",
        story="The balance is read once for all tasks that fail together, so their refunds overwrite each other.",
        cast={"lifecycle": RefundsSweeps},
        histories=_HISTORIES,
    ),
    Mutant(
        id="retry-after-cancellation-unlisted",
        breaks="BEATRA-LIST-02",
        story="A retry of a cancelled request marks its task as a duplicate, and the list leaves duplicates out.",
        cast={"creator": MarksDuplicates, "tasks": WithoutDuplicates},
        histories=_HISTORIES,
    ),
)
