"""The ASGI application: its routes and its middleware."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from conformance.reference.minimax.handlers.control import ControlHandlers
from conformance.reference.minimax.handlers.covers import CoverHandlers
from conformance.reference.minimax.handlers.failures import CONTROL, Failures, LastResort
from conformance.reference.minimax.handlers.guard import Guard
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.handlers.media import MediaHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.handlers.reading import BodyReader
from conformance.reference.minimax.handlers.trace_ids import TraceIds
from conformance.reference.minimax.settings import ReferenceSettings
from conformance.reference.minimax.wiring import Cast, put_together

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from conformance.reference.minimax.wiring import Services


@dataclass(frozen=True, slots=True)
class Front:
    """The classes that answer requests; replacing one changes the answers in that one respect."""

    guard: type[Guard] = Guard
    reader: type[BodyReader] = BodyReader
    music: type[MusicHandlers] = MusicHandlers
    covers: type[CoverHandlers] = CoverHandlers
    lyrics: type[LyricsHandlers] = LyricsHandlers
    media: type[MediaHandlers] = MediaHandlers
    control: type[ControlHandlers] = ControlHandlers
    failures: type[Failures] = Failures
    trace_ids: type[TraceIds] = TraceIds


def create_app(
    settings: ReferenceSettings | None = None, *, cast: Cast | None = None, front: Front | None = None
) -> Starlette:
    """
    Make an independent instance with an empty database.

    Without settings they come from the environment. Raises BadSettingError.
    """
    settings = settings or ReferenceSettings.from_environment()
    front = front or Front()
    app = Starlette(
        routes=_routes(put_together(settings, cast or Cast()), front),
        middleware=[Middleware(front.trace_ids), Middleware(LastResort)],
        exception_handlers=front.failures().handlers(),
    )
    # A redirect would be an answer without `base_resp` to a path that does not exist.
    app.router.redirect_slashes = False
    return app


def _routes(services: Services, front: Front) -> list[BaseRoute]:
    guard = front.guard(services)
    reader = front.reader(services.settings.json_bytes)
    music = front.music(services, guard, reader)
    covers = front.covers(services, guard, reader)
    lyrics = front.lyrics(services, guard, reader)
    return [
        Route("/v1/music_generation", music.create, methods=["POST"]),
        Route("/v1/music_cover_preprocess", covers.preprocess, methods=["POST"]),
        Route("/v1/lyrics_generation", lyrics.create, methods=["POST"]),
        Route("/media/{name}", front.media(services).get),
        *_control_routes(front.control(services, guard, BodyReader(services.settings.json_bytes))),
    ]


def _control_routes(control: ControlHandlers) -> list[BaseRoute]:
    return [
        Route(CONTROL, control.describe),
        Route(f"{CONTROL}/", control.describe),
        Route(f"{CONTROL}/clock", control.clock, methods=["POST"]),
        Route(f"{CONTROL}/wallet", control.wallet, methods=["GET", "PUT"]),
        Route(f"{CONTROL}/plan", control.plan, methods=["PUT"]),
        Route(f"{CONTROL}/rate-limit", control.rate_limit, methods=["POST"]),
        Route(f"{CONTROL}/reset", control.reset, methods=["POST"]),
        Route(f"{CONTROL}/tenants", control.tenants, methods=["POST"]),
    ]
