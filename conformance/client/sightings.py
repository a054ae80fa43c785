"""What requests and answers show of tasks and their money, read as the conventions say where it stands."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonpointer

from conformance.client.budget import ANY, price_of
from conformance.client.errors import SpendRefusedError
from conformance.client.marking import MARK
from conformance.client.stakes import Seen
from conformance.contract.amounts import readable_amount
from conformance.contract.document import SAFE_METHODS
from conformance.contract.outcomes import Outcome, at
from conformance.journal.reading import json_of
from conformance.journal.records import Body

if TYPE_CHECKING:
    from conformance.client.building import Prepared
    from conformance.contract.conventions import Conventions, Pricing
    from conformance.journal.records import Exchange

# More than any task costs.
_MOST: Final = Decimal(10) ** 12


class Sightings:
    """Reads tasks and their money out of traffic, for one system."""

    def __init__(self, conventions: Conventions) -> None:
        self._conventions = conventions

    @property
    def pricing(self) -> Pricing | None:
        """What requests cost, None where nobody said."""
        return self._conventions.pricing

    def may_cost(self, prepared: Prepared) -> bool:
        """
        Whether the request may have a price.

        That is so for all that creates a task and for operations with a price; where nobody said which have one, for
        all that is not safe.
        """
        if self.pricing is None or not self.pricing.operations:
            return prepared.method not in SAFE_METHODS and not self.cancels(prepared)
        return prepared.operation in self.pricing.operations or self._creates(prepared.operation)

    def ends_at_once(self, exchange: Exchange) -> bool:
        """Whether what the request asked for is done when it is answered, so that its price is spent for good."""
        return self.pricing is not None and bool(self.pricing.operations) and not self._creates(exchange.operation)

    def _creates(self, operation: str | None) -> bool:
        tasks = self._conventions.tasks
        return tasks is not None and operation in tasks.create

    def uploads(self, prepared: Prepared) -> bool:
        """Whether the request leaves a file at the target."""
        artifacts = self._conventions.artifacts
        return artifacts is not None and prepared.operation is not None and prepared.operation == artifacts.upload

    def cancels(self, prepared: Prepared) -> bool:
        """Whether the request ends a task."""
        tasks = self._conventions.tasks
        return tasks is not None and prepared.operation is not None and prepared.operation == tasks.cancel

    def model_and_price(self, prepared: Prepared) -> tuple[str, Decimal]:
        """
        The model that a request asks for, and the most that it may cost; the dearest where that is not plain.

        Where the price follows nothing in the request, the operation stands for the model.

        Raises:
            SpendRefusedError: nobody knows what it costs.
        """
        operation = prepared.operation or ""
        price = self.pricing.operations.get(operation) if self.pricing else None
        prices = price.known(operation) if price else {}
        if price is None or not prices:
            what = operation or f"{prepared.method} {prepared.url[:200]}"
            raise SpendRefusedError(f"what {what} costs is not known; state [prices] in target.toml")
        if price.by is None:
            return operation, prices[operation]
        model = at(_json(prepared), price.by)
        known = model if isinstance(model, str) and model in prices else ANY
        return known, price_of(known, prices)

    def spent(self, exchange: Exchange, price: Decimal) -> Seen:
        """What an answer shows of a request that is paid for good: its charge, or the price where it shows none."""
        charged = self.charge_shown(exchange)
        return Seen(f"request {exchange.id}", price if charged is None else charged, ended=True)

    def charge_shown(self, exchange: Exchange) -> Decimal | None:
        """The charge that the answer to a priced request shows; None where it shows none."""
        described = self.pricing.operations.get(exchange.operation or "") if self.pricing else None
        if described is None or described.charged is None:
            return None
        found = (_charge(at(value, described.charged)) for value in reversed(_values(exchange)))
        return next((charged for charged in found if charged is not None), None)

    def is_spent(self, exchange: Exchange) -> bool:
        """Whether an exchange is a priced request that was accepted and done at once."""
        priced = self.pricing is not None and exchange.operation in self.pricing.operations
        return priced and self.ends_at_once(exchange) and exchange.interpretation.outcome is Outcome.ACCEPTED

    def task(self, exchange: Exchange) -> Seen | None:
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
        items = exchange.get(tasks.items) if tasks and tasks.items and exchange.ok else None
        found = (self._seen(item) for item in items) if isinstance(items, list) else ()
        return tuple(seen.task_id for seen in found if seen is not None)

    def carries(self, exchange: Exchange, mark: str) -> bool:
        """Whether the task of an answer was made by the run of this mark."""
        tasks = self._conventions.tasks
        return bool(tasks and tasks.marks and exchange.get(f"{tasks.marks}/{MARK}") == mark)

    def model_of(self, exchange: Exchange) -> str:
        """The model that a task was made with, as far as its answer says."""
        money = self._conventions.money
        model = exchange.get(money.priced_by) if money else None
        return model if isinstance(model, str) else ANY

    def _seen(self, body: Any) -> Seen | None:  # noqa: ANN401 - any JSON value
        tasks, money = self._conventions.tasks, self._conventions.money
        task_id = _at(body, tasks.id) if tasks else None
        if tasks is None or not isinstance(task_id, str) or not task_id:
            return None
        state = str(_at(body, tasks.status) or "")[:40]
        known = tasks.states.get(state)
        return Seen(
            task_id=task_id,
            charged=_charge(_at(body, money.charged)) if money else None,
            refunded=readable_amount(_at(body, money.refunded)) if money else None,
            state=state,
            ended=known is not None and known.terminal,
        )


def _values(exchange: Exchange) -> list[Any]:
    """The JSON values of an answer: of its body, or of the frames of a stream."""
    response = exchange.response
    if response is None:
        return []
    bodies = [response.body] if response.frames is None else [Body(frame.data.encode()) for frame in response.frames]
    return [json_of(body) for body in bodies]


def _json(prepared: Prepared) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(prepared.content, Path):
        return None
    try:
        return json.loads(prepared.content)
    except (ValueError, RecursionError):
        return None


def _charge(value: object) -> Decimal | None:
    """What was charged, None where that is not plain; however absurd an amount is, it must not pass for none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return None if number.is_nan() else min(max(number, Decimal(0)), _MOST)


def _at(body: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    return jsonpointer.resolve_pointer(body, pointer, None) if isinstance(body, dict) else None
