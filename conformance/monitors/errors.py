"""What every refusal owes: the error envelope, and what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jsonpointer

from conformance.contract.outcomes import Outcome, as_text
from conformance.journal.records import Location
from conformance.money.budget import Tier
from conformance.monitors.monitor import (
    ABSENT,
    NOTHING_TO_JUDGE,
    Collector,
    Deviation,
    clip,
    is_given,
    json_of,
    rule,
    show,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import Document
    from conformance.contract.error_shapes import ErrorCode, Errors
    from conformance.contract.requirements import Requirement
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.traffic import Traffic


def envelope_fault(answered: Answered, errors: Errors) -> Deviation | None:
    """What is wrong with the error envelope of a refusal, None when it has a code and a message."""
    if not answered.has_body:
        return _no_envelope(answered, errors, "nothing")
    if answered.json is ABSENT:
        return _no_envelope(answered, errors, repr(clip(answered.response.body.text[:200])))
    if not isinstance(answered.at(errors.object), dict):
        return answered.expected("an object", errors.object)
    code = answered.at(errors.code)
    if not isinstance(code, str) and (errors.numeric is False or not _is_number(code)):
        return answered.expected("a number" if errors.numeric else "a string", errors.code)
    return None if isinstance(answered.at(errors.message), str) else answered.expected("a string", errors.message)


def _no_envelope(answered: Answered, errors: Errors, got: str) -> Deviation:
    sentence = f"expected a JSON body with {errors.object} in {answered.label}, got {got}"
    return Deviation(sentence, Location("body", "", f"a JSON body with {errors.object}", got))


@rule("envelope", Tier.READ, of_requirement=True)
def envelope(requirement: Requirement, traffic: Traffic) -> MonitorResult:
    """
    Every refusal with a body has the error object with a code and a message.

    A refusal without a body is broken only where the requirement owns whole bodies: then every refusal owes one.
    """
    collector = Collector()
    owed = any(place.pointer == "" for place in requirement.owns)
    conventions = traffic.contract.conventions
    if conventions.errors is None:
        return NOTHING_TO_JUDGE
    for answered in traffic.refusals if owed else filter(_has_body, traffic.refusals):
        errors = conventions.shape(answered.exchange.interpretation)
        if errors is not None:
            collector.decide(envelope_fault(answered, errors), answered.id)
    return collector.judged()


def _has_body(answered: Answered) -> bool:
    return answered.has_body


@rule("retryable", Tier.READ)
def retryable(traffic: Traffic) -> MonitorResult:
    """Every error envelope says with a boolean whether the same request may be repeated."""
    collector = Collector()
    for answered, errors in enveloped(traffic):
        if errors.retryable is not None:
            holds = isinstance(answered.at(errors.retryable), bool)
            collector.decide(None if holds else answered.expected("a boolean", errors.retryable), answered.id)
    return collector.judged()


@rule("error-code-table", Tier.READ)
def error_code_table(traffic: Traffic) -> MonitorResult:
    """A code of the documented table comes with its HTTP status, and is retryable as the table says."""
    collector = Collector()
    for answered, errors in enveloped(traffic):
        row = errors.codes.get(as_text(answered.at(errors.code)))
        if row is not None:
            collector.decide(_table_fault(answered, errors, row), answered.id)
    return collector.judged()


_LASTING: Final = frozenset({Outcome.REFUSED, Outcome.UNAUTHENTICATED, Outcome.FORBIDDEN})


@rule("lasting-refusals", Tier.READ)
def lasting_refusals(traffic: Traffic) -> MonitorResult:
    """
    What was refused for its body, its key or a permission is not called worth a retry, whatever its code.

    Codes of the table break nothing here, as the rule about it judges them, nor do refusals that say it otherwise than
    by a boolean. Of bodies those count that have a status of invalid requests: others may speak of something that
    passes.
    """
    collector = Collector()
    for answered, errors in enveloped(traffic):
        outcome = answered.exchange.interpretation.outcome
        known = as_text(answered.at(errors.code)) in errors.codes
        passing = outcome is Outcome.REFUSED and answered.status not in errors.validation_status
        if errors.retryable is None or passing or outcome not in _LASTING:
            continue
        says = answered.at(errors.retryable)
        if isinstance(says, bool) and not (known and says):
            collector.decide(answered.expected("false", errors.retryable) if says else None, answered.id)
    return collector.judged()


@rule("error-param", Tier.FREE)
def error_param(traffic: Traffic) -> MonitorResult:
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
    conventions = traffic.contract.conventions
    shaped = ((answered, conventions.shape(answered.exchange.interpretation)) for answered in traffic.refusals)
    yield from ((one, errors) for one, errors in shaped if errors and envelope_fault(one, errors) is None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table_fault(answered: Answered, errors: Errors, row: ErrorCode) -> Deviation | None:
    if not row.has(answered.status):
        documented = " or ".join(map(str, row.status))
        what = f"the status {documented} with the error code {row.code!r}"
        place = Location("status", "", what, str(answered.status))
        return Deviation(f"expected {what}, got {answered.label}", place)
    shown = ABSENT if errors.retryable is None else answered.at(errors.retryable)
    if errors.retryable is not None and row.retryable is not None and isinstance(shown, bool):
        what = f"{show(row.retryable)} with the error code {row.code!r}"
        return None if shown is row.retryable else answered.expected(what, errors.retryable)
    return None


def _param_fault(answered: Answered, pointer: str, document: Document) -> Deviation | None:
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
