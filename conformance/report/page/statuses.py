"""Which statuses of each operation the run saw, beside those that the document has."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.contract.status import matches_status

if TYPE_CHECKING:
    from conformance.contract.document import Operation
    from conformance.monitors.traffic import Traffic


@dataclass(frozen=True, slots=True)
class SeenStatus:
    """A status that an operation answered with, how often, and whether the document has it."""

    status: int
    count: int
    documented: bool


@dataclass(frozen=True, slots=True)
class Statuses:
    """What an operation answered with, and the documented statuses that were not seen."""

    operation: str
    label: str
    seen: tuple[SeenStatus, ...]
    unseen: tuple[str, ...]
    unanswered: int


def statuses_of(traffic: Traffic) -> tuple[Statuses, ...]:
    """The statuses of every operation of the document."""
    seen: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for answered in traffic.answers:
        if answered.operation is not None:
            seen[answered.operation.id][answered.status] += 1
    unanswered = Counter(
        exchange.operation
        for exchange in traffic.recording.exchanges
        if exchange.origin == "target" and exchange.response is None
    )
    operations = traffic.contract.document.operations.values()
    return tuple(_statuses(operation, seen[operation.id], unanswered[operation.id]) for operation in operations)


def _statuses(operation: Operation, seen: Counter[int], unanswered: int) -> Statuses:
    keys = [answer.key for answer in operation.answers]
    return Statuses(
        operation=operation.id,
        label=f"{operation.method} {operation.path}",
        seen=tuple(
            SeenStatus(status, count, operation.answer(status) is not None) for status, count in sorted(seen.items())
        ),
        # A whole class, or "default", is no status that a run could miss.
        unseen=tuple(key for key in keys if key.isdigit() and not any(matches_status(key, status) for status in seen)),
        unanswered=unanswered,
    )
