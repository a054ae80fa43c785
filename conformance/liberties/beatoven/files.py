"""Liberties in where files are, and in what they come."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from conformance.liberties.base import Taken
from conformance.reference.beatoven.assets import TRACK, Assets
from conformance.reference.beatoven.errors import UnauthorizedError
from conformance.reference.beatoven.handlers.assets import AssetHandlers
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.parts.formats import FORMATS

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.records import Task
    from conformance.reference.parts.formats import AudioFormat


class SignedUrls(TaskHandlers):
    """Signs URLs anew whenever a task is read."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Add a signature to each."""
        meta = super().meta(task, origin)
        query = f"?X-Amz-Expires=3600&X-Amz-Signature={secrets.token_hex(16)}"
        stems = {name: url + query for name, url in meta["stems_url"].items()}
        return {**meta, "track_url": meta["track_url"] + query, "stems_url": stems}


class WavStems(Assets):
    """Delivers stems as they were mixed."""

    def kind_of(self, task: Task, part: str) -> AudioFormat:
        """Encode the track alone."""
        return super().kind_of(task, part) if part == TRACK else FORMATS["wav"]


class AacInMp4(Assets):
    """Puts AAC into a container."""

    def kind_of(self, task: Task, part: str) -> AudioFormat:
        """Take that of MPEG-4."""
        kind = super().kind_of(task, part)
        return FORMATS["m4a"] if kind.name == "aac" else kind


class Redirecting(AssetHandlers):
    """Sends clients on to where the file is."""

    def get(self, request: Request) -> Response:
        """Answer the first request with another URL."""
        if "at" not in request.query_params:
            return RedirectResponse(f"{request.url.path}?at=edge", 302)
        return super().get(request)


class PlainBytes(AssetHandlers):
    """Does not say what a file is."""

    def answer(self, content: bytes, media_type: str) -> Response:
        """Call it bytes."""
        del media_type
        return super().answer(content, "application/octet-stream")


class TokensForFiles(AssetHandlers):
    """Wants a token for files."""

    def get(self, request: Request) -> Response:
        """Refuse those without."""
        if "authorization" not in request.headers:
            raise UnauthorizedError("The request carries no valid API token.")
        return super().get(request)


TAKEN = (
    Taken(id="signed-urls", front={"tasks": SignedUrls}),
    Taken(id="stems-in-wav", cast={"assets": WavStems}),
    Taken(id="aac-in-mp4", cast={"assets": AacInMp4}),
    Taken(id="files-behind-redirects", front={"assets": Redirecting}),
    Taken(id="files-as-plain-bytes", front={"assets": PlainBytes}),
    Taken(id="token-for-files", front={"assets": TokensForFiles}),
)
