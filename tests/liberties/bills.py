"""Applications that take liberties with money: when refunds arrive, what is shown of them, and what things cost."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.reference.beatra.services.catalogue import Catalogue, Model
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.beatra.services.tasks import CANCELED, QUEUED, Task
from tests.liberties.applications import reference

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_LATE_SECONDS = 1.5


class PaysBackLater(Lifecycle):
    """Leaves refunds to a worker, which comes some real seconds later, whatever the clock of the account says."""

    due: list[tuple[float, Task]] = []  # noqa: RUF012 - one worker for the one instance of a process

    def refund(self, task: Task) -> None:
        """Put it on the list."""
        self.due.append((time.monotonic() + _LATE_SECONDS, task))

    def settle_all(self) -> None:
        """Pay back what is due, and go on with the tasks."""
        super().settle_all()
        now = time.monotonic()
        for entry in [entry for entry in self.due if entry[0] <= now]:
            self.due.remove(entry)
            with self.database.transaction():
                super().refund(entry[1])


class AgreedPrices(Catalogue):
    """Has prices that were agreed on, at a rate that was."""

    models: tuple[Model, ...] = (
        replace(Catalogue.models[0], price=90 * UNITS_PER_CREDIT),
        replace(Catalogue.models[1], price=45 * UNITS_PER_CREDIT),
    )


class OwnBills(Presenter):
    """Bills when a task runs, writes references for people, and shows no refund of what was cancelled."""

    def billing(self, task: Task) -> dict[str, Any]:
        """Show what the documents promise, and no more."""
        if task.status == QUEUED:
            return {"currency": "USD"}
        found = super().billing(task)
        if task.status == CANCELED:
            found = {name: value for name, value in found.items() if not name.startswith("refunded_")}
        return {name: f"${value}" if name.endswith("_usd_reference") else value for name, value in found.items()}


def late_refunds() -> ASGIApp:
    """Refunds reach the wallet and the task a second and a half after the end."""
    PaysBackLater.due = []
    return reference(cast={"lifecycle": PaysBackLater})


def agreed_prices() -> ASGIApp:
    """Prices per agreement."""
    return reference(cast={"catalogue": AgreedPrices})


def own_bills() -> ASGIApp:
    """No charge before a task runs, references with a dollar sign, no refund shown of what was cancelled."""
    return reference(cast={"presenter": OwnBills})
