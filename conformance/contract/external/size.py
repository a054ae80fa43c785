"""How much a schema means once its references are followed: a few lines may stand for billions of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonpointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation

# Most requests of real APIs have some hundreds; the time to break each constraint once grows with the square: a request
# of 1,000 takes seconds.
MOST_PARTS: Final = 4_000
# References are followed that often on one path, as most libraries that follow them do so by recursion.
_MOST_FOLLOWED: Final = 60
# What they hold is data.
_NO_SCHEMAS: Final = frozenset({"const", "default", "enum", "example", "examples"})


def oversized(document: Document, most: int = MOST_PARTS) -> Iterator[Operation]:
    """The operations whose requests can't be walked through, as their schemas have too many parts."""
    counted: dict[str, int | None] = {}
    for operation in document.operations.values():
        schemas = [media.schema for media in operation.body.values()]
        schemas += [parameter.schema for parameter in operation.parameters]
        parts = 0
        for schema in schemas:
            name = schema.get("$ref") if len(schema) == 1 else None
            found = counted[name] if name in counted else parts_of(schema, document.content, most)
            if name is not None:
                counted[name] = found
            if found is None or parts + found > most:
                yield operation
                break
            parts += found


def why_left_out(operation: Operation) -> str:
    """Why an operation of this size is not tested, in a sentence."""
    return (
        f"{operation.location} is left out: its request has more than {MOST_PARTS:,} parts once the references in its "
        "schemas are followed, which is more than can be tested."
    )


def parts_of(schema: Any, content: Mapping[str, Any], most: int) -> int | None:  # noqa: ANN401 - any schema
    """
    The number of schemas in a schema, with references followed and each of them counted wherever it is used.

    One that contains itself is followed once on each path. None where there are more than `most`, or too many
    references lead from one to the next.
    """
    found = 0
    left: list[tuple[Any, frozenset[str]]] = [(schema, frozenset())]
    while left:
        part, followed = left.pop()
        if isinstance(part, list):
            left += ((each, followed) for each in part)
        elif isinstance(part, dict):
            found += 1
            if found > most or len(followed) > _MOST_FOLLOWED:
                return None
            left += _within(part, content, followed)
    return found


def _within(
    part: Mapping[str, Any], content: Mapping[str, Any], followed: frozenset[str]
) -> Iterator[tuple[Any, frozenset[str]]]:
    for keyword, value in part.items():
        if keyword == "$ref" and isinstance(value, str):
            if value not in followed:
                yield _target(value, content), followed | {value}
        elif keyword not in _NO_SCHEMAS:
            yield value, followed


def _target(reference: str, content: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any schema
    if not reference.startswith("#/"):
        return {}
    try:
        return jsonpointer.resolve_pointer(content, reference.removeprefix("#"), {})
    except jsonpointer.JsonPointerException:
        return {}
