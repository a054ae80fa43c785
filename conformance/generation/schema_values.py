"""Small schemas: one out of several that hold for the same value, and values that meet or break it."""

from __future__ import annotations

import json
import logging
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import hypothesis.errors
import schemathesis
from schemathesis.generation import GenerationMode
from schemathesis.generation.hypothesis import examples

from conformance.generation.drawing import CHANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_DEEPEST: Final = 40


class EndlessSchemaError(Exception):
    """A schema leads back to itself without ever asking for a value."""


def merged(schema: Any, resolve: Callable[[str], Any], depth: int = 0) -> dict[str, Any]:  # noqa: ANN401 - any schema
    """
    The schema with its references followed and its `allOf` taken in.

    Where two parts contradict each other the first one wins: what is made of the result has to be checked.

    Raises:
        EndlessSchemaError: the references lead in a circle.
    """
    if depth > _DEEPEST:
        raise EndlessSchemaError("the references lead in a circle")
    if not isinstance(schema, dict):
        return {} if schema is not False else {"not": {}}
    own = {keyword: demand for keyword, demand in schema.items() if keyword not in ("$ref", "allOf")}
    parts = [resolve(schema["$ref"])] if "$ref" in schema else []
    parts += schema.get("allOf", ())
    return reduce(_both, (merged(part, resolve, depth + 1) for part in parts), own)


def _both(first: dict[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(first)
    for keyword, demand in second.items():
        both[keyword] = _joined(keyword, both[keyword], demand) if keyword in both else demand
    return both


def _joined(keyword: str, first: Any, second: Any) -> Any:  # noqa: ANN401 - any demand of a schema
    join = _JOINTS.get(keyword)
    return first if join is None else join(first, second)


def _properties(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    shared = {name: {"allOf": [first[name], part]} for name, part in second.items() if name in first}
    return {**first, **second, **shared}


def _all_names(first: list[str], second: list[str]) -> list[str]:
    return [*first, *(name for name in second if name not in first)]


def _shared_members(first: list[Any], second: list[Any]) -> list[Any]:
    return [member for member in first if member in second] or first


def _shared_types(first: str | list[str], second: str | list[str]) -> str | list[str]:
    one, other = _types(first), _types(second)
    shared = [name for name in one if name in other]
    if "integer" not in shared and {"integer", "number"} <= {*one, *other} and one != other:
        shared.append("integer")
    return shared or first


def _both_mappings(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {**first, **second}


def _types(demand: str | list[str]) -> list[str]:
    return [demand] if isinstance(demand, str) else demand


_JOINTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "properties": _properties,
    "required": _all_names,
    "type": _shared_types,
    "enum": _shared_members,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("dependentRequired", "patternProperties", "dependentSchemas"), _both_mappings),
}

_ENOUGH: Final = 40
# What schemathesis makes up is drawn as requests are: Hypothesis's own backend first reads all loaded source files.
_SEEDED: Final = hypothesis.settings(examples.default_settings(), backend=CHANCE)
vars(examples)["default_settings"] = lambda: _SEEDED


def meeting(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[Any, ...]:
    """JSON values that are meant to fit a schema, boundaries among them; the caller checks it."""
    return _sampled(json.dumps(schema), _as_text(components, schema), GenerationMode.POSITIVE)


def breaking(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[Any, ...]:
    """JSON values that are meant to break a schema in one way each; the caller checks it."""
    return _sampled(json.dumps(schema), _as_text(components, schema), GenerationMode.NEGATIVE)


def text_of(pattern: str) -> str | None:
    """A text that a regular expression finds, None where none is known."""
    found = meeting({"type": "string", "pattern": pattern}, {})
    return next((value for value in found if isinstance(value, str)), None)


def _as_text(components: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The components as text where the schema may refer to them: the key of a cache."""
    return json.dumps(components) if "$ref" in json.dumps(schema) else "{}"


@lru_cache(maxsize=4096)
def _sampled(schema: str, components: str, mode: GenerationMode) -> tuple[Any, ...]:
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    described = {"required": True, "content": {"application/json": {"schema": json.loads(schema)}}}
    operation = {"operationId": "sample", "requestBody": described, "responses": {"200": {"description": "Taken."}}}
    head = {"openapi": "3.1.0", "info": {"title": "Sample", "version": "1"}, "components": json.loads(components)}
    api = schemathesis.openapi.from_dict({**head, "paths": {"/sample": {"post": operation}}})
    sampled = api["/sample"]["POST"]
    cases = api.iter_coverage_cases(
        sampled, generation_modes=[mode], generation_config=api.config.generation_for(operation=sampled)
    )
    values: dict[str, Any] = {}
    try:
        for case in cases:
            text = _json(case.body)
            if text is not None:
                values.setdefault(text, json.loads(text))
            if len(values) >= _ENOUGH:
                break
    except hypothesis.errors.Unsatisfiable:
        pass
    return tuple(values.values())


def _json(value: object) -> str | None:
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return None
