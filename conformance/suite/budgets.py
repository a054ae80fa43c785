"""What requests that are drawn from the document may spend, operation by operation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from conformance.client.budget import ANY, Budget, cancels, harmless, reads, refuses
from conformance.contract.registry import derived_id
from conformance.generation.cases import MOST_DRAWN
from conformance.generation.links import link_to
from conformance.generation.walk import walk

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing

Kind = Literal["valid", "invalid", "odd", "keyless"]
KINDS: Final[tuple[Kind, ...]] = ("valid", "invalid", "odd", "keyless")
# Where each costs somebody's money until it is cancelled, so many valid requests for a task must do.
FEW: Final = 3


def budget_of(contract: Contract, operation: Operation, kind: Kind, count: int) -> Budget:
    """The budget of `count` requests of a kind for one operation, with the task that they need, if they need one."""
    tasks = contract.conventions.tasks
    creates = tasks.create if tasks else ()
    link = link_to(contract.document, operation)
    if operation.id in creates:
        return _of_creation(contract, operation, kind, count)
    if link is not None and link.source in creates:
        return cancels(ANY, requests=count + 1)
    return reads(count) if operation.reads_only else harmless(count)


def is_provisional(contract: Contract, operation: Operation, kind: Kind) -> bool:
    """Whether requests of a kind may cost something and serve only a rule that no normative document states."""
    tasks, weight = contract.conventions.tasks, contract.conventions.generated.get("refuses")
    costly = tasks is not None and operation.id in tasks.create
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
        return refuses(count, count, demanded_by=requirement, doubtful=weight is None or weight.level != "MUST")
    few = min(count, FEW)
    return cancels(*(ANY,) * few, requests=few)
