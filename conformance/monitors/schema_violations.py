"""Response bodies that break the schemas of the document, and which requirement judges each violation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Final

import jsonpointer

from conformance.monitors.monitor import ABSENT, EVERY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.contract.document import Validator
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import Path
    from conformance.monitors.ownership import OwnedPlace, Ownership


# The JSON pointer of a violation, and what is wrong there.
Problem = tuple[str, str]
JSON: Final = "application/json"
_MOST_PROBLEMS_OF_ONE_BODY: Final = 10


def accepts(validator: Validator, body: object) -> bool:
    """Whether a body fits its schema, as far as the validator can say."""
    try:
        return validator.accepts(body)
    except ValueError:
        # Nested deeper than the validator reads: it can't be said that such a body breaks its schema.
        return True


def problems_outside(paths: Iterable[Path], body: object, validator: Validator) -> tuple[Problem, ...]:
    """
    The violations that remain when some places are left out of a body.

    Leaving them out, instead of sorting violations by their place, also works where a schema offers
    alternatives: their violation stands at the place of the alternatives, wherever below it the cause is.
    """
    if () in paths:
        return ()
    remaining = body
    for path in paths:
        remaining = _without(remaining, path)
    violations = sorted(
        (pointer, message)
        for pointer, message in _problems(validator, remaining)
        if not any(_is_absence(pointer, message, path) for path in paths)
    )
    return tuple(violations[:_MOST_PROBLEMS_OF_ONE_BODY])


def _problems(validator: Validator, body: object) -> Iterator[Problem]:
    try:
        yield from validator.problems(body)
    except ValueError:
        # What can't be shown, such as half of a surrogate pair, is no reason to overlook that something is wrong.
        if not accepts(validator, body):
            yield "", "what is wrong there can't be shown"


def _without(value: object, path: Path) -> object:
    step, below = path[0], path[1:]
    if isinstance(value, list) and step == EVERY and below:
        return [_without(element, below) for element in value]
    if not isinstance(value, dict) or step not in value:
        return value
    if not below:
        return {name: member for name, member in value.items() if name != step}
    return {**value, step: _without(value[step], below)}


def _is_absence(pointer: str, message: str, path: Path) -> bool:
    """Whether a violation says that the place is missing; it stands at the object that lacks the member."""
    if message != f"{json.dumps(path[-1], ensure_ascii=False)} is a required property":
        return False
    actual = jsonpointer.JsonPointer(pointer).parts
    expected = path[:-1]
    return len(actual) == len(expected) and all(
        want in (EVERY, have) for want, have in zip(expected, actual, strict=True)
    )


_ANY: Final = frozenset({"*/*", "application/*"})


@dataclass(frozen=True)
class SchemaViolation:
    """An answer whose JSON body breaks the schema, with the claims of requirements on places in it."""

    answered: Answered
    validator: Validator
    claims: tuple[OwnedPlace, ...]

    @cached_property
    def unowned(self) -> tuple[Problem, ...]:
        """The violations at places that no requirement owns."""
        owned = {claim.path for claim in self.claims}
        return problems_outside(owned, self.answered.json, self.validator)

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


def find_schema_violations(answers: Iterable[Answered], ownership: Ownership) -> Mapping[str, SchemaViolation]:
    """The schema violations among some answers, by the ids of their exchanges."""
    found = {}
    for answered in answers:
        validator = _validator(answered)
        if validator is not None and answered.json is not ABSENT and not accepts(validator, answered.json):
            found[answered.id] = SchemaViolation(answered, validator, ownership.claims(answered))
    return found
