"""Answers whose body breaks the schema of the document, and whose matter each violation is."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final

from conformance.monitors.places import ABSENT
from conformance.monitors.schemas import JSON, accepts, problems_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.document import Validator
    from conformance.monitors.answered import Answered
    from conformance.monitors.ownership import Claim, Ownership
    from conformance.monitors.schemas import Problem

_ANY: Final = frozenset({"*/*", "application/*"})


@dataclass(frozen=True)
class Misfit:
    """An answer whose JSON body breaks the schema, with the claims of requirements on places in it."""

    answered: Answered
    validator: Validator
    claims: tuple[Claim, ...]

    @cached_property
    def unowned(self) -> tuple[Problem, ...]:
        """The violations at places that nobody owns."""
        everybody = {claim.path for claim in self.claims}
        return problems_outside(everybody, self.answered.json, self.validator)

    def owned_by(self, owner: str) -> tuple[Problem, ...]:
        """The violations at the places of one requirement, but for places in them that others own."""
        if owner not in self._blamable:
            return ()
        others = {claim.path for claim in self.claims if claim.owner != owner}
        with_own = problems_outside(others, self.answered.json, self.validator)
        return tuple(problem for problem in with_own if problem not in self.unowned)

    @cached_property
    def _blamable(self) -> frozenset[str]:
        if problems_outside((), self.answered.json, self.validator) == self.unowned:
            return frozenset()
        return frozenset(claim.owner for claim in self.claims)


def _validator(answered: Answered) -> Validator | None:
    """The schema of the answer's body, by the media type that the document calls JSON or a kind of it."""
    content = answered.documented.content if answered.documented else {}
    if JSON in content:
        return content[JSON]
    declared = answered.media_type or ""
    kinds = (name for name in content if name.endswith("+json") or name in _ANY)
    return next((content[name] for name in kinds if fnmatchcase(declared, name) and "json" in declared), None)


def find_misfits(answers: Iterable[Answered], ownership: Ownership) -> Mapping[str, Misfit]:
    """The misfits among some answers, by the ids of their exchanges."""
    found = {}
    for answered in answers:
        validator = _validator(answered)
        if validator is not None and answered.json is not ABSENT and not accepts(validator, answered.json):
            found[answered.id] = Misfit(answered, validator, ownership.claims(answered))
    return found
