"""What every refusal owes: the error envelope, and what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonpointer

from conformance.monitors.base import NOTHING_TO_JUDGE, Collector
from conformance.monitors.places import ABSENT, clip, is_given, json_of, show, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.conventions import ErrorCode, Errors
    from conformance.contract.document import Document
    from conformance.contract.registry import Requirement
    from conformance.monitors.answered import Answered
    from conformance.monitors.base import Judged
    from conformance.monitors.faults import Complaint
    from conformance.monitors.traffic import Traffic


def envelope_fault(answered: Answered, errors: Errors) -> Complaint | None:
    """What is wrong with the error envelope of a refusal, None when it has a code and a message."""
    if not answered.has_body:
        return f"expected a JSON body with {errors.object} in {answered.label}, got nothing"
    if answered.json is ABSENT:
        got = clip(answered.response.body.text[:200])
        return f"expected a JSON body with {errors.object} in {answered.label}, got {got!r}"
    if not isinstance(answered.at(errors.object), dict):
        return answered.expected("an object", errors.object)
    for pointer in (errors.code, errors.message):
        if not isinstance(answered.at(pointer), str):
            return answered.expected("a string", pointer)
    return None


def envelope(requirement: Requirement, traffic: Traffic) -> Judged:
    """
    Every refusal with a body has the error object with a code and a message.

    A refusal without a body is broken only where the requirement owns whole bodies: then every refusal owes one.
    """
    collector = Collector()
    owed = any(place.pointer == "" for place in requirement.owns)
    errors = traffic.contract.conventions.errors
    if errors is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.refusals if owed else filter(_has_body, traffic.refusals):
        collector.decide(envelope_fault(answered, errors), answered.id)
    return collector.judged()


def _has_body(answered: Answered) -> bool:
    return answered.has_body


def retryable(traffic: Traffic) -> Judged:
    """Every error envelope says with a boolean whether the same request may be repeated."""
    collector = Collector()
    for answered, errors in enveloped(traffic):
        if errors.retryable is not None:
            holds = isinstance(answered.at(errors.retryable), bool)
            collector.decide(None if holds else answered.expected("a boolean", errors.retryable), answered.id)
    return collector.judged()


def error_code_table(traffic: Traffic) -> Judged:
    """A code of the documented table comes with its HTTP status, and is retryable as the table says."""
    collector = Collector()
    for answered, errors in enveloped(traffic):
        row = errors.codes.get(str(answered.at(errors.code)))
        if row is not None:
            collector.decide(_table_fault(answered, errors, row), answered.id)
    return collector.judged()


def error_param(traffic: Traffic) -> Judged:
    """
    Where an error names the offending field, it does so with a JSON pointer into the body that was sent.

    The pointer may lead to a member that is missing, if its first step is one that was sent or that the document has.
    Where what was sent is no JSON, only its form is judged, and nothing where no body was sent: what a param says of a
    query is not documented.
    """
    collector = Collector()
    for answered, errors in enveloped(traffic):
        sent = answered.exchange.request.body.size
        if sent and errors.param is not None and is_given(answered.at(errors.param)):
            collector.decide(_param_fault(answered, errors.param, traffic.contract.document), answered.id)
    return collector.judged()


def enveloped(traffic: Traffic) -> Iterator[tuple[Answered, Errors]]:
    """The refusals whose envelope can be read; the rule `envelope` judges the others."""
    errors = traffic.contract.conventions.errors
    if errors is not None:
        yield from ((a, errors) for a in traffic.refusals if envelope_fault(a, errors) is None)


def _table_fault(answered: Answered, errors: Errors, row: ErrorCode) -> Complaint | None:
    if answered.status not in row.status:
        documented = " or ".join(map(str, row.status))
        return f"expected the status {documented} with the error code {row.code!r}, got {answered.label}"
    shown = ABSENT if errors.retryable is None else answered.at(errors.retryable)
    if errors.retryable is not None and row.retryable is not None and isinstance(shown, bool):
        what = f"{show(row.retryable)} with the error code {row.code!r}"
        return None if shown is row.retryable else answered.expected(what, errors.retryable)
    return None


def _param_fault(answered: Answered, pointer: str, document: Document) -> Complaint | None:
    param = answered.at(pointer)
    if not isinstance(param, str):
        return answered.expected("a JSON pointer in a string", pointer)
    try:
        path = jsonpointer.JsonPointer(param).parts
    except jsonpointer.JsonPointerException:
        return answered.expected("a JSON pointer", pointer)
    sent = json_of(answered.exchange.request.body)
    if sent is ABSENT or walk(sent, path) is not ABSENT or isinstance(walk(sent, path[:-1]), dict):
        return None
    if isinstance(sent, dict) and path[0] in _documented_members(answered, document) - sent.keys():
        return None
    return answered.expected("a JSON pointer to a field of the request body", pointer)


def _documented_members(answered: Answered, document: Document) -> frozenset[str]:
    """The members that the document has at the top of the request's body."""
    if answered.operation is None:
        return frozenset()
    bodies = (media_type.schema for media_type in answered.operation.body.values())
    return frozenset(name for schema in bodies for name in document.resolve(schema).get("properties", {}))
