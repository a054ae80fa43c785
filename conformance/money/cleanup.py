"""Cleaning up: tasks of a run that still go on are cancelled, also those whose creation had no answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.request import PreparedRequest
    from conformance.journal.records import Exchange
    from conformance.money.charges import ChargeTracker
    from conformance.money.ledger import SpendLedger
    from conformance.money.ledger_store import PurchasedTask

# A cancel may be carried out, and its refund be booked, a moment after it was accepted.
_PAUSES_SECONDS: Final = (0.1, 0.5, 1, 2)


class Cleaner:
    """Ends what a run has left under way at the target, with the run's account."""

    def __init__(
        self,
        ledger: SpendLedger,
        charge_tracker: ChargeTracker,
        ask: Callable[[PreparedRequest], Exchange],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ledger = ledger
        self._charge_tracker = charge_tracker
        self._ask = ask
        self._sleep = sleep

    def clean(self) -> tuple[PurchasedTask, ...]:
        """Cancel all tasks that still go on, and return those that could not be ended."""
        if self._ledger.lost():
            self._charge_tracker.adopt_lost(self._ask)
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
