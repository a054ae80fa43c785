"""Statuses and media types that a target answered with and that its document does not have, as proposals."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from conformance.monitors.monitor import ABSENT
from conformance.monitors.schema_violations import accepts
from conformance.report.overlay.actions import Action, Proposals, seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from conformance.contract.document import Operation
    from conformance.monitors.answer import Answered
    from conformance.monitors.traffic import Traffic
    from conformance.report.overlay.places import DocumentPlaces, Place

# What a target calls a media type is text of the target: nothing else is taken from it (RFC 9110, 8.3.1).
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_MOST_MEDIA_TYPES: Final = 5
_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


def answers_proposed(places: DocumentPlaces, traffic: Traffic, missing: Collection[str]) -> Proposals:
    """What the document would have to have of statuses and media types; nothing for operations that are `missing`."""
    changes: list[tuple[Action, ...]] = []
    left: list[str] = []
    by_operation = _by_operation(traffic)
    for operation in traffic.contract.document.operations.values():
        responses = places.responses(operation.path, operation.method.lower())
        answers = by_operation.get(operation.id, ())
        if operation.id in missing or not answers:
            continue
        if responses is None:
            if any(answered.documented is None for answered in answers):
                left.append(f"{operation.location}: its path is described by a reference out of the document")
            continue
        changes += _statuses(places, responses, operation, answers)
        changes += _media_types(places, responses, operation, answers)
    return Proposals(tuple(changes), tuple(left))


def _by_operation(traffic: Traffic) -> dict[str, list[Answered]]:
    """What operations answered; a fault of the server is none of the document."""
    found: defaultdict[str, list[Answered]] = defaultdict(list)
    for answered in traffic.answers:
        if answered.operation is not None and not answered.fault:
            found[answered.operation.id].append(answered)
    return found


def _statuses(
    places: DocumentPlaces, responses: Place, operation: Operation, answers: Sequence[Answered]
) -> Iterator[tuple[Action, ...]]:
    by_status: defaultdict[int, list[Answered]] = defaultdict(list)
    for answered in answers:
        if answered.documented is None:
            by_status[answered.status].append(answered)
    for status, same in sorted(by_status.items()):
        described: dict[str, Any] = {"description": _phrase(status)}
        content = {
            name: {"schema": _schema(places, responses, operation, of_type)} for name, of_type in _by_media_type(same)
        }
        if content:
            described["content"] = content
        told = f"{operation.location} answered {status}, which the document does not have for it"
        yield (Action(responses, f"{told} ({seen(_ids(same))}).", {str(status): described}),)


def _media_types(
    places: DocumentPlaces, responses: Place, operation: Operation, answers: Sequence[Answered]
) -> Iterator[tuple[Action, ...]]:
    by_key: defaultdict[str, list[Answered]] = defaultdict(list)
    for answered in answers:
        documented = answered.documented
        if documented is not None and documented.content and answered.has_body:
            declared = answered.media_type or ""
            if not any(fnmatchcase(declared, name.partition(";")[0].lower()) for name in documented.content):
                by_key[documented.key].append(answered)
    for key, different in by_key.items():
        place = places.followed((*responses, key))
        if place is None:
            continue
        for name, same in _by_media_type(different):
            schema = _schema(places, responses, operation, same)
            told = f"{operation.location} answered {_statuses_of(same)} as {name}, which the document does not have"
            shared = "" if place[0] == "paths" else "; others refer to this answer too"
            action = Action(place, f"{told} ({seen(_ids(same))}{shared}).", {"content": {name: {"schema": schema}}})
            yield (action,)


def _statuses_of(answers: Iterable[Answered]) -> str:
    return ", ".join(sorted({str(answered.status) for answered in answers}))


def _ids(answers: Iterable[Answered]) -> list[str]:
    return [answered.id for answered in answers]


def _by_media_type(answers: Iterable[Answered]) -> list[tuple[str, list[Answered]]]:
    found: defaultdict[str, list[Answered]] = defaultdict(list)
    for answered in answers:
        name = answered.media_type or ""
        if answered.has_body and _MEDIA_TYPE.fullmatch(name):
            found[name].append(answered)
    return sorted(found.items())[:_MOST_MEDIA_TYPES]


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return f"Status {status}"


def _schema(
    places: DocumentPlaces, responses: Place, operation: Operation, answers: Sequence[Answered]
) -> dict[str, Any]:
    """A schema that all bodies fit: that of another answer of the operation, else the type that all have, else any."""
    bodies = [answered.json for answered in answers]
    if any(body is ABSENT for body in bodies):
        return {}
    refused = answers[0].refusal
    for described in operation.answers:
        if described.key.startswith(("4", "5", "d")) is refused:
            for name, validator in described.content.items():
                place = places.content_of((*responses, described.key), name)
                raw = None if place is None else places.at((*place, "schema"))
                if isinstance(raw, dict) and raw and all(accepts(validator, body) for body in bodies):
                    return raw
    kinds = {_TYPES.get(type(body)) for body in bodies}
    kind = kinds.pop() if len(kinds) == 1 else None
    return {} if kind is None else {"type": kind}
