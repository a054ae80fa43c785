"""What every response owes as an HTTP message: its status and its media type."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final

from conformance.journal.spots import Spot
from conformance.monitors.base import Collector
from conformance.monitors.faults import Fault
from conformance.monitors.outages import is_unhandled
from conformance.monitors.places import ABSENT, show
from conformance.monitors.schemas import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import Answer, Operation
    from conformance.contract.registry import Requirement
    from conformance.monitors.answered import Answered
    from conformance.monitors.base import Judged
    from conformance.monitors.traffic import Traffic

# Those that the client undoes.
_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
_EXACT_SUCCESS = re.compile("2[0-9]{2}")


def json_content_type(traffic: Traffic) -> Judged:
    """
    A JSON object or array is declared as `application/json`.

    Judged for refusals and for the successes that the document describes as JSON. A body that is no JSON at all
    is no matter of this rule: the envelope, or the schema of the response, is broken then. JSON is UTF-8 (RFC 8259,
    8.1), in the coding that Content-Encoding names.
    """
    collector = Collector()
    for answered in traffic.spoken:
        fault = _unreadable(answered)
        if fault is not None:
            collector.fail(fault, answered.id)
        elif isinstance(answered.json, dict | list) and (answered.refusal or _documented_as_json(answered)):
            if answered.media_type == JSON:
                collector.hold(answered.id)
            else:
                shown = show(answered.media_type if answered.media_type is not None else ABSENT)
                sentence = f"expected the media type {JSON} for the JSON in {answered.label}, got {shown}"
                collector.fail(Fault(sentence, Spot("header", "Content-Type", JSON, shown)), answered.id)
    return collector.judged()


def _unreadable(answered: Answered) -> Fault | None:
    """Why clients can't read JSON that was read here: our reader guesses, and takes what is not coded as it is."""
    body = answered.response.body
    if answered.json is ABSENT:
        return None
    charset = json.detect_encoding(body.content)
    if not charset.startswith("utf-8"):
        sentence = f"expected UTF-8 for the JSON in {answered.label}, got {charset.upper()}"
        return Fault(sentence, Spot("body", "", "UTF-8", charset.upper()))
    coding = answered.header("Content-Encoding")
    if coding and coding.strip().lower() in _CODINGS and hashlib.sha256(body.content).hexdigest() == body.sha256:
        sentence = f"expected a body coded as {show(coding)} in {answered.label}, got one that is not"
        return Fault(sentence, Spot("header", "Content-Encoding", "", show(coding)))
    return None


def no_repeatable_5xx(traffic: Traffic) -> Judged:
    """
    The same request does not meet a server fault twice.

    A 5xx counts when the exchange that repeats it is a 5xx again, and no later one is answered; one that stays alone
    is no fault. Neither are refusals that the error table documents with this very status, nor what something in front
    of the target says in its place (502, 503, 504).
    """
    collector = Collector()
    conventions = traffic.contract.conventions
    faults = {a.id: a for a in traffic.settled if a.id in traffic.lasting_faults and is_unhandled(a, conventions)}
    for answered in traffic.settled:
        first = faults.get(answered.exchange.repeats or "")
        if answered.id in faults and first is not None:
            got = f"{answered.label} after {first.label}"
            collector.fail(f"expected no second fault for the same request, got {got}", first.id, answered.id)
        elif not answered.fault:
            collector.hold(answered.id)
    return collector.judged()


def documented_success_status(requirement: Requirement, traffic: Traffic) -> Judged:
    """
    A success of the operations that the requirement owns has exactly a status that the document names.

    The answer to a repeated idempotency key is left out: no document says which status a replay has.
    """
    collector = Collector()
    for operation in _owned_operations(requirement, traffic):
        exact = sorted(answer.key for answer in operation.answers if _EXACT_SUCCESS.fullmatch(answer.key))
        wanted = f"{' or '.join(exact)} for {operation.id}"
        for answered in traffic.answers_to(operation.id) if exact else ():
            if answered.success and answered.id not in traffic.repeated_uses:
                sentence = f"expected the status {wanted}, got {answered.status}"
                fault = Fault(sentence, Spot("status", "", wanted, str(answered.status)))
                collector.decide(None if str(answered.status) in exact else fault, answered.id)
    return collector.judged()


def only_json(answer: Answer) -> bool:
    """Whether the document describes an answer as JSON and nothing else."""
    return set(answer.content) == {JSON}


def _documented_as_json(answered: Answered) -> bool:
    return answered.documented is not None and only_json(answered.documented)


def _owned_operations(requirement: Requirement, traffic: Traffic) -> Iterator[Operation]:
    for operation in traffic.contract.document.operations.values():
        places = (place for place in requirement.owns if place.status == "success")
        if any(place.operation in (None, operation.id) for place in places):
            yield operation
