"""Tasks: their course in time, and their money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.others.beatra_deployment.bodies import CLIPS

if TYPE_CHECKING:
    from concurrent.futures import Future

    from tests.others.beatra_deployment.bodies import Order
    from tests.others.beatra_deployment.settings import Pace

STATES = ("queued", "running", "succeeded", "failed", "canceled")


def now() -> datetime:
    """The present, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass
class Task:
    """
    One task. What it is at a moment follows from when it was made and cancelled, so no clockwork has to run.

    `number` orders the tasks of a deployment, `trouble` is the error that it is going to end with, and `reference` a
    download that it waits for.
    """

    task_id: str
    number: int
    project: str
    order: Order
    pace: Pace
    created_at: datetime
    trouble: dict[str, Any] | None = None
    reference: Future[str | None] | None = None
    cancel_requested_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = "queued"
    refunded: bool = False

    @property
    def started_at(self) -> datetime:
        return self.created_at + timedelta(seconds=self.pace.queue)

    @property
    def has_ended(self) -> bool:
        return self.status in STATES[2:]

    def bring_up_to(self, moment: datetime) -> bool:
        """Go on to what is true at a moment; says whether the refund falls due now."""
        if not self.has_ended:
            self._go_on(moment)
        due = (
            self.status in {"failed", "canceled"}
            and not self.refunded
            and self.ended_at is not None
            and moment >= self.ended_at + timedelta(seconds=self.pace.refund)
        )
        if due:
            self.refunded = True
        return due

    def _go_on(self, moment: datetime) -> None:
        if self.cancel_requested_at is not None:
            if moment >= (end := self.cancel_requested_at + timedelta(seconds=self.pace.cancel)):
                self._end("canceled", end)
            return
        if moment < self.started_at:
            return
        self.status = "running"
        end = self.started_at + timedelta(seconds=self.pace.run)
        if moment < end or (self.reference is not None and not self.reference.done()):
            return
        if self.reference is not None and (reason := self.reference.result()) is not None:
            self.trouble = {"code": "reference_unavailable", "message": reason, "retryable": False}
        if self.trouble is not None:
            self._end("failed", end)
        else:
            self._end("succeeded", end)

    def _end(self, status: str, moment: datetime) -> None:
        self.status = status
        self.ended_at = moment

    def summary(self, base: str) -> dict[str, Any]:
        view = {
            "object": "task",
            "task_id": self.task_id,
            "status": self.status,
            "capability": self.order.capability,
            "model": self.order.model,
            "created_at": written(self.created_at),
            "links": {"self": f"{base}/v1/tasks/{self.task_id}"},
        }
        if self.ended_at is not None:
            view["completed_at"] = written(self.ended_at)
        return view

    def envelope(self, base: str) -> dict[str, Any]:
        view = {**self.summary(base), "resolved_model": self.order.resolved_model, "billing": self._billing()}
        if not self.has_ended:
            view["links"] = {**view["links"], "cancel": f"{base}/v1/tasks/{self.task_id}/cancel"}
        if isinstance(self.order.body.get("metadata"), dict):
            view["metadata"] = self.order.body["metadata"]
        if self.order.warnings:
            view["warnings"] = self.order.warnings
        if self.status != "queued" and (self.ended_at is None or self.ended_at >= self.started_at):
            view["started_at"] = written(self.started_at)
        if self.status == "running":
            view["progress"] = {"percent": 50, "stage": "composing"}
        if self.cancel_requested_at is not None:
            view["cancel_requested_at"] = written(self.cancel_requested_at)
        if self.status == "failed":
            view["error"] = self.trouble
        if self.status == "succeeded":
            view["output"] = {"clips": [self._clip(base, place) for place in range(CLIPS[self.order.resolved_model])]}
            view["usage"] = {
                "credits": f"{self.order.price:.2f}",
                "audio_seconds": 1.5 * CLIPS[self.order.resolved_model],
            }
        return view

    def listed(self, base: str, expand: frozenset[str]) -> dict[str, Any]:
        if "all" in expand:
            return {**self.envelope(base), "input": self.order.body}
        view = {**self.envelope(base), "input": self.order.body}
        wanted = expand & {"output", "usage", "billing", "callback", "input"}
        return {**self.summary(base), **{name: view[name] for name in sorted(wanted) if name in view}}

    def _billing(self) -> dict[str, str]:
        price = self.order.price
        view = {
            "charged_credits": f"{price:.2f}",
            "charged_credits_usd_reference": f"{price / 1000:.3f}",
            "currency": "USD",
        }
        if self.refunded:
            view["refunded_credits"] = f"{price:.2f}"
            view["refunded_credits_usd_reference"] = f"{price / 1000:.3f}"
        return view

    def _clip(self, base: str, place: int) -> dict[str, Any]:
        name = f"{self.task_id}-{place}"
        return {
            "artifact_id": f"artifact_{self.task_id.replace('-', '')}{place:02d}",
            "title": self.order.body.get("title") or "Untitled",
            "audio": {
                "url": f"{base}/cdn/clips/{name}.wav",
                "mime_type": "audio/wav",
                "duration_seconds": 1.5,
                "size_bytes": 24_044,
            },
        }


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
