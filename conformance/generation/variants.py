"""Two readings of the document: what it allows at all, and what every reading of the documents accepts."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from conformance.contract.document import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document


def certain_variant(document: Document) -> dict[str, Any]:
    """
    The document narrowed to what must be accepted.

    Schemas are replaced by their `x-certain`; a parameter whose `x-certain` is false is left out.
    """
    narrowed = plain_variant(document)
    for operation in _operations(narrowed):
        operation["parameters"] = [
            _narrow_parameter(parameter)
            for parameter in operation.get("parameters", ())
            if parameter.get("x-certain") is not False
        ]
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "x-certain" in media:
                media["schema"] = media["x-certain"]
                media.pop("example", None)
                media.pop("examples", None)
    return narrowed


def plain_variant(document: Document) -> dict[str, Any]:
    """The document without security and optional headers: these belong to the client and to tests of their own."""
    plain = copy.deepcopy(dict(document.content))
    plain.pop("security", None)
    for item in plain.get("paths", {}).values():
        shared = [dict(document.resolve(parameter)) for parameter in item.pop("parameters", ())]
        for method in METHODS:
            if method in item:
                _strip(item[method], shared, document)
    return plain


def _strip(operation: dict[str, Any], shared: list[dict[str, Any]], document: Document) -> None:
    operation.pop("security", None)
    parameters = [*shared, *(dict(document.resolve(p)) for p in operation.get("parameters", ()))]
    left = (p for p in parameters if p["in"] not in ("header", "cookie") or p.get("required"))
    operation["parameters"] = [copy.deepcopy(p) for p in left]
    if "requestBody" in operation:
        operation["requestBody"] = copy.deepcopy(dict(document.resolve(operation["requestBody"])))


def _narrow_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    narrowed = dict(parameter)
    certain = narrowed.pop("x-certain", None)
    if certain is not None:
        narrowed["schema"] = certain
        narrowed.pop("example", None)
        narrowed.pop("examples", None)
    return narrowed


def _operations(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in content.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                yield item[method]
