"""What has to be asked to know what something cost, and to end what nobody wants: a task's charge, its cancellation."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from conformance.client.building import prepare
from conformance.client.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.building import Prepared
    from conformance.client.purse import Purse
    from conformance.client.stakes import Bought, Seen
    from conformance.contract.contract import Contract
    from conformance.journal.records import Exchange

    Ask = Callable[[Prepared], Exchange]


class Cashier:
    """Keeps the purse's tasks up to date by asking the target, in the name of whoever made them."""

    def __init__(self, purse: Purse, contract: Contract, base_url: str) -> None:
        self.sightings = Sightings(contract.conventions)
        self._purse = purse
        self._contract = contract
        self._base_url = base_url
        # The tasks that this process made: how to ask about each, and what was seen last.
        self._asks: dict[str, Ask] = {}
        self._last: dict[str, Seen] = {}
        self._lock = Lock()

    def key_of(self, prepared: Prepared) -> str | None:
        """The idempotency key of a request."""
        convention = self._contract.conventions.idempotency
        if convention is None:
            return None
        names = {name.lower(): value for name, value in prepared.headers}
        return names.get(convention.header.lower())

    def promises_once(self, prepared: Prepared) -> bool:
        """Whether the contract promises that this request, sent again as it is, is carried out once only."""
        convention = self._contract.conventions.idempotency
        return convention is not None and prepared.operation in convention.operations and bool(self.key_of(prepared))

    def is_provisional(self, requirement_id: str | None) -> bool:
        """Whether no document of the first rank says what a requirement demands."""
        registry = self._contract.registry
        return requirement_id is not None and requirement_id in registry and registry[requirement_id].provisional

    def received(self, seen: Seen, ask: Ask, *, unwanted: bool) -> None:
        """A task was made: see what it costs, and cancel it where it must not have been."""
        with self._lock:
            self._asks[seen.task_id] = ask
        if unwanted:
            self.cancel(seen.task_id, ask)
        elif seen.charged is None:
            self._read(seen.task_id, ask)

    def noticed(self, exchange: Exchange, seen: Seen, ask: Ask) -> None:
        """Any answer about a task: keep what it shows, and ask for the refund that a cancellation does not show."""
        with self._lock:
            known = seen.task_id in self._asks
            changed = known and self._last.get(seen.task_id) != seen
            if changed:
                self._last[seen.task_id] = seen
        if not changed:
            return
        self._purse.see(seen)
        tasks = self._contract.conventions.tasks
        if tasks and exchange.operation == tasks.cancel and not (seen.ended and seen.refunded):
            self._read(seen.task_id, ask)

    def close(self, admission: int) -> None:
        """Cancel the tasks of a scenario that is over, but for those that were bought for good."""
        for task in self._open():
            if task.admission == admission and not task.kept and not task.ended:
                self.cancel(task.task_id, self._asks[task.task_id])

    def awaits_refunds(self) -> bool:
        """Whether a task of this process has ended without success, or was to, and its money is not back."""
        return any(self._is_owed(task) for task in self._open())

    def look_again(self) -> None:
        """Ask for the refunds that are due."""
        for task in self._open():
            if self._is_owed(task):
                self._read(task.task_id, self._asks[task.task_id])

    def cancel(self, task_id: str, ask: Ask) -> None:
        """Cancel a task and see what came of it."""
        tasks = self._contract.conventions.tasks
        if tasks is not None and tasks.cancel is not None:
            self._ask_about(task_id, tasks.cancel, ask)
        self._read(task_id, ask)

    def _read(self, task_id: str, ask: Ask) -> None:
        tasks = self._contract.conventions.tasks
        if tasks is not None:
            seen = self.sightings.task(self._ask_about(task_id, tasks.get, ask))
            if seen is not None and seen.task_id == task_id:
                self._purse.see(seen)

    def _ask_about(self, task_id: str, operation: str, ask: Ask) -> Exchange:
        tasks = self._contract.conventions.tasks
        assert tasks is not None  # noqa: S101 - whoever made a task has conventions of tasks
        path = {tasks.id_parameter: task_id}
        return ask(prepare(self._base_url, self._contract.document.operations[operation], path=path))

    def _open(self) -> list[Bought]:
        with self._lock:
            mine = set(self._asks)
        return [task for task in self._purse.tasks() if task.task_id in mine]

    def _is_owed(self, task: Bought) -> bool:
        return not task.kept and task.at_stake > 0 and self._succeeded(task) is False

    def _succeeded(self, task: Bought) -> bool | None:
        """Whether the task ended well, None while it goes on."""
        tasks = self._contract.conventions.tasks
        state = tasks.states.get(task.state) if tasks else None
        return None if state is None or not state.terminal else state.phase == "succeeded"
