"""Applications that lack all of the documented operations, or one of them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route

from tests.cli.studio.app import create_app

without_routes = Starlette()


def without_voices() -> Starlette:
    """The studio without one of its operations."""
    studio = create_app()
    studio.router.routes[:] = [one for one in studio.routes if not (isinstance(one, Route) and "voices" in one.path)]
    return studio
