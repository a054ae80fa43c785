"""Where drawn requests get their chance from: the seed alone, whatever else is installed or has been loaded."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hypothesis.internal.conjecture.choice import choice_constraints_key, choice_permitted
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, GLOBAL_CONSTANTS, HypothesisProvider

if TYPE_CHECKING:
    from hypothesis.internal.conjecture.choice import ChoiceConstraintsT, ChoiceTypeT
    from hypothesis.internal.constants_ast import ConstantT

CHANCE: Final = "conformance"
"""The name of the backend of Hypothesis that draws requests."""


class SeedAlone(HypothesisProvider):
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
    """Constraints with the key that tells them apart."""

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


AVAILABLE_PROVIDERS[CHANCE] = f"{__name__}.{SeedAlone.__name__}"
