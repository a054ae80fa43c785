"""The routes of the server."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import falcon

from tests.others.beatoven_server.audio import FORMATS
from tests.others.beatoven_server.store import Order, Store

if TYPE_CHECKING:
    from tests.others.beatoven_server.settings import Account, Settings

LARGEST_BODY = 100_000
LONGEST_TEXT = 4_000


class Gate:
    """Whom a token belongs to, and how many tracks are left of its quota."""

    def __init__(self, settings: Settings) -> None:
        self._accounts = settings.accounts
        self._lock = threading.Lock()

    def account(self, request: falcon.Request) -> Account:
        scheme, _, token = (request.get_header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise falcon.HTTPUnauthorized(description="Send your API token as a bearer token.", challenges=["Bearer"])
        account = self._accounts.get(token.strip())
        if account is None:
            raise falcon.HTTPForbidden(description="This API token is not valid.")
        return account

    def use_quota(self, account: Account) -> None:
        with self._lock:
            if account.quota < 1:
                raise falcon.HTTPError(falcon.HTTP_402, title="Quota used up")
            account.quota -= 1


class Compose:
    def __init__(self, gate: Gate, store: Store) -> None:
        self._gate = gate
        self._store = store

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        account = self._gate.account(request)
        order = _order(_body(request))
        self._gate.use_quota(account)
        task = self._store.compose(account.name, order)
        response.status = falcon.HTTP_202
        response.media = {"status": "started", "task_id": task.task_id}


class Tasks:
    def __init__(self, gate: Gate, store: Store) -> None:
        self._gate = gate
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response, task_id: str) -> None:
        view = self._store.view(self._gate.account(request).name, task_id, request.prefix)
        if view is None:
            raise falcon.HTTPNotFound(description="There is no such task.")
        response.media = view
        response.cache_control = ["no-store"]


class Assets:
    def __init__(self, store: Store) -> None:
        self._store = store

    def on_get(self, request: falcon.Request, response: falcon.Response, track_id: str, name: str) -> None:
        expires, signature = request.get_param("expires") or "", request.get_param("signature") or ""
        found = self._store.audio(track_id, name.partition(".")[0], expires, signature)
        if found is None:
            raise falcon.HTTPForbidden(description="This address is not valid, or not any more.")
        response.data, response.content_type = found


class Gone:
    def on_post(self, _request: falcon.Request, _response: falcon.Response, **_: str) -> None:
        raise falcon.HTTPGone(description="Compose with POST /api/v1/tracks/compose.")


def application(settings: Settings) -> falcon.App[falcon.Request, falcon.Response]:
    app = falcon.App()
    gate, store = Gate(settings), Store(settings)
    app.add_route("/api/v1/tracks/compose", Compose(gate, store))
    app.add_route("/api/v1/tasks/{task_id}", Tasks(gate, store))
    app.add_route("/api/v1/tracks", Gone())
    app.add_route("/api/v1/tracks/compose/{track_id}", Gone())
    app.add_route("/assets/{track_id}/{name}", Assets(store))
    return app


def _body(request: falcon.Request) -> dict[str, Any]:
    if (request.content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise falcon.HTTPUnsupportedMediaType(description="Send application/json.")
    raw = request.bounded_stream.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge(description="A body has at most 100,000 bytes.")
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise falcon.HTTPBadRequest(description="The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _invalid("The body must be an object.")
    return body


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _order(body: dict[str, Any]) -> Order:
    prompt = body.get("prompt")
    text = prompt.get("text") if isinstance(prompt, dict) else None
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise _invalid(f"The prompt needs a text of at most {LONGEST_TEXT} characters.")
    form = body.get("format") if body.get("format") is not None else "wav"
    if not isinstance(form, str) or form not in FORMATS:
        raise _invalid("The format must be mp3, aac or wav.")
    looping = body.get("looping") if body.get("looping") is not None else False
    if not isinstance(looping, bool):
        raise _invalid("Looping must be true or false.")
    return Order(text, form, looping)


def _invalid(description: str) -> falcon.HTTPError:
    return falcon.HTTPUnprocessableEntity(description=description)
