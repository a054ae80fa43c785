"""An application in Falcon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import falcon

from applications.model import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from applications.model import Application

    Handler = Callable[[Request], Answer]


def in_falcon(application: Application) -> falcon.App:  # type: ignore[type-arg] # its arguments are its own classes
    """The application as Falcon routes and serves it; OPTIONS is Falcon's own."""
    app = falcon.App(middleware=[_Methods()])
    app.req_options.strip_url_path_trailing_slash = False
    for template, methods in application.routes.items():
        app.add_route(template, _resource(application, template, methods))

    def refused(asked: falcon.Request, told: falcon.Response, error: falcon.HTTPError, _: object) -> None:
        status = falcon.http_status_to_code(error.status)
        allow = dict(error.headers or ()).get("Allow")
        _tell(application.unrouted(asked.method, asked.uri_template or asked.path, status, allow), told)

    app.add_error_handler(falcon.HTTPError, refused)
    return app


class _Methods:
    """Refuses methods that a resource lacks with 405, also those that Falcon does not know."""

    def process_resource(self, asked: falcon.Request, _: falcon.Response, resource: object, __: object) -> None:
        has = [name.removeprefix("on_").upper() for name in dir(resource) if name.startswith("on_")]
        if resource is not None and asked.method not in {*has, "OPTIONS"}:
            raise falcon.HTTPMethodNotAllowed([*has, "OPTIONS"])


def _resource(application: Application, template: str, methods: Mapping[str, Handler]) -> object:
    made = {f"on_{method.lower()}": _way(application, template, handler) for method, handler in methods.items()}
    if "on_get" in made:
        made.setdefault("on_head", made["on_get"])
    return type("Resource", (), {name: staticmethod(way) for name, way in made.items()})()


def _way(application: Application, template: str, handler: Handler) -> Callable[..., None]:
    def way(asked: falcon.Request, told: falcon.Response, **path: str) -> None:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        body = asked.bounded_stream.read()
        _tell(
            application.handle(Request(asked.method, template, path, asked.query_string, headers, body), handler), told
        )

    return way


def _tell(answer: Answer, told: falcon.Response) -> None:
    told.status = answer.status
    told.data = answer.content
    for name, value in answer.all_headers.items():
        told.set_header(name, value)
