"""GET /media/…: the bytes of artifacts, for every client that knows the URL."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.responses import FileResponse

from conformance.reference.beatra.errors import NotFoundError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from conformance.reference.beatra.services.artifacts import Artifact
    from conformance.reference.beatra.wiring import Services


class MediaHandlers:
    """Delivers files, whole or in ranges."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """GET /media/{artifact_id}/{name}."""
        artifact = self.find(request.path_params["artifact_id"], request.path_params["name"])
        return FileResponse(
            self._services.artifacts.file_of(artifact),
            media_type=self.content_type(artifact),
            # Uploads are whatever strangers sent, and no browser shall take them for pages of ours.
            headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"},
        )

    def find(self, artifact_id: str, name: str) -> Artifact:
        """The artifact whose URL ends in this name; raises NotFoundError."""
        artifact = self._services.artifacts.find(artifact_id)
        wanted = "" if artifact is None else artifact.token + artifact.extension
        if artifact is None or not secrets.compare_digest(wanted.encode(), name.encode()):
            raise NotFoundError("There is no such file.")
        return artifact

    def content_type(self, artifact: Artifact) -> str:
        """The media type of the answer."""
        return artifact.content_type
