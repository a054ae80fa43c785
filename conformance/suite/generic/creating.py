"""Tasks that scenarios create, and what stands in the way of judging when none comes about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.registry import derived_id
from conformance.suite.calling import handed_over
from conformance.suite.generic.requests import distinct_cases

if TYPE_CHECKING:
    from conformance.client.account import Account
    from conformance.client.client import ClientSet
    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Tasks
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.journal.records import Exchange


def tasks_of(contract: Contract) -> Tasks:
    """The conventions about tasks (raises `NotOfferedError` where there are none)."""
    if contract.conventions.tasks is None:
        raise NotOfferedError("the conventions describe no tasks")
    return contract.conventions.tasks


def creator(contract: Contract) -> Operation:
    """The operation that makes tasks for scenarios in which it does not matter how they came about."""
    return contract.document.operations[tasks_of(contract).create[0]]


def cases_for(
    contract: Contract, operation: Operation, account: Account, drawing: Drawing, wanted: int
) -> tuple[Case, ...]:
    """So many different valid requests of an operation, with what they need of others."""
    return distinct_cases(contract, operation, drawing, handed_over(contract, operation, account, drawing), wanted)


def created(contract: Contract, account: Account, case: Case, key: ClientSet) -> Exchange:
    """
    A task that was accepted, whatever the exact status.

    Raises:
        BlockedError: none was made, so nothing that needs one can be judged.
    """
    exchange = account.send(case.prepared(account.client.base_url), idempotency_key=key)
    if not isinstance(exchange.get(tasks_of(contract).id) if exchange.ok else None, str):
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:200]}"
        blocker = derived_id(contract.system, case.operation, "accepts")
        raise BlockedError(blocker, f"{case.method} {exchange.request.url} made no task: {shown}")
    return exchange


def task_id(contract: Contract, exchange: Exchange) -> str:
    """The id of the task of an answer (raises `Mismatch` where it has none)."""
    return exchange.string(tasks_of(contract).id)
