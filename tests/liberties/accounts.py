"""Applications with one account for all scenarios, whose tasks are limited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from tests.liberties.shapes import FewUnfinished

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def one_for_all() -> ASGIApp:
    """A control interface that opens no accounts, and at most five tasks under way."""
    settings = replace(ReferenceSettings.from_environment(), scope="target")
    return create_app(settings, cast=Cast(creator=FewUnfinished))
