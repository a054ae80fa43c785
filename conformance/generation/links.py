"""Values that one operation's answer hands to another operation's request, as the document's links say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.document import Document, Link, Operation
    from conformance.journal.records import Exchange


@dataclass(frozen=True, slots=True)
class Handed:
    """Values for path parameters, for places of the body, and for query parameters."""

    path: Mapping[str, str]
    body: Mapping[str, object]
    query: Mapping[str, str] = field(default_factory=dict)


def link_to(document: Document, operation: Operation) -> Link | None:
    """
    The link whose source can be called to get the values that `operation` needs.

    Sources that are called without values of their own come first; a link of an operation to itself only pages on.
    """
    candidates = [link for link in document.links if link.target == operation.id and link.source != operation.id]
    return next(iter(sorted(candidates, key=lambda link: _needs_values(document, link.source))), None)


def values_from(link: Link, exchange: Exchange) -> Handed | None:
    """The values of a link, from the answer of its source; None when the answer lacks one of them."""
    path = {name: segment(evaluated(expression, exchange)) for name, expression in link.parameters.items()}
    body = {pointer: evaluated(expression, exchange) for pointer, expression in link.body_values.items()}
    known = {name: segment for name, segment in path.items() if segment is not None}
    if len(known) < len(path) or any(value is None for value in body.values()):
        return None
    return Handed(known, body)


def _needs_values(document: Document, operation_id: str) -> bool:
    operation = document.operations[operation_id]
    return "{" in operation.path or any(link.body_values for link in document.links if link.target == operation_id)


def segment(value: object) -> str | None:
    """A value as the segment of a path, None for what can't be one: objects, nothing, halves of surrogate pairs."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value)
    return text if text.isprintable() and text.strip(".") else None


def evaluated(expression: str, exchange: Exchange) -> object:
    """What a runtime expression of a link says about an answer; None where the answer has no such place."""
    kind, _, rest = expression.partition("#")
    if kind == "$response.body":
        return exchange.get(rest)
    if expression.startswith("$response.header."):
        return exchange.header(expression.removeprefix("$response.header."))
    return expression
