"""Artifacts: uploads, re-hosted audio and generated clips, with the files that their URLs deliver."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
import shutil
import tempfile
import weakref
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from conformance.reference.parts.audio import MELODY_BYTES, MELODY_TYPE, melody

if TYPE_CHECKING:
    from conformance.reference.beatra.services.tasks import Task
    from conformance.reference.parts.database import Database

CLIP = "music_clip"
REFERENCE_AUDIO = "reference_audio"
FALLBACK_TYPE = "application/octet-stream"

_PIECE = 1_048_576


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    One file of an account.

    `media_type` is what the account declared, `content_type` what the URL delivers; `task_id` and `clip`
    (counted from 0) belong to generated clips.
    """

    artifact_id: str
    tenant_id: str
    token: str
    purpose: str
    media_type: str
    content_type: str
    extension: str
    size_bytes: int
    created_at: int
    task_id: str | None = None
    clip: int | None = None

    @property
    def path(self) -> str:
        """The absolute path of the artifact's URL; the token makes it unguessable."""
        return f"/media/{self.artifact_id}/{self.token}{self.extension}"


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that lies in the artifacts' folder but has no owner yet."""

    file: Path
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that becomes an artifact."""

    staged: Staged
    purpose: str
    media_type: str
    content_type: str


class Artifacts:
    """Keeps artifacts; their files live in a folder that is gone when the reference is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = Path(tempfile.mkdtemp(prefix="conformance-reference-"))
        self._remover = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def stage(self, content: BinaryIO) -> Staged:
        """Copy a file to the folder, from its start; slow for large ones, so not for the event loop."""
        file = self._folder / f"staged_{secrets.token_hex(13)}"
        digest = hashlib.sha256()
        content.seek(0)
        with file.open("wb") as out:
            for piece in iter(partial(content.read, _PIECE), b""):
                digest.update(piece)
                out.write(piece)
            return Staged(file=file, size_bytes=out.tell(), sha256=digest.hexdigest())

    def keep(self, tenant_id: str, incoming: Incoming, now: int) -> Artifact:
        """Make a staged file an artifact."""
        artifact = self._new(tenant_id, incoming, now)
        incoming.staged.file.rename(self._file(artifact))
        self._database.insert("artifacts", asdict(artifact))
        return artifact

    def discard(self, staged: Staged) -> None:
        """Delete a staged file that was not kept."""
        staged.file.unlink(missing_ok=True)

    def add_clips(self, task: Task, count: int, now: int) -> None:
        """Record the music that a task made; it is composed when it is first downloaded."""
        for clip in range(count):
            artifact = Artifact(
                artifact_id=_new_id(),
                tenant_id=task.tenant_id,
                token=secrets.token_hex(16),
                purpose=CLIP,
                media_type=MELODY_TYPE,
                content_type=MELODY_TYPE,
                extension=".wav",
                size_bytes=MELODY_BYTES,
                created_at=now,
                task_id=task.task_id,
                clip=clip,
            )
            self._database.insert("artifacts", asdict(artifact))

    def clips_of(self, task_id: str) -> list[Artifact]:
        """The clips of a task in their order."""
        rows = self._database.rows("SELECT * FROM artifacts WHERE task_id = ? ORDER BY clip", (task_id,))
        return [Artifact(**dict(row)) for row in rows]

    def owned(self, tenant_id: str, artifact_id: str) -> Artifact | None:
        """The account's artifact of that id."""
        found = self.find(artifact_id)
        return found if found is not None and found.tenant_id == tenant_id else None

    def find(self, artifact_id: str) -> Artifact | None:
        """The artifact of that id, of any owner."""
        row = self._database.row("SELECT * FROM artifacts WHERE artifact_id = ?", (artifact_id,))
        return None if row is None else Artifact(**dict(row))

    def file_of(self, artifact: Artifact) -> Path:
        """The file with the artifact's bytes."""
        file = self._file(artifact)
        if artifact.task_id is not None and not file.exists():
            file.write_bytes(melody(f"{artifact.task_id}:{artifact.clip}"))
        return file

    def forget(self, tenant_id: str) -> None:
        """Delete all artifacts of an account with their files."""
        rows = self._database.rows("SELECT * FROM artifacts WHERE tenant_id = ?", (tenant_id,))
        for row in rows:
            self._file(Artifact(**dict(row))).unlink(missing_ok=True)
        self._database.change("DELETE FROM artifacts WHERE tenant_id = ?", (tenant_id,))

    def close(self) -> None:
        """Delete the folder."""
        self._remover()

    def _file(self, artifact: Artifact) -> Path:
        return self._folder / artifact.artifact_id

    def _new(self, tenant_id: str, incoming: Incoming, now: int) -> Artifact:
        return Artifact(
            artifact_id=_new_id(),
            tenant_id=tenant_id,
            token=secrets.token_hex(16),
            purpose=incoming.purpose,
            media_type=incoming.media_type,
            content_type=incoming.content_type,
            extension=mimetypes.guess_extension(incoming.content_type) or ".bin",
            size_bytes=incoming.staged.size_bytes,
            created_at=now,
        )


def _new_id() -> str:
    return f"artifact_{secrets.token_hex(13)}"
