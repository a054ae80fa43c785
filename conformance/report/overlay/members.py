"""Members of answers that have another type than the document says, as proposals, where there is no doubt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from conformance.monitors.monitor import ABSENT
from conformance.report.overlay.actions import Action, Proposals, seen
from conformance.report.overlay.places import json_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from conformance.monitors.answer import Answered
    from conformance.monitors.traffic import Traffic
    from conformance.report.overlay.places import DocumentPlaces, Place

_FEWEST_EXCHANGES: Final = 2
_DEEPEST: Final = 12
_ITEMS: Final = 50
_NODES: Final = 2000
_JSON: Final = "application/json"
# Of a schema these say something of any type.
_OF_ANY_TYPE: Final = ("title", "description", "readOnly", "deprecated")
_ALTERNATIVES: Final = ("anyOf", "oneOf")
# What these say of a type is not to be seen at the schema itself.
_UNCLEAR: Final = ("not", "if", "const", "$dynamicRef", "$recursiveRef", "discriminator")


@dataclass
class _Seen:
    """What was seen at a place that has a schema: the exchanges by the type that the value had."""

    by_type: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))


def members_proposed(places: DocumentPlaces, traffic: Traffic) -> Proposals:
    """
    What the document would have to say of the types of members.

    A member is left to the user where requests have it too, as a request of the new type may be refused, and where more
    than one other type was seen, or only once. Behind alternatives it is not looked at.
    """
    survey = _MemberSurvey(places)
    for answered in traffic.spoken:
        survey.take(answered)
    sent = _sent(places)
    changes: list[tuple[Action, ...]] = []
    left: list[str] = []
    for place, found in survey.found.items():
        declared = survey.declared[place]
        others = {kind: ids for kind, ids in found.by_type.items() if not _fits(kind, declared)}
        if not others:
            continue
        kinds = ", ".join(sorted(others))
        where = f"{json_path(place)} is {' or '.join(declared)} in the document, and was {kinds}"
        widened = None
        if len(others) == 1 and len(next(iter(others.values()))) >= _FEWEST_EXCHANGES and place not in sent:
            (other,) = others
            used = any(_fits(kind, declared) and kind != "null" for kind in found.by_type)
            widened = _widened(places, place, declared, other, used=used)
        ids = [name for same in others.values() for name in same]
        if widened is None:
            reason = "requests have it too" if place in sent else "what it should be is not clear"
            left.append(f"{where} ({seen(ids)}): {reason}")
            continue
        why = f"{where} ({seen(ids)})."
        changes.append((Action(place, why, None), Action(place[:-1], why, {str(place[-1]): widened})))
    return Proposals(tuple(changes), tuple(left))


class _MemberSurvey:
    """The types of values, by the places of the schemas that are about them."""

    def __init__(self, places: DocumentPlaces) -> None:
        self._places = places
        self.found: dict[Place, _Seen] = {}
        self.declared: dict[Place, tuple[str, ...]] = {}

    def take(self, answered: Answered) -> None:
        """Look at one answer, along the schema that the document has for it."""
        operation, documented = answered.operation, answered.documented
        if operation is None or documented is None or answered.json is ABSENT:
            return
        responses = self._places.responses(operation.path, operation.method.lower())
        if responses is None:
            return
        names = (answered.media_type or _JSON, _JSON)
        found = (self._places.content_of((*responses, documented.key), name) for name in names)
        media = next((place for place in found if place is not None), None)
        if media is not None:
            for place, declared, kind in islice(self._values((*media, "schema"), answered.json, 0), _NODES):
                self.declared[place] = declared
                self.found.setdefault(place, _Seen()).by_type[kind][answered.id] = None

    def _values(self, place: Place, value: object, depth: int) -> Iterator[tuple[Place, tuple[str, ...], str]]:
        schema_place = self._places.followed(place)
        schema = None if schema_place is None else self._places.at(schema_place)
        if schema_place is None or not isinstance(schema, dict) or depth > _DEEPEST:
            return
        if any(keyword in schema for keyword in (*_ALTERNATIVES, *_UNCLEAR)):
            return
        declared = _types(schema)
        if declared:
            kind = _type_of(value)
            yield place, declared, kind
            if not _fits(kind, declared):
                return
        for number in range(len(schema["allOf"]) if isinstance(schema.get("allOf"), list) else 0):
            yield from self._values((*schema_place, "allOf", number), value, depth + 1)
        yield from self._inner(schema_place, schema, value, depth + 1)

    def _inner(
        self, place: Place, schema: Mapping[str, Any], value: object, depth: int
    ) -> Iterator[tuple[Place, tuple[str, ...], str]]:
        members = schema.get("properties")
        if isinstance(value, dict) and isinstance(members, dict):
            for name in members:
                if name in value:
                    yield from self._values((*place, "properties", name), value[name], depth)
        elif isinstance(value, list) and isinstance(schema.get("items"), dict):
            for item in value[:_ITEMS]:
                yield from self._values((*place, "items"), item, depth)


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema names."""
    stated = schema.get("type")
    named = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    null = ["null"] if named and schema.get("nullable") is True and "null" not in named else []
    return tuple(str(name) for name in (*named, *null))


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    return {float: "number", str: "string", list: "array"}.get(type(value), "object")


def _fits(kind: str, declared: Collection[str]) -> bool:
    return kind in declared or (kind == "integer" and "number" in declared)


def _widened(
    places: DocumentPlaces, place: Place, declared: tuple[str, ...], other: str, *, used: bool
) -> dict[str, Any] | None:
    """
    A schema in place of another one that also has the other type, or only it, where the first was never `used`.

    None where this version of OpenAPI has no words for it, or where it would be a part of alternatives.
    """
    schema = places.at(place)
    if not isinstance(place[-1], str) or not isinstance(schema, dict):
        return None
    old = str(places.content.get("openapi", "")).startswith("3.0")
    if "$ref" in schema:
        return None if old and other == "null" else {"anyOf": [schema, {"type": other}]}
    if other == "null":
        known = {"enum": [*schema["enum"], None]} if isinstance(schema.get("enum"), list) else {}
        return {**schema, "nullable": True, **known} if old else {**schema, "type": [*declared, "null"], **known}
    if used:
        return {"anyOf": [schema, {"type": other}]}
    kept = {name: schema[name] for name in _OF_ANY_TYPE if name in schema}
    if "null" not in declared:
        return {**kept, "type": other}
    return {**kept, "type": other, "nullable": True} if old else {**kept, "type": [other, "null"]}


def _sent(places: DocumentPlaces) -> frozenset[Place]:
    """The places of schemas that requests have, too, but for what requests need not have."""
    found: set[Place] = set()
    paths = places.content.get("paths", {})
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if isinstance(operation, dict):
                body = places.followed(("paths", path, method, "requestBody"))
                content = places.at((*body, "content")) if body is not None else None
                if body is not None and isinstance(content, dict):
                    for name in content:
                        _collect(places, (*body, "content", name, "schema"), found)
    return frozenset(found)


def _collect(places: DocumentPlaces, place: Place, found: set[Place]) -> None:
    waiting = [place]
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        followed = places.followed(here)
        schema = None if followed is None else places.at(followed)
        if followed is None or not isinstance(schema, dict) or schema.get("readOnly") is True:
            continue
        found |= {here, followed}
        for keyword in ("allOf", *_ALTERNATIVES):
            parts = schema.get(keyword)
            waiting += [(*followed, keyword, n) for n in range(len(parts) if isinstance(parts, list) else 0)]
        members = schema.get("properties")
        waiting += [(*followed, "properties", name) for name in members] if isinstance(members, dict) else []
        waiting += [(*followed, name) for name in ("items", "additionalProperties") if name in schema]
