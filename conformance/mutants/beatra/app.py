"""One mutant as an application: `conformance run --app conformance.mutants.beatra.app:create_app --factory`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.files import system_folder
from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.mutants.choice import named_in_the_environment
from conformance.reference.beatra.app import Front
from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """The mutant that the environment variable CONFORMANCE_MUTANT names."""
    mutant = named_in_the_environment(MUTANTS)
    settings = ReferenceSettings.from_environment()
    # Only what is started as the embedded implementation is told where its document is.
    settings = replace(settings, document=settings.document or system_folder("beatra") / "openapi.yaml")
    app: ASGIApp = create_reference(settings, cast=Cast(**mutant.cast), front=Front(**mutant.front))
    return app if mutant.wrap is None else mutant.wrap(app)
