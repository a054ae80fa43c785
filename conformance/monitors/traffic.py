"""All traffic of a run in the views that monitors share; and which server faults pass, last, or come from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.contract.outcomes import is_said_in_front, is_said_of_nothing
from conformance.monitors.answer import Answered
from conformance.monitors.ownership import Ownership
from conformance.monitors.schema_violations import find_schema_violations
from conformance.monitors.task_histories import read_histories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Conventions
    from conformance.contract.document import Answer
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange, Response
    from conformance.monitors.schema_violations import SchemaViolation
    from conformance.monitors.task_histories import Sighting, TaskHistory

# A worker of the target that runs every second or two has had its turn after that.
LEAST_WATCHED_SECONDS: Final = 3.0


def lasting_faults(answers: Iterable[Answered]) -> frozenset[str]:
    """
    The ids of the 5xx that lasted: the request was sent again, and its last answer is a 5xx too.

    A 5xx that was not tried again counts as one that passes: the documents call them transient.
    """
    known = {answered.id: answered for answered in answers}
    repeated = {answered.exchange.repeats for answered in known.values()}
    lasting: set[str] = set()
    for answered in known.values():
        if answered.id in repeated:
            continue
        chain = _chain(answered, known)
        if len(chain) > 1 and chain[0].fault:
            lasting |= {each.id for each in chain if each.fault}
    return frozenset(lasting)


def _chain(last: Answered, known: dict[str, Answered]) -> list[Answered]:
    """An answer and those before it to the same request, the last one first."""
    chain = [last]
    while (earlier := known.get(chain[-1].exchange.repeats or "")) is not None and earlier not in chain:
        chain.append(earlier)
    return chain


def has_documented_code(answered: Answered, conventions: Conventions) -> bool:
    """Whether an answer has the status that the error table documents for its code: it is an answer, not a fault."""
    read = answered.exchange.interpretation
    errors = conventions.shape(read)
    row = errors.codes.get(read.code or "") if errors else None
    return row is not None and row.has(answered.status)


def is_unhandled(answered: Answered, conventions: Conventions) -> bool:
    """
    Whether a fault is one that no document knows of.

    Not so an error of the table, what something in front of the target says, and a 501: the operation is not there.
    """
    if not answered.fault or is_said_in_front(answered.status) or is_said_of_nothing(answered.status):
        return False
    return not has_documented_code(answered, conventions)


def is_spoken(answered: Answered, lasting: frozenset[str], conventions: Conventions) -> bool:
    """
    Whether an answer is the API's own word, which owes what every answer owes.

    A 5xx is where the table of error codes has it, or where it lasts, is JSON, and is not blamed by the rule about
    such faults.
    """
    if not answered.fault or has_documented_code(answered, conventions):
        return True
    return answered.id in lasting and not is_unhandled(answered, conventions) and isinstance(answered.json, dict)


@dataclass(frozen=True)
class Traffic:
    """
    What a run recorded, and the contract that it is judged by.

    A task that is seen again `least_watched_seconds` after its end, of real time, was watched: what the target does of
    its own accord was done by then.
    """

    recording: Recording
    contract: Contract
    least_watched_seconds: float = LEAST_WATCHED_SECONDS

    @cached_property
    def answers(self) -> tuple[Answered, ...]:
        """Every answer of the target itself (its own origin), in the order in which they were asked for."""
        return tuple(
            self._answered(exchange, exchange.response)
            for exchange in self._by_time
            if exchange.origin == "target" and exchange.response is not None
        )

    @cached_property
    def settled(self) -> tuple[Answered, ...]:
        """The answers without those that only say that there were too many requests."""
        return tuple(answered for answered in self.answers if not answered.throttled)

    @cached_property
    def lasting_faults(self) -> frozenset[str]:
        """The ids of the 5xx that did not pass when the request was sent again."""
        return lasting_faults(self.settled)

    @cached_property
    def spoken(self) -> tuple[Answered, ...]:
        """The settled answers that are the API's own: no 5xx that passes, is a crash, or is said in front of it."""
        return tuple(answered for answered in self.settled if self._is_spoken(answered))

    @cached_property
    def refusals(self) -> tuple[Answered, ...]:
        """The answers that owe an error envelope: every 4xx, and those 5xx that the API itself says for good."""
        owing = (a for a in self.answers if a.refusal and a.owes_body)
        return tuple(answered for answered in owing if self._is_spoken(answered))

    @cached_property
    def histories(self) -> tuple[TaskHistory, ...]:
        """What was seen of each task."""
        return read_histories(self.answers, self.contract.conventions)

    @cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """Every sighting of every task."""
        return tuple(sighting for history in self.histories for sighting in history.sightings)

    @cached_property
    def repeated_uses(self) -> frozenset[str]:
        """
        The ids of exchanges whose idempotency key the same account had, or may have, sent to the same operation before.

        Of those that were on their way at once, it is unknown which the target took first. Where the key was sent in an
        earlier run, the task that is answered was read before this run asked for one like it.
        """
        tasks = self.contract.conventions.tasks
        read: set[tuple[str | None, str]] = set()
        made: set[tuple[str | None, str]] = set()
        repeated = set(self._uses_after_others())
        for exchange in self._by_time:
            shown = exchange.get(tasks.id) if tasks and exchange.accepted else None
            if tasks and isinstance(shown, str):
                task = (exchange.account, shown)
                if exchange.operation in tasks.create:
                    repeated |= {exchange.id} if task in read and task not in made else set()
                    made.add(task)
                elif exchange.operation == tasks.get:
                    read.add(task)
        return frozenset(repeated)

    def _uses_after_others(self) -> Iterator[str]:
        convention = self.contract.conventions.idempotency
        uses: dict[tuple[str | None, str | None, str], list[Exchange]] = {}
        for exchange in self._by_time:
            key = convention and exchange.request.headers.get(convention.header)
            if key:
                uses.setdefault((exchange.account, exchange.operation, key), []).append(exchange)
        for first, *others in uses.values():
            if others and others[0].at < first.at + timedelta(seconds=first.elapsed_seconds):
                yield first.id
            yield from (other.id for other in others)

    @cached_property
    def _by_time(self) -> tuple[Exchange, ...]:
        return tuple(sorted(self.recording.exchanges, key=lambda exchange: (exchange.at, exchange.id)))

    @cached_property
    def schema_violations(self) -> Mapping[str, SchemaViolation]:
        """The answers whose JSON body breaks the schema of the document, by the ids of their exchanges."""
        return find_schema_violations(self.spoken, self.ownership)

    @cached_property
    def ownership(self) -> Ownership:
        """Who judges which place."""
        return Ownership(self.contract)

    def answers_to(self, operation_id: str) -> tuple[Answered, ...]:
        """The answers to requests that were meant for one operation, too many requests aside."""
        return self._by_operation.get(operation_id, ())

    def _is_spoken(self, answered: Answered) -> bool:
        return is_spoken(answered, self.lasting_faults, self.contract.conventions)

    @cached_property
    def _by_operation(self) -> dict[str, tuple[Answered, ...]]:
        grouped: dict[str, list[Answered]] = {}
        for answered in self.settled:
            if answered.operation is not None:
                grouped.setdefault(answered.operation.id, []).append(answered)
        return {operation_id: tuple(group) for operation_id, group in grouped.items()}

    @cached_property
    def _documented(self) -> dict[tuple[str, int], Answer | None]:
        return {}

    def _answered(self, exchange: Exchange, response: Response) -> Answered:
        operation = self.contract.document.operations.get(exchange.operation or "")
        if operation is None or operation.method != exchange.request.method:
            return Answered(exchange, response, None, None)
        kind = operation.id, response.status
        if kind not in self._documented:
            self._documented[kind] = operation.answer(response.status)
        return Answered(exchange, response, operation, self._documented[kind])
