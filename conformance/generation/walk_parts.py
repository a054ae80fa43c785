"""The constraints of a request's parts, each with the requests that try it: parameters, bodies, content types."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from conformance.generation.walk_frames import MULTIPART, URLENCODED, can_encode, form_schema, is_json, parameters_of
from conformance.generation.walk_schema import Gap, Probe, walk_schema
from conformance.generation.walk_texts import field_reads_as_valid, reads_as_valid, takes_text, texts_of, travels
from conformance.generation.walk_words import place_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import MediaType, Parameter
    from conformance.generation.constraints import Constraint, Path
    from conformance.generation.walk_frames import Frame, Ground
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
class Attempt:
    """A request that tries one side of a demand; `certain` means that every reading of the documents accepts it."""

    demand: Demand
    side: Side
    frame: Frame
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
class Headers:
    """
    Names of headers, in lower case, that the client has a say in.

    Nothing is tried at `reserved` ones (keys); `fresh` ones must never carry the same value twice, so that no value of
    theirs is tried that is valid.
    """

    reserved: frozenset[str] = field(default_factory=frozenset)
    fresh: frozenset[str] = field(default_factory=frozenset)


def attempts_of(ground: Ground, headers: Headers) -> Iterator[Attempt | LeftOut]:
    """Every side of every constraint of an operation, in the order of the document."""
    for parameter in parameters_of(ground.operation):
        yield from _sound(ground, _of_parameter(ground, parameter, headers))
    yield from _sound(ground, _of_the_body(ground))


def _sound(ground: Ground, found: Iterator[Attempt | LeftOut]) -> Iterator[Attempt | LeftOut]:
    """What was found, as far as there is a valid request to base it on."""
    for item in found:
        if ground.missing and isinstance(item, Attempt):
            yield LeftOut(item.demand, item.side, _NEEDS_VALID.format(ground.missing))
        else:
            yield item


def _of_parameter(ground: Ground, parameter: Parameter, headers: Headers) -> Iterator[Attempt | LeftOut]:
    reserved = parameter.location == "header" and parameter.name.lower() in headers.reserved
    if parameter.required:
        yield from _presence(ground, parameter, reserved=reserved)
    values = ground.values[parameter.location, parameter.name]
    fresh = parameter.location == "header" and parameter.name.lower() in headers.fresh

    def obstacle(constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
        if takes_text(constraint):
            return _ALWAYS_TEXT
        if not travels(value, parameter.location):
            return f"what breaks it can't be sent in a {parameter.location} parameter"
        return _READS_AS_VALID if reads_as_valid(parameter.schema, value, ground.schemas) else ""

    walked = walk_schema(
        parameter.schema, ground.schemas, values, parameter.name, obstacle=obstacle, certain=parameter.certain or None
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
            yield _with_value(ground, parameter, demand, item)


def _with_value(ground: Ground, parameter: Parameter, demand: Demand, probe: Probe) -> Attempt:
    """The valid request with another value of a parameter."""
    frame = ground.frame.with_parameter(parameter, texts_of(probe.value))
    reason = f"{probe.reason} ({parameter.location} parameter)"
    if probe.side == "broken" or parameter.location != "path":
        certain = probe.side == "met" and ground.certain and _is_accepted(ground, parameter, probe.value)
        return Attempt(demand, probe.side, frame, reason, certain, _in_path(parameter))
    # The value of the valid request is one that the target hands over; any other must name something by itself.
    if frame == ground.frame:
        return Attempt(demand, "met", frame, reason, ground.certain)
    certain = ground.certain and probe.constraint.keyword in ("enum", "const")
    return Attempt(demand, "met", frame, reason, certain, parameter.name)


def _in_path(parameter: Parameter) -> str | None:
    return parameter.name if parameter.location == "path" else None


def _is_accepted(ground: Ground, parameter: Parameter, value: Any) -> bool:  # noqa: ANN401 - any value
    """Whether every reading of the documents accepts a value of a parameter."""
    if parameter.certain is None:
        return True
    return parameter.certain is not False and ground.schemas.accepts(parameter.certain, value)


def _presence(ground: Ground, parameter: Parameter, *, reserved: bool) -> Iterator[Attempt | LeftOut]:
    demand = Demand(f"{parameter.location}:{parameter.name}/required", parameter.name, "required")
    if parameter.location == "path":
        yield LeftOut(demand, "broken", "without it the path is another one")
    elif reserved:
        yield LeftOut(demand, "broken", "the client itself sets this header")
    else:
        without = ground.frame.with_parameter(parameter, None)
        yield Attempt(demand, "broken", without, f"the {parameter.location} parameter {parameter.name} is missing")
    yield Attempt(demand, "met", ground.frame, f"{parameter.name} is there", ground.certain)


def _of_the_body(ground: Ground) -> Iterator[Attempt | LeftOut]:
    operation = ground.operation
    if not operation.body:
        return
    if operation.body_required:
        demand = Demand("body/required", "the body", "required")
        yield Attempt(demand, "broken", ground.frame.with_body(None), "the body is missing")
        yield Attempt(demand, "met", ground.frame, "the body is there", _fits(ground, operation.body))
    yield from _content_type(ground)
    for media in operation.body.values():
        yield from _of_media(ground, media)


def _content_type(ground: Ground) -> Iterator[Attempt | LeftOut]:
    documented = {name.partition(";")[0].strip().lower() for name in ground.operation.body}
    foreign = next((name for name in _FOREIGN_TYPES if not _is_covered(name, documented)), None)
    demand = Demand("body/content", "the content type", "content")
    if foreign is None:
        yield LeftOut(demand, "broken", "every content type is allowed")
    elif not ground.frame.content:
        yield LeftOut(demand, "broken", "no valid body is known")
    else:
        frame = replace(ground.frame, content_type=foreign)
        yield Attempt(demand, "broken", frame, f"the content type is {foreign}, none of {', '.join(documented)}")
    for media in ground.operation.body.values():
        yield from _of_type(ground, media, demand)


def _of_type(ground: Ground, media: MediaType, demand: Demand) -> Iterator[Attempt | LeftOut]:
    values = ground.bodies.get(media.name, ())
    if not values:
        why = "no valid body is known" if can_encode(media.name) else "bodies of this type are not made up"
        yield LeftOut(replace(demand, id=f"{demand.id}/{media.name}"), "met", why)
        return
    frame = ground.frame.with_body(media, values[0])
    certain = _accepted(ground, media, values[0])
    yield Attempt(demand, "met", frame, f"the content type is {media.name}", certain)
    if is_json(media.name):
        syntax = Demand(f"body/content/{media.name}/syntax", "the body", "syntax")
        # What lacks its end is no JSON, whatever it holds.
        cut = replace(frame, content=frame.content.rstrip()[:-1] or b"{")
        if frame.content[-1:] in (b"}", b"]", b'"'):
            yield Attempt(syntax, "broken", cut, "the body is JSON that stops before its end")
            yield Attempt(syntax, "met", frame, "the body is JSON", certain)


def _of_media(ground: Ground, media: MediaType) -> Iterator[Attempt | LeftOut]:
    if not can_encode(media.name):
        return
    is_form = media.name in (MULTIPART, URLENCODED)

    def obstacle(constraint: Constraint, value: Any) -> str:  # noqa: ANN401 - any value
        return _form_obstacle(ground, media, constraint, value) if is_form else ""

    bodies = ground.bodies[media.name]
    walked = walk_schema(media.schema, ground.schemas, bodies, "the body", obstacle=obstacle, certain=media.certain)
    for item in walked.found:
        demand = _demand(f"body:{media.name}", item.constraint, "the body")
        if isinstance(item, Gap):
            yield LeftOut(demand, item.side, item.why)
        elif is_form and not isinstance(item.value, dict):
            yield LeftOut(demand, item.side, _ALWAYS_OBJECT)
        elif is_form and item.side == "met" and not _sendable(item):
            yield LeftOut(demand, item.side, "such a value can't be sent in a form")
        else:
            yield Attempt(
                demand,
                item.side,
                ground.frame.with_body(media, item.value),
                item.reason,
                item.side == "met" and _accepted(ground, media, item.value),
                place=item.constraint.place,
            )


def _form_obstacle(ground: Ground, media: MediaType, constraint: Constraint, value: Any) -> str:  # noqa: ANN401
    """Why a form can't carry a value that breaks a constraint; nothing where it can."""
    if not isinstance(value, dict):
        return _ALWAYS_OBJECT
    if _in_a_file(ground, media, constraint):
        return "what a file holds is not varied"
    if constraint.place and takes_text(constraint):
        return _ALWAYS_TEXT
    return _READS_AS_VALID if field_reads_as_valid(media.schema, value, constraint, ground.schemas) else ""


def _sendable(item: Probe) -> bool:
    return all(value is not None for value in item.value.values())


def _in_a_file(ground: Ground, media: MediaType, constraint: Constraint) -> bool:
    """Whether a constraint is about the inside of a file, of which a schema can say next to nothing."""
    if not constraint.place:
        return False
    part = form_schema(media, ground.schemas)["properties"].get(constraint.place[0], {})
    return "contentEncoding" in part or part.get("format") == "binary"


def _accepted(ground: Ground, media: MediaType, value: Any) -> bool:  # noqa: ANN401 - any value
    """Whether every reading of the documents accepts a body."""
    return ground.certain and (media.certain is None or ground.schemas.accepts(media.certain, value))


def _fits(ground: Ground, body: Any) -> bool:  # noqa: ANN401 - the media types by name
    media = body.get((ground.frame.content_type or "").partition(";")[0])
    return media is not None and _accepted(ground, media, ground.frame.body)


def _demand(part: str, constraint: Constraint, subject: str) -> Demand:
    return Demand(f"{part}{constraint.id}", place_in_words(constraint.place, subject), constraint.keyword)


def _is_covered(name: str, documented: set[str]) -> bool:
    """Whether a content type is among the documented ones, which may hold wildcards."""
    return bool({name, name.partition("/")[0] + "/*", "*/*"} & documented)
