"""One mutant as an application: `conformance run --app conformance.mutants.beatoven.app:create_app --factory`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance.mutants.beatoven.catalogue import MUTANTS
from conformance.reference.beatoven.app import Cast, Front
from conformance.reference.beatoven.app import create_app as create_reference
from conformance.target.embedded import FAULT_VARIABLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class UnknownMutantError(LookupError):
    """No mutant has the id that the environment names."""


def create_app() -> ASGIApp:
    """The mutant that the environment variable CONFORMANCE_MUTANT names."""
    name = os.environ.get(FAULT_VARIABLE, "")
    if name not in MUTANTS:
        raise UnknownMutantError(f"{FAULT_VARIABLE} must name a mutant, not {name!r}.")
    mutant = MUTANTS[name]
    app: ASGIApp = create_reference(cast=Cast(**mutant.cast), front=Front(**mutant.front))
    return app if mutant.wrap is None else mutant.wrap(app)
