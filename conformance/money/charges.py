"""What requests and answers show of resources and their charges, and what has to be asked to know the rest."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import jsonpointer

from conformance.client.errors import ReservationError
from conformance.client.identity import RUN_TAG
from conformance.client.request import prepare
from conformance.contract.document import SAFE_METHODS
from conformance.contract.outcomes import Outcome, at
from conformance.contract.pricing import readable_amount
from conformance.journal.interpretation import json_of
from conformance.journal.records import Body
from conformance.money.budget import ANY, price_of
from conformance.money.ledger_store import TaskSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.request import PreparedRequest
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.contract.pricing import Pricing
    from conformance.journal.records import Exchange
    from conformance.money.ledger import SpendLedger
    from conformance.money.ledger_store import PurchasedTask


# More than any task costs.
_MOST: Final = Decimal(10) ** 12
_MOST_READ_AGAIN: Final = 100
# Begins what stands in the ledger for a request that made no task: there is nothing to read or to end.
_PAID_AT_ONCE: Final = "request "
# How far back the list is searched for tasks whose answer was lost: they are among the newest.
_MOST_LISTED: Final = 100


class ChargeReader:
    """Reads tasks and their money out of traffic, for one system."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions

    @property
    def pricing(self) -> Pricing | None:
        """What requests cost, None where the conventions do not say."""
        return self._conventions.pricing

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The operations of which it is not known what they cost, so that nothing can be set aside for them."""
        return () if self.pricing is None else self.pricing.unknown

    def may_cost(self, prepared: PreparedRequest) -> bool:
        """
        Whether the request may have a price.

        That is so for all that creates a task and for operations with a price, unless it is known to be nothing; where
        the conventions name no prices, for all that is not safe.
        """
        if self.pricing is None or not self.pricing.operations:
            return prepared.method not in SAFE_METHODS and not self.cancels(prepared)
        price = self.pricing.operations.get(prepared.operation or "")
        if price is None:
            return self._creates(prepared.operation)
        return not price.free(at(_json(prepared), price.by) if price.by is not None else None)

    def ends_at_once(self, exchange: Exchange) -> bool:
        """Whether what the request asked for is done when it is answered, so that its price is spent for good."""
        return self.pricing is not None and bool(self.pricing.operations) and not self._creates(exchange.operation)

    def _creates(self, operation: str | None) -> bool:
        tasks = self._conventions.tasks
        return tasks is not None and operation in tasks.create

    def uploads(self, prepared: PreparedRequest) -> bool:
        """Whether the request leaves a file at the target."""
        artifacts = self._conventions.artifacts
        return artifacts is not None and prepared.operation is not None and prepared.operation == artifacts.upload

    def cancels(self, prepared: PreparedRequest) -> bool:
        """Whether the request ends a task."""
        tasks = self._conventions.tasks
        return tasks is not None and prepared.operation is not None and prepared.operation == tasks.cancel

    def model_and_price(self, prepared: PreparedRequest) -> tuple[str, Decimal]:
        """
        The model that a request asks for, and the most that it may cost; the dearest where it names no known model.

        Where the price follows nothing in the request, the operation stands for the model.

        Raises:
            ReservationError: its price is not known.
        """
        operation = prepared.operation or ""
        price = self.pricing.operations.get(operation) if self.pricing else None
        prices = price.known(operation) if price else {}
        if price is None or not price.stated:
            what = operation or f"{prepared.method} {prepared.url[:200]}"
            raise ReservationError(
                f"what {what} costs is not known; state [prices] in target.toml, or count purchases (--max-purchases N)"
            )
        if price.by is None:
            return operation, prices[operation]
        model = at(_json(prepared), price.by)
        known = model if isinstance(model, str) and model in prices else ANY
        return known, price_of(known, prices)

    def spent(self, exchange: Exchange, price: Decimal) -> TaskSnapshot:
        """What an answer shows of a request that is paid for good: its charge, or the price where it shows none."""
        charged = self.charge_shown(exchange)
        return TaskSnapshot(f"{_PAID_AT_ONCE}{exchange.id}", price if charged is None else charged, ended=True)

    def charge_shown(self, exchange: Exchange) -> Decimal | None:
        """The charge that the answer to a priced request shows; None where it shows none, or purchases are counted."""
        described = self.pricing.operations.get(exchange.operation or "") if self.pricing else None
        if described is None or described.charged is None:
            return None
        found = (_charge(at(value, described.charged)) for value in reversed(_values(exchange)))
        return next((charged for charged in found if charged is not None), None)

    def is_priced_at_once(self, exchange: Exchange) -> bool:
        """Whether an exchange is a priced request that is done when it is answered."""
        priced = self.pricing is not None and exchange.operation in self.pricing.operations
        return priced and self.ends_at_once(exchange)

    def is_spent(self, exchange: Exchange) -> bool:
        """Whether an exchange is a priced request that was accepted and done at once."""
        return self.is_priced_at_once(exchange) and exchange.interpretation.outcome is Outcome.ACCEPTED

    def task(self, exchange: Exchange) -> TaskSnapshot | None:
        """The task that an answer is about, None where it is about none."""
        if exchange.interpretation.outcome is not Outcome.ACCEPTED:
            return None
        try:
            body = exchange.json
        except AssertionError:
            return None
        return self._seen(body)

    def listed(self, exchange: Exchange) -> tuple[str, ...]:
        """The ids of the tasks that a list shows."""
        tasks = self._conventions.tasks
        items = exchange.get(tasks.items) if tasks and tasks.items and exchange.accepted else None
        found = (self._seen(item) for item in items) if isinstance(items, list) else ()
        return tuple(seen.task_id for seen in found if seen is not None)

    def carries(self, exchange: Exchange, run_tag: str) -> bool:
        """Whether the task of an answer was made by the run with this tag."""
        tasks = self._conventions.tasks
        return bool(tasks and tasks.marks and exchange.get(f"{tasks.marks}/{RUN_TAG}") == run_tag)

    def model_of(self, exchange: Exchange) -> str:
        """The model that a task was made with, as far as its answer says."""
        money = self._conventions.money
        model = exchange.get(money.priced_by) if money else None
        return model if isinstance(model, str) else ANY

    def _seen(self, body: Any) -> TaskSnapshot | None:  # noqa: ANN401 - any JSON value
        tasks, money = self._conventions.tasks, self._conventions.money
        task_id = _at(body, tasks.id) if tasks else None
        if tasks is None or not isinstance(task_id, str) or not task_id:
            return None
        state = str(_at(body, tasks.status) or "")[:40]
        known = tasks.states.get(state)
        charged = _charge(_at(body, money.charged)) if money else None
        refunded = readable_amount(_at(body, money.refunded)) if money else None
        if self.pricing is not None and self.pricing.purchases:
            charged, refunded = _counted(charged, refunded)
        return TaskSnapshot(
            task_id=task_id,
            charged=charged,
            refunded=refunded,
            state=state,
            # What can't be cancelled is paid for once it is accepted: there is nothing left to end.
            ended=tasks.cancel is None or (known is not None and known.terminal),
        )


def _values(exchange: Exchange) -> list[Any]:
    """The JSON values of an answer: of its body, or of the frames of a stream."""
    response = exchange.response
    if response is None:
        return []
    bodies = [response.body] if response.frames is None else [Body(frame.data.encode()) for frame in response.frames]
    return [json_of(body) for body in bodies]


def _json(prepared: PreparedRequest) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(prepared.content, Path):
        return None
    try:
        return json.loads(prepared.content)
    except (ValueError, RecursionError):
        return None


def _charge(value: object) -> Decimal | None:
    """What was charged, None where it is no number; an absurd amount is cut to the bounds and never taken for none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return None if number.is_nan() else min(max(number, Decimal(0)), _MOST)


def _counted(charged: Decimal | None, refunded: Decimal | None) -> tuple[Decimal, Decimal]:
    """What a task was charged and refunded as a number of purchases: a charge is one, until all of it is back."""
    bought = Decimal(0 if charged == 0 else 1)
    paid_back = charged is not None and refunded is not None and refunded >= charged
    return bought, bought if paid_back else Decimal(0)


def _at(body: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    return jsonpointer.resolve_pointer(body, pointer, None) if isinstance(body, dict) else None


if TYPE_CHECKING:
    Ask = Callable[[PreparedRequest], Exchange]


class ChargeTracker:
    """Keeps the ledger's tasks up to date by asking the target, with the account that made them."""

    def __init__(self, ledger: SpendLedger, contract: Contract, base_url: str) -> None:
        self.charge_reader = ChargeReader(contract.conventions)
        self._ledger = ledger
        self._contract = contract
        self._base_url = base_url
        # The tasks that this process made: how to ask about each, and what was seen last.
        self._asks: dict[str, Ask] = {}
        self._last: dict[str, TaskSnapshot] = {}
        self._to_end: set[str] = set()
        self._in_vain: set[str] = set()
        self._ask_for_lost: Ask | None = None
        self._recoveries = 0
        self._recovering = Lock()
        self._lock = Lock()

    def key_of(self, prepared: PreparedRequest) -> str | None:
        """The idempotency key of a request."""
        convention = self._contract.conventions.idempotency
        if convention is None:
            return None
        names = {name.lower(): value for name, value in prepared.headers}
        return names.get(convention.header.lower())

    def promises_once(self, prepared: PreparedRequest) -> bool:
        """Whether the contract promises that this request, sent again as it is, is carried out once only."""
        convention = self._contract.conventions.idempotency
        return convention is not None and prepared.operation in convention.operations and bool(self.key_of(prepared))

    def is_provisional(self, requirement_id: str | None) -> bool:
        """Whether no document of the first rank says what a requirement demands."""
        registry = self._contract.registry
        return requirement_id is not None and requirement_id in registry and registry[requirement_id].provisional

    def received(self, seen: TaskSnapshot, ask: Ask, *, unwanted: bool) -> None:
        """A task was made: ask what it costs, or cancel it where it is `unwanted`."""
        with self._lock:
            self._asks[seen.task_id] = ask
        if unwanted:
            self.cancel(seen.task_id, ask)
        elif seen.charged is None:
            self.read(seen.task_id, ask)

    def noticed(self, exchange: Exchange, seen: TaskSnapshot, ask: Ask) -> None:
        """Keep what an answer shows of a task, and ask for the refund that a cancellation does not show."""
        tasks = self._contract.conventions.tasks
        cancelled = tasks is not None and exchange.operation == tasks.cancel
        with self._lock:
            if cancelled:
                self._to_end.add(seen.task_id)
            known = seen.task_id in self._asks
            changed = known and self._last.get(seen.task_id) != seen
            if changed:
                self._last[seen.task_id] = seen
        if not changed:
            return
        self._ledger.see(seen)
        if cancelled and not (seen.ended and seen.refunded):
            self.read(seen.task_id, ask)

    def close(self, admission: int) -> None:
        """Cancel the tasks of a scenario that is over, but for those that were bought for good."""
        for task in self._open():
            if task.admission == admission and not task.kept and not task.ended:
                self.cancel(task.task_id, self._asks[task.task_id])

    def due_refunds(self) -> frozenset[str]:
        """The tasks of this process whose money has to come back, but for those that were waited for in vain."""
        with self._lock:
            in_vain = frozenset(self._in_vain)
        return frozenset(task.task_id for task in self._owed()) - in_vain

    def look_again(self) -> None:
        """Read the tasks whose refunds are due."""
        for task in self._owed():
            self.read(task.task_id, self._asks[task.task_id])

    def read_ended(self) -> None:
        """Read once more the tasks of this process that have ended, the oldest 100 of them: an end is final."""
        for task in [task for task in self._open() if task.ended][:_MOST_READ_AGAIN]:
            self.read(task.task_id, self._asks[task.task_id])

    def lost(self, ask: Ask) -> None:
        """A request may have made a task that its answer doesn't show: `ask` with its account where it could be."""
        with self._lock:
            self._ask_for_lost = ask

    def recover_lost(self) -> bool:
        """
        Cancel what requests of ended scenarios made without showing it; whether that, or waiting, may free money.

        It is looked for again only after something more has been lost.
        """
        earlier = self._recoveries
        with self._recovering:
            if self._recoveries != earlier:
                return True
            ask = self._ask_for_lost
            if ask is None or not self._ledger.lost():
                return False
            found = self.adopt_lost(ask, at_rest=True)
            if not found and not self._ledger.is_at_rest():
                return True
            with self._lock:
                self._ask_for_lost = None if self._ask_for_lost is ask else self._ask_for_lost
                self._asks |= dict.fromkeys(found, ask)
                self._to_end |= set(found)
            for task_id in found:
                self.cancel(task_id, ask)
            self._recoveries += bool(found)
            return bool(found)

    def adopt_lost(self, ask: Ask, *, at_rest: bool = False) -> tuple[str, ...]:
        """
        Add those of the newest tasks to the ledger that carry the run's tag and are not in it; return their ids.

        `at_rest` adds none while a scenario or a request is on.
        """
        tasks, money = self._contract.conventions.tasks, self._contract.conventions.money
        if tasks is None or tasks.list is None or tasks.marks is None or money is None:
            return ()
        run_tag, _, _ = self._ledger.identity()
        known = {task.task_id for task in self._ledger.tasks()}
        operation = self._contract.document.operations[tasks.list]
        limited = any(parameter.name == "limit" for parameter in operation.parameters)
        listed = ask(prepare(self._base_url, operation, query={"limit": _MOST_LISTED} if limited else None))
        found = [name for name in self.charge_reader.listed(listed)[:_MOST_LISTED] if name not in known]
        adopted = []
        for task_id in found:
            shown = self._ask_about(task_id, tasks.get, ask)
            seen = self.charge_reader.task(shown)
            if seen is not None and self.charge_reader.carries(shown, run_tag):
                model = self.charge_reader.model_of(shown)
                if self._ledger.adopt(seen, model, price_of(model, money.prices), at_rest=at_rest):
                    adopted.append(task_id)
        return tuple(adopted)

    def give_up_waiting(self) -> None:
        """What is due now did not come in time: it is looked at again, but not waited for."""
        owed = {task.task_id for task in self._owed()}
        with self._lock:
            self._in_vain |= owed

    def cancel(self, task_id: str, ask: Ask) -> None:
        """Cancel a task and read what it shows then."""
        tasks = self._contract.conventions.tasks
        if tasks is not None and tasks.cancel is not None:
            self._ask_about(task_id, tasks.cancel, ask)
        self.read(task_id, ask)

    def read(self, task_id: str, ask: Ask) -> None:
        """Read what a task shows now."""
        tasks = self._contract.conventions.tasks
        if tasks is not None:
            seen = self.charge_reader.task(self._ask_about(task_id, tasks.get, ask))
            if seen is not None and seen.task_id == task_id:
                self._ledger.see(seen)

    def _ask_about(self, task_id: str, operation: str, ask: Ask) -> Exchange:
        tasks = self._contract.conventions.tasks
        assert tasks is not None  # noqa: S101 - without conventions of tasks none is made
        path = {tasks.id_parameter: task_id}
        return ask(prepare(self._base_url, self._contract.document.operations[operation], path=path))

    def _open(self) -> list[PurchasedTask]:
        with self._lock:
            mine = set(self._asks)
        return [task for task in self._ledger.tasks() if task.task_id in mine]

    def _owed(self) -> list[PurchasedTask]:
        return [task for task in self._open() if self._is_owed(task)]

    def _is_owed(self, task: PurchasedTask) -> bool:
        # A cancel that was accepted may be carried out later.
        return self.may_come_back(task) and (task.ended or task.task_id in self._to_end)

    def may_come_back(self, task: PurchasedTask) -> bool:
        """Whether a task that is paid for goes on or ended without success, and was not bought for good."""
        for_good = task.kept or task.task_id.startswith(_PAID_AT_ONCE)
        return not for_good and task.at_stake > 0 and self._succeeded(task) is not True

    def _succeeded(self, task: PurchasedTask) -> bool | None:
        """Whether the task ended well, None while it goes on."""
        tasks = self._contract.conventions.tasks
        state = tasks.states.get(task.state) if tasks else None
        return None if state is None or not state.terminal else state.phase == "succeeded"
