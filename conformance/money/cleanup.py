"""Cleaning up: tasks of a run that still go on are cancelled, also those whose creation had no answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from conformance.client.request import prepare
from conformance.money.budget import price_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.request import PreparedRequest
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange
    from conformance.money.charges import ChargeTracker
    from conformance.money.ledger import SpendLedger
    from conformance.money.ledger_store import PurchasedTask

# How far back the list is searched for tasks whose answer was lost: they are among the newest.
_MOST_LISTED: Final = 100
# A cancel may be carried out, and its refund be booked, a moment after it was accepted.
_PAUSES_SECONDS: Final = (0.1, 0.5, 1, 2)


class Cleaner:
    """Ends what a run has left under way at the target, with the run's account."""

    def __init__(
        self,
        ledger: SpendLedger,
        charge_tracker: ChargeTracker,
        contract: Contract,
        base_url: str,
        ask: Callable[[PreparedRequest], Exchange],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ledger = ledger
        self._charge_tracker = charge_tracker
        self._contract = contract
        self._base_url = base_url
        self._ask = ask
        self._sleep = sleep

    def clean(self) -> tuple[PurchasedTask, ...]:
        """Cancel all tasks that still go on, and return those that could not be ended."""
        if self._ledger.lost():
            self._find_lost()
        for task in self._ledger.tasks():
            if not task.ended:
                self._charge_tracker.cancel(task.task_id, self._ask)
        self._await_ends()
        return tuple(task for task in self._ledger.tasks() if not task.ended)

    def _await_ends(self) -> None:
        """Look again, for a short time, at what was cancelled or failed and is still at stake."""
        for pause in _PAUSES_SECONDS:
            owed = [task for task in self._ledger.tasks() if self._charge_tracker.may_come_back(task)]
            if not owed:
                return
            self._sleep(pause)
            for task in owed:
                self._charge_tracker.read(task.task_id, self._ask)

    def _find_lost(self) -> None:
        """Look among the newest tasks for those that carry the run's tag and are not in its ledger."""
        tasks, money = self._contract.conventions.tasks, self._contract.conventions.money
        if tasks is None or tasks.list is None or tasks.marks is None or money is None:
            return
        run_tag, _, _ = self._ledger.identity()
        known = {task.task_id for task in self._ledger.tasks()}
        operation = self._contract.document.operations[tasks.list]
        limited = any(parameter.name == "limit" for parameter in operation.parameters)
        listed = self._ask(prepare(self._base_url, operation, query={"limit": _MOST_LISTED} if limited else None))
        for task_id in self._charge_tracker.charge_reader.listed(listed)[:_MOST_LISTED]:
            if task_id in known:
                continue
            path = {tasks.id_parameter: task_id}
            shown = self._ask(prepare(self._base_url, self._contract.document.operations[tasks.get], path=path))
            seen = self._charge_tracker.charge_reader.task(shown)
            if seen is not None and self._charge_tracker.charge_reader.carries(shown, run_tag):
                model = self._charge_tracker.charge_reader.model_of(shown)
                self._ledger.adopt(seen, model, price_of(model, money.prices))
