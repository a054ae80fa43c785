"""Liberties with money: when refunds arrive, what is shown of them, and what things cost."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.liberties.beatra.answers import in_tasks
from conformance.reference.beatra.services.catalogue import Catalogue, Model
from conformance.reference.beatra.services.lifecycle import Lifecycle
from conformance.reference.beatra.services.money import units
from conformance.reference.beatra.services.tasks import CANCELED, QUEUED

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.beatra.services.tasks import Task

_LATE_SECONDS = 1.5
_NOTHING = "0.0000"


class LaterWork(Lifecycle):
    """Does some work later, by the real clock, whatever the clock of the account says."""

    @cached_property
    def later(self) -> list[tuple[float, Callable[[], None]]]:
        """What is to be done, and from when on."""
        return []

    def put_off(self, work: Callable[[], None]) -> None:
        """Leave something to the worker."""
        self.later.append((time.monotonic() + _LATE_SECONDS, work))

    def settle_all(self) -> None:
        """Do what is due, and go on with the tasks."""
        super().settle_all()
        now = time.monotonic()
        for entry in [entry for entry in self.later if entry[0] <= now]:
            self.later.remove(entry)
            with self.database.transaction():
                entry[1]()


class PaysBackLater(LaterWork):
    """Leaves refunds to a worker."""

    def refund(self, task: Task) -> None:
        """Put it off."""
        self.put_off(lambda: super(PaysBackLater, self).refund(task))


class ShowsRefundsLater(LaterWork):
    """Pays back at once and shows it later."""

    def refund(self, task: Task) -> None:
        """Pay, and put off the rest."""
        self.wallet.refund(task.tenant_id, task.charged)
        self.put_off(lambda: self.tasks.change(task.task_id, refunded=task.charged))


class PaysAfterShowing(LaterWork):
    """Shows a refund at once and pays it later."""

    def refund(self, task: Task) -> None:
        """Show it, and put off the rest."""
        self.tasks.change(task.task_id, refunded=task.charged)
        self.put_off(lambda: self.wallet.refund(task.tenant_id, task.charged))


def _priced(*prices: str) -> tuple[Model, ...]:
    pairs = zip(Catalogue.models, prices, strict=True)
    return tuple(replace(model, price=units(Decimal(price))) for model, price in pairs)


class AgreedPrices(Catalogue):
    """Has prices that were agreed on."""

    models = _priced("90", "45")


class FractionalPrices(Catalogue):
    """Has prices with fractions of a credit."""

    models = _priced("79.9975", "49.0001")


class OnePrice(Catalogue):
    """Has one price for all models."""

    models = _priced("60", "60")


def _bill(task: dict[str, Any]) -> dict[str, Any]:
    return task.get("billing") or {}


def _when_running(task: dict[str, Any]) -> None:
    if task["status"] == QUEUED and "billing" in task:
        task["billing"] = {"currency": "USD"}


def _unshown(task: dict[str, Any]) -> None:
    if task["status"] == CANCELED and "billing" in task:
        kept = {name: value for name, value in task["billing"].items() if not name.startswith("refunded_")}
        task["billing"] = kept


def _nothing_yet(task: dict[str, Any]) -> None:
    if "billing" in task:
        shown = {"refunded_credits": _NOTHING, "refunded_credits_usd_reference": _NOTHING}
        task["billing"] = {**shown, **task["billing"]}


def _net(task: dict[str, Any]) -> None:
    bill = _bill(task)
    if "charged_credits" in bill:
        net = Decimal(bill["charged_credits"]) - Decimal(bill.get("refunded_credits", _NOTHING))
        bill["net_charged_credits"] = f"{net:.4f}"


def _without_currency(task: dict[str, Any]) -> None:
    _bill(task).pop("currency", None)


def _in_amounts(change: Callable[[str], str], *, references: bool) -> Callable[[dict[str, Any]], None]:
    """Write the amounts of credits otherwise, or the references in dollars."""

    def changed(task: dict[str, Any]) -> None:
        usage = task.get("usage") or {}
        for part in (_bill(task), usage, *usage.get("lines", ())):
            for name, value in part.items():
                if "credits" in name and isinstance(value, str) and name.endswith("_usd_reference") == references:
                    part[name] = change(value)

    return changed


def _plainly(amount: str) -> str:
    return f"{Decimal(amount).normalize():f}"


TAKEN = (
    Taken(id="late-refunds", cast={"lifecycle": PaysBackLater}),
    Taken(id="refunds-shown-late", cast={"lifecycle": ShowsRefundsLater}),
    Taken(id="refunds-shown-early", cast={"lifecycle": PaysAfterShowing}),
    Taken(id="agreed-prices", cast={"catalogue": AgreedPrices}),
    Taken(id="fractional-prices", cast={"catalogue": FractionalPrices}),
    Taken(id="one-price", cast={"catalogue": OnePrice}),
    Taken(id="bills-from-the-start-of-work", wrap=in_tasks(_when_running)),
    Taken(id="refunds-of-cancellations-unshown", wrap=in_tasks(_unshown)),
    Taken(id="refunds-of-nothing-shown", wrap=in_tasks(_nothing_yet)),
    Taken(id="net-charge", wrap=in_tasks(_net)),
    Taken(id="no-currency", wrap=in_tasks(_without_currency)),
    Taken(id="amounts-without-zeros", wrap=in_tasks(_in_amounts(_plainly, references=False))),
    Taken(id="dollar-signs", wrap=in_tasks(_in_amounts(lambda text: f"${text}", references=True))),
    Taken(
        id="another-rate",
        wrap=in_tasks(_in_amounts(lambda text: f"{Decimal(text.lstrip('$')) * 2:.4f}", references=True)),
    ),
)
