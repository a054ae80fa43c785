"""Whether a document says for certain what conventions say: that makes a MUST of a SHOULD."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from conformance.contract.conventions import Conventions
from conformance.contract.document import Document, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.contract.document import Answer

# What a document says about one of its operations; rules over all traffic ask about each of them.
Certainty = Callable[[Conventions, Document, Operation], bool]
_NOT_FOUND: Final = 404
_SERVER_FAULT: Final = 500
_INVALID: Final = (400, 422)
_UNAUTHORIZED: Final = (401, 403)


def never(_conventions: Conventions, _document: Document, _operation: Operation) -> bool:
    """Nothing in a document can say it."""
    return False


def always(_conventions: Conventions, _document: Document, _operation: Operation) -> bool:
    """The document says it by describing the operation."""
    return True


def refuses_invalid(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
    """The operation has an answer to requests that break the document."""
    return any(operation.answer(status) for status in _INVALID)


def refuses_strangers(_conventions: Conventions, _document: Document, operation: Operation) -> bool:
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
