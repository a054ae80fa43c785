"""Applications with one account for all scenarios."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.reference.beatra.app import create_app
from conformance.reference.beatra.settings import ReferenceSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def one_for_all() -> ASGIApp:
    """A control interface whose state is that of the whole target, so that it opens no accounts for scenarios."""
    return create_app(replace(ReferenceSettings.from_environment(), scope="target"))
