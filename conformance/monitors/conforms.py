"""What follows from the document alone: responses conform to it, each place judged by the one who owns it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from conformance.contract.registry import derived_id
from conformance.journal.spots import Spot
from conformance.monitors.base import Collector
from conformance.monitors.envelopes import envelope_fault
from conformance.monitors.faults import Fault
from conformance.monitors.lists import page_fault
from conformance.monitors.places import ABSENT, clip, show
from conformance.monitors.responses import only_json
from conformance.monitors.schemas import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import Answer, Operation
    from conformance.contract.registry import Requirement
    from conformance.monitors.answered import Answered
    from conformance.monitors.base import Judged
    from conformance.monitors.faults import Complaint
    from conformance.monitors.schemas import Problem
    from conformance.monitors.traffic import Traffic


def conforms(requirement: Requirement, traffic: Traffic) -> Judged:
    """Status, headers, media type and body of every response of an operation, but for what others judge."""
    collector = Collector()
    for operation in traffic.contract.document.operations.values():
        if requirement.id == derived_id(traffic.contract.system, operation.id, "conforms"):
            for answered in traffic.answers_to(operation.id):
                _judge(answered, operation, traffic, collector)
    return collector.judged()


def conforms_where_owned(requirement: Requirement, traffic: Traffic) -> Judged:
    """The schema's word on the places that one requirement owns, and nobody else within them."""
    collector = Collector()
    for misfit in traffic.misfits.values():
        for problem in misfit.owned_by(requirement.id):
            collector.fail(_fault(misfit.answered, problem), misfit.answered.id)
    return collector.judged()


def _judge(answered: Answered, operation: Operation, traffic: Traffic, collector: Collector) -> None:
    documented = answered.documented
    if documented is None:
        if not traffic.ownership.status(answered) and not _is_blamed_as_fault(answered, traffic):
            known = ", ".join(answer.key for answer in operation.answers)
            sentence = f"expected a status that the document has for {operation.id} ({known}), got {answered.status}"
            collector.fail(Fault(sentence, Spot("status", "", f"one of {known}", str(answered.status))), answered.id)
        return
    faults = [*_header_faults(answered, documented, traffic), *_body_faults(answered, documented, traffic)]
    for fault in faults:
        collector.fail(fault, answered.id)
    if not faults:
        collector.hold(answered.id)


def _is_blamed_as_fault(answered: Answered, traffic: Traffic) -> bool:
    """Whether a rule of its own judges the server fault that an answer is."""
    return answered.fault and traffic.ownership.has_rule("no-repeatable-5xx")


def _header_faults(answered: Answered, documented: Answer, traffic: Traffic) -> Iterator[Complaint]:
    for name, required in documented.headers.items():
        if required and answered.header(name) is None and not traffic.ownership.header(answered, name):
            sentence = f"expected the header {name} in {answered.label}, got nothing"
            yield Fault(sentence, Spot("header", name, "a value", "nothing"))


def _body_faults(answered: Answered, documented: Answer, traffic: Traffic) -> Iterator[Complaint]:
    if not documented.content or _body_belongs_to_others(answered, traffic):
        return
    if not answered.has_body:
        if answered.success and answered.response.body.size == 0:
            yield f"expected a body in {answered.label}, got nothing"
        return
    fitting = _fitting_media_types(answered, documented, traffic)
    if not fitting:
        declared = show(answered.media_type if answered.media_type is not None else ABSENT)
        wanted = " or ".join(documented.content)
        sentence = f"expected the media type {wanted} for {answered.label}, got {declared}"
        yield Fault(sentence, Spot("header", "Content-Type", wanted, declared))
    elif JSON in fitting and answered.json is ABSENT:
        yield f"expected a JSON body in {answered.label}, got {clip(answered.response.body.text[:200])!r}"
    elif answered.id in traffic.misfits:
        yield from (_fault(answered, problem) for problem in traffic.misfits[answered.id].unowned)


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


def _fault(answered: Answered, problem: Problem) -> Fault:
    pointer, message = problem
    place = f"{clip(pointer) or 'the top'} of {answered.label}"
    sentence = f"expected {place} as the document has it, but {clip(message)}"
    return Fault(sentence, Spot("body", pointer, "what the document has there", clip(message)))
