"""POST /v1/uploads: one file in a multipart form."""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse

from conformance.reference.beatra.errors import PayloadTooLargeError
from conformance.reference.beatra.handlers.reading import (
    attempt_of,
    fingerprint,
    origin_of,
    require_media_type,
)
from conformance.reference.beatra.services.artifacts import FALLBACK_TYPE, Incoming
from conformance.reference.beatra.validation import Complaint, refusal
from conformance.reference.parts.bodies import NotJsonError, parse_form, parse_json

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.services.artifacts import Artifact, Staged
    from conformance.reference.beatra.wiring import Services

DEFAULT_PURPOSE = "media_input"

_CREATED = 201
_LONGEST_FIELD = 200
_FORM_OVERHEAD = 1_048_576
_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")


class UploadHandlers:
    """Takes files."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    async def create(self, request: Request) -> JSONResponse:
        """POST /v1/uploads."""
        tenant_id = self._guard.admit(request)
        require_media_type(request, "multipart/form-data")
        form = await parse_form(request, self._services.settings.upload_bytes + _FORM_OVERHEAD)
        try:
            artifact = await self.keep(request, tenant_id, form)
        finally:
            await form.close()
        answer = self._services.presenter.artifact(artifact, origin_of(request))
        return JSONResponse(answer, status_code=_CREATED)

    async def keep(self, request: Request, tenant_id: str, form: FormData) -> Artifact:
        """Store the file of a form, once for each Idempotency-Key."""
        file = self.file_of(form)
        fields = self.fields_of(form)
        staged = await run_in_threadpool(self._services.artifacts.stage, file.file)
        try:
            attempt = attempt_of(request, tenant_id, fingerprint([staged.sha256, file.filename, fields]))
            incoming = self.incoming(staged, self.sent_type(file), fields)
            return self._services.uploads.keep(tenant_id, incoming, attempt)
        finally:
            self._services.artifacts.discard(staged)

    def file_of(self, form: FormData) -> UploadFile:
        """The one file of the form; raises InvalidRequestError and PayloadTooLargeError."""
        files = form.getlist("file")
        if not files:
            raise refusal([Complaint("/file", "is required", is_missing=True)])
        file = files[0]
        if len(files) > 1 or not isinstance(file, UploadFile):
            raise refusal([Complaint("/file", "is not exactly one file")])
        self.check_size(file.size or 0)
        return file

    def check_size(self, size: int) -> None:
        """Refuse empty and oversized files; raises InvalidRequestError and PayloadTooLargeError."""
        if size == 0:
            raise refusal([Complaint("/file", "is empty")])
        if size > self._services.settings.upload_bytes:
            raise PayloadTooLargeError(f"A file has at most {self._services.settings.upload_bytes} bytes.")

    def fields_of(self, form: FormData) -> dict[str, str]:
        """The texts beside the file; raises InvalidRequestError."""
        fields = {name: self.text_of(form, name) for name in ("purpose", "media_type", "metadata")}
        given = {name: text for name, text in fields.items() if text is not None}
        self.check_metadata(given.get("metadata", "{}"))
        return given

    def text_of(self, form: FormData, name: str) -> str | None:
        """A text that may be given once, None when it is not; raises InvalidRequestError."""
        values = form.getlist(name)
        if not values:
            return None
        text = values[0]
        if len(values) > 1 or not isinstance(text, str) or not text:
            raise refusal([Complaint(f"/{name}", "is not exactly one text")])
        if name != "metadata" and len(text) > _LONGEST_FIELD:
            raise refusal([Complaint(f"/{name}", "is too long")])
        return text

    def check_metadata(self, text: str) -> None:
        """Refuse metadata that is no JSON object; raises InvalidRequestError."""
        try:
            metadata = parse_json(text.encode())
        except NotJsonError as problem:
            raise refusal([Complaint("/metadata", "is not valid JSON")]) from problem
        if not isinstance(metadata, dict):
            raise refusal([Complaint("/metadata", "is not a JSON object")])

    def incoming(self, staged: Staged, sent_type: str, fields: dict[str, str]) -> Incoming:
        """The file as it is to be kept."""
        declared = fields.get("media_type", sent_type)
        return Incoming(
            staged=staged,
            purpose=fields.get("purpose", DEFAULT_PURPOSE),
            media_type=declared,
            content_type=declared if _MIME.fullmatch(declared) else sent_type,
        )

    def sent_type(self, file: UploadFile) -> str:
        """The file's media type as its part of the form says or its name suggests."""
        sent = (file.content_type or "").partition(";")[0].strip().lower()
        if _MIME.fullmatch(sent):
            return sent
        return mimetypes.guess_type(file.filename or "")[0] or FALLBACK_TYPE
