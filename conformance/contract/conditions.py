"""Rules of requests that hold for some of them only, and the requests that are made at every side of their limits."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    # What is said of a value, its side, the value, and the observation where the side is open.
    _Tried = tuple[str, "Side", Any, str | None]

VALUE_OF_THE_RUN: Final = "$"
"""What the names of values begin with that only a run can have, such as an id that the target gave."""

# No documented set has it.
_NO_SUCH_VALUE: Final = "no-such-value"
_NO_SUCH_NUMBER: Final = 12_345


class Side(StrEnum):
    """What the documents say of a request at a limit."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class FieldRules:
    """
    What may be at a place of a body, given by the members that lead to it.

    `required` is None where the table does not say whether it may be left out; `length` are the least and greatest
    number of characters, `values` all that may stand there. Where documents leave open whether it may be `empty`, or
    whether `others` are refused, the observation that records it stands there.
    """

    place: tuple[str, ...]
    requirement: str
    required: bool | None = None
    length: tuple[int, int] | None = None
    empty: str | None = None
    values: tuple[Any, ...] = ()
    others: str | None = None


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """Fields of which a valid request has one, each with a valid value."""

    requirement: str
    of: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ConditionalCase:
    """A valid request to an operation, the models that it may be asked of, and what may be changed in it."""

    name: str
    operation: str
    models: tuple[str, ...]
    body: Mapping[str, Any]
    fields: tuple[FieldRules, ...]
    exactly_one: ExactlyOne | None


@dataclass(frozen=True, slots=True)
class LimitRequest:
    """
    A request at one side of a limit.

    `case` is the valid request that it differs from, `changed` says in what. `model` is None where the operation has
    none. `planned` says that not every key may use the model, and `requirement` is then the one for all of its rules.
    Where the documents leave the side open, `observation` records what comes of it.
    """

    case: str
    changed: str
    operation: str
    model: str | None
    body: Mapping[str, Any]
    side: Side
    requirement: str
    planned: bool
    observation: str | None = None

    @property
    def name(self) -> str:
        """A name that no other request has."""
        return f"{self.case}, {self.changed}" + (f", {self.model}" if self.model else "")

    @property
    def values(self) -> frozenset[str]:
        """The names of values of the run that its body needs."""
        return frozenset(_names(self.body))

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The body with the values of a run in their places."""
        return {name: _filled(value, values) for name, value in self.body.items()}


@dataclass(frozen=True, slots=True)
class _Change:
    """What is changed in a case, the requirement that judges it, its side, and the body without a model."""

    words: str
    requirement: str
    side: Side
    body: Mapping[str, Any]
    observation: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """The table of a system: where a request names its model, the models of a plan, texts, and all cases."""

    model: tuple[str, ...] = ("model",)
    planned: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    cases: tuple[ConditionalCase, ...] = ()

    def requests(self) -> Iterator[LimitRequest]:
        """Every request at a side of a limit, with each of the models that it may be asked of."""
        for case in self.cases:
            for model in case.models or (None,):
                planned = model in self.planned
                for change in self._changes(case):
                    yield LimitRequest(
                        case=case.name,
                        changed=change.words,
                        operation=case.operation,
                        model=model,
                        body=change.body if model is None else _with(change.body, self.model, model),
                        side=change.side,
                        requirement=self.planned[model] if model and planned else change.requirement,
                        planned=planned,
                        observation=change.observation,
                    )

    def _changes(self, case: ConditionalCase) -> Iterator[_Change]:
        for rules in case.fields:
            name, place, requirement = "/".join(rules.place), rules.place, rules.requirement
            if rules.required is not None:
                side = Side.REFUSED if rules.required else Side.ACCEPTED
                yield _Change(f"no {name}", requirement, side, _without(case.body, place))
            for words, side, value, observation in chain(self._texts(rules), _values(rules)):
                yield _Change(f"{name} {words}", requirement, side, _with(case.body, place, value), observation)
        if case.exactly_one is not None:
            yield from _of_choice(case, case.exactly_one)

    def _texts(self, rules: FieldRules) -> Iterator[_Tried]:
        least, most = rules.length or (0, 0)
        sides = {least: Side.ACCEPTED, most: Side.ACCEPTED, most + 1: Side.REFUSED} if rules.length else {}
        if least > 0:
            sides |= {least - 1: Side.REFUSED, 0: Side.REFUSED}
        if rules.empty is not None:
            sides[0] = Side.OPEN
        for count, side in sorted(sides.items()):
            observation = rules.empty if side is Side.OPEN else None
            yield f"of {count} characters", side, self.text(rules.place[-1], count), observation

    def text(self, member: str, count: int) -> str:
        """A text for a member with exactly so many characters, none of them a blank at its beginning or end."""
        unit = self.texts.get(member, "la ")
        made = (unit * (count // len(unit) + 1))[:count]
        trimmed = made.strip()
        return trimmed + "a" * (count - len(trimmed))


def parse_conditions(content: Mapping[str, Any]) -> Conditions:
    """The table of a `conditions.yaml` that has already passed its schema."""
    return Conditions(
        model=tuple(content.get("model", "/model").split("/")[1:]),
        planned=MappingProxyType(dict(content.get("planned", {}))),
        texts=MappingProxyType(dict(content["texts"])),
        cases=tuple(map(_case, content["cases"])),
    )


def _case(part: Mapping[str, Any]) -> ConditionalCase:
    choice = part.get("exactly_one")
    return ConditionalCase(
        name=part["case"],
        operation=part["operation"],
        models=tuple(part.get("models", ())),
        body=MappingProxyType(dict(part["body"])),
        fields=tuple(_field(name, rules) for name, rules in part.get("fields", {}).items()),
        exactly_one=None if choice is None else ExactlyOne(choice["requirement"], MappingProxyType(dict(choice["of"]))),
    )


def _field(name: str, rules: Mapping[str, Any]) -> FieldRules:
    length: Sequence[int] | None = rules.get("length")
    return FieldRules(
        place=tuple(name.split("/")),
        requirement=rules["requirement"],
        required=rules.get("required"),
        length=None if length is None else (length[0], length[1]),
        empty=rules.get("empty"),
        values=tuple(rules.get("values", ())),
        others=rules.get("others"),
    )


def _values(rules: FieldRules) -> Iterator[_Tried]:
    for value in rules.values:
        yield f"{value}", Side.ACCEPTED, value, None
    if rules.values:
        other = _NO_SUCH_VALUE if isinstance(rules.values[0], str) else _NO_SUCH_NUMBER
        yield f"{other}", Side.REFUSED if rules.others is None else Side.OPEN, other, rules.others


def _of_choice(case: ConditionalCase, choice: ExactlyOne) -> Iterator[_Change]:
    bare = {name: value for name, value in case.body.items() if name not in choice.of}
    given = {name: value for name, value in case.body.items() if name in choice.of}
    yield _Change(f"only {' and '.join(given)}", choice.requirement, Side.ACCEPTED, {**bare, **given})
    yield _Change(f"none of {', '.join(choice.of)}", choice.requirement, Side.REFUSED, bare)
    for name, value in choice.of.items():
        if name not in given:
            yield _Change(f"{name} as well", choice.requirement, Side.REFUSED, {**bare, **given, name: value})


def _with(body: Mapping[str, Any], place: Sequence[str], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(dict(body))
    inner = changed
    for step in place[:-1]:
        inner = inner.setdefault(step, {})
    inner[place[-1]] = value
    return changed


def _without(body: Mapping[str, Any], place: Sequence[str]) -> dict[str, Any]:
    changed = copy.deepcopy(dict(body))
    inner = changed
    for step in place[:-1]:
        inner = inner.get(step, {})
    inner.pop(place[-1], None)
    return changed


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from chain.from_iterable(map(_names, value.values()))
    elif isinstance(value, str) and value.startswith(VALUE_OF_THE_RUN):
        yield value[len(VALUE_OF_THE_RUN) :]


def _filled(value: object, values: Mapping[str, Any]) -> object:
    if isinstance(value, dict):
        return {name: _filled(inner, values) for name, inner in value.items()}
    if isinstance(value, str) and value.startswith(VALUE_OF_THE_RUN):
        return values[value[len(VALUE_OF_THE_RUN) :]]
    return value
