"""The ASGI application: routes, middleware, and the worker that keeps tasks going."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from conformance.reference.beatra.handlers.chat import ChatHandlers
from conformance.reference.beatra.handlers.control import ControlHandlers
from conformance.reference.beatra.handlers.documents import DocumentHandlers
from conformance.reference.beatra.handlers.failures import Failures, LastResort
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.health import HealthHandlers
from conformance.reference.beatra.handlers.media import MediaHandlers
from conformance.reference.beatra.handlers.models import ModelHandlers
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast, put_together
from conformance.reference.parts.request_id import RequestIds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.routing import BaseRoute

    from conformance.reference.beatra.services.lifecycle import Lifecycle
    from conformance.reference.beatra.wiring import Services

_WORKER_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Front:
    """The classes that answer requests; replacing one changes the answers in that one respect."""

    guard: type[Guard] = Guard
    music: type[MusicHandlers] = MusicHandlers
    tasks: type[TaskHandlers] = TaskHandlers
    uploads: type[UploadHandlers] = UploadHandlers
    chat: type[ChatHandlers] = ChatHandlers
    models: type[ModelHandlers] = ModelHandlers
    health: type[HealthHandlers] = HealthHandlers
    media: type[MediaHandlers] = MediaHandlers
    control: type[ControlHandlers] = ControlHandlers
    documents: type[DocumentHandlers] = DocumentHandlers
    failures: type[Failures] = Failures
    request_ids: type[RequestIds] = RequestIds


def create_app(
    settings: ReferenceSettings | None = None, *, cast: Cast | None = None, front: Front | None = None
) -> Starlette:
    """
    Make an independent instance with an empty database.

    Without settings they come from the environment. Raises BadSettingError.
    """
    settings = settings or ReferenceSettings.from_environment()
    front = front or Front()
    services = put_together(settings, cast or Cast())
    app = Starlette(
        routes=_routes(services, front),
        middleware=[Middleware(front.request_ids), Middleware(LastResort)],
        exception_handlers=front.failures().handlers(),
        lifespan=_lifespan(services),
    )
    # A redirect would be an answer without the envelope to a path that does not exist.
    app.router.redirect_slashes = False
    return app


def _routes(services: Services, front: Front) -> list[BaseRoute]:
    guard = front.guard(services)
    documents = front.documents(services.settings.document)
    media = front.media(services)
    return [
        *_api_routes(services, front, guard),
        *_control_routes(front.control(services, guard)),
        Route("/media/{artifact_id}/{name}", media.get),
        Route("/openapi.yaml", documents.as_yaml),
        Route("/openapi.json", documents.as_json),
        Route("/llms.txt", documents.as_index),
    ]


def _api_routes(services: Services, front: Front, guard: Guard) -> list[BaseRoute]:
    music = front.music(services, guard)
    tasks = front.tasks(services, guard)
    uploads = front.uploads(services, guard)
    chat = front.chat(services, guard)
    models = front.models(services, guard)
    return [
        Route("/v1/music/text-to-music", music.from_text, methods=["POST"]),
        Route("/v1/music/reference-audio-to-music", music.from_reference_audio, methods=["POST"]),
        Route("/v1/uploads", uploads.create, methods=["POST"]),
        Route("/v1/tasks", tasks.page),
        Route("/v1/tasks/{task_id}", tasks.get),
        Route("/v1/tasks/{task_id}/cancel", tasks.cancel, methods=["POST"]),
        Route("/v1/chat/completions", chat.create, methods=["POST"]),
        Route("/v1/models", models.models),
        Route("/v1/catalog/models", models.catalog),
        Route("/v1/catalog/capabilities", models.capabilities),
        Route("/v1/health", front.health().get),
    ]


def _control_routes(control: ControlHandlers) -> list[BaseRoute]:
    return [
        Route("/_control", control.describe),
        Route("/_control/", control.describe),
        Route("/_control/clock", control.clock, methods=["POST"]),
        Route("/_control/wallet", control.wallet, methods=["GET", "PUT"]),
        Route("/_control/tasks/outcome", control.outcome, methods=["POST"]),
        Route("/_control/tasks/hold", control.hold, methods=["POST"]),
        Route("/_control/rate-limit", control.rate_limit, methods=["POST"]),
        Route("/_control/reset", control.reset, methods=["POST"]),
        Route("/_control/tenants", control.tenants, methods=["POST"]),
    ]


def _lifespan(services: Services) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        worker = asyncio.create_task(_work(services.lifecycle))
        try:
            yield
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
            await services.rehosting.abandon()
            services.artifacts.close()

    return lifespan


async def _work(lifecycle: Lifecycle) -> None:
    while True:
        lifecycle.settle_all()
        await asyncio.sleep(_WORKER_PAUSE_SECONDS)
