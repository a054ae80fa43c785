"""Bodies of every kind that our documents speak of: whole ones, and each of them wrong in one place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from jsonschema_path import SchemaPath
from openapi_core.validation.schemas import oas31_schema_validators_factory
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from conformance.contract.document import METHODS, Document
from conformance.contract.files import read_yaml, specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi_core.validation.schemas.validators import SchemaValidator

    from conformance.contract.document import Validator

INSTANT: Final = "2026-01-05T10:00:00Z"
# Every form of RFC 3339 and what is close to it, but for the few on which the engines differ.
INSTANTS: Final = (
    INSTANT,
    "2026-01-05T10:00:00.5Z",
    "2026-01-05T10:00:00.1234567890123Z",
    "2026-01-05T10:00:00.Z",
    "2026-01-05T10:00:00,5Z",
    "2026-01-05T10:00:00+02:00",
    "2026-01-05T10:00:00-23:59",
    "2026-01-05T10:00:00-00:00",
    "2026-01-05T10:00:00+24:00",
    "2026-01-05T10:00:00+02:60",
    "2026-01-05T10:00:00+0200",
    "2026-01-05T10:00:00+02",
    "2026-01-05t10:00:00z",
    "2026-01-05 10:00:00Z",
    "2026-01-05T10:00:00",
    "2026-01-05T10:00Z",
    "2026-01-05",
    "2026-1-5T10:00:00Z",
    "2026-13-05T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2024-02-29T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2026-01-05T24:00:00Z",
    "2026-01-05T10:60:00Z",
    "2026-01-05T10:00:60Z",
    "2026-01-05T10:00:61Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "12026-01-05T10:00:00Z",
    "\N{FULLWIDTH DIGIT TWO}026-01-05T10:00:00Z",
    " 2026-01-05T10:00:00Z",
    "yesterday",
)
_ANYTHING: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 0.0, 1.0, 1.5, 2**53, 10**30, 1e300),
    *("", "x", "1", "null", "\u0000", "\N{GRINNING FACE}", [], [None], {}, {"": {}}),
)
_BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LENGTHS: Final = ("minLength", "maxLength")


@dataclass(frozen=True)
class BodySchema:
    """The schema of a request or response body, by its place in a document, with the examples beside it."""

    file: str
    document: Document
    place: tuple[str, ...]
    schema: Mapping[str, Any]
    examples: tuple[Any, ...]

    def decided(self, body: object) -> bool:
        """What jsonschema-rs says."""
        return self._validator.accepts(body)

    def second(self, body: object) -> bool:
        """What openapi-core says."""
        try:
            self._second_validator.validate(body)
        except InvalidSchemaValue:
            return False
        return True

    def bodies(self) -> Iterator[Any]:
        """The examples and a whole body, and what differs from the first example or the whole body in one place."""
        everything = whole(self.document, self.schema)
        yield from (*self.examples, everything)
        for body in (*self.examples[:1], everything):
            yield from self._changes(body)

    @cached_property
    def _validator(self) -> Validator:
        return self.document.validator(self.schema)

    @cached_property
    def _second_validator(self) -> SchemaValidator:
        spec = SchemaPath.from_dict(dict(self.document.content))
        schema = spec
        for step in self.place:
            schema /= step
        return oas31_schema_validators_factory.create(spec, schema)

    @cached_property
    def _limits(self) -> tuple[Any, ...]:
        """Values at the limits that schemas of the document set, whatever for."""
        return tuple(
            {repr(value): value for node in nodes(self.document.content) for value in _at_limits(node)}.values()
        )

    @cached_property
    def _enumerations(self) -> tuple[list[Any], ...]:
        return tuple(node["enum"] for node in nodes(self.document.content) if isinstance(node.get("enum"), list))

    def _changes(self, value: object) -> Iterator[Any]:
        yield from self._instead_of(value)
        if isinstance(value, dict):
            yield {**value, "unheard_of": 1}
            for name, member in value.items():
                others = {other: kept for other, kept in value.items() if other != name}
                yield others
                yield {**others, name.upper(): member}
                yield from ({**value, name: changed} for changed in self._changes(member))
        elif isinstance(value, list):
            yield [*value, *value]
            yield [*value, None]
            for index, item in enumerate(value):
                yield from ([*value[:index], changed, *value[index + 1 :]] for changed in self._changes(item))

    def _instead_of(self, value: object) -> Iterator[Any]:
        yield from _ANYTHING
        yield from self._limits
        if isinstance(value, str) and value.startswith("20"):
            yield from INSTANTS
        elif isinstance(value, str):
            yield from (f"{value}\n", f" {value}", value.upper(), value * 2)
        for enumeration in self._enumerations:
            if value in enumeration:
                yield from enumeration


def body_schemas() -> tuple[BodySchema, ...]:
    """Every different schema of a body in the documents under `specs/`."""
    found = chain.from_iterable(_of_document(path.parent.name) for path in sorted(specs_root().glob("*/openapi.yaml")))
    return tuple({(body.file, json.dumps(body.schema, sort_keys=True)): body for body in found}.values())


def nodes(part: object) -> Iterator[Mapping[str, Any]]:
    """Every mapping inside a part of a document."""
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from nodes(inner)


def whole(document: Document, described: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """A body in which everything is there that its schema speaks of."""
    schema = document.resolve(described)
    for choice in ("enum", "anyOf", "oneOf"):
        if choice in schema:
            first = schema[choice][0]
            return first if choice == "enum" else whole(document, first)
    types = schema.get("type", "object")
    match types if isinstance(types, str) else types[0]:
        case "object":
            inherited = [whole(document, part) for part in schema.get("allOf", ())]
            own = {name: whole(document, part) for name, part in schema.get("properties", {}).items()}
            return dict(chain.from_iterable(part.items() for part in (*inherited, own)))
        case "array":
            return [whole(document, schema.get("items", {}))]
        case "string":
            return INSTANT if schema.get("format") == "date-time" else "text"
        case "boolean":
            return True
        case _:
            return schema.get("minimum", 1)


def _of_document(folder: str) -> Iterator[BodySchema]:
    document = Document(read_yaml(specs_root() / folder / "openapi.yaml"))
    for path, item in document.content["paths"].items():
        for method in METHODS:
            for message, part in _messages(item.get(method, {})):
                for name, media in _described_media(document, part):
                    place = ("paths", path, method, *message, "content", name, "schema")
                    yield BodySchema(folder, document, place, media["schema"], tuple(_examples(document, media)))


def _messages(operation: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if "requestBody" in operation:
        yield ("requestBody",), operation["requestBody"]
    for status, response in operation.get("responses", {}).items():
        yield ("responses", status), response


def _described_media(document: Document, message: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, media in document.resolve(message).get("content", {}).items():
        if "schema" in media:
            yield name, media


def _examples(document: Document, media: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in media:
        yield media["example"]
    for example in media.get("examples", {}).values():
        yield document.resolve(example)["value"]


def _at_limits(node: Mapping[str, Any]) -> Iterator[Any]:
    for bound in (node[name] for name in _BOUNDS if isinstance(node.get(name), int | float)):
        yield from (bound - 1, bound, bound + 1, float(bound), bound + 0.5)
    for length in (node[name] for name in _LENGTHS if isinstance(node.get(name), int)):
        yield from ("x" * max(0, length - 1), "x" * length, "x" * (length + 1), "\N{GRINNING FACE}" * length)
