"""What the embedded implementation of a system can be served with: faults, and liberties."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from typing import TYPE_CHECKING, Final, Protocol

from conformance.contract.liberties import load_liberties
from conformance.target.errors import ClashingLibertiesError, NoFaultsError, NoLibertiesError, UnknownFaultError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.contract.conventions import Conventions
    from conformance.contract.liberties import Liberty


FAULT_VARIABLE: Final = "CONFORMANCE_MUTANT"
"""The environment variable that names the fault which an application is to have."""
LIBERTY_VARIABLE: Final = "CONFORMANCE_LIBERTY"
"""The environment variable that names the liberties which an application is to take, by their ids with commas."""


class Fault(Protocol):
    """
    One fault: the requirement that it breaks, and its story.

    `base_path` is where the API is then served, None: where it is served without the fault.
    """

    @property
    def id(self) -> str: ...  # noqa: D102 - see the class
    @property
    def breaks(self) -> str: ...  # noqa: D102 - see the class
    @property
    def story(self) -> str: ...  # noqa: D102 - see the class
    @property
    def base_path(self) -> str | None: ...  # noqa: D102 - see the class
    @property
    def heavy(self) -> bool: ...  # noqa: D102 - see the class
    @property
    def examples(self) -> int: ...  # noqa: D102 - see the class
    @property
    def histories(self) -> int: ...  # noqa: D102 - see the class


@dataclass(frozen=True, slots=True)
class Faults:
    """
    The faults of one system, by id.

    `app` is the ASGI factory (`module:function`) that makes the implementation with the fault that the environment
    names; `base_path` is where its API is served unless the fault moves it, and `demo` the fault to show first.
    """

    app: str
    base_path: str
    demo: str
    by_id: Mapping[str, Fault]

    def __getitem__(self, fault_id: str) -> Fault:
        """
        The fault with an id.

        Raises:
            UnknownFaultError: there is none; names the one with the nearest id.
        """
        if fault_id not in self.by_id:
            near = difflib.get_close_matches(fault_id.casefold(), self.by_id, n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else "`conformance faults` lists all."
            raise UnknownFaultError(f"There is no fault {fault_id!r}. {hint}")
        return self.by_id[fault_id]

    def base_path_of(self, fault: Fault) -> str:
        """Where the API is served with a fault."""
        return self.base_path if fault.base_path is None else fault.base_path


def faults_of(conventions: Conventions) -> Faults:
    """
    The faults of a system's embedded implementation.

    Raises:
        NoFaultsError: the system comes without any.
    """
    embedded = conventions.embedded
    if embedded is None or embedded.mutants is None or embedded.demo is None:
        raise NoFaultsError(f"{conventions.title} comes without faults to try.")
    # Imported by its name, as the implementation itself is: the core names no system.
    catalogue = import_module(f"{embedded.mutants}.catalogue")
    return Faults(
        app=f"{embedded.mutants}.app:create_app",
        base_path=embedded.base_path,
        demo=embedded.demo,
        by_id=catalogue.MUTANTS,
    )


def application_taking_liberties(conventions: Conventions) -> str:
    """
    The ASGI factory (`module:function`) that makes the implementation with the liberties that the environment names.

    Raises:
        NoLibertiesError: the system comes without one.
    """
    embedded = conventions.embedded
    if embedded is None or embedded.liberties is None:
        raise NoLibertiesError(f"{conventions.title} comes without an implementation that takes liberties.")
    return f"{embedded.liberties}.app:create_app"


def liberties_named(conventions: Conventions, ids: Sequence[str]) -> tuple[Liberty, ...]:
    """
    The liberties with these ids, all of which one server is to take.

    Raises:
        UnknownLibertyError: there is none of an id.
        ClashingLibertiesError: no server can take two of them at the same time.
    """
    known = load_liberties(conventions.system)
    chosen = tuple(known[name] for name in dict.fromkeys(ids))
    for one, other in combinations(chosen, 2):
        if not known.fit_together(one.id, other.id):
            raise ClashingLibertiesError(f"No server can take {one.id} and {other.id} at the same time.")
    return chosen
