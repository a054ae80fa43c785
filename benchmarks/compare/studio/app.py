"""The studio with one loop that is there from the start, as tools with fixed examples need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.studio.app import create_app as create_studio

if TYPE_CHECKING:
    from starlette.applications import Starlette

KNOWN = "loop-0123456789ab"


def create_app() -> Starlette:
    """The studio, with the fault that the environment names."""
    return create_studio([KNOWN])
