"""Tracks and tasks as they are kept."""

from __future__ import annotations

from dataclasses import dataclass

COMPOSING = "composing"
RUNNING = "running"
COMPOSED = "composed"
FAILED = "failed"
DEFAULT_FORMAT = "wav"


@dataclass
class Track:
    """What is to be composed, and how often it was."""

    track_id: str
    project_id: str
    prompt: str
    versions: int = 0


@dataclass
class Task:
    """The composition of one version of a track; moments in microseconds on its account's clock."""

    task_id: str
    track: Track
    version: int
    format: str
    looping: bool
    starts_at: int
    ends_at: int
    fails: bool
    status: str = COMPOSING

    @property
    def ended(self) -> bool:
        """Whether the task does not change any more."""
        return self.status in (COMPOSED, FAILED)
