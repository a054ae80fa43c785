"""The walk over one schema: every constraint broken once while all else holds, and met at its boundaries."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from jsonschema_rs import ValidationErrorKind

from conformance.generation.constraints import constraints_of
from conformance.generation.instances import NoValueError, Schemas, value_of, values_of
from conformance.generation.walk_text import broken_in_words, met_in_words, place_in_words
from conformance.generation.walk_values import breaking_values, is_boundary, meeting_values, sampled_boundary, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    import jsonschema_rs

    from conformance.generation.constraints import Constraint, Path


def breaks_only(validator: jsonschema_rs.Draft202012Validator, value: object, constraint: Constraint) -> bool:
    """
    Whether a value breaks a constraint of the validator's schema and no other one.

    Of alternatives (`anyOf`, `oneOf`) it counts what the value breaks in the constraint's own: the others are broken
    anyhow, as no value is meant to fit several.
    """
    return _are(validator.iter_errors(value), constraint)


def _are(errors: Iterable[Any], constraint: Constraint) -> bool:
    """Whether there are errors, and all say that this constraint is broken."""
    found = list(errors)
    return bool(found) and all(_is(error, constraint) for error in found)


def _is(error: Any, constraint: Constraint) -> bool:  # noqa: ANN401 - an error, or one of an alternative, without a type
    path = tuple(error.evaluation_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.PropertyNames):
        return path[: len(constraint.path)] == constraint.path
    if path == constraint.path:
        return not isinstance(kind, ValidationErrorKind.Required) or kind.property == _wanted(constraint)
    if isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        branch = constraint.path[len(path)] if constraint.path[: len(path)] == path else None
        return isinstance(branch, int) and _are(kind.context[branch], constraint)
    return False


def _wanted(constraint: Constraint) -> str:
    return str(constraint.demand[1]) if constraint.keyword == "dependentRequired" else constraint.detail


_MENDED_AT_MOST: Final = 12
_OF_KEYS: Final = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")
_NAMED: Final = ("properties", "patternProperties")


def hosts_of(root: Any, constraint: Constraint, bases: Sequence[Any], schemas: Schemas) -> tuple[Any, ...]:  # noqa: ANN401
    """
    Valid values to which a constraint of the schema `root` applies, made of valid ones: the least changed come first.

    None where no such value is known.
    """
    unchanged: list[Any] = []
    changed: list[Any] = []
    for base in bases:
        with suppress(NoValueError):
            host = _mended(
                root, _with_place(root, copy.deepcopy(base), constraint.path, constraint.place, schemas), schemas
            )
            if schemas.accepts(root, host):
                (unchanged if host == base else changed).append(host)
    return (*unchanged, *changed)


def at(value: Any, place: Path) -> Any:  # noqa: ANN401 - any value
    """What is at a place of a value (LookupError, TypeError where there is none)."""
    for step in place:
        value = value[step]
    return value


def with_value(host: Any, place: Path, value: Any) -> Any:  # noqa: ANN401 - any value
    """The host with another value at a place; what is not on the way there is that of the host."""
    if not place:
        return value
    changed = copy.copy(host)
    changed[place[0]] = with_value(host[place[0]], place[1:], value) if len(place) > 1 else value
    return changed


def _with_place(schema: Any, value: Any, path: Path, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401
    """The value with what is missing on the way to a place; `path` leads there from `schema`."""
    if len(path) <= 1 or not isinstance(schema, dict):
        return value
    keyword, below = path[0], path[1:]
    if keyword == "$ref":
        return _with_place(schemas.resolve(schema["$ref"]), value, below, place, schemas)
    if keyword in _OF_KEYS:
        part, below = (schema[keyword][path[1]], path[2:]) if keyword in _NAMED else (schema[keyword], below)
        return _with_key(part, _as_kind(value, schema, "object", schemas), below, place, schemas)
    if keyword in ("items", "prefixItems"):
        part, below = (schema[keyword], below) if keyword == "items" else (schema[keyword][path[1]], path[2:])
        items = _with_items(schema, part, _as_kind(value, schema, "array", schemas), int(place[0]), schemas)
        items[int(place[0])] = _with_place(part, items[int(place[0])], below, place[1:], schemas)
        return items
    if keyword == "allOf":
        return _with_place(schema["allOf"][path[1]], value, path[2:], place, schemas)
    return _chosen(schema, value, path, place, schemas)


def _chosen(schema: dict[str, Any], value: Any, path: Path, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401
    """The value in the alternative that the path goes through."""
    keyword = str(path[0])
    rest = {name: demand for name, demand in schema.items() if name not in (keyword, "if", "then", "else")}
    if keyword in ("anyOf", "oneOf"):
        branch, below = schema[keyword][path[1]], path[2:]
        if not schemas.accepts(branch, value):
            value = copy.deepcopy(value_of({"allOf": [branch, rest]}, schemas))
        return _with_place(branch, value, below, place, schemas)
    if keyword == "dependentSchemas":
        name = str(path[1])
        if not isinstance(value, dict):
            raise NoValueError("only an object can have the key")
        value.setdefault(name, value_of(schemas.merged(schema).get("properties", {}).get(name, {}), schemas))
        if not schemas.accepts(schema[keyword][name], value):
            value = copy.deepcopy(value_of({"allOf": [schema[keyword][name], {"required": [name]}, rest]}, schemas))
        return _with_place(schema[keyword][name], value, path[2:], place, schemas)
    if keyword in ("then", "else"):
        condition = schema["if"] if keyword == "then" else {"not": schema["if"]}
        if not schemas.accepts(condition, value):
            value = copy.deepcopy(value_of({"allOf": [condition, schema[keyword], rest]}, schemas))
        return _with_place(schema[keyword], value, path[1:], place, schemas)
    raise NoValueError(f"values inside of {keyword} are not made up")


def _with_key(part: Any, value: dict[str, Any], path: Path, place: Path, schemas: Schemas) -> dict[str, Any]:  # noqa: ANN401
    if part is not False:
        name = str(place[0])
        inside = value[name] if name in value else copy.deepcopy(value_of(part, schemas))
        value[name] = _with_place(part, inside, path, place[1:], schemas)
    return value


def _with_items(schema: dict[str, Any], part: Any, value: list[Any], index: int, schemas: Schemas) -> list[Any]:  # noqa: ANN401
    """The list with items up to an index, which is described by `part`."""
    before = schema.get("prefixItems", ())
    while len(value) <= index:
        known = before[len(value)] if len(value) < len(before) else schema.get("items", part)
        value.append(copy.deepcopy(value_of(known, schemas)))
    return value


def _as_kind(value: Any, schema: dict[str, Any], kind: str, schemas: Schemas) -> Any:  # noqa: ANN401 - any value
    """The value itself if it is of the kind that has a place inside, else one that is."""
    if isinstance(value, dict if kind == "object" else list):
        return value
    return copy.deepcopy(value_of({"allOf": [{"type": kind}, schema]}, schemas))


def _mended(root: Any, value: Any, schemas: Schemas) -> Any:  # noqa: ANN401 - any schema, any value
    """The value with the keys that are required because of what was added."""
    for _ in range(_MENDED_AT_MOST):
        missing = next(_missing(root, value, schemas), None)
        if missing is None:
            return value
        place, name = missing
        at(value, place)[name] = copy.deepcopy(value_of(_key_schema(root, (*place, name), schemas), schemas))
    return value


def _missing(root: Any, value: Any, schemas: Schemas) -> Iterator[tuple[Path, str]]:  # noqa: ANN401
    for error in schemas.validator(root).iter_errors(value):
        if isinstance(error.kind, ValidationErrorKind.Required):
            yield tuple(error.instance_path), str(error.kind.property)


def _key_schema(root: Any, place: Path, schemas: Schemas) -> Any:  # noqa: ANN401 - any schema
    """What a schema says of the value at a place, as far as that does not depend on alternatives."""
    for step in place:
        whole = schemas.merged(root)
        root = whole.get("items", {}) if isinstance(step, int) else whole.get("properties", {}).get(step, {})
    return root


Side = Literal["broken", "met"]
_HOSTS: Final = 4
_CANDIDATES: Final = 60
# Formats that say what a value is for, or how a program keeps it: no value breaks them.
_ANNOTATIONS: Final = frozenset({"binary", "byte", "password", "int32", "int64", "float", "double", "decimal"})
_ANNOTATED: Final = "the format {} says how a value is kept, not which are allowed"


@dataclass(frozen=True, slots=True)
class ConstraintCase:
    """A value for a schema, the constraint and the side of it that it tries, and what it does, in words."""

    constraint: Constraint
    side: Side
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A side of a constraint that no value tries, and why."""

    constraint: Constraint
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk over a schema found for each of its constraints, on both sides, in the schema's order."""

    constraints: tuple[Constraint, ...]
    found: tuple[ConstraintCase | Gap, ...]

    @property
    def probes(self) -> tuple[ConstraintCase, ...]:
        """The values that try something."""
        return tuple(item for item in self.found if isinstance(item, ConstraintCase))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The sides that no value tries."""
        return tuple(item for item in self.found if isinstance(item, Gap))


def walk_schema(
    schema: Any,  # noqa: ANN401 - any schema
    schemas: Schemas,
    bases: Sequence[Any],
    subject: str,
    *,
    obstacle: Callable[[Constraint, Any], str] = lambda *_: "",
    certain: Any = None,  # noqa: ANN401 - any schema
) -> Walked:
    """
    The walk over a schema, based on valid values.

    Where a narrower schema says what is `certain` to be accepted, each type is met outside of that as well.

    Every value that breaks is proved to break its constraint alone, every other one to be valid. `obstacle` says why
    a value that breaks does not get through to the reader as what it is; nothing where it does.
    """
    walker = _Walker(schema, schemas, tuple(bases), subject, obstacle, certain)
    constraints = constraints_of(schema, schemas.resolve)
    return Walked(constraints, tuple(item for constraint in constraints for item in walker.of(constraint)))


def breaking_probe(
    schema: Any,  # noqa: ANN401 - any schema
    schemas: Schemas,
    base: Any,  # noqa: ANN401 - any value
    constraint: Constraint,
    random: Random,
) -> ConstraintCase | None:
    """A valid body changed at random so that it breaks a constraint and nothing else; None where that is not known."""
    validator = schemas.validator(schema)
    for host in hosts_of(schema, constraint, (base,), schemas)[:1]:
        candidates = list(islice(breaking_values(constraint, _at(host, constraint), schemas), _CANDIDATES))
        random.shuffle(candidates)
        for candidate in candidates:
            value = with_value(host, constraint.place, candidate)
            if breaks_only(validator, value, constraint):
                return ConstraintCase(constraint, "broken", value, broken_in_words(constraint, "the body", candidate))
    return None


@dataclass(frozen=True, slots=True)
class _Walker:
    schema: Any
    schemas: Schemas
    bases: tuple[Any, ...]
    subject: str
    obstacle: Callable[[Constraint, Any], str]
    certain: Any

    def of(self, constraint: Constraint) -> Iterator[ConstraintCase | Gap]:
        """Both sides of a constraint."""
        hosts = hosts_of(self.schema, constraint, self.bases, self.schemas)[:_HOSTS]
        if not hosts:
            for side in _SIDES:
                yield Gap(constraint, side, "no valid request is known in which it applies")
            return
        yield self._broken(constraint, hosts)
        yield from self._met(constraint, hosts)

    def _broken(self, constraint: Constraint, hosts: Sequence[Any]) -> ConstraintCase | Gap:
        if constraint.keyword == "format" and constraint.demand in _ANNOTATIONS:
            return Gap(constraint, "broken", _ANNOTATED.format(constraint.demand))
        validator = self.schemas.validator(self.schema)
        why = _why(constraint)
        for host in hosts:
            now = _at(host, constraint)
            for count, candidate in enumerate(breaking_values(constraint, now, self.schemas)):
                value = with_value(host, constraint.place, candidate)
                if breaks_only(validator, value, constraint):
                    why = self.obstacle(constraint, value)
                    if not why:
                        return ConstraintCase(
                            constraint, "broken", value, broken_in_words(constraint, self.subject, candidate)
                        )
                if count >= _CANDIDATES:
                    break
        return Gap(constraint, "broken", why)

    def _met(self, constraint: Constraint, hosts: Sequence[Any]) -> Iterator[ConstraintCase | Gap]:
        if constraint.keyword == "false":
            yield ConstraintCase(constraint, "met", hosts[0], met_in_words(constraint, self.subject, None))
            return
        found = False
        for boundary in meeting_values(constraint, _at(hosts[0], constraint), self.schemas):
            probe = next(self._meeting(constraint, hosts, boundary), None)
            if probe is not None:
                found = True
                yield probe
        yield from self._outside(constraint, hosts[0])
        if not found:
            sampled = next(self._meeting(constraint, hosts, sampled_boundary(constraint, self.schemas)), None)
            found = sampled is not None
            yield from (sampled,) if sampled is not None else ()
        if not found:
            yield Gap(constraint, "met", "no valid request is known that meets it exactly")

    def _outside(self, constraint: Constraint, host: Any) -> Iterator[ConstraintCase]:  # noqa: ANN401 - any value
        """A value that meets a type, but that not every reading of the documents accepts."""
        if self.certain is None or constraint.keyword != "type" or not self.schemas.accepts(self.certain, host):
            return
        for candidate in (*values_of(constraint.schema, self.schemas), "text"):
            value = with_value(host, constraint.place, candidate)
            if self.schemas.accepts(self.schema, value) and not self.schemas.accepts(self.certain, value):
                name = place_in_words(constraint.place, self.subject)
                yield ConstraintCase(constraint, "met", value, f"{name} is {shown(candidate)}")
                return

    def _meeting(
        self, constraint: Constraint, hosts: Sequence[Any], candidates: Sequence[Any]
    ) -> Iterator[ConstraintCase]:
        for host in hosts:
            for candidate in candidates:
                value = with_value(host, constraint.place, candidate)
                if is_boundary(constraint, candidate) and self.schemas.accepts(self.schema, value):
                    yield ConstraintCase(constraint, "met", value, met_in_words(constraint, self.subject, candidate))


_SIDES: Final[tuple[Side, Side]] = ("broken", "met")


def _at(host: Any, constraint: Constraint) -> Any:  # noqa: ANN401 - any value
    with suppress(LookupError, TypeError):
        return at(host, constraint.place)
    return None


def _why(constraint: Constraint) -> str:
    if constraint.keyword != "enum" and ("enum" in constraint.schema or "const" in constraint.schema):
        return "whatever breaks it is none of the values that are listed either"
    if constraint.keyword in ("minLength", "minItems", "minProperties") and not constraint.demand:
        return "nothing is smaller"
    return "no value is known that breaks it and nothing else"
