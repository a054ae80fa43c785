"""What drawing needs beside schemathesis: randomness from the seed alone, and two readings of a document."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis.internal.conjecture.choice import choice_constraints_key, choice_permitted
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, GLOBAL_CONSTANTS, HypothesisProvider

from conformance.contract.document import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hypothesis.internal.conjecture.choice import ChoiceConstraintsT, ChoiceTypeT
    from hypothesis.internal.constants_ast import ConstantT

    from conformance.contract.document import Document


CHANCE: Final = "conformance"
"""The name of the backend of Hypothesis that draws requests."""


class SeededProvider(HypothesisProvider):
    """
    Hypothesis's own way of drawing, without the constants that it finds in loaded source files.

    With these a seed draws other requests from a checkout than from an installation, and others after every change
    of the code. A backend of its own is also spared what Hypothesis does in search of failures: it recombines what it
    has drawn and keeps a tree of it, which takes a third of the time and finds nothing while nothing is sent.
    """

    def _maybe_draw_constant(
        self, choice_type: ChoiceTypeT, constraints: ChoiceConstraintsT, *, p: float = 0.05
    ) -> ConstantT | None:
        if self._random is None or self._random.random() > p:
            return None
        allowed = _allowed(choice_type, _Hashed(choice_constraints_key(choice_type, constraints), constraints))
        return self._random.choice(allowed) if allowed else None


class _Hashed:
    """Constraints with the key that distinguishes them."""

    __slots__ = ("constraints", "key")

    def __init__(self, key: tuple[object, ...], constraints: ChoiceConstraintsT) -> None:
        self.key = key
        self.constraints = constraints

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=1024)
def _allowed(choice_type: ChoiceTypeT, hashed: _Hashed) -> tuple[Any, ...]:
    """The constants that Hypothesis knows to be awkward, as far as they fit."""
    known = GLOBAL_CONSTANTS.set_for_type(choice_type)
    return tuple(value for value in known if choice_permitted(value, hashed.constraints))


AVAILABLE_PROVIDERS[CHANCE] = f"{__name__}.{SeededProvider.__name__}"


def certain_variant(document: Document) -> dict[str, Any]:
    """
    The document narrowed to what must be accepted.

    Schemas are replaced by their `x-certain`; a parameter whose `x-certain` is false is left out.
    """
    narrowed = plain_variant(document)
    for operation in _operations(narrowed):
        operation["parameters"] = [
            _narrow_parameter(parameter)
            for parameter in operation.get("parameters", ())
            if parameter.get("x-certain") is not False
        ]
        for media in operation.get("requestBody", {}).get("content", {}).values():
            if "x-certain" in media:
                media["schema"] = media["x-certain"]
                media.pop("example", None)
                media.pop("examples", None)
    return narrowed


def plain_variant(document: Document) -> dict[str, Any]:
    """The document without security and optional headers: these belong to the client and to tests of their own."""
    plain = copy.deepcopy(dict(document.content))
    plain.pop("security", None)
    for item in plain.get("paths", {}).values():
        shared = [dict(document.resolve(parameter)) for parameter in item.pop("parameters", ())]
        for method in METHODS:
            if method in item:
                _strip(item[method], shared, document)
    return plain


def _strip(operation: dict[str, Any], shared: list[dict[str, Any]], document: Document) -> None:
    operation.pop("security", None)
    parameters = [*shared, *(dict(document.resolve(p)) for p in operation.get("parameters", ()))]
    left = (p for p in parameters if p["in"] not in ("header", "cookie") or p.get("required"))
    operation["parameters"] = [copy.deepcopy(p) for p in left]
    if "requestBody" in operation:
        operation["requestBody"] = copy.deepcopy(dict(document.resolve(operation["requestBody"])))


def _narrow_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    narrowed = dict(parameter)
    certain = narrowed.pop("x-certain", None)
    if certain is not None:
        narrowed["schema"] = certain
        narrowed.pop("example", None)
        narrowed.pop("examples", None)
    return narrowed


def _operations(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in content.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                yield item[method]
