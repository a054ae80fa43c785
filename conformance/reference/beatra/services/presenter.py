"""How tasks and artifacts look in answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.beatra.services.money import credits_text, usd_text
from conformance.reference.beatra.services.tasks import FAILED, RUNNING, SUCCEEDED
from conformance.reference.parts.audio import MELODY_SECONDS
from conformance.reference.parts.clock import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.beatra.services.artifacts import Artifact, Artifacts
    from conformance.reference.beatra.services.tasks import Task

SECTIONS = ("output", "usage", "billing", "callback", "input")
"""The parts of the envelope that a list shows on request only."""

_UNTITLED = "Untitled"
_FAILURES = {
    "provider_error": ("The provider could not make this music.", True),
    "fetch_failed": ("The reference audio could not be fetched.", False),
}
_OTHER_FAILURE = ("The music could not be made.", False)


class Presenter:
    """Writes tasks and artifacts as JSON objects; `origin` is scheme, host and port of the URLs in them."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._sections: dict[str, Callable[[Task, str], Any]] = {
            "output": self.output,
            "usage": self.usage,
            "billing": lambda task, _: self.billing(task),
            "callback": lambda _task, _origin: None,
            "input": lambda task, _: task.input,
        }

    def envelope(self, task: Task, origin: str, now: int) -> dict[str, Any]:
        """The whole task."""
        return self.expanded(task, SECTIONS, origin, now)

    def expanded(self, task: Task, sections: tuple[str, ...], origin: str, now: int) -> dict[str, Any]:
        """The task with what every envelope has, and the sections that were asked for."""
        return {
            **self.summary(task),
            "progress": self.progress(task, now),
            "warnings": [],
            "error": self.error(task),
            "cancel_requested_at": _moment(task.cancel_requested_at),
            **{name: self._sections[name](task, origin) for name in sections},
        }

    def summary(self, task: Task) -> dict[str, Any]:
        """The task as a list shows it."""
        return {
            "object": "task",
            "task_id": task.task_id,
            "status": task.status,
            "capability": task.capability,
            "model": task.model,
            "resolved_model": task.resolved_model,
            "metadata": task.metadata,
            "created_at": to_text(task.created_at),
            "started_at": _moment(task.started_at),
            "completed_at": _moment(task.completed_at),
            "links": self.links(task),
        }

    def links(self, task: Task) -> dict[str, str]:
        """Where the task is read and cancelled."""
        return {"self": f"/v1/tasks/{task.task_id}", "cancel": f"/v1/tasks/{task.task_id}/cancel"}

    def progress(self, task: Task, now: int) -> dict[str, Any]:
        """How far the task has come by now."""
        message = "The task has ended." if task.is_terminal else "The task is under way."
        return {"percent": self.percent(task, now), "stage": task.status, "message": message}

    def percent(self, task: Task, now: int) -> int:
        """Hundredths of the work that are done; only a succeeded task has all of them."""
        if task.status == SUCCEEDED:
            return 100
        if task.status != RUNNING:
            return 0
        length = task.ends_at - task.starts_at
        return min(99, 100 * (now - task.starts_at) // length) if length else 99

    def error(self, task: Task) -> dict[str, Any] | None:
        """Why a failed task failed."""
        if task.status != FAILED or task.failure is None:
            return None
        message, retryable = _FAILURES.get(task.failure, _OTHER_FAILURE)
        return {"code": task.failure, "message": message, "retryable": retryable}

    def output(self, task: Task, origin: str) -> dict[str, Any] | None:
        """The clips of a succeeded task."""
        if task.status != SUCCEEDED:
            return None
        clips = self._artifacts.clips_of(task.task_id)
        return {"clips": [self.clip(task, artifact, origin) for artifact in clips]}

    def clip(self, task: Task, artifact: Artifact, origin: str) -> dict[str, Any]:
        """One piece of music."""
        return {
            "artifact_id": artifact.artifact_id,
            "url": self.url(artifact, origin),
            "title": task.input.get("title") or _UNTITLED,
            "duration_seconds": MELODY_SECONDS,
            "mime_type": artifact.content_type,
            "size_bytes": artifact.size_bytes,
        }

    def usage(self, task: Task, _origin: str) -> dict[str, Any] | None:
        """What a succeeded task took."""
        if task.status != SUCCEEDED:
            return None
        charge, reference = credits_text(task.charged), usd_text(task.charged)
        line = {
            "meter": "music_task",
            "quantity": "1",
            "unit": "task",
            "billed_amount_credits": charge,
            "billed_amount_credits_usd_reference": reference,
        }
        seconds = MELODY_SECONDS * len(self._artifacts.clips_of(task.task_id))
        return {
            "audio_seconds": seconds,
            "lines": [line],
            "credits": charge,
            "credits_usd_reference": reference,
        }

    def billing(self, task: Task) -> dict[str, Any]:
        """What the task was charged, and what was given back if anything was."""
        billing = {
            "charged_credits": credits_text(task.charged),
            "charged_credits_usd_reference": usd_text(task.charged),
            "currency": "USD",
        }
        if task.refunded:
            billing["refunded_credits"] = credits_text(task.refunded)
            billing["refunded_credits_usd_reference"] = usd_text(task.refunded)
        return billing

    def artifact(self, artifact: Artifact, origin: str) -> dict[str, Any]:
        """An uploaded file."""
        return {
            "artifact_id": artifact.artifact_id,
            "url": self.url(artifact, origin),
            "purpose": artifact.purpose,
            "media_type": artifact.media_type,
            "size_bytes": artifact.size_bytes,
            "created_at": to_text(artifact.created_at),
        }

    def url(self, artifact: Artifact, origin: str) -> str:
        """Where the artifact's bytes are delivered."""
        return origin + artifact.path


def _moment(moment: int | None) -> str | None:
    return None if moment is None else to_text(moment)
