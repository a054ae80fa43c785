"""The settings of a run in the form in which the controller hands them to its workers: plain values, no key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RunSettings:
    """
    Everything that a process needs to take part in a run.

    Keys are not in here, only the names of the environment variables that hold them, by role.
    """

    run_id: str
    folder: str
    system: str
    base_url: str
    play: bool
    seed: int
    examples: int
    started_at: str
    surfaces: tuple[str, ...] = ()
    key_variables: tuple[tuple[str, str], ...] = ()
    control_url: str | None = None
    reference_audio_url: str | None = None
    ca_file: str | None = None
    poll_timeout_seconds: float | None = None
    rate_per_second: float | None = None

    @property
    def path(self) -> Path:
        """The folder of this run."""
        return Path(self.folder)

    def to_plain(self) -> dict[str, Any]:
        """The settings as values that survive the way to a worker."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> RunSettings:
        """The settings as a worker got them."""
        pairs = tuple((str(role), str(variable)) for role, variable in plain["key_variables"])
        return cls(**{**plain, "key_variables": pairs, "surfaces": tuple(plain["surfaces"])})
