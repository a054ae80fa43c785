"""Mutants whose composed tasks show something else than their track, their stems and their prompt."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from conformance.reference.beatoven.accounts import Account
    from conformance.reference.beatoven.records import Task

_HOUR = 3_600 * SECOND
_SHORT = 12


class NoTrack(TaskHandlers):
    """Shows stems alone."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Leave the mix out."""
        meta = super().meta(task, origin)
        del meta["track_url"]
        return meta


class FormerName(TaskHandlers):
    """Calls the track as the former API did."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Use the former name."""
        meta = super().meta(task, origin)
        meta["download_url"] = meta.pop("track_url")
        return meta


class PathOnly(TaskHandlers):
    """Shows where the track is in the store."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Leave the host out."""
        meta = super().meta(task, origin)
        return {**meta, "track_url": meta["track_url"].removeprefix(origin)}


class ListedStems(TaskHandlers):
    """Shows stems as a list."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Forget their names."""
        meta = super().meta(task, origin)
        return {**meta, "stems_url": list(meta["stems_url"].values())}


class NumberedStems(TaskHandlers):
    """Calls stems by the channels of the mixer."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Number them."""
        meta = super().meta(task, origin)
        stems = {f"channel-{number}": url for number, url in enumerate(meta["stems_url"].values())}
        return {**meta, "stems_url": stems}


class NoSeparation(TaskHandlers):
    """Shows the mix before it is taken apart."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Show no URL of any part."""
        meta = super().meta(task, origin)
        return {**meta, "stems_url": dict.fromkeys(meta["stems_url"])}


class StemsElsewhere(TaskHandlers):
    """Shows stems under another name."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Use the plural."""
        meta = super().meta(task, origin)
        meta["stems"] = meta.pop("stems_url")
        return meta


class ShortPrompt(TaskHandlers):
    """Shows the beginning of the prompt."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Cut it for the dashboard."""
        return {**super().meta(task, origin), "prompt": {"text": task.track.prompt[:_SHORT]}}


class PlainPrompt(TaskHandlers):
    """Shows the prompt as a text."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Forget the object around it."""
        return {**super().meta(task, origin), "prompt": task.track.prompt}


class ImprovedPrompt(TaskHandlers):
    """Shows the prompt that the model was given."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Add what was added to it."""
        return {**super().meta(task, origin), "prompt": {"text": f"{task.track.prompt}, high quality"}}


class NoPrompt(TaskHandlers):
    """Keeps prompts secret."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Leave it out."""
        meta = super().meta(task, origin)
        del meta["prompt"]
        return meta


class LastPrompt(TaskHandlers):
    """Keeps the prompt in a variable of the worker."""

    last = ""

    def status(self, task: Task) -> str:
        """Remember the first prompt that was ever read."""
        type(self).last = self.last or task.track.prompt
        return super().status(task)

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Show it in all answers."""
        return {**super().meta(task, origin), "prompt": {"text": self.last}}


class TrackOfText(TaskHandlers):
    """Names tracks after their prompts."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Give the same text the same id."""
        track_id = str(uuid.uuid5(uuid.NAMESPACE_URL, task.track.prompt))
        return {**super().meta(task, origin), "track_id": track_id}


class LatestTrack(TaskHandlers):
    """Shows where the latest track of a format is."""

    latest: dict[str, str] = {}  # noqa: RUF012 - a mutant is one instance in a process of its own

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Keep the first URL of each format."""
        meta = super().meta(task, origin)
        return {**meta, "track_url": self.latest.setdefault(task.format, meta["track_url"])}


class FreshTrackIds(TaskHandlers):
    """Makes ids where it writes answers."""

    def meta(self, task: Task, origin: str) -> dict[str, Any]:
        """Make another one each time."""
        return {**super().meta(task, origin), "track_id": str(uuid.uuid4())}


class ForgetsPrompts(TaskHandlers):
    """Deletes prompts after an hour."""

    def find(self, account: Account, task_id: str) -> Task:
        """Delete that of an older task."""
        task = super().find(account, task_id)
        if self._compositions.accounts.now(account) > task.ends_at + _HOUR:
            task.track.prompt = ""
        return task


MUTANTS = (
    Mutant(
        id="track-left-out",
        breaks="BEATOVEN-TASK-05",
        story="Stems replaced the mix in the new mixer, and it is not missed.",
        front={"tasks": NoTrack},
    ),
    Mutant(
        id="track-by-its-former-name",
        breaks="BEATOVEN-TASK-05",
        story="The member was renamed to what the former API called it.",
        front={"tasks": FormerName},
    ),
    Mutant(
        id="path-in-place-of-url",
        breaks="BEATOVEN-TASK-05",
        story="The path in the store goes out without the host in front of it.",
        front={"tasks": PathOnly},
    ),
    Mutant(
        id="stems-as-a-list",
        breaks="BEATOVEN-TASK-07",
        story="The new mixer returns a list, and the answer passes it on.",
        front={"tasks": ListedStems},
    ),
    Mutant(
        id="stems-by-channel",
        breaks="BEATOVEN-TASK-07",
        story="Stems are called as the new mixer calls them.",
        front={"tasks": NumberedStems},
    ),
    Mutant(
        id="no-urls-of-stems",
        breaks="BEATOVEN-TASK-07",
        story="A task is composed before its stems are separated, and their URLs are null for good.",
        front={"tasks": NoSeparation},
    ),
    Mutant(
        id="stems-elsewhere",
        breaks="BEATOVEN-TASK-07",
        story="The member was given the name that everybody uses for it.",
        front={"tasks": StemsElsewhere},
    ),
    Mutant(
        id="prompt-cut-short",
        breaks="BEATOVEN-TASK-09",
        story="The dashboard shows the beginning of a prompt, and the API shares its serializer.",
        front={"tasks": ShortPrompt},
    ),
    Mutant(
        id="prompt-as-a-text",
        breaks="BEATOVEN-TASK-09",
        story="The prompt was a text in the former API, and is one again in the answer.",
        front={"tasks": PlainPrompt},
    ),
    Mutant(
        id="improved-prompt",
        breaks="BEATOVEN-TASK-09",
        story="The prompt that the model was given is stored over that of the client.",
        front={"tasks": ImprovedPrompt},
    ),
    Mutant(
        id="prompt-left-out",
        breaks="BEATOVEN-TASK-09",
        story="Prompts may be personal, so they are not shown any more.",
        front={"tasks": NoPrompt},
    ),
    Mutant(
        id="prompt-of-another-task",
        breaks="BEATOVEN-TASK-09",
        story="The prompt is kept in a variable of the worker, which outlives the request.",
        front={"tasks": LastPrompt},
    ),
    Mutant(
        id="one-track-for-a-text",
        breaks="BEATOVEN-TASK-10",
        story="The id of a track is made from its prompt.",
        front={"tasks": TrackOfText},
    ),
    Mutant(
        id="first-track-of-a-format",
        breaks="BEATOVEN-TASK-10",
        story="URLs are cached by the format, as the key of the cache lost the track.",
        front={"tasks": LatestTrack},
    ),
    Mutant(
        id="another-track-id-each-time",
        breaks="BEATOVEN-TASK-11",
        story="The id of the track is made where the answer is written.",
        front={"tasks": FreshTrackIds},
    ),
    Mutant(
        id="prompt-deleted-after-an-hour",
        breaks="BEATOVEN-TASK-11",
        story="Prompts are deleted after an hour, and so is what the task shows of them.",
        front={"tasks": ForgetsPrompts},
    ),
)
