"""Requirements that follow from conventions: rules over all traffic, and scenarios for every operation concerned."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.described.certainty import (
    always,
    answers_conflict,
    answers_not_found,
    describes_refusals,
    describes_tasks,
    hides_server_faults,
    never,
    requires_request_id,
    takes_idempotency_key,
    takes_request_id,
)
from conformance.contract.registry import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.conventions import Conventions, Tasks
    from conformance.contract.described.certainty import Certainty
    from conformance.contract.document import Operation
    from conformance.contract.registry import Tier

_REFUSALS: Final = ("4XX", "5XX")
# Operations, each with a kind of requirement.
Narrower = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A monitor's rule as a requirement: what it says, whether conventions describe it, whether the document demands it.

    `pointer` is the place in refusals that the rule keeps for itself, `rests_on` the operations and kinds of
    requirements whose failure explains one of this rule.
    """

    title: str
    statement: str
    described: Callable[[Conventions], object]
    certain: Certainty = never
    pointer: Callable[[Conventions], str | None] = lambda _: None
    rests_on: Callable[[Conventions], Narrower] = lambda _: ()

    def owns(self, conventions: Conventions) -> tuple[Place, ...]:
        """The places that nobody else judges."""
        pointer = self.pointer(conventions)
        return () if pointer is None else (Place(statuses=_REFUSALS, pointer=pointer),)


@dataclass(frozen=True, slots=True)
class Probe:
    """A scenario's requirement on one operation: what it says, which operations it concerns, how certain it is."""

    title: str
    statement: str
    tier: Tier
    concerns: Callable[[Conventions, Operation], object]
    certain: Certainty = never
    needs: tuple[str, ...] = ()


def _tasks(conventions: Conventions) -> Tasks | None:
    return conventions.tasks


def _repeatable(conventions: Conventions) -> tuple[str, ...]:
    """The operations whose retries are safe, and whose answers say what they made."""
    idempotency, tasks = conventions.idempotency, conventions.tasks
    if idempotency is None or tasks is None:
        return ()
    return tuple(name for name in idempotency.operations if name in tasks.create)


def _creates(conventions: Conventions, operation: Operation) -> bool:
    return conventions.tasks is not None and operation.id in conventions.tasks.create


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "no-repeatable-5xx": Rule(
            "No request meets a server fault",
            "The same request is not answered with a 5xx twice.",
            lambda _: True,
            hides_server_faults,
        ),
        "request-id-present": Rule(
            "Every response carries a request id",
            "Every response has the header for request ids.",
            lambda c: c.request_id,
            requires_request_id,
        ),
        "request-id-echo": Rule(
            "The client's request id is echoed",
            "A request id of the client's own comes back unchanged.",
            lambda c: c.request_id,
            takes_request_id,
        ),
        "request-id-in-error": Rule(
            "An error names the request id of its response",
            "The request id inside an error envelope is the one of the response header.",
            lambda c: c.request_id and c.errors and c.errors.request_id,
            describes_refusals,
            lambda c: c.errors.request_id if c.errors else None,
        ),
        "envelope": Rule(
            "Every refusal has the same shape",
            "Every 4xx and 5xx with a body has the error object with a code and a message.",
            lambda c: c.errors,
            describes_refusals,
        ),
        "retryable": Rule(
            "Every refusal says whether to retry",
            "Every error envelope says with a boolean whether the same request may be repeated.",
            lambda c: c.errors and c.errors.retryable,
            describes_refusals,
            lambda c: c.errors.retryable if c.errors else None,
        ),
        "error-code-table": Rule(
            "Error codes keep the table's promises",
            "A documented error code comes with its status, and is retryable as documented.",
            lambda c: c.errors and c.errors.codes,
        ),
        "error-param": Rule(
            "An error points at the offending field",
            "Where an error names a field, it does so with a JSON pointer into the body that was sent.",
            lambda c: c.errors and c.errors.param,
        ),
        "task-states": Rule(
            "Tasks have documented states only",
            "The state of a task is one of the documented spellings.",
            _tasks,
            describes_tasks,
        ),
        "task-transitions": Rule(
            "States follow each other as documented", "A task changes into documented next states only.", _tasks
        ),
        "task-terminal-final": Rule("A task that has ended stays so", "A terminal state never changes.", _tasks),
        "task-id-stable": Rule(
            "A task keeps its id",
            "An answer about a task carries the id that was asked for.",
            _tasks,
            # What answers to any id does not keep to it either.
            rests_on=lambda c: ((c.tasks.get, "unknown"),) if c.tasks else (),
        ),
        "list-shape": Rule(
            "A page is an array of tasks",
            "A page of tasks is an array of objects, each with an id that no other one has.",
            lambda c: c.tasks and c.tasks.list and c.tasks.items,
            describes_tasks,
        ),
        "output-on-success": Rule(
            "A success has output", "A task that has succeeded shows its output.", lambda c: c.tasks and c.tasks.output
        ),
        "output-only-on-success": Rule(
            "Only a success has output", "A task that did not succeed has none.", lambda c: c.tasks and c.tasks.output
        ),
        "error-on-failure": Rule(
            "A failure says why", "A task that has failed shows an error.", lambda c: c.tasks and c.tasks.error
        ),
        **{
            name: Rule(title, statement, lambda c: c.tasks and c.money)
            for name, title, statement in (
                ("charge-visible", "A task shows its charge", "A task that has not ended shows what it charged."),
                ("price", "The price of a model is flat", "The first charge of a task is its model's price."),
                ("refund-on-failure", "A failure is refunded", "A task that failed has refunded its charge."),
                (
                    "refund-on-cancel",
                    "A cancellation is refunded",
                    "A task that was cancelled has refunded its charge.",
                ),
                ("success-keeps-charge", "A success is charged", "A task that succeeded keeps its charge."),
                ("no-refund-before-end", "No refund before the end", "A task under way has refunded nothing."),
            )
        },
        "amount-format": Rule(
            "Amounts are decimal numbers in strings",
            "Every amount of a task is a decimal number in a string.",
            lambda c: c.tasks and c.money,
            describes_tasks,
        ),
        "usd-consistent": Rule(
            "Amounts in USD keep the rate",
            "A reference in USD is the amount at the documented rate.",
            lambda c: c.tasks and c.money and c.money.credits_per_usd and c.money.charged_usd,
        ),
        "refusals-cost-nothing": Rule(
            "Refusals cost nothing", "The balance does not fall by requests that are refused.", lambda c: c.money
        ),
        "ledger": Rule(
            "Tasks explain the balance",
            "A balance moves by the charges of the tasks created less their refunds.",
            lambda c: c.tasks and c.money,
            rests_on=lambda c: tuple((name, "charges-once") for name in _repeatable(c)),
        ),
    }
)

PROBES: Final[Mapping[str, Probe]] = MappingProxyType(
    {
        "replays": Probe(
            "A retry makes nothing new",
            "The same request with the same idempotency key is answered with what the first one made.",
            "paid",
            lambda c, o: o.id in _repeatable(c),
            takes_idempotency_key,
        ),
        "charges-once": Probe(
            "A retry is not charged again",
            "The balance does not fall by a request whose idempotency key was used before.",
            "paid",
            lambda c, o: c.money and o.id in _repeatable(c),
            needs=("control:wallet",),
        ),
        "conflicts": Probe(
            "A key belongs to one request",
            "An idempotency key that comes with another request is refused.",
            "paid",
            lambda c, o: o.id in _repeatable(c),
            answers_conflict,
        ),
        "readable": Probe(
            "What was created can be read",
            "A task can be read by the id that its creation was answered with.",
            "paid",
            _creates,
            always,
        ),
        "ends": Probe(
            "A task ends",
            "A task reaches a terminal state in the time that the conventions give it.",
            "paid",
            lambda c, o: _creates(c, o) and c.tasks and c.tasks.polling.stated,
        ),
        "cancels": Probe(
            "A cancelled task ends cancelled",
            "A task whose cancellation was accepted ends, as cancelled unless it had ended before.",
            "paid",
            lambda c, o: c.tasks and c.tasks.cancel == o.id,
        ),
        "unknown": Probe(
            "Unknown tasks are refused",
            "A request for a task that does not exist is refused with a 4xx.",
            "paid",
            lambda c, o: c.tasks and c.tasks.get == o.id,
            answers_not_found,
        ),
        "listed": Probe(
            "A new task is in the list",
            "The list shows a task that was just created.",
            "paid",
            lambda c, o: c.tasks and c.tasks.items and c.tasks.list == o.id,
        ),
    }
)
