"""An application in Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from applications.model import Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from applications.model import Application


def in_flask(application: Application) -> flask.Flask:
    """The application as Flask routes and serves it; HEAD and OPTIONS are Flask's own."""
    app = flask.Flask(type(application).__name__)
    for template, methods in application.routes.items():
        rule = template.replace("{", "<").replace("}", ">")
        for method, handler in methods.items():
            app.add_url_rule(rule, f"{method} {template}", _view(application, template, handler), methods=[method])
    app.register_error_handler(HTTPException, lambda error: _refused(application, error))
    return app


def _view(
    application: Application, template: str, handler: Callable[[Request], Answer]
) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        return _response(application.handle(_request(template, path), handler))

    return view


def _request(template: str, path: dict[str, str]) -> Request:
    asked = flask.request
    headers = {name.lower(): value for name, value in asked.headers.items()}
    query = asked.query_string.decode("latin-1")
    return Request(asked.method, template, path, query, headers, asked.get_data(cache=False))


def _response(answer: Answer) -> flask.Response:
    response = flask.Response(answer.content, answer.status, answer.all_headers)
    if "Content-Type" not in answer.all_headers:
        del response.headers["Content-Type"]
    return response


def _refused(application: Application, error: HTTPException) -> flask.Response:
    if error.code not in {404, 405}:
        return flask.Response(error.get_body(), error.code)
    allow = ", ".join(sorted(error.valid_methods or ())) if isinstance(error, MethodNotAllowed) else None
    return _response(application.unrouted(flask.request.method, flask.request.path, error.code or 404, allow))
