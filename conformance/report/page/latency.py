"""How long the target took to answer, operation by operation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.monitors.traffic import Traffic

# Requests that are cut or stalled on purpose, and those of which no answer was read, say nothing about the target.
_DISTURBED: Final = "faulty"


@dataclass(frozen=True, slots=True)
class Latency:
    """The answers of one operation: how many, and within how many seconds half, 95 of 100 and all of them came."""

    operation: str
    label: str
    count: int
    median: float
    high: float
    slowest: float
    slowest_exchange: str


def latencies_of(traffic: Traffic) -> tuple[Latency, ...]:
    """The latency of every operation that was answered, the slowest first."""
    taken: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for exchange in traffic.recording.exchanges:
        if exchange.origin == "target" and exchange.response is not None and exchange.transport != _DISTURBED:
            taken[exchange.operation or ""].append((exchange.elapsed_seconds, exchange.id))
    operations = traffic.contract.document.operations.values()
    found = [
        _latency(operation.id, f"{operation.method} {operation.path}", sorted(taken[operation.id]))
        for operation in operations
        if operation.id in taken
    ]
    return tuple(sorted(found, key=lambda latency: -latency.high))


def _latency(operation: str, label: str, taken: Sequence[tuple[float, str]]) -> Latency:
    return Latency(
        operation=operation,
        label=label,
        count=len(taken),
        median=_within(taken, 0.5),
        high=_within(taken, 0.95),
        slowest=taken[-1][0],
        slowest_exchange=taken[-1][1],
    )


def _within(taken: Sequence[tuple[float, str]], share: float) -> float:
    """The time within which a share of the answers came (the nearest rank)."""
    return taken[ceil(share * len(taken)) - 1][0]
