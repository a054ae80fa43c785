"""Values that meet or break a small schema, from schemathesis's coverage phase: the same ones every time."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import hypothesis.errors
import schemathesis
from schemathesis.generation import GenerationMode

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENOUGH: Final = 40


def meeting(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[Any, ...]:
    """JSON values that are meant to fit a schema, boundaries among them; whoever uses one checks it."""
    return _sampled(json.dumps(schema), _as_text(components, schema), GenerationMode.POSITIVE)


def breaking(schema: Mapping[str, Any], components: Mapping[str, Any]) -> tuple[Any, ...]:
    """JSON values that are meant to break a schema in one way each; whoever uses one checks it."""
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
