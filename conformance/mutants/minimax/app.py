"""One mutant as an application: `conformance run --app conformance.mutants.minimax.app:create_app --factory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.choice import named_in_the_environment
from conformance.mutants.minimax.catalogue import MUTANTS
from conformance.reference.minimax.app import Front
from conformance.reference.minimax.app import create_app as create_reference
from conformance.reference.minimax.wiring import Cast

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """The mutant that the environment variable CONFORMANCE_MUTANT names."""
    mutant = named_in_the_environment(MUTANTS)
    app: ASGIApp = create_reference(cast=Cast(**mutant.cast), front=Front(**mutant.front))
    return app if mutant.wrap is None else mutant.wrap(app)
