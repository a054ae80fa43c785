"""What requests that are drawn from the document may spend, operation by operation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from conformance.client.budget import ANY, Budget, cancels, harmless, price_of, reads, refuses, spends
from conformance.contract.registry import derived_id
from conformance.generation.cases import MOST_DRAWN
from conformance.generation.links import link_to
from conformance.generation.walk import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Case, Drawing

Kind = Literal["valid", "invalid", "odd", "keyless"]
KINDS: Final[tuple[Kind, ...]] = ("valid", "invalid", "odd", "keyless")
# Where each costs somebody's money until it is cancelled, so many valid requests for a task must do.
FEW: Final = 3


def budget_of(contract: Contract, operation: Operation, kind: Kind, count: int) -> Budget:
    """The budget of `count` requests of a kind for one operation, with the task that they need, if they need one."""
    tasks, pricing = contract.conventions.tasks, contract.conventions.pricing
    creates = tasks.create if tasks else ()
    priced = pricing.operations if pricing else {}
    link = link_to(contract.document, operation)
    if operation.id in creates or operation.id in priced:
        return _of_creation(contract, operation, kind, count)
    if link is not None and link.source in creates:
        return cancels(ANY, requests=count + 1)
    if link is not None and link.source in priced:
        return spends(_dearest(contract, link.source), requests=count + 1)
    return reads(count) if operation.reads_only else harmless(count)


def few(budget: Budget, cases: Sequence[Case], *, frugal: bool) -> Sequence[Case]:
    """As many of some requests as their budget pays for, where each costs somebody's money."""
    paid = len(budget.cancels) + len(budget.spends)
    return cases[:paid] if frugal and paid else cases


def is_provisional(contract: Contract, operation: Operation, kind: Kind) -> bool:
    """Whether requests of a kind may cost something and serve only a rule that no normative document states."""
    tasks, pricing = contract.conventions.tasks, contract.conventions.pricing
    weight = contract.conventions.generated.get("refuses")
    costly = operation.id in ((*(tasks.create if tasks else ()), *(pricing.operations if pricing else ())))
    return kind == "invalid" and costly and weight is not None and weight.provisional


def count_of(contract: Contract, operation: Operation, kind: Kind, drawn: int) -> int:
    """How many requests of a kind there are for an operation: those of the constraint walk and so many drawn ones."""
    return drawn if kind == "keyless" else drawn + len(walk(contract, operation).only(kind))


def spared(contract: Contract, operation: Operation, drawing: Drawing) -> Drawing:
    """
    How to draw for an operation: with as many requests as it is worth where nobody said how many.

    The walk tries every constraint by itself. What drawn requests may find beyond that lies in how constraints meet,
    so there are half as many as constraints.
    """
    if not drawing.sparing:
        return drawing
    return replace(drawing, count=worth_drawing(contract, operation, drawing.count), sparing=False)


def worth_drawing(contract: Contract, operation: Operation, most: int = MOST_DRAWN) -> int:
    """How many drawn requests of a kind an operation is worth, at most so many."""
    return min(most, max(1, len(walk(contract, operation).demands) // 2))


def _of_creation(contract: Contract, operation: Operation, kind: Kind, count: int) -> Budget:
    if kind == "keyless":
        return refuses(count, count, demanded_by=derived_id(contract.system, operation.id, "credentials"))
    if kind == "invalid":
        requirement = derived_id(contract.system, operation.id, "refuses")
        weight = contract.conventions.generated.get("refuses")
        doubtful = weight is None or weight.level != "MUST"
        # The first that is accepted decides: the rest would cost money and say nothing new.
        return refuses(count, count, demanded_by=requirement, doubtful=doubtful, most_accepted=1)
    paid = min(count, FEW)
    tasks = contract.conventions.tasks
    if tasks is not None and operation.id in tasks.create:
        return cancels(*(ANY,) * paid, requests=paid)
    return spends(*(_dearest(contract, operation.id),) * paid, requests=paid)


def _dearest(contract: Contract, operation: str) -> str:
    """The name of the dearest price of an operation."""
    pricing = contract.conventions.pricing
    known = pricing.operations[operation].known(operation) if pricing else {}
    return max(known, key=lambda name: price_of(name, known), default=ANY)
