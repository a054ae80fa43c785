"""Liberties with uploads and with the files that URLs deliver."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, RedirectResponse

from conformance.liberties.base import Taken
from conformance.liberties.beatra.answers import in_uploads
from conformance.reference.beatra.errors import NotFoundError, UnauthorizedError
from conformance.reference.beatra.handlers.media import MediaHandlers
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.handlers.uploads import UploadHandlers
from conformance.reference.beatra.services.artifacts import FALLBACK_TYPE, REFERENCE_AUDIO
from conformance.reference.beatra.services.uploads import Uploads
from conformance.reference.beatra.validation import Complaint, refusal

if TYPE_CHECKING:
    from starlette.datastructures import FormData, UploadFile
    from starlette.requests import Request
    from starlette.responses import Response

    from conformance.reference.beatra.services.artifacts import Artifact, Incoming
    from conformance.reference.beatra.services.idempotency import Attempt

    Content = dict[str, Any]

_LATE_SECONDS = 1.0
_PURPOSES = ("media_input", REFERENCE_AUDIO)


class OnlyMp3(UploadHandlers):
    """Takes the one type of files that a document shows."""

    def sent_type(self, file: UploadFile) -> str:
        """Refuse all others."""
        found = super().sent_type(file)
        if found != "audio/mpeg":
            raise refusal([Complaint("/file", "is of a type that is not supported")])
        return found


class AnswersOk(UploadHandlers):
    """Answers with the status of a result."""

    async def create(self, request: Request) -> JSONResponse:
        """Say 200."""
        answer = await super().create(request)
        answer.status_code = 200
        return answer


class TakesEmptyFiles(UploadHandlers):
    """Does not look at how long a file is."""

    def check_size(self, size: int) -> None:
        """Let nothing pass for a file."""
        super().check_size(size or 1)


class TakesAnyMetadata(UploadHandlers):
    """Keeps metadata as a text."""

    def check_metadata(self, text: str) -> None:
        """Not look into it."""


class KnowsItsPurposes(UploadHandlers):
    """Takes files for two purposes."""

    def fields_of(self, form: FormData) -> dict[str, str]:
        """Refuse others."""
        fields = super().fields_of(form)
        if fields.get("purpose", _PURPOSES[0]) not in _PURPOSES:
            raise refusal([Complaint("/purpose", f"is not one of {', '.join(_PURPOSES)}")])
        return fields


class KnowsPurposes(MusicHandlers):
    """Takes an upload as a reference only if it was uploaded as one."""

    def check_artifact(self, tenant_id: str, artifact_id: str) -> None:
        """Refuse what is for something else."""
        super().check_artifact(tenant_id, artifact_id)
        found = self._services.artifacts.owned(tenant_id, artifact_id)
        if found is not None and found.purpose != REFERENCE_AUDIO:
            raise refusal([Complaint("/reference_audio/artifact_id", "was not uploaded as reference audio")])


class KeepsOnce(Uploads):
    """Keeps the same bytes for the same purpose once."""

    def keep(self, tenant_id: str, incoming: Incoming, attempt: Attempt | None) -> Artifact:
        """Return what is there."""
        name = (tenant_id, incoming.purpose, incoming.staged.sha256)
        known = self._kept.get(name)
        if known is None or self.artifacts.find(known.artifact_id) is None:
            self._kept[name] = known = super().keep(tenant_id, incoming, attempt)
            return known
        with self.database.transaction():
            now = self.clock.now(tenant_id)
            if attempt is not None and self.idempotency.recall(attempt, now) is None:
                self.idempotency.remember(attempt, known.artifact_id, now)
        return known

    @cached_property
    def _kept(self) -> dict[tuple[str, str, str], Artifact]:
        return {}


class LateMedia(MediaHandlers):
    """Has each file at the edge a second after it was first asked for."""

    async def get(self, request: Request) -> Response:
        """Not have it yet."""
        asked = self._asked.setdefault(request.url.path, time.monotonic())
        if time.monotonic() - asked < _LATE_SECONDS:
            raise NotFoundError("There is no such file.")
        return await super().get(request)

    @cached_property
    def _asked(self) -> dict[str, float]:
        return {}


class RedirectedMedia(MediaHandlers):
    """Sends clients to the place where a file is."""

    async def get(self, request: Request) -> Response:
        """Add where."""
        if "edge" in request.query_params:
            return await super().get(request)
        return RedirectResponse(str(request.url.include_query_params(edge="1")), 302)


class MediaForKeys(MediaHandlers):
    """Delivers files to those with a key."""

    async def get(self, request: Request) -> Response:
        """Ask for the key."""
        if not request.headers.get("authorization"):
            raise UnauthorizedError("The request carries no bearer key.")
        return await super().get(request)


class UntypedMedia(MediaHandlers):
    """Delivers bytes."""

    def content_type(self, artifact: Artifact) -> str:
        """Not say of which type."""
        super().content_type(artifact)
        return FALLBACK_TYPE


def _nested(upload: Content) -> Content:
    return {"artifact": upload}


def _briefly(upload: Content) -> Content:
    return {name: upload[name] for name in ("artifact_id", "url") if name in upload} or upload


def _renamed(upload: Content) -> Content:
    inner = upload.get("artifact", upload)
    if "url" in inner:
        inner["cdn_url"] = inner.pop("url")
    return upload


TAKEN = (
    Taken(id="only-mp3", front={"uploads": OnlyMp3}),
    Taken(id="uploads-as-200", front={"uploads": AnswersOk}),
    Taken(id="empty-files-taken", front={"uploads": TakesEmptyFiles}),
    Taken(id="any-metadata-of-uploads", front={"uploads": TakesAnyMetadata}),
    Taken(id="two-purposes-only", front={"uploads": KnowsItsPurposes}),
    Taken(id="references-by-purpose", front={"music": KnowsPurposes}),
    Taken(id="uploads-kept-once", cast={"uploads": KeepsOnce}),
    Taken(id="late-files", front={"media": LateMedia}),
    Taken(id="redirected-files", front={"media": RedirectedMedia}),
    Taken(id="files-for-keys", front={"media": MediaForKeys}),
    Taken(id="files-without-type", front={"media": UntypedMedia}),
    Taken(id="brief-uploads", wrap=in_uploads(_briefly)),
    Taken(id="uploads-with-cdn-url", wrap=in_uploads(_renamed)),
    Taken(id="nested-uploads", wrap=in_uploads(_nested)),
)
