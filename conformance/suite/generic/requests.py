"""Valid requests of an operation: what the document shows as an example first, then what is drawn from it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import NotOfferedError
from conformance.generation.cases import draw_valid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Document, Operation
    from conformance.generation.cases import Case, Drawing
    from conformance.generation.links import Handed

_JSON: Final = "application/json"
# Enough to find one that differs from the first.
_DRAWN: Final = 8


def distinct_cases(
    contract: Contract, operation: Operation, drawing: Drawing, handed: Handed, wanted: int
) -> tuple[Case, ...]:
    """
    So many valid requests of an operation with different bodies, with the values that others handed over.

    A body that the document shows as an example comes first: it means something to the target.

    Raises:
        NotOfferedError: the document does not allow so many.
    """
    found: dict[bytes, Case] = {}
    for count in (1, _DRAWN):
        drawn = draw_valid(contract.document, operation, replace(drawing, count=count), handed.path)
        shown = _shown(contract.document, operation, drawn[:1])
        found |= {case.content: case for case in (c.with_body_values(handed.body) for c in (*shown, *drawn))}
        if len(found) >= wanted:
            return tuple(found.values())[:wanted]
    raise NotOfferedError(f"the document allows only {len(found)} different requests for {operation.location}")


def _shown(document: Document, operation: Operation, like: tuple[Case, ...]) -> Iterator[Case]:
    """The drawn request with the bodies that the document shows as examples, as far as these are valid."""
    media = operation.body.get(_JSON)
    if media is None:
        return
    validator = document.validator(media.schema)
    raw = document.content["paths"][operation.path][operation.method.lower()]
    described = document.resolve(raw["requestBody"])["content"][_JSON]
    for case in like:
        for body in _examples(document, described):
            if validator.accepts(body):
                headers = tuple((name, value) for name, value in case.headers if name.lower() != "content-type")
                yield replace(case, content=json.dumps(body).encode(), headers=(*headers, ("Content-Type", _JSON)))


def _examples(document: Document, media: Mapping[str, Any]) -> Iterator[Any]:
    schema = document.resolve(media.get("schema", {}))
    for holder in (media, schema):
        if "example" in holder:
            yield holder["example"]
    named = media.get("examples", {})
    if isinstance(named, dict):
        yield from (document.resolve(example)["value"] for example in named.values() if "value" in example)
    if isinstance(schema.get("examples"), list):
        yield from schema["examples"]
