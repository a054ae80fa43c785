"""How much of the document's constraints was tried, and why not all of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.generation.coverage import OperationCoverage, Untried


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of the document's constraints was tried; `reasons` groups what was not, the most common first."""

    total: int
    exercised: int
    operations: tuple[OperationCoverage, ...]
    reasons: tuple[tuple[str, list[tuple[str, Untried]]], ...]


def covered(operations: Sequence[OperationCoverage]) -> Covered:
    """The coverage of all operations together."""
    by_reason: defaultdict[str, list[tuple[str, Untried]]] = defaultdict(list)
    for operation in operations:
        for untried in operation.untried:
            by_reason[untried.why].append((operation.operation, untried))
    return Covered(
        total=sum(operation.constraints for operation in operations),
        exercised=sum(operation.exercised for operation in operations),
        operations=tuple(operations),
        reasons=tuple(sorted(by_reason.items(), key=lambda group: -len(group[1]))),
    )
