"""Server faults: those that pass, those that last, and those that something in front of the target says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from conformance.journal.records import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.contract.conventions import Errors
    from conformance.monitors.answered import Answered
    from conformance.monitors.traffic import Traffic

SERVER_FAULT: Final = 500
# What a load balancer says when it does not reach the service, or gets no use of it.
_IN_FRONT: Final = frozenset({502, 503, 504})
_MOST_SHOWN: Final = 6


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
        if len(chain) > 1 and chain[0].status >= SERVER_FAULT:
            lasting |= {each.id for each in chain if each.status >= SERVER_FAULT}
    return frozenset(lasting)


def _chain(last: Answered, known: dict[str, Answered]) -> list[Answered]:
    """An answer and those before it to the same request, the last one first."""
    chain = [last]
    while (earlier := known.get(chain[-1].exchange.repeats or "")) is not None and earlier not in chain:
        chain.append(earlier)
    return chain


def is_unhandled(answered: Answered, errors: Errors | None) -> bool:
    """Whether a 5xx is neither an error that the table documents with this status, nor said in front of the target."""
    if answered.status < SERVER_FAULT or answered.status in _IN_FRONT:
        return False
    return not _is_in_table(answered, errors)


def _is_in_table(answered: Answered, errors: Errors | None) -> bool:
    code = answered.at(errors.code) if errors else None
    row = errors.codes.get(code) if errors and isinstance(code, str) else None
    return row is not None and answered.status in row.status


def is_spoken(answered: Answered, lasting: frozenset[str], errors: Errors | None) -> bool:
    """
    Whether an answer is the API's own word, which owes what every answer owes.

    A 5xx is where the table of error codes has it, or where it lasts, is JSON, and is not blamed by the rule about
    such faults.
    """
    if answered.status < SERVER_FAULT or _is_in_table(answered, errors):
        return True
    return answered.id in lasting and not is_unhandled(answered, errors) and isinstance(answered.json, dict)


def observed_outages(traffic: Traffic) -> tuple[Observation, ...]:
    """What was seen of server faults that no rule fails for, with how often."""
    faults = [answered for answered in traffic.settled if answered.status >= SERVER_FAULT]
    errors = traffic.contract.conventions.errors
    kinds = {
        "did not last": [each for each in faults if each.id not in traffic.lasting_faults],
        "lasted": [each for each in faults if each.id in traffic.lasting_faults and not is_unhandled(each, errors)],
    }
    name = f"{traffic.contract.system.upper()}-OBS-SERVER-FAULTS"
    total = len(traffic.settled)
    return tuple(_observation(name, words, seen, total) for words, seen in kinds.items() if seen)


def _observation(name: str, words: str, seen: Sequence[Answered], total: int) -> Observation:
    counts = Counter(answered.status for answered in seen)
    shown = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    text = f"{len(seen)} of {total} answers were server faults that {words}: {shown}"
    return Observation(name, text, tuple(answered.id for answered in seen[:_MOST_SHOWN]))
