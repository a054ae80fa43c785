"""The reference with liberties: `conformance run --app conformance.liberties.beatoven.app:create_app --factory`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.liberties.base import composition_of
from conformance.liberties.beatoven.catalogue import TAKEN
from conformance.reference.beatoven.app import Cast, Front
from conformance.reference.beatoven.app import create_app as create_reference
from conformance.reference.beatoven.settings import ReferenceSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """The reference that takes the liberties which the environment variable CONFORMANCE_LIBERTY names."""
    composition = composition_of("beatoven", TAKEN)
    settings = replace(ReferenceSettings.from_environment(), **composition.settings)
    return composition.wrap(create_reference(settings, cast=Cast(**composition.cast), front=Front(**composition.front)))
