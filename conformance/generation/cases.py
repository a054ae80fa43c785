"""Drawing requests for one operation with schemathesis, seeded, without sending anything."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol
from urllib.parse import parse_qsl, quote, urlencode

import hypothesis
import hypothesis.errors
import jsonpointer
import requests
import schemathesis
from hypothesis.strategies import composite
from schemathesis.generation import GenerationMode

from conformance.call_stack import call_with_room
from conformance.client.request import PreparedRequest
from conformance.generation.drawing import CHANCE, certain_variant, plain_variant
from conformance.generation.forms import encode_form, with_fields, with_steady_boundary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hypothesis.strategies import DrawFn, SearchStrategy

    from conformance.contract.document import Document, Operation, Validator

# Hypothesis repeats itself on small input spaces; this many draws are made for each different case that is wanted.
_DRAWS_PER_CASE: Final = 3
# After so many draws in a row that bring nothing new there is hardly anything new to come.
_IN_VAIN: Final = 12
# Where nothing of a kind can be drawn, every draw is given up; Hypothesis alone would go on for 460 of them.
_GIVEN_UP: Final = 60
MOST_DRAWN: Final = 40
"""How many requests of a kind are drawn for an operation when no option says how many."""
# What several scenarios draw is drawn once; what rounds draw is drawn for them alone.
_REMEMBERED: Final = 512
_BASE: Final = "http://target.invalid"
# Stands for a path value while a request is drawn: what is drawn does not depend on the value, and can be used again.
_PLACE: Final = "conformance-path-value-{}-"
_CLIENT_HEADERS: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "x-schemathesis-testcaseid", "content-length"}
)
_WRITTEN: Final = {"true": True, "false": False, "null": None}
MULTIPART: Final = "multipart/form-data"
_FORMS: Final = frozenset({MULTIPART, "application/x-www-form-urlencoded"})
Validity = Literal["valid", "invalid", "odd"]
Kind = Literal["valid", "unusual"]
# Signed integers of 64 bits end here (OpenAPI's format int64).
_TOO_LARGE: Final = 2**63
_Variant = Literal["certain", "plain"]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn: requests of one kind for an operation, as many, with placeholders for these path values."""

    kind: Kind
    operation: str
    count: int | None
    places: tuple[str, ...]


class CaseStore(Protocol):
    """Keeps what was drawn: the same seed draws other requests from another version of the suite."""

    def cases(self, wanted: Draw, draw: Callable[[], tuple[Case, ...]]) -> tuple[Case, ...]:
        """What was drawn; `draw` draws it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    How to draw: the seed, and how many different requests of a kind an operation gets at most; `store` keeps them.

    When `sparing`, an operation of few constraints gets fewer, as the constraint walk tries these one by one.
    Further ones are drawn in rounds for so many `seconds`, for all operations that are not `left_out`.
    """

    seed: int
    count: int
    store: CaseStore | None = field(default=None, compare=False, repr=False)
    sparing: bool = False
    seconds: float = 0.0
    left_out: frozenset[str] = frozenset()


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

    def is_part_of(self, other: Case) -> bool:
        """Whether another request says all that this one says, apart from the media types that are accepted."""
        own = {header for header in self.headers if header[0].lower() != "accept"}
        return (self.path, self.content) == (other.path, other.content) and own <= {*other.headers}

    def prepared(self, base_url: str) -> PreparedRequest:
        """The case as a request to a target."""
        drawn_as = None if self.validity == "odd" else self.validity
        return PreparedRequest(
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

    def with_form_fields(self, fields: Mapping[str, str]) -> Case:
        """The same case with these text fields, where it is a form."""
        return replace(self, content=with_fields(self.content, self.headers, fields)) if fields else self

    def with_query_values(self, values: Mapping[str, str]) -> Case:
        """The same case with other values of query parameters."""
        if not values:
            return self
        path, _, query = self.path.partition("?")
        others = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in values]
        return replace(self, path=f"{path}?{urlencode([*others, *values.items()])}")


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
    """Ends a drawing: Hypothesis offers no other way to stop it."""


def draw_valid(
    document: Document, operation: Operation, drawing: Drawing, path_values: Mapping[str, str] | None = None
) -> tuple[Case, ...]:
    """
    Different requests that every reading of the documents accepts.

    `path_values` takes the place of drawn path parameters: an id must come from the target to be valid.

    Raises:
        MisbuiltRequestError: what is marked as certain to be accepted breaks the document.
    """
    draw = partial(_draw_valid, document, operation, drawing, tuple(path_values or {}))
    return _kept("valid", operation, drawing, path_values or {}, draw)


def _draw_valid(
    document: Document, operation: Operation, drawing: Drawing, places: tuple[str, ...]
) -> tuple[Case, ...]:
    found = _drawn(document, operation.id, GenerationMode.POSITIVE, drawing, places)
    for drawn in found:
        rule = broken_rule(document, operation, drawn) or _broken_query_rule(document, operation, drawn)
        if rule is not None:
            raise MisbuiltRequestError(f"A request built as valid for {operation.id} breaks the document: {rule}.")
    return _different(_valid_case(operation, drawn) for drawn in found if not _is_beyond_reason(drawn))


def _is_beyond_reason(drawn: _Drawn) -> bool:
    """Whether a request has an integer that few programs can hold: a document that has no limits hardly means it."""
    return any(_is_huge(value) for value in (*drawn.query.values(), drawn.body))


def _is_huge(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_is_huge, value.values()))
    if isinstance(value, list):
        return any(map(_is_huge, value))
    return isinstance(value, int) and abs(value) >= _TOO_LARGE


def draw_unusual(
    document: Document, operation: Operation, drawing: Drawing, path_values: Mapping[str, str] | None = None
) -> tuple[Case, ...]:
    """
    Different requests of unusual form.

    `path_values` takes the place of drawn path parameters, so that only the rest of a request is unusual.
    Those that break the document for certain, in their body, are "invalid", with the rule that they break. What
    schemathesis means to be invalid is checked against the document once more: when it turns out to be valid, or when
    the place is one whose violation is not documented, the case is "odd". An operation whose parameters allow
    anything can't be asked wrongly; it is asked at random.
    """
    draw = partial(_draw_unusual, document, operation, drawing, tuple(path_values or {}))
    return _kept("unusual", operation, drawing, path_values or {}, draw)


def _draw_unusual(
    document: Document, operation: Operation, drawing: Drawing, places: tuple[str, ...]
) -> tuple[Case, ...]:
    found = _drawn(document, operation.id, GenerationMode.NEGATIVE, drawing, places)
    return _different(_unusual_case(document, operation, drawn) for drawn in found)


def _different(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Those that differ on the wire: bodies that differ may become the same form."""
    return tuple({(case.path, case.content): case for case in cases}.values())


def _kept(
    kind: Kind,
    operation: Operation,
    drawing: Drawing,
    path_values: Mapping[str, str],
    draw: Callable[[], tuple[Case, ...]],
) -> tuple[Case, ...]:
    wanted = Draw(kind, operation.id, drawing.count, tuple(path_values))
    cases = draw() if drawing.store is None else drawing.store.cases(wanted, draw)
    return tuple(placed(case, path_values) for case in cases)


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
            validator, value = validators[parameter.name], drawn.query[parameter.name]
            if isinstance(value, str) and "array" in str(document.resolve(parameter.schema).get("type")):
                continue  # a list of which all items stand in one text
            if not validator.accepts(_read(value)):
                for _, message in validator.problems(value):
                    return f"{message} (the parameter {parameter.name})"
        elif parameter.name in validators and parameter.required:
            return f"the parameter {parameter.name} is missing"
    return None


def _read(value: object) -> object:
    """A value of the query as it was meant: schemathesis writes what is true, false or null as texts."""
    if isinstance(value, list):
        return [_read(item) for item in value]
    return _WRITTEN.get(value, value) if isinstance(value, str) else value


@cache
def _body_validator(document: Document, operation_id: str, media_type: str) -> Validator:
    return document.validator(document.operations[operation_id].body[media_type].schema)


@cache
def _query_validators(document: Document, operation_id: str) -> Mapping[str, Validator]:
    parameters = document.operations[operation_id].parameters
    # Objects are spread over several parameters, in ways of which there are many.
    whole = (p for p in parameters if p.location == "query" and document.resolve(p.schema).get("type") != "object")
    return {parameter.name: document.validator(parameter.schema) for parameter in whole}


@lru_cache(maxsize=_REMEMBERED)
def _drawn(
    document: Document, operation_id: str, mode: GenerationMode, drawing: Drawing, places: tuple[str, ...]
) -> tuple[_Drawn, ...]:
    """
    What is drawn for an operation, with a placeholder for each path value that is named.

    Where nothing invalid can be drawn it is something valid, and where that can't be drawn either it is nothing.
    """
    operation = document.operations[operation_id]
    values = places_for(places)
    variant: _Variant = "certain" if mode is GenerationMode.POSITIVE else "plain"
    for possible in dict.fromkeys((mode, GenerationMode.POSITIVE)):
        with suppress(hypothesis.errors.Unsatisfiable):
            found = _draw(_strategy(document, operation.id, possible, variant), drawing, values)
            if found:
                return tuple(found)
    return ()


@cache
def _strategy(document: Document, operation_id: str, mode: GenerationMode, variant: _Variant) -> SearchStrategy[Any]:
    """What draws requests for an operation: it takes longer to make than to use."""
    operation = document.operations[operation_id]
    found: SearchStrategy[Any] = _schema(document, variant)[operation.path][operation.method].as_strategy(
        generation_mode=mode
    )
    return found


def placed(case: Case, path_values: Mapping[str, str]) -> Case:
    """The case with values in the places of its path that were kept for them."""
    path = case.path
    for position, value in enumerate(path_values.values()):
        path = path.replace(_PLACE.format(position), quote(value, safe=""))
    return replace(case, path=path)


def places_for(names: tuple[str, ...]) -> Mapping[str, str]:
    """Path values that keep the places of others, which `placed` puts in later."""
    return {name: _PLACE.format(position) for position, name in enumerate(names)}


def _draw(strategy: SearchStrategy[Any], drawing: Drawing, path_values: Mapping[str, str]) -> list[_Drawn]:
    """Different requests; none where so many draws in a row are given up that there is hardly one to be had."""
    different: dict[tuple[object, ...], _Drawn] = {}
    in_vain = given_up = 0

    @composite
    def drawn_or_given_up(draw: DrawFn) -> Any:  # noqa: ANN401 - a schemathesis case
        nonlocal given_up
        try:
            return draw(strategy)
        except hypothesis.errors.UnsatisfiedAssumption:
            given_up += 1
            if given_up > _GIVEN_UP and not different:
                raise _EnoughError from None
            raise

    @hypothesis.seed(drawing.seed)
    @hypothesis.settings(
        max_examples=drawing.count * _DRAWS_PER_CASE,
        backend=CHANCE,
        database=None,
        phases=[hypothesis.Phase.generate],
        verbosity=hypothesis.Verbosity.quiet,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(drawn_or_given_up())
    def collect(case: Any) -> None:  # noqa: ANN401 - a schemathesis case
        nonlocal in_vain
        case.path_parameters = {**(case.path_parameters or {}), **path_values}
        request = _prepare(case)
        # Multipart boundaries are random, so equal forms differ in their bytes.
        # Lists in one text are a subclass of `str`, which no validator takes.
        query = {name: str(value) if isinstance(value, str) else value for name, value in (case.query or {}).items()}
        drawn = _Drawn(request, query, case.body, case.media_type or "")
        key = (request.url, repr(case.body))
        in_vain = in_vain + 1 if key in different else 0
        different.setdefault(key, drawn)
        if len(different) >= drawing.count or in_vain > _IN_VAIN:
            raise _EnoughError

    with suppress(_EnoughError):
        call_with_room(collect)
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
    content, headers = with_steady_boundary(content, (*kept, ("Content-Type", content_type)))
    return replace(case, content=content, headers=headers)


def _case(operation: Operation, drawn: _Drawn, validity: Validity, reason: str) -> Case:
    content, headers = with_steady_boundary(_bytes(drawn.request), tuple(_own_headers(drawn.request)))
    return Case(
        operation=operation.id,
        method=operation.method,
        path=str(drawn.request.url).removeprefix(_BASE),
        headers=headers,
        content=content,
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
def _schema(document: Document, variant: _Variant) -> Any:  # noqa: ANN401 - schemathesis exports no public type of it
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    content = certain_variant(document) if variant == "certain" else plain_variant(document)
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_dict(content, config=config)
