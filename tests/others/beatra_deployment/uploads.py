"""Uploaded files: kept on disk by their content, within a bound."""

from __future__ import annotations

import hashlib
import shutil
import threading
import uuid
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from tests.others.beatra_deployment.audio import is_audio
from tests.others.beatra_deployment.refusals import RefusedError, invalid
from tests.others.beatra_deployment.tasks import now, written

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 100 * 1024 * 1024


@dataclass(frozen=True)
class Artifact:
    artifact_id: str
    project: str
    purpose: str
    mime_type: str
    media_type: str
    size: int
    path: Path
    created_at: str
    is_audio: bool

    def view(self, base: str) -> dict[str, Any]:
        return {
            "object": "artifact",
            "artifact_id": self.artifact_id,
            "cdn_url": f"{base}/cdn/uploads/{self.artifact_id}",
            "purpose": self.purpose,
            "media_type": self.media_type,
            "mime_type": self.mime_type,
            "size_bytes": self.size,
            "created_at": self.created_at,
        }


class Uploads:
    """The artifacts of all projects. The same file for the same purpose is one artifact."""

    def __init__(self, folder: Path, stored_bytes: int) -> None:
        self._folder = folder
        self._room = stored_bytes
        self._lock = threading.Lock()
        self._artifacts: dict[str, Artifact] = {}
        self._by_content: dict[tuple[str, str, str, str, str], Artifact] = {}

    def digest(self, stream: IO[bytes]) -> tuple[str, int]:
        """Digest and size of a file."""
        stream.seek(0)
        digest = hashlib.sha256()
        while block := stream.read(1024 * 1024):
            digest.update(block)
        size = stream.tell()
        if size > LARGEST_FILE:
            raise RefusedError(413, "payload_too_large", "A file has at most 100 MiB.")
        if size == 0:
            raise invalid("The file is empty.")
        return digest.hexdigest(), size

    def keep(
        self, project: str, stream: IO[bytes], known: tuple[str, int], purpose: str, kind: tuple[str, str]
    ) -> Artifact:
        """The artifact of a file, with its digest and size, for a purpose; `kind` is its MIME type and media type."""
        digest, size = known
        place = (project, digest, purpose, *kind)
        with self._lock:
            if place in self._by_content:
                return self._by_content[place]
            if size > self._room:
                raise RefusedError(503, "storage_full", "There is no room for more files.", retryable=True)
            self._room -= size
            artifact_id = f"artifact_{uuid.uuid4().hex}"
            path = self._folder / artifact_id
            stream.seek(0)
            start = stream.read(16)
            stream.seek(0)
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file)
            artifact = Artifact(artifact_id, project, purpose, *kind, size, path, written(now()), is_audio(start))
            self._artifacts[artifact_id] = self._by_content[place] = artifact
            return artifact

    def find(self, artifact_id: str) -> Artifact | None:
        return self._artifacts.get(artifact_id)
