"""Mutants that lose, keep or invent money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.services.lifecycle import Lifecycle

if TYPE_CHECKING:
    from conformance.reference.beatra.services.tasks import Task


class RefundsOnPaper(Lifecycle):
    """Writes the refund of a failed task into the task only."""

    def fail(self, task: Task, code: str, moment: int) -> None:
        """Leave the wallet out."""
        self.tasks.change(task.task_id, status="failed", failure=code, completed_at=moment, refunded=task.charged)


MUTANTS = (
    Mutant(
        id="failure-refunded-on-paper",
        breaks="BEATRA-MONEY-10",
        story="The refund of a failed task is written into the task, and the wallet was forgotten.",
        cast={"lifecycle": RefundsOnPaper},
    ),
)
