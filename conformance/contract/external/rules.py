"""Requirements that follow from conventions, and how certain the document makes each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.contract.conventions import Conventions
from conformance.contract.document import Document, Operation
from conformance.contract.requirements import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.conventions import Tasks
    from conformance.contract.document import Answer
    from conformance.contract.requirements import Concern


# Whether a document says something for certain about one of its operations.
Certainty = Callable[[Conventions, Document, Operation], bool]
_NOT_FOUND: Final = 404
_SERVER_FAULT: Final = 500
_INVALID: Final = (400, 422)
_UNAUTHORIZED: Final = (401, 403)


def never(_conventions: Conventions, _document: Document, _operation: Operation) -> bool:
    """No document can say it."""
    return False


def always(_conventions: Conventions, _document: Document, _operation: Operation) -> bool:
    """The document says it by describing the operation."""
    return True


def refuses_invalid(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation has an answer to requests that break the document."""
    return any(operation.answer(status) for status in _INVALID)


def refuses_unauthenticated(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation has an answer to requests without a usable key."""
    return any(operation.answer(status) for status in _UNAUTHORIZED)


def hides_server_faults(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """No server fault is among the operation's answers."""
    return operation.answer(_SERVER_FAULT) is None


def requires_request_id(conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """An answer of the operation must have the header for request ids."""
    name = conventions.request_id.header.lower() if conventions.request_id else ""
    return any(required and header.lower() == name for a in operation.answers for header, required in a.headers.items())


def takes_request_id(conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation takes the header for request ids, and has it in an answer."""
    name = conventions.request_id.header if conventions.request_id else ""
    answered = any(header.lower() == name.lower() for answer in operation.answers for header in answer.headers)
    return answered and _takes(operation, name)


def takes_idempotency_key(conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation takes the header for idempotency keys."""
    return conventions.idempotency is not None and _takes(operation, conventions.idempotency.header)


def answers_conflict(conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation has an answer to a key that came with another request."""
    return _answers_conflict(conventions, operation)


def _answers_conflict(conventions: Conventions, operation: Operation) -> bool:
    statuses = conventions.idempotency.conflict_status if conventions.idempotency else ()
    return any(answer.key == str(status) for status in statuses for answer in operation.answers)


def answers_not_found(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation has an answer for what does not exist."""
    return any(answer.key == str(_NOT_FOUND) for answer in operation.answers)


def describes_refusals(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """A refusal of the operation has members that must be there."""
    return _demanding(a for a in operation.answers if a.key[:1] in ("4", "5") or a.key == "default")


def describes_tasks(conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """A success of an operation about tasks has members that must be there."""
    tasks = conventions.tasks
    about_tasks = tasks is not None and operation.id in (*tasks.create, tasks.get, tasks.list, tasks.cancel)
    return about_tasks and _demanding(answer for answer in operation.answers if answer.key[:1] == "2")


def _takes(operation: Operation, header: str) -> bool:
    return any(p.location == "header" and p.name.lower() == header.lower() for p in operation.parameters)


def _demanding(answers: Iterable[Answer]) -> bool:
    return any(not validator.accepts({}) for answer in answers for validator in answer.content.values())


_REFUSALS: Final = ("4XX", "5XX")
# Operations, each with a kind of requirement.
Narrower = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DerivedRule:
    """
    A monitor's rule as a requirement: its texts, whether conventions describe it, whether the document demands it.

    `pointer` is the place in refusals that the rule alone judges, `rests_on` the operations and kinds of
    requirements whose failure explains one of this rule.
    """

    title: str
    statement: str
    described: Callable[[Conventions], object]
    certain: Certainty = never
    pointer: Callable[[Conventions], str | None] = lambda _: None
    rests_on: Callable[[Conventions], Narrower] = lambda _: ()
    concern: Concern = "purpose"

    def owns(self, conventions: Conventions) -> tuple[Place, ...]:
        """The places that this rule alone judges."""
        pointer = self.pointer(conventions)
        return () if pointer is None else (Place(statuses=_REFUSALS, pointer=pointer),)


@dataclass(frozen=True, slots=True)
class DerivedScenario:
    """
    A scenario's requirement on one operation: what it says, which operations it concerns, how certain it is.

    `follows` are the kinds of requirements on the same operation whose failure most likely brings one of this along.
    """

    title: str
    statement: str
    concerns: Callable[[Conventions, Operation], object]
    certain: Certainty = never
    needs: tuple[str, ...] = ()
    concern: Concern = "purpose"
    follows: tuple[str, ...] = ()


def _tasks(conventions: Conventions) -> Tasks | None:
    return conventions.tasks


def _repeatable(conventions: Conventions) -> tuple[str, ...]:
    """The operations whose retries are safe, and whose answers say what they made."""
    idempotency, tasks = conventions.idempotency, conventions.tasks
    if idempotency is None or tasks is None:
        return ()
    return tuple(name for name in idempotency.operations if name in tasks.create)


def _repeats(conventions: Conventions, operation: Operation) -> bool:
    """Whether retries of an operation are safe by a key, and what it makes is no task and has no price."""
    idempotency, pricing = conventions.idempotency, conventions.pricing
    if idempotency is None or operation.id not in idempotency.operations or operation.method != "POST":
        return False
    return not _creates(conventions, operation) and not (pricing and operation.id in pricing.operations)


def _shows_charges(conventions: Conventions) -> bool:
    pricing = conventions.pricing
    return pricing is not None and any(price.charged for price in pricing.operations.values())


def _creates(conventions: Conventions, operation: Operation) -> bool:
    return conventions.tasks is not None and operation.id in conventions.tasks.create


RULES: Final[Mapping[str, DerivedRule]] = MappingProxyType(
    {
        "no-repeatable-5xx": DerivedRule(
            "No request meets a server fault",
            "The same request is not answered with a 5xx twice.",
            lambda _: True,
            hides_server_faults,
            concern="refusal",
        ),
        "request-id-present": DerivedRule(
            "Every response carries a request id",
            "Every response has the header for request ids.",
            lambda c: c.request_id,
            requires_request_id,
            concern="form",
        ),
        "request-id-echo": DerivedRule(
            "The client's request id is echoed",
            "A request id of the client's own comes back unchanged.",
            lambda c: c.request_id,
            takes_request_id,
            concern="form",
        ),
        "request-id-in-error": DerivedRule(
            "An error names the request id of its response",
            "The request id inside an error envelope is the one of the response header.",
            lambda c: c.request_id and c.errors and c.errors.request_id,
            describes_refusals,
            lambda c: c.errors.request_id if c.errors else None,
            concern="form",
        ),
        "envelope": DerivedRule(
            "Every refusal has the same shape",
            "Every 4xx and 5xx with a body has the error object with a code and a message.",
            lambda c: c.errors,
            describes_refusals,
            concern="form",
        ),
        "retryable": DerivedRule(
            "Every refusal says whether to retry",
            "Every error envelope says with a boolean whether the same request may be repeated.",
            lambda c: c.errors and c.errors.retryable,
            describes_refusals,
            lambda c: c.errors.retryable if c.errors else None,
            concern="form",
        ),
        "error-code-table": DerivedRule(
            "Error codes keep the table's promises",
            "A documented error code comes with its status, and is retryable as documented.",
            lambda c: c.errors and c.errors.codes,
            concern="form",
        ),
        "error-param": DerivedRule(
            "An error points at the offending field",
            "Where an error names a field, it does so with a JSON pointer into the body that was sent.",
            lambda c: c.errors and c.errors.param,
            concern="form",
        ),
        "task-states": DerivedRule(
            "Tasks have documented states only",
            "The state of a task is one of the documented spellings.",
            _tasks,
            describes_tasks,
        ),
        "task-transitions": DerivedRule(
            "States follow each other as documented", "A task changes into documented next states only.", _tasks
        ),
        "task-terminal-final": DerivedRule("A task that has ended stays so", "A terminal state never changes.", _tasks),
        "task-id-stable": DerivedRule(
            "A task keeps its id",
            "An answer about a task carries the id that was asked for.",
            _tasks,
            # A target that answers to any id does not keep the id either.
            rests_on=lambda c: ((c.tasks.get, "unknown"),) if c.tasks else (),
        ),
        "list-shape": DerivedRule(
            "A page is an array of tasks",
            "A page of tasks is an array of objects, each with an id that no other one has.",
            lambda c: c.tasks and c.tasks.list and c.tasks.items,
            describes_tasks,
        ),
        "output-on-success": DerivedRule(
            "A success has output", "A task that has succeeded shows its output.", lambda c: c.tasks and c.tasks.output
        ),
        "output-only-on-success": DerivedRule(
            "Only a success has output", "A task that did not succeed has none.", lambda c: c.tasks and c.tasks.output
        ),
        "error-on-failure": DerivedRule(
            "A failure says why", "A task that has failed shows an error.", lambda c: c.tasks and c.tasks.error
        ),
        **{
            name: DerivedRule(title, statement, lambda c: c.tasks and c.money)
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
        "amount-format": DerivedRule(
            "Amounts are decimal numbers in strings",
            "Every amount of a task is a decimal number in a string.",
            lambda c: c.tasks and c.money,
            describes_tasks,
            concern="form",
        ),
        "usd-consistent": DerivedRule(
            "Amounts in USD keep the rate",
            "A reference in USD is the amount at the documented rate.",
            lambda c: c.tasks and c.money and c.money.credits_per_usd and c.money.charged_usd,
            concern="form",
        ),
        "refusals-cost-nothing": DerivedRule(
            "Refusals cost nothing", "The balance does not fall by requests that are refused.", lambda c: c.money
        ),
        "ledger": DerivedRule(
            "Tasks explain the balance",
            "A balance moves by the charges of the tasks created less their refunds.",
            lambda c: c.tasks and c.money,
            rests_on=lambda c: tuple((name, "charges-once") for name in _repeatable(c)),
        ),
        "request-price": DerivedRule(
            "A request costs its price",
            "The charge that the answer to an accepted request shows is the price that conventions state.",
            _shows_charges,
        ),
        "refused-charge": DerivedRule(
            "A refused request shows no charge",
            "The answer to a request that was refused shows no charge.",
            _shows_charges,
        ),
        "stream-ends": DerivedRule(
            "A stream comes to its end",
            "A streamed answer has the frame that ends it, and nothing after it.",
            lambda c: any(operation.stream for operation in c.operations.values()),
        ),
    }
)

DERIVED_SCENARIOS: Final[Mapping[str, DerivedScenario]] = MappingProxyType(
    {
        "replays": DerivedScenario(
            "A retry makes nothing new",
            "The same request with the same idempotency key is answered with what the first one made.",
            lambda c, o: o.id in _repeatable(c),
            takes_idempotency_key,
        ),
        "charges-once": DerivedScenario(
            "A retry is not charged again",
            "The balance does not fall by a request whose idempotency key was used before.",
            lambda c, o: c.money and o.id in _repeatable(c),
            needs=("control:wallet",),
            follows=("replays",),
        ),
        "repeats": DerivedScenario(
            "A retry makes nothing new",
            "The same request with the same idempotency key is answered with what the first one made.",
            _repeats,
            concern="option",
        ),
        "reused": DerivedScenario(
            "A key belongs to one request",
            "An idempotency key that comes with another body is refused, where the document has an answer for that.",
            lambda c, o: _repeats(c, o) and _answers_conflict(c, o),
            concern="refusal",
            follows=("repeats",),
        ),
        "distinct-bodies": DerivedScenario(
            "A key is not taken for a body that differs",
            "An idempotency key that comes with a body that differs in one place only is refused, where the document "
            "has an answer for that.",
            lambda c, o: _repeats(c, o) and _answers_conflict(c, o),
        ),
        "same-bodies": DerivedScenario(
            "The same body in another spelling makes nothing new",
            "A request with the idempotency key of an earlier one makes nothing new where its body is the same in "
            "another spelling: its members in another order, other blanks between them, escapes.",
            _repeats,
        ),
        "distinct-keys": DerivedScenario(
            "Another key makes another thing",
            "The same request with a key that is nearly another one makes a thing of its own.",
            _repeats,
        ),
        "repeats-at-once": DerivedScenario(
            "Retries at the same moment make one thing",
            "Several requests with one idempotency key at the same moment make one thing.",
            _repeats,
        ),
        "foreign-keys": DerivedScenario(
            "A key belongs to one account",
            "An idempotency key that another account has used is free.",
            lambda c, o: _repeats(c, o) and o.secured,
            needs=("key:second",),
        ),
        "conflicts": DerivedScenario(
            "A key belongs to one request",
            "An idempotency key that comes with another request is refused.",
            lambda c, o: o.id in _repeatable(c),
            answers_conflict,
            concern="refusal",
            follows=("replays",),
        ),
        "readable": DerivedScenario(
            "What was created can be read",
            "A task can be read by the id that its creation was answered with.",
            _creates,
            always,
        ),
        "ends": DerivedScenario(
            "A task ends",
            "A task reaches a terminal state in the time that the conventions give it.",
            lambda c, o: _creates(c, o) and c.tasks and c.tasks.polling.stated,
        ),
        "cancels": DerivedScenario(
            "A cancelled task ends cancelled",
            "A task whose cancellation was accepted ends, as cancelled unless it had ended before.",
            lambda c, o: c.tasks and c.tasks.cancel == o.id,
        ),
        "unknown": DerivedScenario(
            "Unknown tasks are refused",
            "A request for a task that does not exist is refused with a 4xx.",
            lambda c, o: c.tasks and c.tasks.get == o.id,
            answers_not_found,
            concern="refusal",
        ),
        "listed": DerivedScenario(
            "A new task is in the list",
            "The list shows a task that was just created.",
            lambda c, o: c.tasks and c.tasks.items and c.tasks.list == o.id,
        ),
    }
)
