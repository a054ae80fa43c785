"""Server faults: those that pass, those that last, and those that something in front of the target says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.contract.outcomes import is_said_in_front, is_said_of_nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.contract.conventions import Conventions
    from conformance.monitors.answer import Answered


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
