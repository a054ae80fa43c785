"""The constraints of a request's parts, each with the requests that try it: parameters, bodies, content types."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.generation.walk_request import MULTIPART, URLENCODED, can_encode, form_schema, is_json, parameters_of
from conformance.generation.walk_schema import ConstraintCase, Gap, walk_schema
from conformance.generation.walk_text import (
    field_reads_as_valid,
    place_in_words,
    reads_as_valid,
    takes_text,
    texts_of,
    travels,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import MediaType, Parameter
    from conformance.generation.constraints import Constraint, Path
    from conformance.generation.walk_request import BaseRequest, RequestTemplate
    from conformance.generation.walk_schema import Side

_FOREIGN_TYPES: Final = ("text/plain", "application/xml", "application/x-unknown")
_ALWAYS_TEXT: Final = "what is sent there always is a text"
_ALWAYS_OBJECT: Final = "a form always is an object"
_READS_AS_VALID: Final = "whatever breaks it reads as something valid"
_NEEDS_VALID: Final = "no valid request is known: {} could not be made up"


@dataclass(frozen=True, slots=True)
class Demand:
    """A constraint of an operation: its id within the operation, what it is about, and the keyword."""

    id: str
    place: str
    keyword: str


@dataclass(frozen=True, slots=True)
class WalkAttempt:
    """A request that tries one side of a demand; `certain` means that every reading of the documents accepts it."""

    demand: Demand
    side: Side
    frame: RequestTemplate
    reason: str
    certain: bool = False
    parameter: str | None = None
    place: Path | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A side of a demand that no request tries, and why."""

    demand: Demand
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class HeaderNames:
    """
    Names of headers, in lower case, that the client has a say in.

    Nothing is tried at `reserved` ones (keys); `fresh` ones must never carry the same value twice, so that no value of
    theirs is tried that is valid.
    """

    reserved: frozenset[str] = field(default_factory=frozenset)
    fresh: frozenset[str] = field(default_factory=frozenset)


def attempts_of(base: BaseRequest, headers: HeaderNames) -> Iterator[WalkAttempt | LeftOut]:
    """Every side of every constraint of an operation, in the order of the document."""
    for parameter in parameters_of(base.operation):
        yield from _sound(base, _of_parameter(base, parameter, headers))
    yield from _sound(base, _of_the_body(base))


def _sound(base: BaseRequest, found: Iterator[WalkAttempt | LeftOut]) -> Iterator[WalkAttempt | LeftOut]:
    """What was found, as far as there is a valid request to base it on."""
    for item in found:
        if base.missing and isinstance(item, WalkAttempt):
            yield LeftOut(item.demand, item.side, _NEEDS_VALID.format(base.missing))
        else:
            yield item


def _of_parameter(base: BaseRequest, parameter: Parameter, headers: HeaderNames) -> Iterator[WalkAttempt | LeftOut]:
    reserved = parameter.location == "header" and parameter.name.lower() in headers.reserved
    if parameter.required:
        yield from _presence(base, parameter, reserved=reserved)
    values = base.values[parameter.location, parameter.name]
    fresh = parameter.location == "header" and parameter.name.lower() in headers.fresh

    def obstacle(constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
        if takes_text(constraint):
            return _ALWAYS_TEXT
        if not travels(value, parameter.location):
            return f"what breaks it can't be sent in a {parameter.location} parameter"
        return _READS_AS_VALID if reads_as_valid(parameter.schema, value, base.schemas) else ""

    walked = walk_schema(
        parameter.schema, base.schemas, values, parameter.name, obstacle=obstacle, certain=parameter.certain or None
    )
    for item in walked.found:
        demand = _demand(f"{parameter.location}:{parameter.name}", item.constraint, parameter.name)
        if reserved:
            yield LeftOut(demand, item.side, "the client itself sets this header")
        elif isinstance(item, Gap):
            yield LeftOut(demand, item.side, item.why)
        elif item.side == "met" and fresh:
            yield LeftOut(demand, "met", "the client sends another value with every request")
        elif not travels(item.value, parameter.location):
            yield LeftOut(demand, item.side, f"such a value can't be sent in a {parameter.location} parameter")
        else:
            yield _with_value(base, parameter, demand, item)


def _with_value(base: BaseRequest, parameter: Parameter, demand: Demand, probe: ConstraintCase) -> WalkAttempt:
    """The valid request with another value of a parameter."""
    frame = base.frame.with_parameter(parameter, texts_of(probe.value))
    reason = f"{probe.reason} ({parameter.location} parameter)"
    if probe.side == "broken" or parameter.location != "path":
        certain = probe.side == "met" and base.certain and _is_accepted(base, parameter, probe.value)
        return WalkAttempt(demand, probe.side, frame, reason, certain, _in_path(parameter))
    # The value of the valid request is one that the target hands over; any other must name something by itself.
    if frame == base.frame:
        return WalkAttempt(demand, "met", frame, reason, base.certain)
    certain = base.certain and probe.constraint.keyword in ("enum", "const")
    return WalkAttempt(demand, "met", frame, reason, certain, parameter.name)


def _in_path(parameter: Parameter) -> str | None:
    return parameter.name if parameter.location == "path" else None


def _is_accepted(base: BaseRequest, parameter: Parameter, value: Any) -> bool:  # noqa: ANN401 - any value
    """Whether every reading of the documents accepts a value of a parameter."""
    if parameter.certain is None:
        return True
    return parameter.certain is not False and base.schemas.accepts(parameter.certain, value)


def _presence(base: BaseRequest, parameter: Parameter, *, reserved: bool) -> Iterator[WalkAttempt | LeftOut]:
    demand = Demand(f"{parameter.location}:{parameter.name}/required", parameter.name, "required")
    if parameter.location == "path":
        yield LeftOut(demand, "broken", "without it the path is another one")
    elif reserved:
        yield LeftOut(demand, "broken", "the client itself sets this header")
    else:
        without = base.frame.with_parameter(parameter, None)
        yield WalkAttempt(demand, "broken", without, f"the {parameter.location} parameter {parameter.name} is missing")
    yield WalkAttempt(demand, "met", base.frame, f"{parameter.name} is there", base.certain)


def _of_the_body(base: BaseRequest) -> Iterator[WalkAttempt | LeftOut]:
    operation = base.operation
    if not operation.body:
        return
    if operation.body_required:
        demand = Demand("body/required", "the body", "required")
        yield WalkAttempt(demand, "broken", base.frame.with_body(None), "the body is missing")
        yield WalkAttempt(demand, "met", base.frame, "the body is there", _fits(base, operation.body))
    yield from _content_type(base)
    for media in operation.body.values():
        yield from _of_media(base, media)


def _content_type(base: BaseRequest) -> Iterator[WalkAttempt | LeftOut]:
    documented = {name.partition(";")[0].strip().lower() for name in base.operation.body}
    foreign = next((name for name in _FOREIGN_TYPES if not _is_covered(name, documented)), None)
    demand = Demand("body/content", "the content type", "content")
    if foreign is None:
        yield LeftOut(demand, "broken", "every content type is allowed")
    elif not base.frame.content:
        yield LeftOut(demand, "broken", "no valid body is known")
    else:
        frame = replace(base.frame, content_type=foreign)
        yield WalkAttempt(demand, "broken", frame, f"the content type is {foreign}, none of {', '.join(documented)}")
    for media in base.operation.body.values():
        yield from _of_type(base, media, demand)


def _of_type(base: BaseRequest, media: MediaType, demand: Demand) -> Iterator[WalkAttempt | LeftOut]:
    values = base.bodies.get(media.name, ())
    if not values:
        why = "no valid body is known" if can_encode(media.name) else "bodies of this type are not made up"
        yield LeftOut(replace(demand, id=f"{demand.id}/{media.name}"), "met", why)
        return
    frame = base.frame.with_body(media, values[0])
    certain = _accepted(base, media, values[0])
    yield WalkAttempt(demand, "met", frame, f"the content type is {media.name}", certain)
    if is_json(media.name):
        syntax = Demand(f"body/content/{media.name}/syntax", "the body", "syntax")
        # What lacks its end is no JSON, whatever it holds.
        cut = replace(frame, content=frame.content.rstrip()[:-1] or b"{")
        if frame.content[-1:] in (b"}", b"]", b'"'):
            yield WalkAttempt(syntax, "broken", cut, "the body is JSON that stops before its end")
            yield WalkAttempt(syntax, "met", frame, "the body is JSON", certain)


def _of_media(base: BaseRequest, media: MediaType) -> Iterator[WalkAttempt | LeftOut]:
    if not can_encode(media.name):
        return
    is_form = media.name in (MULTIPART, URLENCODED)

    def obstacle(constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
        return _form_obstacle(base, media, constraint, value) if is_form else ""

    bodies = base.bodies[media.name]
    walked = walk_schema(media.schema, base.schemas, bodies, "the body", obstacle=obstacle, certain=media.certain)
    for item in walked.found:
        demand = _demand(f"body:{media.name}", item.constraint, "the body")
        if isinstance(item, Gap):
            yield LeftOut(demand, item.side, item.why)
        elif is_form and not isinstance(item.value, dict):
            yield LeftOut(demand, item.side, _ALWAYS_OBJECT)
        elif is_form and item.side == "met" and not _sendable(item):
            yield LeftOut(demand, item.side, "such a value can't be sent in a form")
        else:
            yield WalkAttempt(
                demand,
                item.side,
                base.frame.with_body(media, item.value),
                item.reason,
                item.side == "met" and _accepted(base, media, item.value),
                place=item.constraint.place,
            )


def _form_obstacle(base: BaseRequest, media: MediaType, constraint: Constraint, value: Any) -> str:  # noqa: ANN401
    """Why a form can't carry a value that breaks a constraint; nothing where it can."""
    if not isinstance(value, dict):
        return _ALWAYS_OBJECT
    if _in_a_file(base, media, constraint):
        return "what a file holds is not varied"
    if constraint.place and takes_text(constraint):
        return _ALWAYS_TEXT
    return _READS_AS_VALID if field_reads_as_valid(media.schema, value, constraint, base.schemas) else ""


def _sendable(item: ConstraintCase) -> bool:
    return all(value is not None for value in item.value.values())


def _in_a_file(base: BaseRequest, media: MediaType, constraint: Constraint) -> bool:
    """Whether a constraint is about the inside of a file, of which a schema can say next to nothing."""
    if not constraint.place:
        return False
    part = form_schema(media, base.schemas)["properties"].get(constraint.place[0], {})
    return "contentEncoding" in part or part.get("format") == "binary"


def _accepted(base: BaseRequest, media: MediaType, value: Any) -> bool:  # noqa: ANN401 - any value
    """Whether every reading of the documents accepts a body."""
    return base.certain and (media.certain is None or base.schemas.accepts(media.certain, value))


def _fits(base: BaseRequest, body: Any) -> bool:  # noqa: ANN401 - the media types by name
    media = body.get((base.frame.content_type or "").partition(";")[0])
    return media is not None and _accepted(base, media, base.frame.body)


def _demand(part: str, constraint: Constraint, subject: str) -> Demand:
    return Demand(f"{part}{constraint.id}", place_in_words(constraint.place, subject), constraint.keyword)


def _is_covered(name: str, documented: set[str]) -> bool:
    """Whether a content type is among the documented ones, which may hold wildcards."""
    return bool({name, name.partition("/")[0] + "/*", "*/*"} & documented)
