"""The reference with liberties: `conformance run --app conformance.liberties.beatra.app:create_app --factory`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.files import system_folder
from conformance.liberties.base import composition_of
from conformance.liberties.beatra.catalogue import TAKEN
from conformance.reference.beatra.app import Front
from conformance.reference.beatra.app import create_app as create_reference
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """The reference that takes the liberties which the environment variable CONFORMANCE_LIBERTY names."""
    composition = composition_of("beatra", TAKEN)
    settings = ReferenceSettings.from_environment()
    # Only what is started as the embedded implementation is told where its document is.
    settings = replace(settings, document=settings.document or system_folder("beatra") / "openapi.yaml")
    return composition.wrap(
        create_reference(
            replace(settings, **composition.settings),
            cast=Cast(**composition.cast),
            front=Front(**composition.front),
        )
    )
