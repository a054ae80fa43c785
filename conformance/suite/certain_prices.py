"""Whether requests that every reading of the documents accepts are known to cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation


def certainly_free(contract: Contract, operation: Operation) -> bool:
    """Whether each request that is certain to be accepted names a value, such as a model, whose price is nothing."""
    pricing = contract.conventions.pricing
    price = pricing.operations.get(operation.id) if pricing else None
    if price is None:
        return False
    if price.by is None:
        return price.free(None)
    member = price.by.removeprefix("/")
    narrowed = [media.certain for media in operation.body.values()]
    values = [value for schema in narrowed for value in _pinned(schema or {}, member)]
    return bool(values) and all(price.free(value) for value in values)


def _pinned(schema: Mapping[str, object], member: str) -> Iterator[object]:
    """The values that a schema lets a member have; None where it does not list them."""
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        for alternative in alternatives:
            yield from _pinned(alternative, member)
        return
    properties = schema.get("properties")
    listed = properties.get(member, {}) if isinstance(properties, dict) else {}
    yield from [listed["const"]] if "const" in listed else listed.get("enum", [None])
