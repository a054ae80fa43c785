"""The routes of the deployment."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, jsonify, request, send_file
from werkzeug.exceptions import HTTPException

from tests.others.beatra_deployment.accounts import Gate
from tests.others.beatra_deployment.audio import MIME_TYPE, compose
from tests.others.beatra_deployment.bodies import LARGEST_BODY, order_of, parse
from tests.others.beatra_deployment.references import References
from tests.others.beatra_deployment.refusals import RefusedError, invalid, missing
from tests.others.beatra_deployment.store import Page, Retry, Store, number_at
from tests.others.beatra_deployment.tasks import STATES
from tests.others.beatra_deployment.uploads import LARGEST_FILE, Uploads

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from tests.others.beatra_deployment.bodies import Order
    from tests.others.beatra_deployment.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}\Z")
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "payload_too_large"}


def application(settings: Settings, folder: Path) -> Flask:
    """A deployment that keeps its uploads in a folder."""
    app = Flask("beatra_deployment")
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FILE + 2 * LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    _common(app)
    gate, store = Gate(settings), Store(settings)
    uploads = Uploads(folder, settings.limits.stored_bytes)
    _music(app, gate, store, References(uploads))
    _tasks(app, gate, store)
    _uploads(app, gate, store, uploads)
    return app


def _common(app: Flask) -> None:
    @app.before_request
    def name_the_request() -> None:
        sent = request.headers.get("X-Request-Id", "")
        g.request_id = sent if _REQUEST_ID.match(sent) else f"req-{uuid.uuid4().hex}"

    @app.after_request
    def echo_the_name(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(RefusedError)
    def refuse(error: RefusedError) -> tuple[Response, int, dict[str, str]]:
        return jsonify(error.envelope(g.request_id)), error.status, error.headers

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> tuple[Response, int, dict[str, str]]:
        status = error.code or 500
        allow = {name: value for name, value in error.get_headers() if name == "Allow"}
        code = _CODES.get(status, "invalid_request" if status < 500 else "internal_error")
        refused = RefusedError(status, code, error.name, retryable=status >= 500, headers=allow)
        return jsonify(refused.envelope(g.request_id)), status, refused.headers


def _music(app: Flask, gate: Gate, store: Store, references: References) -> None:
    def create(capability: str) -> tuple[Response, int, dict[str, str]]:
        project = gate.holder(request.headers.get("Authorization"), "music").project
        if request.mimetype != "application/json":
            raise RefusedError(415, "unsupported_media_type", "Send application/json.")
        raw = request.get_data()

        def read() -> Order:
            order = order_of(parse(raw), capability)
            if capability == "reference_audio_to_music":
                references.check(project, order.body.get("reference_audio"))
            return order

        def fetch(order: Order) -> Future[str | None] | None:
            return references.fetch(order.body["reference_audio"]) if capability == "reference_audio_to_music" else None

        task = store.create(project, read, _retry(project, hashlib.sha256(raw).digest()), fetch)
        base = request.host_url.rstrip("/")
        return jsonify(task.envelope(base)), 202, {"Location": f"{base}/v1/tasks/{task.task_id}"}

    @app.post("/v1/music/text-to-music")
    def text_to_music() -> tuple[Response, int, dict[str, str]]:
        return create("text_to_music")

    @app.post("/v1/music/reference-audio-to-music")
    def reference_audio_to_music() -> tuple[Response, int, dict[str, str]]:
        return create("reference_audio_to_music")

    @app.get("/cdn/clips/<name>.wav")
    def clip(name: str) -> Response:
        if not re.fullmatch(r"[0-9a-f-]{36}-[01]", name):
            raise missing("clip")
        return Response(compose(name).content, mimetype=MIME_TYPE)


def _tasks(app: Flask, gate: Gate, store: Store) -> None:
    def project() -> str:
        return gate.holder(request.headers.get("Authorization"), "tasks").project

    @app.get("/v1/tasks")
    def list_tasks() -> Response:
        owner = project()
        base = request.host_url.rstrip("/")
        tasks, cursor = store.page(owner, _page())
        expand = frozenset(name.strip() for name in request.args.get("expand", "").split(","))
        body: dict[str, Any] = {"object": "list", "data": [task.listed(base, expand) for task in tasks]}
        body["has_more"] = cursor is not None
        if cursor is not None:
            body["next_cursor"] = cursor
        return jsonify(body)

    @app.get("/v1/tasks/<task_id>")
    def get_task(task_id: str) -> Response:
        return jsonify(store.task(project(), task_id).envelope(request.host_url.rstrip("/")))

    @app.post("/v1/tasks/<task_id>/cancel")
    def cancel_task(task_id: str) -> tuple[Response, int]:
        owner = project()
        if raw := request.get_data():
            body = parse(raw)
            if not isinstance(body.get("reason") or "", str):
                raise invalid("The reason is a string.", "/reason")
        return jsonify(store.cancel(owner, task_id).envelope(request.host_url.rstrip("/"))), 202


def _uploads(app: Flask, gate: Gate, store: Store, uploads: Uploads) -> None:
    @app.post("/v1/uploads")
    def upload() -> tuple[Response, int]:
        project = gate.holder(request.headers.get("Authorization"), "uploads").project
        if request.mimetype != "multipart/form-data":
            raise RefusedError(415, "unsupported_media_type", "Send multipart/form-data.")
        file = request.files.get("file")
        if file is None:
            raise invalid("A file is required.", "/file")
        purpose = request.form.get("purpose", "media_input")
        if not re.fullmatch(r"[a-z_]{1,64}", purpose):
            raise invalid("There is no such purpose.", "/purpose")
        _check_form_metadata(request.form.get("metadata"))
        mime_type = file.mimetype or "application/octet-stream"
        media_type = request.form.get("media_type") or mime_type.partition("/")[0]
        known = uploads.digest(file.stream)
        fields = [known[0], purpose, mime_type, media_type, request.form.get("metadata", "")]
        retry = _retry(project, hashlib.sha256(json.dumps(fields).encode()).digest())
        base = request.host_url.rstrip("/")
        view = store.once(
            retry, lambda: uploads.keep(project, file.stream, known, purpose, (mime_type, media_type)).view(base)
        )
        return jsonify(view), 201

    @app.get("/cdn/uploads/<artifact_id>")
    def uploaded(artifact_id: str) -> Response:
        artifact = uploads.find(artifact_id)
        if artifact is None:
            raise missing("file")
        return send_file(artifact.path, mimetype=artifact.mime_type)


def _check_form_metadata(text: str | None) -> None:
    if text is None:
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise invalid("Metadata is a JSON object in a form field.", "/metadata")


def _retry(project: str, digest: bytes) -> Retry | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 255:
        raise invalid("An Idempotency-Key has at most 255 characters.")
    return Retry(project, request.path, key, digest) if key else None


def _page() -> Page:
    sent = request.args
    limit = sent.get("limit", "20")
    if not re.fullmatch(r"[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
        raise invalid("The limit is a number from 1 to 100.")
    if sent.get("order", "desc") not in {"asc", "desc"}:
        raise invalid("The order is asc or desc.")
    if sent.get("status", "queued") not in STATES:
        raise invalid("There is no such status.")
    cursor = sent.get("cursor")
    return Page(
        limit=int(limit),
        ascending=sent.get("order") == "asc",
        status=sent.get("status"),
        capability=sent.get("capability"),
        after=_moment(sent.get("created_after")),
        before=_moment(sent.get("created_before")),
        cursor=None if cursor is None else number_at(cursor),
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise invalid("This is no date with time.") from error
    if moment.tzinfo is None:
        raise invalid("This time has no offset.")
    return moment
