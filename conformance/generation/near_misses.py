"""Requests that break the document by values like those that it allows: words of the same form, a word for true."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conformance.client.request import path_of
from conformance.generation.cases import Case
from conformance.generation.walk_request import base_request_of, is_json
from conformance.generation.walk_values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation
    from conformance.generation.instances import Schemas

# What programs in several languages take for a truth.
_TRUTH: Final = "yes"
_ALPHABETS: Final = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789")
_MOST: Final = 6


def near_misses(
    document: Document, operation: Operation, path: Mapping[str, str], body: Mapping[str, object]
) -> tuple[Case, ...]:
    """
    JSON requests of an operation that break it in one member each, with values that the target handed over.

    The walk breaks a list of values and a boolean by what no reader takes for one of them. A target that looks at the
    form of a value alone, or reads it as a program's language does, refuses that and still accepts these.
    """
    base = base_request_of(document, operation)
    name = next((name for name in base.bodies if is_json(name) and base.bodies[name]), None)
    if base.missing or name is None:
        return ()
    schema = operation.body[name].schema
    whole = max((found for found in base.bodies[name] if isinstance(found, dict)), key=len, default={})
    address = path_of(operation, {**base.frame.path_values, **path}) + base.frame.query
    plain = Case(operation.id, operation.method, address, base.frame.headers, b"", "invalid")
    found: list[Case] = []
    for member, value in _broken(base.schemas.merged(schema).get("properties", {}), base.schemas):
        changed = {**whole, member: value}
        if whole and base.schemas.accepts(schema, whole) and not base.schemas.accepts(schema, changed):
            reason = f"{member} is {shown(value)}, which the document does not list"
            if value == _TRUTH:
                reason = f"{member} is {shown(value)}, a text and no boolean"
            case = replace(plain, content=json.dumps(changed).encode(), reason=reason)
            found.append(case.with_body_values(body))
    return tuple(found[:_MOST])


def _broken(members: Mapping[str, Any], schemas: Schemas) -> Iterator[tuple[str, Any]]:
    for name, described in members.items():
        schema = schemas.merged(described)
        listed = schema.get("enum", ())
        texts = [value for value in listed if isinstance(value, str) and value]
        if texts:
            yield name, _unlisted(texts)
        elif schema.get("type") == "boolean":
            yield name, _TRUTH


def _unlisted(listed: list[str]) -> str:
    """A text of the form of one that is listed, which is none of them whatever the case of letters."""
    known = {value.casefold() for value in listed}
    made = listed[0]
    for _ in range(len(_ALPHABETS[0])):
        made = made[:-1] + _next(made[-1])
        if made.casefold() not in known:
            break
    return made


def _next(character: str) -> str:
    alphabet = next((letters for letters in _ALPHABETS if character in letters), "")
    return alphabet[(alphabet.index(character) + 1) % len(alphabet)] if alphabet else f"{character}x"
