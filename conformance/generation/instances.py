"""Valid values made up from a schema: its own examples, else the plainest that it allows; never at random."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

import jsonpointer
import jsonschema_rs

from conformance.contract.document import Components
from conformance.generation.constraints import UNKNOWN_KEY
from conformance.generation.schema_values import EndlessSchemaError, meeting, merged, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.contract.document import Document

_TEXT: Final = "text"
# Plain values of the formats that documents use most; schemathesis knows the others.
_OF_FORMATS: Final = {
    "date-time": "2026-01-01T12:00:00Z",
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uuid": "1f0c5f7e-6a53-4a52-8f0a-0d5b0d9f4a10",
    "uri": "https://example.com/one",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": "text",
    "password": "text",
}
_DEEPEST: Final = 12
_OPTIONAL_DEEPEST: Final = 5
_LONGEST: Final = 1_000_000
_IMPLIED: Final = (
    ("object", ("properties", "required", "additionalProperties", "minProperties", "patternProperties")),
    ("array", ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)


# Most schemas are those of the document; others are made for one question.
_KNOWN_AT_MOST: Final = 4096


class NoValueError(Exception):
    """No value could be made up for a schema."""


@dataclass(frozen=True)
class Schemas:
    """The schemas of one document: references are followed and validators compiled here, each once."""

    content: Mapping[str, Any]

    @cached_property
    def _components(self) -> Components:
        return Components(self.content.get("components", {}))

    def needed_by(self, schema: object) -> Mapping[str, Any]:
        """What the references in a schema lead to."""
        return self._components.needed_by(schema)

    @cached_property
    def _compiled(self) -> dict[str, jsonschema_rs.Draft202012Validator]:
        return {}

    @cached_property
    def _values(self) -> dict[str, tuple[Any, ...]]:
        return {}

    @cached_property
    def _known(self) -> dict[int, tuple[Any, jsonschema_rs.Draft202012Validator]]:
        return {}

    def resolve(self, reference: str) -> Any:  # noqa: ANN401 - any schema
        """What a reference inside the document leads to; nothing that demands anything, where it leads out of it."""
        inside = reference.removeprefix("#") if reference.startswith("#/") else None
        return {} if inside is None else jsonpointer.resolve_pointer(self.content, inside, {})

    def validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:  # noqa: ANN401 - any schema
        """The compiled schema; no schema changes."""
        known = self._known.get(id(schema))
        if known is None:
            if len(self._known) >= _KNOWN_AT_MOST:
                self._known.clear()
            # With the schema itself, so that no other one gets its place in memory.
            known = self._known[id(schema)] = (schema, self._compile(schema))
        return known[1]

    def _compile(self, schema: Any) -> jsonschema_rs.Draft202012Validator:  # noqa: ANN401 - any schema
        key = json.dumps(schema)
        if key not in self._compiled:
            root = {**schema, "components": self.needed_by(schema)} if isinstance(schema, dict) else schema
            self._compiled[key] = jsonschema_rs.Draft202012Validator(root, validate_formats=True)
        return self._compiled[key]

    def accepts(self, schema: Any, value: object) -> bool:  # noqa: ANN401 - any schema
        """Whether a value fits a schema."""
        return self.validator(schema).is_valid(value)

    def made_once(self, schema: Any, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:  # noqa: ANN401
        """The values of a schema, for which a walk over a large document asks thousands of times."""
        key = json.dumps(schema)
        if key not in self._values:
            self._values[key] = make()
        return self._values[key]

    def merged(self, schema: Any) -> dict[str, Any]:  # noqa: ANN401 - any schema
        """The schema with its references followed and its `allOf` taken in; empty where that has no end."""
        try:
            return merged(schema, self.resolve)
        except EndlessSchemaError:
            return {}


@cache
def schemas_of(document: Document) -> Schemas:
    """The schemas of a document, the same for all that ask."""
    return Schemas(document.content)


def values_of(schema: Any, schemas: Schemas) -> tuple[Any, ...]:  # noqa: ANN401 - any schema
    """
    Different values that fit a schema, the best first.

    The schema's own examples; the plainest value of each alternative at its top, without and with all that is
    optional; and what schemathesis knows, where none of these fits.
    """
    return copy.deepcopy(schemas.made_once(schema, lambda: _values_of(schema, schemas)))


def _values_of(schema: Any, schemas: Schemas) -> tuple[Any, ...]:  # noqa: ANN401 - any schema
    found = [*_own_examples(schemas.merged(schema)), *_made(schema, schemas)]
    fitting = _different(value for value in found if schemas.accepts(schema, value))
    if fitting:
        return fitting
    sampled = meeting(schema, schemas.needed_by(schema))
    return _different(value for value in sampled if schemas.accepts(schema, value))[:1]


def value_of(schema: Any, schemas: Schemas) -> Any:  # noqa: ANN401 - any schema, any value
    """
    A value that fits a schema.

    Raises:
        NoValueError: none is known.
    """
    found = values_of(schema, schemas)
    if not found:
        raise NoValueError("no value is known that fits the schema")
    return found[0]


def _made(schema: Any, schemas: Schemas) -> Iterator[Any]:  # noqa: ANN401 - any schema
    alternatives = list(_alternatives(schemas.merged(schema)))
    for full in (False, True):
        for alternative in alternatives:
            try:
                yield _Maker(schemas, full=full).value(alternative)
            except NoValueError:
                continue


def _alternatives(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema once for each of its alternatives, where it has some at its top."""
    keyword = next((name for name in ("anyOf", "oneOf") if schema.get(name)), None)
    if keyword is None:
        yield schema
        return
    rest = {name: demand for name, demand in schema.items() if name != keyword}
    for branch in schema[keyword]:
        yield {"allOf": [branch, rest]}


def _different(values: Iterator[Any]) -> tuple[Any, ...]:
    return tuple({json.dumps(value, sort_keys=True): value for value in values}.values())


def _own_examples(schema: Mapping[str, Any]) -> list[Any]:
    """The examples that a schema gives itself, its default and what it fixes."""
    examples = schema.get("examples", ())
    found = list(examples) if isinstance(examples, list) else []
    found += [schema[name] for name in ("example", "default", "const") if name in schema]
    return found + list(schema.get("enum", ())[:1])


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes up values; `full` ones have everything that is optional."""

    schemas: Schemas
    full: bool

    def value(self, schema: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any schema, any value
        """A value for a schema, which fits unless the schema has rules that are not read here."""
        if depth > _DEEPEST:
            raise NoValueError("the schema asks for itself without an end")
        whole = self.schemas.merged(schema)
        for example in _own_examples(whole):
            if self.schemas.accepts(whole, example) and not (self.full and isinstance(example, dict | list)):
                return example
        for alternative in _alternatives(whole):
            if alternative is whole:
                break
            found = self._tried(alternative, depth)
            if found is not None and self.schemas.accepts(whole, found[0]):
                return found[0]
        return self._typed(whole, depth)

    def _tried(self, schema: Any, depth: int) -> tuple[Any] | None:  # noqa: ANN401 - any schema
        try:
            return (self.value(schema, depth + 1),)
        except NoValueError:
            return None

    def _typed(self, schema: dict[str, Any], depth: int) -> Any:  # noqa: ANN401 - any value
        match main_type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "integer" | "number":
                return number_of(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._text(schema)

    def _text(self, schema: dict[str, Any]) -> str:
        known = _OF_FORMATS.get(schema.get("format", ""))
        if known is not None and self.schemas.accepts({**_only_text(schema), "type": "string"}, known):
            return known
        if "pattern" in schema or "format" in schema:
            found = meeting({**_only_text(schema), "type": "string"}, {})
            texts = [value for value in found if isinstance(value, str)]
            # The shortest that is allowed is a boundary of its own.
            return next(iter(texts), text_of(schema.get("pattern", "")) or _TEXT)
        return text_of_length(_TEXT, schema)

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first = [self.value(part, depth + 1) for part in schema.get("prefixItems", ())]
        wanted = max(schema.get("minItems", 0), 1 if self._adds_options(depth) else 0)
        wanted = min(wanted, schema.get("maxItems", wanted), 1000)
        if wanted <= len(first):
            return first if self.full else first[: max(schema.get("minItems", 0), 0)]
        items = schema.get("items", {})
        item = self.value(items, depth + 1)
        more = [item] * (wanted - len(first))
        return first + (more if not schema.get("uniqueItems") else list(distinct(item, len(more))))

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        parts = schema.get("properties", {})
        names = list(schema.get("required", ()))
        if self._adds_options(depth):
            names += [name for name, part in parts.items() if name not in names and _can_be_sent(part)]
        made: dict[str, Any] = {}
        for name in names:
            found = self._tried(parts.get(name, _other_keys(schema)), depth)
            if found is not None:
                made[name] = found[0]
        for number in range(schema.get("minProperties", 0) - len(made)):
            made[f"{UNKNOWN_KEY}{number or ''}"] = self.value(_other_keys(schema), depth + 1)
        return made

    def _adds_options(self, depth: int) -> bool:
        return self.full and depth <= _OPTIONAL_DEEPEST


def _can_be_sent(part: object) -> bool:
    return part is not False and not (isinstance(part, dict) and part.get("readOnly"))


def _other_keys(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any schema
    others = schema.get("additionalProperties", {})
    return {} if isinstance(others, bool) else others


def _only_text(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema[name] for name in ("pattern", "format", "minLength", "maxLength") if name in schema}


def main_type(schema: Mapping[str, Any]) -> str:
    """The type that values of a schema have first of all, by its keywords where it names none."""
    named = schema.get("type")
    if isinstance(named, str):
        return named
    if named:
        return str(next((name for name in named if name != "null"), named[0]))
    return next((name for name, keywords in _IMPLIED if any(keyword in schema for keyword in keywords)), "string")


def text_of_length(text: str, schema: Mapping[str, Any]) -> str:
    """The text, made longer or shorter until it has one of the lengths that a schema allows."""
    return resized(text, min(max(len(text), schema.get("minLength", 0)), schema.get("maxLength", _LONGEST)))


def resized(text: str, length: int) -> str:
    """
    A text of a length that begins or goes on like another one.

    Raises:
        NoValueError: it would be too long to be sent.
    """
    if length > _LONGEST:
        raise NoValueError(f"a text of {length} characters is too long to be sent")
    source = text or "a"
    return (source * (length // len(source) + 1))[:length]


def number_of(schema: Mapping[str, Any]) -> int | float:
    """A number that a schema allows: 1, or the least, or the largest."""
    step = step_of(schema)
    least, most = limits_of(schema, step)
    chosen = least if least is not None and least > 1 else most if most is not None and most < 1 else 1
    multiple = schema.get("multipleOf")
    if multiple:
        chosen = math.ceil(chosen / multiple) * multiple
    return chosen


def step_of(schema: Mapping[str, Any]) -> float | int:
    """The distance from one number to the next that is worth a value of its own."""
    if "multipleOf" in schema:
        return schema["multipleOf"]  # type: ignore[no-any-return]
    return 1 if main_type(schema) == "integer" else 0.5


def limits_of(schema: Mapping[str, Any], step: float) -> tuple[float | int | None, float | int | None]:
    """The least and the largest number that a schema allows, None where it has no such limit."""
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    most, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    lower = [limit for limit in (least, None if above is None else above + step) if limit is not None]
    upper = [limit for limit in (most, None if below is None else below - step) if limit is not None]
    return max(lower, default=None), min(upper, default=None)


def distinct(item: Any, count: int) -> Iterator[Any]:  # noqa: ANN401 - any value
    """So many different values of the kind of one."""
    return (_another(item, number) for number in range(count))


def _another(item: Any, number: int) -> Any:  # noqa: ANN401 - any value
    if isinstance(item, bool) or item is None:
        return (item, not item)[number % 2]
    if isinstance(item, int | float):
        return item + number
    if isinstance(item, str):
        return f"{item}{number or ''}"
    if isinstance(item, dict):
        return {**item, **_renamed(item, number)}
    return [*item, *([number] if number else [])]


def _renamed(item: dict[str, Any], number: int) -> dict[str, Any]:
    text = next((name for name, value in item.items() if isinstance(value, str | int | float)), None)
    return {} if text is None or not number else {text: _another(item[text], number)}
