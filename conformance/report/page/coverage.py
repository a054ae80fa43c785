"""What the run tried and saw: constraints, statuses of each operation, observations."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.contract.outcomes import matches_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from conformance.contract.document import Operation
    from conformance.contract.requirements import Sources
    from conformance.generation.walk import OperationCoverage, Untried
    from conformance.journal.records import Observation
    from conformance.monitors.traffic import Traffic


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


_SEEN_SHOWN: Final = 12
_EXCHANGES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """One thing that the target did, how often it was noticed, and a few exchanges that show it."""

    text: str
    times: int
    exchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """
    What was seen of one question, `left_out` things of it not kept; `said` is what each document says, by its name.

    `question` is empty where no words for it are known.
    """

    id: str
    question: str
    said: tuple[tuple[str, str], ...]
    seen: tuple[SeenAnswer, ...]
    left_out: int


def observed(observations: Iterable[Observation], sources: Sources | None) -> tuple[Observed, ...]:
    """The observations by their questions, in the order in which these came up."""
    grouped: defaultdict[str, defaultdict[str, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for observation in observations:
        grouped[observation.id][observation.text].append(observation)
    return tuple(_observed(name, texts, sources) for name, texts in grouped.items())


def _observed(name: str, texts: Mapping[str, list[Observation]], sources: Sources | None) -> Observed:
    question = sources.questions.get(name) if sources else None
    said = tuple((_title(tag, sources), text) for tag, text in question.documents.items()) if question else ()
    seen = [_seen(text, same) for text, same in texts.items()]
    shown = tuple(seen[:_SEEN_SHOWN])
    return Observed(name, question.question if question else "", said, shown, len(seen) - len(shown))


def _seen(text: str, same: list[Observation]) -> SeenAnswer:
    exchanges = dict.fromkeys(exchange for observation in same for exchange in observation.exchanges)
    return SeenAnswer(text, len(same), tuple(exchanges)[:_EXCHANGES_SHOWN])


def _title(tag: str, sources: Sources | None) -> str:
    document = sources.documents.get(tag) if sources else None
    return f"{document.title} ({tag})" if document else tag
