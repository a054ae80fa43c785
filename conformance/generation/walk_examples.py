"""The examples that a document gives for its parameters and bodies, beside those inside of schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation


def parameter_examples(document: Document, operation: Operation, name: str, location: str) -> tuple[Any, ...]:
    """The examples of a parameter; they may break its schema."""
    item = _item(document, operation)
    described = (*item.get("parameters", ()), *_described(document, operation).get("parameters", ()))
    parameters = [document.resolve(parameter) for parameter in described]
    found = [p for p in parameters if p.get("name") == name and p.get("in") == location]
    return tuple(example for parameter in found for example in _examples(document, parameter))


def body_examples(document: Document, operation: Operation, media_type: str) -> tuple[Any, ...]:
    """The examples of a body of a media type; they may break its schema."""
    body = document.resolve(_described(document, operation).get("requestBody", {}))
    return tuple(_examples(document, body.get("content", {}).get(media_type, {})))


def _examples(document: Document, part: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in part:
        yield part["example"]
    for example in part.get("examples", {}).values():
        described = document.resolve(example)
        if "value" in described:
            yield described["value"]


def _item(document: Document, operation: Operation) -> Mapping[str, Any]:
    item: Mapping[str, Any] = document.content.get("paths", {}).get(operation.path, {})
    return item


def _described(document: Document, operation: Operation) -> Mapping[str, Any]:
    described: Mapping[str, Any] = _item(document, operation).get(operation.method.lower(), {})
    return described
