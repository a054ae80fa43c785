"""Response bodies against the schemas of the document, with the places left out that somebody else judges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import jsonpointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.contract.document import Validator

Path = tuple[str, ...]
# The JSON pointer of a violation, and what is wrong there.
Problem = tuple[str, str]
JSON: Final = "application/json"
EVERY: Final = "*"
_MOST_PROBLEMS_OF_ONE_BODY: Final = 10


def accepts(validator: Validator, body: object) -> bool:
    """Whether a body fits its schema, as far as anybody can say."""
    try:
        return validator.accepts(body)
    except ValueError:
        # Nested deeper than the validator reads: nobody can say that such a body breaks its schema.
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
        if not any(_tells_of_absence(pointer, message, path) for path in paths)
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


def _tells_of_absence(pointer: str, message: str, path: Path) -> bool:
    """Whether a violation says that the place is missing; it stands at the object that lacks the member."""
    if message != f"{json.dumps(path[-1], ensure_ascii=False)} is a required property":
        return False
    holder = jsonpointer.JsonPointer(pointer).parts
    expected = path[:-1]
    return len(holder) == len(expected) and all(
        want in (EVERY, have) for want, have in zip(expected, holder, strict=True)
    )
