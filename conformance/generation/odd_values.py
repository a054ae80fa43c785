"""Values that a document allows and that programs trip over: at the ends of types, beyond ASCII, empty, never there."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from conformance.client.request import path_of
from conformance.generation.cases import Case
from conformance.generation.freshening import of_its_kind
from conformance.generation.walk_request import base_request_of, is_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document, Operation, Parameter
    from conformance.generation.instances import Schemas
    from conformance.generation.walk_request import BaseRequest

_TEXTS: Final = ("a\x00b", "'\"%_\\;--{0}<b>💥\u202e", "   ", "", "[(*+?")
_INTEGERS: Final = (2**63, 2**31, 0, -1, -(2**63) - 1)
_NUMBERS: Final = (1e308, 5e-324, 0, -1)
_BY_FORMAT: Final = {
    "date": ("0001-01-01", "9999-12-31", "2024-02-29"),
    "date-time": ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2024-02-29T12:00:00+14:00"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "email": ('"a b"@example.com', "a@xn--bcher-kva.example"),
}
_IN_PATH: Final = {
    "integer": (str(2**63), str(2**64), "0"),
    "string": ("a\x00b", "'\"%_;--💥", "x" * 300),
}
_FAR: Final = 1_000_003
_STRANGE: Final = "5" * 64
# What makes another UUID of one, of the same version.
_OTHER_BITS: Final = 0x5A5A5A5A
_DEEP: Final = 200
_BROKEN_BODIES: Final = (b'{"a":', b'{"a": "\xff\xfe"}', b"null", b"[" * _DEEP + b"]" * _DEEP)


@dataclass(frozen=True, slots=True)
class OddValues:
    """A request with odd values wherever it may have them; and in turn with one each, for where that is refused."""

    together: Case
    alone: tuple[Case, ...]


def odd_values(
    document: Document, operation: Operation, path: Mapping[str, str], body: Mapping[str, object]
) -> Iterator[OddValues]:
    """Requests of an operation with odd values in body, query and path, with values that the target handed over."""
    base = base_request_of(document, operation)
    if base.missing:
        return
    yield from _in_body(base, path, body)
    yield from _in_query(base, path, body)
    yield from _in_path(base, path)


def _case(base: BaseRequest, path: Mapping[str, str], reason: str, query: str | None = None) -> Case:
    operation, frame = base.operation, base.frame
    address = path_of(operation, {**frame.path_values, **path}) + (frame.query if query is None else query)
    return Case(operation.id, operation.method, address, frame.headers, frame.content, "odd", reason)


def _in_body(base: BaseRequest, path: Mapping[str, str], handed: Mapping[str, object]) -> Iterator[OddValues]:
    name = next((name for name in base.bodies if is_json(name) and base.bodies[name]), None)
    if name is None:
        return
    schema = base.operation.body[name].schema
    known = max((body for body in base.bodies[name] if isinstance(body, dict)), key=len, default=None)
    plain = _case(base, path, "")
    if known is not None:
        members = base.schemas.merged(schema).get("properties", {})
        odd = {member: [*_odd(base.schemas.merged(described))] for member, described in members.items()}
        for number in range(max(map(len, odd.values()), default=0)):
            chosen = {member: values[number] for member, values in odd.items() if number < len(values)}
            fitting = {k: v for k, v in chosen.items() if _fits(base.schemas, schema, {**known, k: v})}
            if fitting:
                yield OddValues(
                    _sent(plain, {**known, **fitting}, fitting, handed),
                    tuple(_sent(plain, {**known, k: v}, {k: v}, handed) for k, v in fitting.items()),
                )
    for pointer, value in handed.items():
        # One thing that is there beside one that is not.
        strange = {**handed, pointer: value + _FAR if isinstance(value, int) else _stranger(str(value))}
        yield OddValues(replace(plain, reason=f"{pointer} names nothing").with_body_values(strange), ())
    for content in _BROKEN_BODIES:
        yield OddValues(replace(plain, content=content, reason=f"the body begins {content[:20]!r}"), ())


def _stranger(known: str) -> str:
    """A name like one that the target gave, which it never gave."""
    with suppress(ValueError):
        return str(UUID(int=UUID(known).int ^ _OTHER_BITS))
    return of_its_kind(known, _STRANGE)


def _fits(schemas: Schemas, schema: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return schemas.accepts(schema, dict(body))


def _sent(plain: Case, body: Mapping[str, Any], odd: Mapping[str, Any], handed: Mapping[str, object]) -> Case:
    reason = f"odd values of {', '.join(odd)}"
    return replace(plain, content=json.dumps(body).encode(), reason=reason).with_body_values(handed)


def _odd(described: Mapping[str, Any]) -> Iterator[Any]:
    """Odd values of a kind; the document decides which of them it allows."""
    if "enum" in described or "const" in described:
        return
    kinds = described.get("type", ())
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind == "string":
            yield from _BY_FORMAT.get(str(described.get("format")), _TEXTS)
        elif kind == "integer":
            yield from _INTEGERS
        elif kind == "number":
            yield from _NUMBERS
        elif kind == "array":
            yield []
        elif kind == "object":
            yield {}
        elif kind == "null":
            yield None


def _in_query(base: BaseRequest, path: Mapping[str, str], handed: Mapping[str, object]) -> Iterator[OddValues]:
    asked = [p for p in base.operation.parameters if p.location == "query"]
    odd = {p.name: [v for v in _odd(base.schemas.merged(p.schema)) if _travels(base, p, v)] for p in asked}
    others = {name: texts[0] for (place, name), texts in base.frame.parameters.items() if place == "query" and texts}
    for number in range(max(map(len, odd.values()), default=0)):
        chosen = {name: values[number] for name, values in odd.items() if number < len(values)}

        def case(values: Mapping[str, Any]) -> Case:
            reason = f"odd values of {', '.join(values)}"
            return _case(base, path, reason, f"?{urlencode({**others, **values})}").with_body_values(handed)

        if chosen:
            yield OddValues(case(chosen), tuple(case({name: value}) for name, value in chosen.items()))


def _travels(base: BaseRequest, parameter: Parameter, value: object) -> bool:
    return isinstance(value, str | int | float) and base.schemas.accepts(parameter.schema, value)


def _in_path(base: BaseRequest, path: Mapping[str, str]) -> Iterator[OddValues]:
    operation = base.operation
    last = next((p for p in reversed(operation.parameters) if p.location == "path" and p.name in path), None)
    if last is None or not operation.reads_only:
        return
    kind = base.schemas.merged(last.schema).get("type")
    for text in _IN_PATH.get(str(kind), ()):
        case = _case(base, {**path, last.name: "-odd-"}, f"an odd value of {last.name}")
        yield OddValues(replace(case, path=case.path.replace("-odd-", quote(text, safe=""))), ())
