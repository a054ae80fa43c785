"""Reference audio: an uploaded artifact, or an address that is downloaded before the task goes on."""

from __future__ import annotations

import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.others.beatra_deployment.audio import is_audio
from tests.others.beatra_deployment.refusals import invalid, missing

if TYPE_CHECKING:
    from tests.others.beatra_deployment.uploads import Uploads

LARGEST_DOWNLOAD = 50 * 1024 * 1024
SECONDS = 5.0


class References:
    """Checks what a request refers to, and fetches it."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self._downloads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="download")

    def check(self, project: str, value: object) -> None:
        """
        Whether a reference can be used by a project.

        Raises:
            RefusedError: it has no known form, or there is no such artifact

        """
        if not isinstance(value, dict):
            raise invalid("Reference audio is required, as an object.", "/reference_audio")
        if value.get("type") == "artifact":
            self._check_artifact(project, value.get("artifact_id"))
        elif value.get("type") == "url":
            _check_address(value.get("url"))
        else:
            raise invalid("The type is artifact or url.", "/reference_audio/type")

    def _check_artifact(self, project: str, artifact_id: object) -> None:
        if not isinstance(artifact_id, str) or not artifact_id:
            raise invalid("An artifact id is required.", "/reference_audio/artifact_id")
        artifact = self._uploads.find(artifact_id)
        if artifact is None or artifact.project != project:
            raise missing("artifact")
        if not artifact.is_audio:
            raise invalid("This artifact is not audio.", "/reference_audio/artifact_id")

    def fetch(self, value: dict[str, Any]) -> Future[str | None] | None:
        """The download of a reference, whose result is the reason of a failure, or nothing."""
        return self._downloads.submit(_download, value["url"]) if value["type"] == "url" else None


def _check_address(url: object) -> None:
    if not isinstance(url, str):
        raise invalid("An address is required.", "/reference_audio/url")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise invalid("This is no address.", "/reference_audio/url") from error
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or len(url) > 2_000:
        raise invalid("Only addresses that begin with https:// are downloaded.", "/reference_audio/url")


def _download(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - the scheme has been checked
            content = answer.read(LARGEST_DOWNLOAD + 1)
    except (OSError, ValueError, urllib.error.URLError):
        return "The reference audio could not be downloaded."
    if len(content) > LARGEST_DOWNLOAD or not is_audio(content[:16]):
        return "The reference audio can not be used."
    return None
