"""Requests that were drawn as valid, each with one rule of the document broken: which one is drawn as well."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from conformance.generation.constraints import constraints_of
from conformance.generation.instances import Schemas, schemas_of
from conformance.generation.walk_request import is_json
from conformance.generation.walk_schema import breaking_probe

if TYPE_CHECKING:
    from random import Random

    from conformance.contract.document import Document, MediaType, Operation
    from conformance.generation.cases import Case
    from conformance.generation.constraints import Constraint

_TRIED: Final = 6


def broken(document: Document, operation: Operation, case: Case, random: Random) -> Case | None:
    """
    A valid case whose JSON body breaks one constraint while all else holds; None where none of a few could be broken.

    The walk breaks every constraint of one plain request. Here the rest of the request is drawn, which finds what a
    target overlooks when other things are unusual as well.
    """
    media = _json_of(operation, case)
    if media is None:
        return None
    schemas, constraints = _constraints(document, operation.id, media.name)
    body = json.loads(case.content)
    for constraint in random.sample(constraints, min(_TRIED, len(constraints))):
        probe = breaking_probe(media.schema, schemas, body, constraint, random)
        if probe is not None:
            return replace(case, content=_encoded(probe.value), validity="invalid", reason=probe.reason)
    return None


def _json_of(operation: Operation, case: Case) -> MediaType | None:
    given = next((value for name, value in case.headers if name.lower() == "content-type"), "")
    described = (media for media in operation.body.values() if _bare(media.name) == _bare(given))
    media = next(described, None)
    return media if case.content and media is not None and is_json(media.name) else None


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


@cache
def _constraints(document: Document, operation_id: str, media_type: str) -> tuple[Schemas, tuple[Constraint, ...]]:
    schemas = schemas_of(document)
    schema = document.operations[operation_id].body[media_type].schema
    return schemas, constraints_of(schema, schemas.resolve)


def _encoded(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
