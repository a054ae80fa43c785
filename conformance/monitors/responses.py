"""What every response owes: status, media type, and what the document says of it, each place judged by its owner."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections import Counter
from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.requirements import derived_id
from conformance.journal.records import Location, Observation
from conformance.money.budget import Tier
from conformance.monitors.errors import envelope_fault
from conformance.monitors.monitor import ABSENT, MAX_EVIDENCE, Collector, Deviation, clip, rule, show
from conformance.monitors.schema_violations import JSON
from conformance.monitors.streams import frame_faults
from conformance.monitors.tasks import page_fault
from conformance.monitors.traffic import is_unhandled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.contract.document import Answer, Operation
    from conformance.contract.requirements import Requirement
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.schema_violations import Problem
    from conformance.monitors.traffic import Traffic


# Those that the client undoes.
_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
_MOST_SHOWN: Final = 6
_EXACT_SUCCESS = re.compile("2[0-9]{2}")


@rule("json-content-type", Tier.READ)
def json_content_type(traffic: Traffic) -> MonitorResult:
    """
    A JSON object or array is declared as `application/json`.

    Judged for refusals and for the successes that the document describes as JSON. A body that is no JSON at all
    is not the subject of this rule: the envelope, or the schema of the response, is broken then. JSON is UTF-8
    (RFC 8259, 8.1), in the coding that Content-Encoding names.
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
                collector.fail(Deviation(sentence, Location("header", "Content-Type", JSON, shown)), answered.id)
    return collector.judged()


def _unreadable(answered: Answered) -> Deviation | None:
    """Why clients can't read JSON that was read here: our reader guesses, and takes what is not coded as it is."""
    body = answered.response.body
    if answered.json is ABSENT:
        return None
    charset = json.detect_encoding(body.content)
    if not charset.startswith("utf-8"):
        sentence = f"expected UTF-8 for the JSON in {answered.label}, got {charset.upper()}"
        return Deviation(sentence, Location("body", "", "UTF-8", charset.upper()))
    coding = answered.header("Content-Encoding")
    if coding and coding.strip().lower() in _CODINGS and hashlib.sha256(body.content).hexdigest() == body.sha256:
        sentence = f"expected a body coded as {show(coding)} in {answered.label}, got one that is not"
        return Deviation(sentence, Location("header", "Content-Encoding", "", show(coding)))
    return None


@rule("no-repeatable-5xx", Tier.FREE)
def no_repeatable_5xx(traffic: Traffic) -> MonitorResult:
    """
    The same request does not meet a server fault twice.

    A 5xx counts when the exchange that repeats it is a 5xx again, and no later one is answered; one that stays alone
    is no fault. Neither are refusals that the error table documents with this very status, nor what something in front
    of the target says in its place (502, 503, 504), nor a 501: the operation is not there.
    """
    collector = Collector()
    conventions = traffic.contract.conventions
    faults = {a.id: a for a in traffic.settled if a.id in traffic.lasting_faults and is_unhandled(a, conventions)}
    for answered in traffic.settled:
        first = faults.get(answered.exchange.repeats or "")
        if answered.id in faults and first is not None:
            got = f"{answered.label} after {first.label}"
            place = Location("status", "", "no fault of the server", str(answered.status))
            sentence = f"expected no second fault for the same request, got {got}"
            collector.fail(Deviation(sentence, place), first.id, answered.id)
        elif not answered.fault:
            collector.hold(answered.id)
    return collector.judged()


@rule("documented-success-status", of_requirement=True)
def documented_success_status(requirement: Requirement, traffic: Traffic) -> MonitorResult:
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
                fault = Deviation(sentence, Location("status", "", wanted, str(answered.status)))
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


@rule("conforms", of_requirement=True)
def conforms(requirement: Requirement, traffic: Traffic) -> MonitorResult:
    """Status, headers, media type and body of every response of an operation, but for what other requirements judge."""
    collector = Collector()
    for operation in traffic.contract.document.operations.values():
        if requirement.id == derived_id(traffic.contract.system, operation.id, "conforms"):
            for answered in traffic.answers_to(operation.id):
                _judge(answered, operation, traffic, collector)
    return collector.judged()


def conforms_where_owned(requirement: Requirement, traffic: Traffic) -> MonitorResult:
    """What the schema says of the places that one requirement owns, and no other one within them."""
    collector = Collector()
    for violation in traffic.schema_violations.values():
        for problem in violation.owned_by(requirement.id):
            collector.fail(_fault(violation.answered, problem), violation.answered.id)
    return collector.judged()


def _judge(answered: Answered, operation: Operation, traffic: Traffic, collector: Collector) -> None:
    documented = answered.documented
    if documented is None:
        if not traffic.ownership.status(answered) and not _is_blamed_as_fault(answered, traffic):
            known = ", ".join(answer.key for answer in operation.answers)
            sentence = f"expected a status that the document has for {operation.id} ({known}), got {answered.status}"
            collector.fail(
                Deviation(sentence, Location("status", "", f"one of {known}", str(answered.status))), answered.id
            )
        return
    faults = [*_header_faults(answered, documented, traffic), *_body_faults(answered, documented, traffic)]
    for fault in faults:
        collector.fail(fault, answered.id)
    if not faults:
        collector.hold(answered.id)


def _is_blamed_as_fault(answered: Answered, traffic: Traffic) -> bool:
    """Whether a rule of its own judges the server fault that an answer is."""
    return answered.fault and traffic.ownership.has_rule("no-repeatable-5xx")


def _header_faults(answered: Answered, documented: Answer, traffic: Traffic) -> Iterator[Deviation]:
    for name, required in documented.headers.items():
        if required and answered.header(name) is None and not traffic.ownership.header(answered, name):
            sentence = f"expected the header {name} in {answered.label}, got nothing"
            yield Deviation(sentence, Location("header", name, "a value", "nothing"))
    for name, validator in documented.header_schemas.items():
        value = answered.header(name)
        if value is None or traffic.ownership.header(answered, name):
            continue
        readings = [*_readings(value)]
        if not any(validator.accepts(reading) for reading in readings):
            message = next((said for _, said in validator.problems(readings[-1])), "it does not fit")
            sentence = f"expected the header {name} in {answered.label} as the document has it, but {clip(message)}"
            yield Deviation(sentence, Location("header", name, "what the document has there", clip(value)))


def _readings(value: str) -> Iterator[object]:
    """What the text of a header may mean: a number or a truth, a list of texts, an object of them, or the text."""
    with suppress(ValueError):
        read: object = json.loads(value)
        if isinstance(read, int | float):
            yield read
    parts = [part.strip() for part in value.split(",")]
    yield parts
    yield dict(zip(parts[::2], parts[1::2], strict=False))
    yield value


def _body_faults(answered: Answered, documented: Answer, traffic: Traffic) -> Iterator[Deviation]:
    if not documented.content or _body_belongs_to_others(answered, traffic):
        return
    if not answered.has_body:
        if answered.success and answered.response.body.size == 0:
            yield _without("a body", answered, "nothing")
        return
    fitting = _fitting_media_types(answered, documented, traffic)
    if not fitting:
        declared = show(answered.media_type if answered.media_type is not None else ABSENT)
        wanted = " or ".join(documented.content)
        sentence = f"expected the media type {wanted} for {answered.label}, got {declared}"
        yield Deviation(sentence, Location("header", "Content-Type", wanted, declared))
    elif answered.response.frames is not None:
        own = traffic.contract.conventions.operations.get(answered.exchange.operation or "")
        if own is not None and own.stream is not None and not answered.refusal:
            yield from frame_faults(answered, documented.content[fitting[0]], own.stream)
    elif JSON in fitting and answered.json is ABSENT:
        yield _without("a JSON body", answered, repr(clip(answered.response.body.text[:200])))
    elif answered.id in traffic.schema_violations:
        yield from (_fault(answered, problem) for problem in traffic.schema_violations[answered.id].unowned)


def _without(what: str, answered: Answered, got: str) -> Deviation:
    return Deviation(f"expected {what} in {answered.label}, got {got}", Location("body", "", what, got))


def _body_belongs_to_others(answered: Answered, traffic: Traffic) -> bool:
    conventions = traffic.contract.conventions
    errors, tasks = conventions.shape(answered.exchange.interpretation), conventions.tasks
    if answered.refusal and errors and traffic.ownership.has_rule("envelope"):
        return envelope_fault(answered, errors) is not None
    if answered.success and tasks and answered.operation and answered.operation.id == tasks.list:
        return traffic.ownership.has_rule("list-shape") and page_fault(answered, tasks) is not None
    return False


def _fitting_media_types(answered: Answered, documented: Answer, traffic: Traffic) -> list[str]:
    if only_json(documented) and traffic.ownership.has_rule("json-content-type"):
        return [JSON]
    declared = answered.media_type or ""
    return [name for name in documented.content if fnmatchcase(declared, name.partition(";")[0].lower())]


def _fault(answered: Answered, problem: Problem) -> Deviation:
    pointer, message = problem
    place = f"{clip(pointer) or 'the top'} of {answered.label}"
    sentence = f"expected {place} as the document has it, but {clip(message)}"
    return Deviation(sentence, Location("body", pointer, "what the document has there", clip(message)))


def observed_outages(traffic: Traffic) -> tuple[Observation, ...]:
    """What was seen of server faults that no rule fails for, with how often."""
    faults = [answered for answered in traffic.settled if answered.fault]
    conventions = traffic.contract.conventions
    kinds = {
        "did not last": [each for each in faults if each.id not in traffic.lasting_faults],
        "lasted": [
            each for each in faults if each.id in traffic.lasting_faults and not is_unhandled(each, conventions)
        ],
    }
    name = f"{traffic.contract.system.upper()}-OBS-SERVER-FAULTS"
    total = len(traffic.settled)
    return tuple(_observation(name, words, seen, total) for words, seen in kinds.items() if seen)


def trouble(traffic: Traffic, *, fewest: int, share: float) -> tuple[str, ...]:
    """In a sentence, that more than a share of the requests met faults that passed, or no answer; else nothing."""
    asked = [exchange for exchange in traffic.recording.exchanges if exchange.origin == "target"]
    passing = sum(answered.fault and answered.id not in traffic.lasting_faults for answered in traffic.settled)
    met = passing + sum(exchange.response is None and exchange.transport == "httpx" for exchange in asked)
    if met < fewest or met <= share * len(asked):
        return ()
    rate = f"{met} of {len(asked)} requests ({met / len(asked):.1%})"
    return (f"The target was in trouble: {rate} met a server fault that passed, or no answer; judge it again later.",)


def _observation(name: str, words: str, seen: Sequence[Answered], total: int) -> Observation:
    counts = Counter(answered.status for answered in seen)
    shown = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    text = f"{len(seen)} of {total} answers were server faults that {words}: {shown}"
    return Observation(name, text, tuple(answered.id for answered in seen[:_MOST_SHOWN]))


class _TwiceError(Exception):
    """An object has two members of one name."""


def unusual_json(traffic: Traffic) -> tuple[Observation, ...]:
    """What is unusual about the JSON of the answers: a byte order mark, members of one name (RFC 8259, 4 and 8.1)."""
    answers = [answered for answered in traffic.settled if answered.json is not ABSENT]
    kinds: tuple[tuple[str, Callable[[Answered], bool]], ...] = (
        ("JSON that begins with a byte order mark, which senders must not add and readers may refuse", _has_mark),
        ("JSON objects with two members of one name, of which readers see either", _says_twice),
    )
    name = f"{traffic.contract.system.upper()}-OBS-JSON"
    found = ((text, [answered.id for answered in answers if is_so(answered)]) for text, is_so in kinds)
    return tuple(
        Observation(name, f"{len(ids)} of {len(answers)} answers hold {text}", tuple(ids[:MAX_EVIDENCE]))
        for text, ids in found
        if ids
    )


def _has_mark(answered: Answered) -> bool:
    return answered.response.body.content.startswith(codecs.BOM_UTF8)


def _says_twice(answered: Answered) -> bool:
    try:
        json.loads(answered.response.body.content, object_pairs_hook=_once)
    except _TwiceError:
        return True
    return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _TwiceError
    return members
