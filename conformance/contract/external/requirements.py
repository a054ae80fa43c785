"""The requirements of an external contract: what its document and its conventions imply."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conformance.contract.conventions import DerivedKind
from conformance.contract.external.relations import RELATIONS, related
from conformance.contract.external.rules import (
    DERIVED_SCENARIOS,
    RULES,
    always,
    never,
    refuses_invalid,
    refuses_unauthenticated,
)
from conformance.contract.requirements import (
    DERIVED_KINDS,
    Requirement,
    Source,
    derivable,
    derived_id,
    derived_requirement,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.contract.conventions import Conventions, Level
    from conformance.contract.document import Document, Operation
    from conformance.contract.external.relations import DerivedRelation, RelatedOperation
    from conformance.contract.external.rules import Certainty, DerivedRule, DerivedScenario

# The surface of requirements on all traffic.
GENERAL: Final = "conventions"
# Whether a valid request is accepted may depend on what no document says: what exists, what an account may do.
_CERTAINTIES: Final[Mapping[str, Certainty]] = {
    "accepts": never,
    "refuses": refuses_invalid,
    "credentials": refuses_unauthenticated,
    "conforms": always,
}
Files = tuple[str, str]


def requirements_of(document: Document, conventions: Conventions, files: Files) -> Iterator[Requirement]:
    """
    Every requirement that a document and conventions imply, with the names of their files as sources.

    The level is the one that the conventions state under `generated`. Where they state none it is MUST where the
    document says the same for certain, else SHOULD.
    """
    for name, rule in RULES.items():
        if rule.described(conventions):
            yield _of_rule(name, rule, document, conventions, files)
    relations = related(document, conventions)
    for operation in document.operations.values():
        yield from _of_operation(operation, document, conventions, files)
        if operation.id in relations:
            yield from _of_relations(relations[operation.id], conventions, files)


def _of_operation(
    operation: Operation, document: Document, conventions: Conventions, files: Files
) -> Iterator[Requirement]:
    for kind, certain in _CERTAINTIES.items():
        if derivable(operation, kind) and not conventions.retires(operation.id):
            usual = _level(certain(conventions, document, operation))
            weight = _resting(conventions.generated.get(kind) or DerivedKind(usual), operation, kind, conventions)
            yield derived_requirement(conventions, operation, kind, weight)
    for kind, scenario in DERIVED_SCENARIOS.items():
        if scenario.concerns(conventions, operation):
            usual = _level(scenario.certain(conventions, document, operation))
            weight = conventions.generated.get(kind) or DerivedKind(usual)
            made = _of_scenario(kind, scenario, operation, weight, (conventions.system, files))
            yield _following(made, conventions, ((operation.id, before) for before in scenario.follows))


def _of_relations(known: RelatedOperation, conventions: Conventions, files: Files) -> Iterator[Requirement]:
    for kind, relation in RELATIONS.items():
        if relation.concerns(known):
            weight = conventions.generated.get(kind) or DerivedKind(relation.level)
            places = {"stored": known.resource.read, "lists": known.resource.list}
            made = _of_scenario(kind, relation, known.operation, weight, (conventions.system, files))
            yield _following(
                made, conventions, ((place, before) for before in relation.follows if (place := places[before]))
            )


def _resting(weight: DerivedKind, operation: Operation, kind: str, conventions: Conventions) -> DerivedKind:
    """The weight, resting on a narrower requirement where a scenario judges the same."""
    tasks = conventions.tasks
    if tasks is None or kind != "accepts" or operation.id != tasks.get:
        return weight
    narrower = tuple(derived_id(conventions.system, name, "readable") for name in tasks.create)
    return replace(weight, rests_on={operation.id: (*weight.rests_on.get(operation.id, ()), *narrower)})


def kinds() -> tuple[str, ...]:
    """Every kind whose level conventions may set."""
    return (*DERIVED_KINDS, *DERIVED_SCENARIOS, *RELATIONS, *RULES)


def _of_rule(name: str, rule: DerivedRule, document: Document, conventions: Conventions, files: Files) -> Requirement:
    certain = any(rule.certain(conventions, document, operation) for operation in document.operations.values())
    weight = conventions.generated.get(name) or DerivedKind(_level(certain))
    return Requirement(
        id=f"{conventions.system.upper()}-{name.upper()}",
        title=rule.title,
        level=weight.level,
        surface=GENERAL,
        release="available",
        statement=rule.statement,
        sources=_sources(name, files),
        judged_by=f"monitor:{name}",
        owns=rule.owns(conventions),
        rests_on=tuple(derived_id(conventions.system, *narrower) for narrower in rule.rests_on(conventions)),
        provisional=weight.provisional,
        concern=rule.concern,
    )


def _of_scenario(
    kind: str,
    scenario: DerivedScenario | DerivedRelation,
    operation: Operation,
    weight: DerivedKind,
    origin: tuple[str, Files],
) -> Requirement:
    system, files = origin
    return Requirement(
        id=derived_id(system, operation.id, kind),
        title=f"{operation.id}: {scenario.title[0].lower()}{scenario.title[1:]}",
        level=weight.level,
        surface=operation.surface,
        release=operation.release,
        statement=f"{operation.method} {operation.path}: {scenario.statement[0].lower()}{scenario.statement[1:]}",
        sources=(*_sources(kind, files), Source(files[0], operation.location)),
        judged_by="test",
        needs=scenario.needs,
        provisional=weight.provisional,
        operation=operation.id,
        concern=scenario.concern,
    )


def _following(requirement: Requirement, conventions: Conventions, before: Iterable[tuple[str, str]]) -> Requirement:
    """The requirement with those whose fail most likely brings its own along: operations, each with a kind."""
    return replace(requirement, follows=tuple(derived_id(conventions.system, *place) for place in before))


def _level(certain: bool) -> Level:  # noqa: FBT001 - it has no other argument
    return "MUST" if certain else "SHOULD"


def _sources(kind: str, files: Files) -> tuple[Source, ...]:
    return (Source(files[1] or files[0], kind),)
