"""The reference with liberties: `conformance run --app conformance.liberties.minimax.app:create_app --factory`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.liberties.base import composition_of
from conformance.liberties.minimax.catalogue import TAKEN
from conformance.reference.minimax.app import Front
from conformance.reference.minimax.app import create_app as create_reference
from conformance.reference.minimax.settings import ReferenceSettings
from conformance.reference.minimax.wiring import Cast

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create_app() -> ASGIApp:
    """The reference that takes the liberties which the environment variable CONFORMANCE_LIBERTY names."""
    composition = composition_of("minimax", TAKEN)
    settings = replace(ReferenceSettings.from_environment(), **composition.settings)
    return composition.wrap(create_reference(settings, cast=Cast(**composition.cast), front=Front(**composition.front)))
