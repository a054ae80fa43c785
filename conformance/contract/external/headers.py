"""Headers whose names say what they are for: the id of a request, and the key that makes a retry safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conformance.contract.document import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REQUEST_IDS: Final = ("x-request-id", "x-correlation-id", "request-id")
_RETRIES: Final = ("idempotency-key", "x-idempotency-key")


def conventions_of_headers(content: Mapping[str, Any]) -> dict[str, Any]:
    """
    The members of conventions that follow from the names of headers in a document.

    A request id is one that requests have and answers show. That it comes back is custom, so no more than a SHOULD.
    """
    asked: dict[str, str] = {}
    answered: set[str] = set()
    repeatable: dict[str, list[str]] = {}
    for operation in _operations(content):
        for parameter in operation["parameters"]:
            if parameter["in"] == "header":
                asked.setdefault(parameter["name"].lower(), parameter["name"])
                repeatable.setdefault(parameter["name"].lower(), []).append(operation["operationId"])
        for answer in operation["responses"].values():
            answered |= {header.lower() for header in answer.get("headers", {})}
    made: dict[str, Any] = {}
    for header in _REQUEST_IDS:
        if header in asked and header in answered:
            made |= {"request_id": {"header": asked[header]}, "generated": {"request-id-echo": {"level": "SHOULD"}}}
            break
    for header in _RETRIES:
        if header in asked:
            made["idempotency"] = {"header": asked[header], "operations": repeatable[header]}
            break
    return made


def _operations(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in content["paths"].values():
        yield from (item[method] for method in METHODS if method in item)
