"""The walk over one schema: every constraint broken once while all else holds, and met at each of its boundaries."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from conformance.generation.constraints import constraints_of
from conformance.generation.instances import values_of
from conformance.generation.walk_checks import breaks_only
from conformance.generation.walk_hosts import at, hosts_of, with_value
from conformance.generation.walk_values import breaking_values, is_boundary, meeting_values, sampled_boundary, shown
from conformance.generation.walk_words import broken_in_words, met_in_words, place_in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from conformance.generation.constraints import Constraint
    from conformance.generation.instances import Schemas

Side = Literal["broken", "met"]
_HOSTS: Final = 4
_CANDIDATES: Final = 60
# Formats that say what a value is for, or how a program keeps it: no value breaks them.
_ANNOTATIONS: Final = frozenset({"binary", "byte", "password", "int32", "int64", "float", "double", "decimal"})
_ANNOTATED: Final = "the format {} says how a value is kept, not which are allowed"


@dataclass(frozen=True, slots=True)
class Probe:
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
    found: tuple[Probe | Gap, ...]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The values that try something."""
        return tuple(item for item in self.found if isinstance(item, Probe))

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
    a value that breaks does not get through to whoever reads it as what it is; nothing where it does.
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
) -> Probe | None:
    """A valid body changed at random so that it breaks a constraint and nothing else; None where that is not known."""
    validator = schemas.validator(schema)
    for host in hosts_of(schema, constraint, (base,), schemas)[:1]:
        candidates = list(islice(breaking_values(constraint, _at(host, constraint), schemas), _CANDIDATES))
        random.shuffle(candidates)
        for candidate in candidates:
            value = with_value(host, constraint.place, candidate)
            if breaks_only(validator, value, constraint):
                return Probe(constraint, "broken", value, broken_in_words(constraint, "the body", candidate))
    return None


@dataclass(frozen=True, slots=True)
class _Walker:
    schema: Any
    schemas: Schemas
    bases: tuple[Any, ...]
    subject: str
    obstacle: Callable[[Constraint, Any], str]
    certain: Any

    def of(self, constraint: Constraint) -> Iterator[Probe | Gap]:
        """Both sides of a constraint."""
        hosts = hosts_of(self.schema, constraint, self.bases, self.schemas)[:_HOSTS]
        if not hosts:
            for side in _SIDES:
                yield Gap(constraint, side, "no valid request is known in which it applies")
            return
        yield self._broken(constraint, hosts)
        yield from self._met(constraint, hosts)

    def _broken(self, constraint: Constraint, hosts: Sequence[Any]) -> Probe | Gap:
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
                        return Probe(constraint, "broken", value, broken_in_words(constraint, self.subject, candidate))
                if count >= _CANDIDATES:
                    break
        return Gap(constraint, "broken", why)

    def _met(self, constraint: Constraint, hosts: Sequence[Any]) -> Iterator[Probe | Gap]:
        if constraint.keyword == "false":
            yield Probe(constraint, "met", hosts[0], met_in_words(constraint, self.subject, None))
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

    def _outside(self, constraint: Constraint, host: Any) -> Iterator[Probe]:  # noqa: ANN401 - any value
        """A value that meets a type, but that not every reading of the documents accepts."""
        if self.certain is None or constraint.keyword != "type" or not self.schemas.accepts(self.certain, host):
            return
        for candidate in (*values_of(constraint.schema, self.schemas), "text"):
            value = with_value(host, constraint.place, candidate)
            if self.schemas.accepts(self.schema, value) and not self.schemas.accepts(self.certain, value):
                name = place_in_words(constraint.place, self.subject)
                yield Probe(constraint, "met", value, f"{name} is {shown(candidate)}")
                return

    def _meeting(self, constraint: Constraint, hosts: Sequence[Any], candidates: Sequence[Any]) -> Iterator[Probe]:
        for host in hosts:
            for candidate in candidates:
                value = with_value(host, constraint.place, candidate)
                if is_boundary(constraint, candidate) and self.schemas.accepts(self.schema, value):
                    yield Probe(constraint, "met", value, met_in_words(constraint, self.subject, candidate))


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
