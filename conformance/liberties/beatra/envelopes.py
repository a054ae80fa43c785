"""Liberties in how tasks look: members that are left out or null, times, progress, clips."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.liberties.base import Taken
from conformance.liberties.beatra.answers import in_tasks
from conformance.reference.beatra.handlers.music import MusicHandlers
from conformance.reference.beatra.services.presenter import Presenter
from conformance.reference.parts.clock import SECOND, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from conformance.reference.beatra.services.artifacts import Artifact
    from conformance.reference.beatra.services.creation import Creation
    from conformance.reference.beatra.services.tasks import Task

    Content = dict[str, Any]

_TIMES = ("created_at", "started_at", "completed_at", "cancel_requested_at")
_SHANGHAI = timezone(timedelta(hours=8))
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens", "reasoning_tokens")
_ACCEPTED = 202
_AHEAD_SECONDS = 90


class Restless(Presenter):
    """Shows members of its own that are new with each answer."""

    def summary(self, task: Task) -> Content:
        """Say when it was looked at."""
        return {**super().summary(task), "seen": secrets.token_hex(4), "_links": {"next": secrets.token_hex(4)}}

    def clip(self, task: Task, artifact: Artifact, origin: str) -> Content:
        """Sign the URL of the picture."""
        picture = f"{origin}/{secrets.token_hex(8)}/{artifact.artifact_id}.png"
        return {**super().clip(task, artifact, origin), "picture": picture, "plays": secrets.randbelow(100)}

    def progress(self, task: Task, now: int) -> Content:
        """Estimate anew each time."""
        return {**super().progress(task, now), "estimate": secrets.randbelow(100)}


class AnswersBriefly(MusicHandlers):
    """Answers a request for music with no more than what polling needs."""

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """Name the task and its state."""
        del request
        return JSONResponse({"task_id": creation.task.task_id, "status": creation.task.status}, _ACCEPTED)


class AheadOfTime(Clock):
    """Is a minute and a half fast."""

    def now(self) -> int:
        """Add what it is ahead."""
        return super().now() + _AHEAD_SECONDS * SECOND


def _only_what_is_there(task: Content) -> None:
    for name in [name for name, value in task.items() if value is None]:
        del task[name]


def _without(*names: str) -> Callable[[Content], None]:
    def changed(task: Content) -> None:
        for name in names:
            task.pop(name, None)

    return changed


def _with(name: str, value: object) -> Callable[[Content], None]:
    """Put a value where the member is shown."""

    def changed(task: Content) -> None:
        if name in task:
            task[name] = value

    return changed


def _coarse(task: Content) -> None:
    if "progress" in task:
        percent = {"queued": None, "running": 50}.get(task["status"], 100)
        task["progress"] = {"percent": percent, "stage": "generating", "message": None}


def _counted(task: Content) -> None:
    if "usage" in task:
        task["usage"] = {**dict.fromkeys(_COUNTS, 0), "lines": [], **(task["usage"] or {})}


def _in_numbers(task: Content) -> None:
    for line in (task.get("usage") or {}).get("lines", ()):
        line["quantity"] = float(line["quantity"])


def _with_version(task: Content) -> None:
    task["resolved_model"] += "-20260101"


def _at_home(task: Content) -> None:
    task["metadata"] = {**(task["metadata"] or {}), "gateway_region": "eu-1"}


def _null_metadata(task: Content) -> None:
    task["metadata"] = task["metadata"] or None


def _called_back(task: Content) -> None:
    if "callback" in task:
        nothing = {"delivered_at": None, "last_error": None}
        task["callback"] = {"url": None, "status": "pending", "attempt_count": 0, **nothing}


def _filled_in(task: Content) -> None:
    if task.get("input"):
        defaults: Content = {"instrumental": False, "title": None, "lyrics": None, "model_options": {}}
        task["input"] = {**defaults, "model": task["model"], "metadata": task["metadata"], **task["input"]}


def _explained(task: Content) -> None:
    if task.get("error"):
        task["error"] |= {"provider": "upstream", "attempts": 2, "details": {"stage": "render"}}


def _warned(task: Content) -> None:
    if "warnings" in task:
        task["warnings"] = [{"code": "style_adjusted", "message": "The style was adjusted.", "field": "prompt"}]


def _in_times(write: Callable[[datetime], str]) -> Callable[[Content], None]:
    def changed(task: Content) -> None:
        for name in _TIMES:
            if task.get(name):
                task[name] = write(datetime.fromisoformat(task[name]))

    return changed


def _in_clips(change: Callable[[Content], Content]) -> Callable[[Content], None]:
    def changed(task: Content) -> None:
        if task.get("output"):
            task["output"]["clips"] = [change(clip) for clip in task["output"]["clips"]]

    return changed


def _nested(clip: Content) -> Content:
    return {"artifact_id": clip["artifact_id"], "audio": {"url": clip["url"], "mime_type": clip["mime_type"]}}


def _renamed(clip: Content) -> Content:
    return {"audio_url": clip["url"], "artifact_id": clip["artifact_id"], "lyrics": None, "duration": 12.5}


def _signed(clip: Content) -> Content:
    return {**clip, "url": f"{clip['url']}?expires=1893456000&signature={secrets.token_hex(16)}"}


TAKEN = (
    Taken(id="restless-members", cast={"presenter": Restless}),
    Taken(id="brief-acceptance", front={"music": AnswersBriefly}),
    Taken(id="fast-clock", cast={"clock": AheadOfTime}),
    Taken(id="nulls-left-out", wrap=in_tasks(_only_what_is_there)),
    Taken(id="warnings-left-out", wrap=in_tasks(_without("warnings"))),
    Taken(id="warnings-null", wrap=in_tasks(_with("warnings", None))),
    Taken(id="warnings-given", wrap=in_tasks(_warned)),
    Taken(id="links-left-out", wrap=in_tasks(_without("links"))),
    Taken(
        id="absolute-links",
        wrap=in_tasks(lambda task: task.update(links={"self": f"https://api.example.com/v1/tasks/{task['task_id']}"})),
    ),
    Taken(id="progress-left-out", wrap=in_tasks(_without("progress"))),
    Taken(id="coarse-progress", wrap=in_tasks(_coarse)),
    Taken(id="usage-left-out", wrap=in_tasks(_without("usage"))),
    Taken(id="usage-with-counts", wrap=in_tasks(_counted)),
    Taken(id="quantities-as-numbers", wrap=in_tasks(_in_numbers)),
    Taken(id="resolved-model-with-version", wrap=in_tasks(_with_version)),
    Taken(id="metadata-of-the-gateway", wrap=in_tasks(_at_home)),
    Taken(id="metadata-null-when-empty", wrap=in_tasks(_null_metadata)),
    Taken(id="callback-shown", wrap=in_tasks(_called_back)),
    Taken(id="input-with-defaults", wrap=in_tasks(_filled_in)),
    Taken(id="empty-input", wrap=in_tasks(_with("input", {}))),
    Taken(id="failures-with-more-members", wrap=in_tasks(_explained)),
    Taken(id="no-time-of-cancellation", wrap=in_tasks(_without("cancel_requested_at"))),
    Taken(id="times-of-tasks-left-out", wrap=in_tasks(_without("started_at", "completed_at"))),
    Taken(id="times-in-seconds", wrap=in_tasks(_in_times(lambda time: f"{time:%Y-%m-%dT%H:%M:%SZ}"))),
    Taken(
        id="times-in-milliseconds",
        wrap=in_tasks(_in_times(lambda time: f"{time.isoformat(timespec='milliseconds')[:-6]}Z")),
    ),
    Taken(id="times-with-offset", wrap=in_tasks(_in_times(lambda time: time.astimezone(_SHANGHAI).isoformat()))),
    Taken(id="times-without-zone", wrap=in_tasks(_in_times(lambda time: time.replace(tzinfo=None).isoformat()))),
    Taken(id="object-left-out", wrap=in_tasks(_without("object"))),
    Taken(id="clips-with-nested-audio", wrap=in_tasks(_in_clips(_nested))),
    Taken(id="clips-with-audio-url", wrap=in_tasks(_in_clips(_renamed))),
    Taken(id="signed-clip-urls", wrap=in_tasks(_in_clips(_signed))),
)
