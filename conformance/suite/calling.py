"""What scenarios on operations of any document share: an account that may spend, and what a request needs of others."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.contract.registry import derived_id
from conformance.generation.cases import draw_valid
from conformance.generation.links import Handed, link_to, values_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.client.account import Account
    from conformance.client.budget import Budget
    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing

# Enough for every drawn request of an operation, so that none is refused for lack of money.
PLENTY: Final = Decimal(1_000_000)


@contextmanager
def spending(stage: Stage, name: str, operation: Operation, budget: Budget) -> Iterator[Account]:
    """An account for requests to one operation, which may spend so much."""
    with (
        stage.client.guard.admit(f"{name}-{operation.id}", budget),
        stage.account(f"{name}-{operation.id}", balance=PLENTY) as account,
    ):
        yield account


def handed_over(contract: Contract, operation: Operation, account: Account, drawing: Drawing) -> Handed:
    """What other operations must hand over before a request can be valid: ids of a task, of an upload."""
    link = link_to(contract.document, operation)
    if link is None:
        return Handed({}, {})
    source = contract.document.operations[link.source]
    case = one_case(contract, source, drawing, Handed({}, {})).with_form_fields(link.source_form)
    exchange = account.send(case.prepared(account.client.base_url))
    handed = values_from(link, exchange) if exchange.ok else None
    if handed is None:
        shown = exchange.failure or f"{exchange.status} {exchange.answer.body.text[:120]}"
        blocker = derived_id(contract.system, source.id, "accepts")
        raise BlockedError(blocker, f"{source.location} handed over no {', '.join(link.parameters)}: {shown}")
    return handed


def one_case(contract: Contract, operation: Operation, drawing: Drawing, handed: Handed) -> Case:
    """
    A single valid request for an operation, with the values that others handed over.

    Raises:
        NotOfferedError: the document describes no such request that could be drawn.
    """
    cases = draw_valid(contract.document, operation, replace(drawing, count=1), handed.path)
    if not cases:
        raise NotOfferedError(f"no valid request for {operation.location} could be drawn from the document")
    return cases[0].with_body_values(handed.body)
