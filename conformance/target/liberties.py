"""Liberties that the embedded implementation of a system can be served with."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from conformance.contract.liberties import load_liberties
from conformance.target.errors import ClashingLibertiesError, NoLibertiesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.conventions import Conventions
    from conformance.contract.liberties import Liberty

LIBERTY_VARIABLE: Final = "CONFORMANCE_LIBERTY"
"""The environment variable that names the liberties which an application is to take, by their ids with commas."""


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
