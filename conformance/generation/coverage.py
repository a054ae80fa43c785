"""Which constraints of the document a run has tried, on both sides, and why it did not try the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.generation.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.walk_parts import Demand
    from conformance.generation.walk_schema import Side

_SIDES: Final[tuple[Side, ...]] = ("broken", "met")
_NOT_SENT: Final = "no request that tries it was answered in this run"


@dataclass(frozen=True, slots=True)
class Untried:
    """A side of a constraint that no request tried, and why."""

    constraint: str
    place: str
    keyword: str
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """
    How many constraints of an operation there are, and how many were tried: broken as well as met.

    `untried` names each side of the others.
    """

    operation: str
    constraints: int
    exercised: int
    untried: tuple[Untried, ...]


def coverage_of(contract: Contract, tried: Mapping[str, Iterable[str]]) -> tuple[OperationCoverage, ...]:
    """The coverage of each operation, from what was tried of it."""
    operations = contract.document.operations.values()
    return tuple(_coverage(contract, operation, frozenset(tried.get(operation.id, ()))) for operation in operations)


def _coverage(contract: Contract, operation: Operation, tried: frozenset[str]) -> OperationCoverage:
    walked = walk(contract, operation)
    reasons = {(item.demand.id, item.side): item.why for item in walked.left_out}
    untried = tuple(
        Untried(demand.id, demand.place, demand.keyword, side, reasons.get((demand.id, side), _NOT_SENT))
        for demand in walked.demands
        for side in _SIDES
        if not _is_tried(demand, side, tried)
    )
    open_ones = {item.constraint for item in untried}
    return OperationCoverage(operation.id, len(walked.demands), len(walked.demands) - len(open_ones), untried)


def _is_tried(demand: Demand, side: Side, tried: frozenset[str]) -> bool:
    return f"{demand.id} {side}" in tried
