"""How a reference takes a liberty, and what a reference is made of that takes several."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.contract.contract import load_contract
from conformance.liberties.wrappers import Surroundings, wrapped
from conformance.target.embedded import LIBERTY_VARIABLE, liberties_named
from conformance.target.launch import embedded_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.types import ASGIApp

    from conformance.contract.liberties import Liberty


class UnwrittenLibertyError(LookupError):
    """A liberty is described, but neither a wrapper nor code of its system takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    What the reference of a system does to take one liberty.

    `cast` and `front` name classes that take the place of the reference's own, by their parts: subclasses that leave
    to `super()` what they do not change, so that those of several liberties can be put together. `settings` are
    settings of the reference by their names, `wrap` alters the traffic from outside.
    """

    id: str
    cast: Mapping[str, type[Any]] = field(default_factory=dict)
    front: Mapping[str, type[Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    wrap: Callable[[ASGIApp], ASGIApp] | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What the reference is made of that takes some liberties at the same time."""

    liberties: tuple[Liberty, ...]
    taken: tuple[Taken, ...]
    surroundings: Surroundings

    @property
    def cast(self) -> Mapping[str, type[Any]]:
        """The classes of its services, by their parts."""
        return _composed(one.cast for one in self.taken)

    @property
    def front(self) -> Mapping[str, type[Any]]:
        """The classes that answer requests, by their parts."""
        return _composed(one.front for one in self.taken)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings that are not as usual."""
        return {name: value for one in self.taken for name, value in one.settings.items()}

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application as it is delivered: what the system's code alters first, then what is the same for all."""
        for one in self.taken:
            app = app if one.wrap is None else one.wrap(app)
        return wrapped(app, self.liberties, self.surroundings)


def composition_of(system: str, taken: Iterable[Taken]) -> Composition:
    """
    What the liberties come to that the environment names, where `taken` says how each of a system's is taken.

    Raises:
        UnknownLibertyError: one is not described.
        ClashingLibertiesError: two can't be taken at the same time.
        UnwrittenLibertyError: one is described only.
    """
    conventions = load_contract(system).conventions
    names = [name for name in os.environ.get(LIBERTY_VARIABLE, "").split(",") if name]
    liberties = liberties_named(conventions, names)
    by_id = {one.id: one for one in taken}
    for liberty in liberties:
        if liberty.id not in by_id and not liberty.wrappers and not liberty.withholds:
            raise UnwrittenLibertyError(f"Nothing takes the liberty {liberty.id}.")
    chosen = tuple(by_id[liberty.id] for liberty in liberties if liberty.id in by_id)
    return Composition(liberties, chosen, Surroundings(conventions, embedded_of(conventions)))


def _composed(parts: Iterable[Mapping[str, type[Any]]]) -> Mapping[str, type[Any]]:
    """One class for each part: each liberty's in front of the next one's, and the reference's own behind them all."""
    found: dict[str, list[type[Any]]] = defaultdict(list)
    for each in parts:
        for part, cls in each.items():
            found[part].append(cls)
    return {part: _as_one(tuple(dict.fromkeys(classes))) for part, classes in found.items()}


def _as_one(classes: Sequence[type[Any]]) -> type[Any]:
    # What another one derives from comes with it, and must not stand before it.
    classes = [one for one in classes if not any(issubclass(other, one) for other in classes if other is not one)]
    if len(classes) == 1:
        return classes[0]
    return type(f"{classes[0].__name__}AndMore", tuple(classes), {})
