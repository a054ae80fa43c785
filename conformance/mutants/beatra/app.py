"""One mutant as an application: `conformance run --app conformance.mutants.beatra.app:create_app --factory`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.files import system_folder
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.reference.beatra.app import Front
from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from conformance.target.faults import FAULT_VARIABLE

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
    settings = ReferenceSettings.from_environment()
    # Only what is started as the embedded implementation is told where its document is.
    settings = replace(settings, document=settings.document or system_folder("beatra") / "openapi.yaml")
    app: ASGIApp = create_reference(settings, cast=Cast(**mutant.cast), front=Front(**mutant.front))
    return app if mutant.wrap is None else mutant.wrap(app)
