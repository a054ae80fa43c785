"""The ASGI application: routes, and which class plays which part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from conformance.reference.beatoven.accounts import Accounts
from conformance.reference.beatoven.assets import Assets
from conformance.reference.beatoven.compositions import Compositions
from conformance.reference.beatoven.errors import ApiError
from conformance.reference.beatoven.handlers.assets import AssetHandlers
from conformance.reference.beatoven.handlers.control import ControlHandlers
from conformance.reference.beatoven.handlers.guard import Guard
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.handlers.tracks import TrackHandlers
from conformance.reference.beatoven.settings import ReferenceSettings
from conformance.reference.parts.clock import Clock

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute


@dataclass(frozen=True, slots=True)
class Cast:
    """The classes that do the work; replacing one changes how the reference behaves in that one respect."""

    clock: type[Clock] = Clock
    accounts: type[Accounts] = Accounts
    compositions: type[Compositions] = Compositions
    assets: type[Assets] = Assets


@dataclass(frozen=True, slots=True)
class Front:
    """The classes that answer requests; replacing one changes the answers in that one respect."""

    guard: type[Guard] = Guard
    tracks: type[TrackHandlers] = TrackHandlers
    tasks: type[TaskHandlers] = TaskHandlers
    assets: type[AssetHandlers] = AssetHandlers


def create_app(
    settings: ReferenceSettings | None = None, *, cast: Cast | None = None, front: Front | None = None
) -> Starlette:
    """
    Make an independent instance without any track.

    Without settings they come from the environment. Raises BadSettingError.
    """
    settings = settings or ReferenceSettings.from_environment()
    app = Starlette(
        routes=_routes(settings, cast or Cast(), front or Front()),
        exception_handlers={ApiError: _refused, HTTPException: _not_routed},
    )
    app.router.redirect_slashes = False
    return app


def _routes(settings: ReferenceSettings, cast: Cast, front: Front) -> list[BaseRoute]:
    accounts = cast.accounts(cast.clock())
    for token in (settings.main_key, settings.second_key):
        accounts.open_with(token)
    compositions = cast.compositions(accounts, settings)
    assets = cast.assets()
    guard = front.guard(accounts)
    tracks = front.tracks(compositions, guard, settings)
    # The control interface lets in by the rules of the reference, also where a part of it is replaced.
    control = ControlHandlers(accounts, compositions, Guard(accounts))
    return [
        Route("/api/v1/tracks/compose", tracks.compose, methods=["POST"]),
        Route("/api/v1/tracks", tracks.create, methods=["POST"]),
        Route("/api/v1/tracks/compose/{track_id}", tracks.compose_created, methods=["POST"]),
        Route("/api/v1/tasks/{task_id}", front.tasks(compositions, assets, guard).get),
        Route("/assets/{name}", front.assets(assets).get),
        Route("/_control", control.describe),
        Route("/_control/", control.describe),
        Route("/_control/clock", control.clock, methods=["POST"]),
        Route("/_control/tasks/outcome", control.outcome, methods=["POST"]),
        Route("/_control/tasks/hold", control.hold, methods=["POST"]),
        Route("/_control/reset", control.reset, methods=["POST"]),
        Route("/_control/tenants", control.tenants, methods=["POST"]),
    ]


async def _refused(_request: Request, problem: Exception) -> JSONResponse:
    status = problem.status if isinstance(problem, ApiError) else ApiError.status
    return JSONResponse({"error": str(problem)}, status_code=status)


async def _not_routed(_request: Request, problem: Exception) -> JSONResponse:
    status, detail = (problem.status_code, problem.detail) if isinstance(problem, HTTPException) else (500, "")
    return JSONResponse({"error": detail}, status_code=status)
