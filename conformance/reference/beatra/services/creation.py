"""Creating a music task: idempotency, price, debit and the task itself, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.reference.beatra.services.tasks import QUEUED

if TYPE_CHECKING:
    from conformance.reference.beatra.services.catalogue import Catalogue
    from conformance.reference.beatra.services.idempotency import Attempt, Idempotency
    from conformance.reference.beatra.services.lifecycle import Lifecycle
    from conformance.reference.beatra.services.overrides import AccountClock, Overrides
    from conformance.reference.beatra.services.tasks import Task, Tasks
    from conformance.reference.beatra.services.wallet import Wallet
    from conformance.reference.parts.database import Database


@dataclass(frozen=True, slots=True)
class Order:
    """A valid request for music; `reference_url` is audio that must be fetched before the task runs."""

    tenant_id: str
    capability: str
    model: str
    input: dict[str, Any]
    metadata: dict[str, str]
    attempt: Attempt | None
    reference_url: str | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """The task of an order, and whether it was made just now rather than by an earlier attempt."""

    task: Task
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Creator:
    """Turns orders into tasks."""

    database: Database
    tasks: Tasks
    wallet: Wallet
    catalogue: Catalogue
    idempotency: Idempotency
    overrides: Overrides
    lifecycle: Lifecycle
    clock: AccountClock

    def create(self, order: Order) -> Creation:
        """
        Debit the price and create the task, or return the task of an earlier attempt.

        Raises UnsupportedModelError, IdempotencyConflictError and InsufficientBalanceError.
        """
        with self.database.transaction():
            now = self.clock.now(order.tenant_id)
            known = self.recall(order, now)
            task_id = known or self.make(order, now)
            task = self.tasks.find(order.tenant_id, task_id)
        if task is None:
            raise LostTaskError(f"The task {task_id} was created but can't be found.")
        return Creation(task=task, is_new=known is None)

    def recall(self, order: Order, now: int) -> str | None:
        """The id of the task that an earlier attempt of this order created."""
        return None if order.attempt is None else self.idempotency.recall(order.attempt, now)

    def make(self, order: Order, now: int) -> str:
        """Debit the price, store the task, remember the key; returns the task's id."""
        model = self.catalogue.resolve(order.model)
        self.wallet.debit(order.tenant_id, model.price)
        task_id = self.tasks.new_id()
        self.tasks.add(
            {
                "task_id": task_id,
                "tenant_id": order.tenant_id,
                "status": QUEUED,
                "capability": order.capability,
                "model": order.model,
                "resolved_model": model.name,
                "input": order.input,
                "metadata": order.metadata,
                "charged": model.price,
                "waits_for_audio": int(order.reference_url is not None),
                "planned_failure": self.overrides.take_outcome(order.tenant_id),
                "created_at": now,
                **self.lifecycle.schedule(now),
            }
        )
        if order.attempt is not None:
            self.idempotency.remember(order.attempt, task_id, now)
        return task_id


class LostTaskError(LookupError):
    """The database lost a task within the transaction that found or made it."""
