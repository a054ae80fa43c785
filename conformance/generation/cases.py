"""Drawing requests for one operation with schemathesis, seeded, without sending anything."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

import hypothesis
import hypothesis.errors
import jsonpointer
import requests
import schemathesis
from schemathesis.generation import GenerationMode

from conformance.client.building import Prepared
from conformance.generation.forms import encode_form
from conformance.generation.variants import certain_variant, plain_variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation, Validator

# Hypothesis repeats itself on small input spaces; this many draws are made for each different case that is wanted.
_DRAWS_PER_CASE: Final = 3
_BASE: Final = "http://target.invalid"
# Stands for a path value while a request is drawn: what is drawn does not depend on the value, and can be used again.
_PLACE: Final = "conformance-path-value-{}-"
_CLIENT_HEADERS: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid", "content-length"}
)
MULTIPART: Final = "multipart/form-data"
_FORMS: Final = frozenset({MULTIPART, "application/x-www-form-urlencoded"})
Validity = Literal["valid", "invalid", "odd"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How to draw: the seed, and how many different requests of a kind an operation gets at most."""

    seed: int
    count: int


@dataclass(frozen=True, slots=True)
class Case:
    """
    A drawn request, below the base URL of the target.

    `reason` says for an invalid case which rule of the document it breaks, where. `tries` names the sides of
    constraints that a case of the constraint walk tries.
    """

    operation: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    validity: Validity
    reason: str = ""
    tries: tuple[str, ...] = ()

    def prepared(self, base_url: str) -> Prepared:
        """The case as a request to a target."""
        drawn_as = None if self.validity == "odd" else self.validity
        return Prepared(
            self.method, base_url + self.path, self.headers, self.content, self.operation, generated=drawn_as
        )

    def with_body_values(self, values: Mapping[str, object]) -> Case:
        """The same case with values set at JSON pointers of its body, where the body has such a place."""
        if not values or not self.content:
            return self
        body = json.loads(self.content)
        for pointer, value in values.items():
            if jsonpointer.resolve_pointer(body, pointer, None) is not None:
                jsonpointer.set_pointer(body, pointer, value)
        return replace(self, content=json.dumps(body).encode())


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What schemathesis drew: the request it makes of it, and the query and the body before they were encoded."""

    request: requests.PreparedRequest
    query: Mapping[str, object]
    body: object
    media_type: str


class MisbuiltRequestError(Exception):
    """A request that was built as valid breaks the document, so what comes back says nothing about the target."""


class _EnoughError(Exception):
    """Ends a drawing: Hypothesis has no other way to be told that nothing more is wanted."""


def draw_valid(
    document: Document, operation: Operation, drawing: Drawing, path_values: Mapping[str, str] | None = None
) -> tuple[Case, ...]:
    """
    Different requests that every reading of the documents accepts.

    `path_values` takes the place of drawn path parameters: an id must come from the target to be valid.

    Raises:
        MisbuiltRequestError: what is marked as certain to be accepted breaks the document.
    """
    placed = path_values or {}
    found = _drawn(document, operation.id, GenerationMode.POSITIVE, drawing, tuple(placed))
    for drawn in found:
        rule = broken_rule(document, operation, drawn) or _broken_query_rule(document, operation, drawn)
        if rule is not None:
            raise MisbuiltRequestError(f"A request built as valid for {operation.id} breaks the document: {rule}.")
    return tuple(_placed(_valid_case(operation, drawn), placed) for drawn in found)


def draw_unusual(
    document: Document, operation: Operation, drawing: Drawing, path_values: Mapping[str, str] | None = None
) -> tuple[Case, ...]:
    """
    Different requests of unusual form.

    `path_values` takes the place of drawn path parameters, so that only the rest of a request is unusual.
    Those that break the document for certain, in their body, are "invalid", with the rule that they break. What
    schemathesis means to be invalid is checked against the document once more: when it turns out to be valid, or when
    the place is one whose violation nobody documents, the case is "odd". An operation whose parameters allow
    anything can't be asked wrongly; it is asked at random.
    """
    placed = path_values or {}
    found = _drawn(document, operation.id, GenerationMode.NEGATIVE, drawing, tuple(placed))
    return tuple(_placed(_unusual_case(document, operation, drawn), placed) for drawn in found)


def broken_rule(document: Document, operation: Operation, drawn: _Drawn) -> str | None:
    """The first rule of the document that a drawn body breaks, as a sentence; None if it breaks none for certain."""
    content = _bytes(drawn.request)
    if not content:
        return "the body is missing" if operation.body_required else None
    media = operation.body.get(drawn.media_type)
    if media is None:
        return None
    if drawn.media_type in _FORMS:
        # A form carries text only, so types say nothing; what is absent is absent.
        required = document.resolve(media.schema).get("required", ())
        present = drawn.body if isinstance(drawn.body, dict) else {}
        return next((f"the field {name} is missing" for name in required if name not in present), None)
    if not drawn.media_type.endswith(("/json", "+json")):
        return None
    try:
        body = json.loads(content)
    except ValueError:
        return "the body is not JSON"
    problems = _body_validator(document, operation.id, media.name).problems(body)
    return next((f"{message} (at {place or 'the top'})" for place, message in problems), None)


def _broken_query_rule(document: Document, operation: Operation, drawn: _Drawn) -> str | None:
    validators = _query_validators(document, operation.id)
    for parameter in operation.parameters:
        if parameter.name in validators and parameter.name in drawn.query:
            for _, message in validators[parameter.name].problems(drawn.query[parameter.name]):
                return f"{message} (the parameter {parameter.name})"
        elif parameter.name in validators and parameter.required:
            return f"the parameter {parameter.name} is missing"
    return None


@cache
def _body_validator(document: Document, operation_id: str, media_type: str) -> Validator:
    return document.validator(document.operations[operation_id].body[media_type].schema)


@cache
def _query_validators(document: Document, operation_id: str) -> Mapping[str, Validator]:
    parameters = document.operations[operation_id].parameters
    # Objects are spread over several parameters, in ways of which there are many.
    whole = (p for p in parameters if p.location == "query" and document.resolve(p.schema).get("type") != "object")
    return {parameter.name: document.validator(parameter.schema) for parameter in whole}


@cache
def _drawn(
    document: Document, operation_id: str, mode: GenerationMode, drawing: Drawing, placed: tuple[str, ...]
) -> tuple[_Drawn, ...]:
    """
    What is drawn for an operation, with a placeholder for each path value that is named.

    Where nothing invalid can be drawn it is something valid, and where that can't be drawn either it is nothing.
    """
    operation = document.operations[operation_id]
    values = {name: _PLACE.format(position) for position, name in enumerate(placed)}
    variant: Literal["certain", "plain"] = "certain" if mode is GenerationMode.POSITIVE else "plain"
    for possible in dict.fromkeys((mode, GenerationMode.POSITIVE)):
        with suppress(hypothesis.errors.Unsatisfiable):
            return tuple(_draw(_schema(document, variant), operation, possible, drawing, values))
    return ()


def _placed(case: Case, path_values: Mapping[str, str]) -> Case:
    path = case.path
    for position, value in enumerate(path_values.values()):
        path = path.replace(_PLACE.format(position), quote(value, safe=""))
    return replace(case, path=path)


def _draw(
    schema: Any,  # noqa: ANN401 - schemathesis exports no public type of a schema
    operation: Operation,
    mode: GenerationMode,
    drawing: Drawing,
    path_values: Mapping[str, str],
) -> list[_Drawn]:
    strategy = schema[operation.path][operation.method].as_strategy(generation_mode=mode)
    different: dict[tuple[object, ...], _Drawn] = {}

    @hypothesis.seed(drawing.seed)
    @hypothesis.settings(
        max_examples=drawing.count * _DRAWS_PER_CASE,
        database=None,
        phases=[hypothesis.Phase.generate],
        verbosity=hypothesis.Verbosity.quiet,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:  # noqa: ANN401 - a schemathesis case
        case.path_parameters = {**(case.path_parameters or {}), **path_values}
        request = _prepare(case)
        # Multipart boundaries are random, so equal forms differ in their bytes.
        drawn = _Drawn(request, case.query or {}, case.body, case.media_type or "")
        different.setdefault((request.url, repr(case.body)), drawn)
        if len(different) >= drawing.count:
            raise _EnoughError

    with suppress(_EnoughError):
        collect()
    return list(different.values())


def _prepare(case: Any) -> requests.PreparedRequest:  # noqa: ANN401 - a schemathesis case
    arguments = case.as_transport_kwargs(base_url=_BASE)
    accepted = ("method", "url", "headers", "files", "data", "params", "json")
    return requests.Request(**{name: arguments[name] for name in accepted if name in arguments}).prepare()


def _unusual_case(document: Document, operation: Operation, drawn: _Drawn) -> Case:
    rule = broken_rule(document, operation, drawn)
    return _case(operation, drawn, "odd" if rule is None else "invalid", rule or "")


def _valid_case(operation: Operation, drawn: _Drawn) -> Case:
    case = _case(operation, drawn, "valid", "")
    if drawn.media_type != MULTIPART or not isinstance(drawn.body, dict):
        return case
    media = operation.body[MULTIPART]
    content, content_type = encode_form(drawn.body, media.certain or media.schema)
    kept = tuple((name, value) for name, value in case.headers if name.lower() != "content-type")
    return replace(case, content=content, headers=(*kept, ("Content-Type", content_type)))


def _case(operation: Operation, drawn: _Drawn, validity: Validity, reason: str) -> Case:
    return Case(
        operation=operation.id,
        method=operation.method,
        path=str(drawn.request.url).removeprefix(_BASE),
        headers=tuple(_own_headers(drawn.request)),
        content=_bytes(drawn.request),
        validity=validity,
        reason=reason,
    )


def _own_headers(request: requests.PreparedRequest) -> Iterator[tuple[str, str]]:
    for name, value in request.headers.items():
        if name.lower() not in _CLIENT_HEADERS:
            text: str | bytes = value
            yield name, text if isinstance(text, str) else text.decode("latin-1")


def _bytes(request: requests.PreparedRequest) -> bytes:
    body = request.body
    return b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)


@cache
def _schema(document: Document, variant: Literal["certain", "plain"]) -> Any:  # noqa: ANN401 - see above
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    content = certain_variant(document) if variant == "certain" else plain_variant(document)
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_dict(content, config=config)
