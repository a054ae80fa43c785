"""Which places of a response belong to a narrower requirement, so that one fault gets one verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.contract.requirements import Place
from conformance.monitors.monitor import EVERY, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.conventions import Tasks
    from conformance.contract.requirements import Requirement
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import Path

_SUCCESSES: Final = ("2XX",)
_ERRORS: Final = ("4XX", "5XX")


@dataclass(frozen=True, slots=True)
class OwnedPlace:
    """A place in the bodies of some answers that one requirement keeps for itself."""

    owner: str
    place: Place
    path: Path

    def covers(self, operation: str | None, status: int, refused: bool) -> bool:  # noqa: FBT001 - the key of a kind
        """Whether answers of this kind have the place: one of errors also behind a status of success, and no other."""
        if refused and self.place.statuses == _SUCCESSES:
            return False
        if refused and self.place.statuses == _ERRORS:
            return self.place.operation in (None, operation)
        return self.place.covers(operation, status)


@dataclass(frozen=True)
class Ownership:
    """
    What the rules and the written requirements of one contract keep for themselves.

    A requirement owns what it lists, and what its rule reads.
    """

    contract: Contract
    _known: dict[tuple[str | None, int, bool], tuple[OwnedPlace, ...]] = field(default_factory=dict, compare=False)

    def has_rule(self, name: str) -> bool:
        """Whether some requirement is judged by the rule."""
        return name in self._rules

    def status(self, answered: Answered) -> bool:
        """Whether the exact status of a success belongs to a requirement."""
        return answered.success and any(place.status == "success" for place in self._places(answered))

    def header(self, answered: Answered, name: str) -> bool:
        """Whether a header of an answer belongs to a requirement."""
        request_id = self.contract.conventions.request_id
        if request_id and self.has_rule("request-id-present") and request_id.header.lower() == name.lower():
            return True
        return any((place.header or "").lower() == name.lower() for place in self._places(answered))

    def claims(self, answered: Answered) -> tuple[OwnedPlace, ...]:
        """The places of an answer's body that belong to requirements."""
        operation = answered.operation.id if answered.operation else None
        kind = operation, answered.status, answered.refusal
        if kind not in self._known:
            self._known[kind] = tuple(claim for claim in self.every_claim if claim.covers(*kind))
        return self._known[kind]

    @cached_property
    def _rules(self) -> frozenset[str]:
        return frozenset(requirement.monitor for requirement in self.contract.registry if requirement.monitor)

    @cached_property
    def every_claim(self) -> tuple[OwnedPlace, ...]:
        """The places of any answer's body that belong to requirements."""
        return tuple(claim for requirement in self.contract.registry for claim in self._claims_of(requirement))

    def _claims_of(self, requirement: Requirement) -> Iterator[OwnedPlace]:
        for place in requirement.owns:
            if place.pointer is not None:
                yield OwnedPlace(requirement.id, place, steps(place.pointer))
        conventions = self.contract.conventions
        if requirement.monitor == "envelope" and conventions.errors:
            for shape in conventions.error_shapes:
                yield OwnedPlace(requirement.id, Place(statuses=_ERRORS), steps(shape.object))
        watched: tuple[str, ...] = ()
        creates = True
        if requirement.monitor == "task-states" and conventions.tasks:
            watched = (conventions.tasks.status,)
            # What acknowledges a create is no state.
            creates = not conventions.tasks.acknowledged
        elif requirement.monitor == "amount-format" and conventions.money:
            watched = conventions.money.amount_pointers
        for place, prefix in _envelopes(conventions.tasks, creates=creates):
            yield from (OwnedPlace(requirement.id, place, (*prefix, *steps(pointer))) for pointer in watched)

    def _places(self, answered: Answered) -> Iterator[Place]:
        operation = answered.operation.id if answered.operation else None
        owned = self.contract.registry.owned_places
        yield from (place for place in owned if place.covers(operation, answered.status))


def _envelopes(tasks: Tasks | None, *, creates: bool) -> Iterator[tuple[Place, Path]]:
    """
    Where task envelopes stand: the answers that have them, and the path to each envelope in the body.

    `creates` is whether the answers to creates are among them.
    """
    if tasks is None:
        return
    for operation in filter(None, (*(tasks.create if creates else ()), tasks.get, tasks.cancel)):
        yield Place(operation=operation, statuses=_SUCCESSES), ()
    if tasks.list is not None:
        yield Place(operation=tasks.list, statuses=_SUCCESSES), (*steps(tasks.items or ""), EVERY)
