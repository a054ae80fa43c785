"""Mutants whose wallet loses, keeps or invents money when a task ends; what tasks say is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT
from conformance.reference.beatra.services.tasks import CANCELED, FAILED, QUEUED, SUCCEEDED

if TYPE_CHECKING:
    from conformance.reference.beatra.services.tasks import Task


class RefundsOnPaper(Lifecycle):
    """Writes the refund of a failed task into the task only."""

    def fail(self, task: Task, code: str, moment: int) -> None:
        """Leave the wallet out."""
        self.tasks.change(task.task_id, status=FAILED, failure=code, completed_at=moment, refunded=task.charged)


class RefundsHalf(Lifecycle):
    """Keeps half of what a failed task cost."""

    def fail(self, task: Task, code: str, moment: int) -> None:
        """Take half of the refund back."""
        super().fail(task, code, moment)
        self.wallet.refund(task.tenant_id, -task.charged // 2)


class CancelsOnPaper(Lifecycle):
    """Writes the refund of a cancelled task into the task only."""

    def cancel(self, task: Task, moment: int) -> None:
        """Take the refund back."""
        super().cancel(task, moment)
        if not task.is_terminal:
            self.wallet.refund(task.tenant_id, -task.charged)


class KeepsMoneyOfRunning(Lifecycle):
    """Pays the provider for work that has begun."""

    def cancel(self, task: Task, moment: int) -> None:
        """Take the refund of a running task back."""
        super().cancel(task, moment)
        if not task.is_terminal and task.status != QUEUED:
            self.wallet.refund(task.tenant_id, -task.charged)


class RefundsAgain(Lifecycle):
    """Refunds with every cancellation."""

    def cancel(self, task: Task, moment: int) -> None:
        """Give the money of a cancelled task back once more."""
        super().cancel(task, moment)
        if task.status == CANCELED:
            self.wallet.refund(task.tenant_id, task.charged)


class RefundsFailedAgain(Lifecycle):
    """Refunds a failed task also when it is cancelled."""

    def cancel(self, task: Task, moment: int) -> None:
        """Give the money of a failed task back once more."""
        super().cancel(task, moment)
        if task.status == FAILED:
            self.wallet.refund(task.tenant_id, task.charged)


class RefundsFinished(Lifecycle):
    """Refunds whatever is cancelled."""

    def cancel(self, task: Task, moment: int) -> None:
        """Give the money of a song back that was delivered."""
        super().cancel(task, moment)
        if task.status == SUCCEEDED:
            self.wallet.refund(task.tenant_id, task.charged)


class SettlesUp(Lifecycle):
    """Takes the difference to the provider's bill."""

    def succeed(self, task: Task) -> None:
        """Take one credit more than the task says."""
        super().succeed(task)
        self.wallet.refund(task.tenant_id, -UNITS_PER_CREDIT)


MUTANTS = (
    Mutant(
        id="failure-refunded-on-paper",
        breaks="BEATRA-MONEY-10",
        story="The refund of a failed task is written into the task, and the wallet was forgotten.",
        cast={"lifecycle": RefundsOnPaper},
    ),
    Mutant(
        id="failure-refunded-by-half",
        breaks="BEATRA-MONEY-10",
        story="Half of the price of a failed task stays with the gateway.",
        cast={"lifecycle": RefundsHalf},
    ),
    Mutant(
        id="cancel-refunded-on-paper",
        breaks="BEATRA-MONEY-11",
        story="The refund of a cancelled task is written into the task, and the wallet was forgotten.",
        cast={"lifecycle": CancelsOnPaper},
    ),
    Mutant(
        id="cancel-of-running-not-refunded",
        breaks="BEATRA-MONEY-11",
        story="Only what is cancelled in the queue is given back: work that has begun was paid for.",
        cast={"lifecycle": KeepsMoneyOfRunning},
    ),
    Mutant(
        id="second-cancel-refunds-again",
        breaks="BEATRA-MONEY-12",
        story="A cancellation gives the money back without a look at whether it was given back before.",
        cast={"lifecycle": RefundsAgain},
    ),
    Mutant(
        id="cancel-of-failed-refunds-again",
        breaks="BEATRA-MONEY-12",
        story="A failed task gets its money back once more when it is cancelled.",
        cast={"lifecycle": RefundsFailedAgain},
    ),
    Mutant(
        id="cancel-of-finished-refunds",
        breaks="BEATRA-MONEY-22",
        story="A cancellation gives the money back, also of a song that was delivered.",
        cast={"lifecycle": RefundsFinished},
    ),
    Mutant(
        id="success-settled-in-silence",
        breaks="BEATRA-MONEY-22",
        story="The provider's bill came in higher, and the difference is taken from the wallet without a word.",
        cast={"lifecycle": SettlesUp},
    ),
)
