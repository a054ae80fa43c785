"""An application in Starlette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from applications.model import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request as Asked

    from applications.model import Application

    Handler = Callable[[Request], Answer]


def in_starlette(application: Application) -> Starlette:
    """The application as Starlette routes and serves it; HEAD is Starlette's own."""
    routes = [Route(template, _endpoint(application, template, ways)) for template, ways in application.routes.items()]

    def refused(asked: Asked, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = (error.headers or {}) if isinstance(error, HTTPException) else {}
        allow = headers.get("Allow")
        return _response(application.unrouted(asked.method, asked.url.path, status, allow))

    app = Starlette(routes=routes, exception_handlers={HTTPException: refused})
    app.router.redirect_slashes = False
    return app


def _endpoint(application: Application, template: str, methods: Mapping[str, Handler]) -> type[HTTPEndpoint]:
    made: dict[str, Any] = {method.lower(): _way(application, template, handler) for method, handler in methods.items()}
    allow = ", ".join(sorted({*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    def options(_: Request) -> Answer:
        return Answer(204, headers={"Allow": allow})

    made.setdefault("options", _way(application, template, options))
    return type("Endpoint", (HTTPEndpoint,), made)


def _way(
    application: Application, template: str, handler: Handler
) -> Callable[[HTTPEndpoint, Asked], Awaitable[Response]]:
    async def way(_: HTTPEndpoint, asked: Asked) -> Response:
        path = {name: str(value) for name, value in asked.path_params.items()}
        query = asked.scope["query_string"].decode("latin-1")
        request = Request(asked.method, template, path, query, dict(asked.headers), await asked.body())
        return _response(application.handle(request, handler))

    return way


def _response(answer: Answer) -> Response:
    return Response(answer.content, answer.status, answer.all_headers)
