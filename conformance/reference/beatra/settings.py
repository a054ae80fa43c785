"""What can be set when the reference is started, in code or by environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from conformance.reference.parts.settings import BadSettingError, SharedSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST = 31_536_000


@dataclass(frozen=True, slots=True)
class ReferenceSettings(SharedSettings):
    """How one instance of the reference behaves: what all references have, and how long tasks take."""

    readers: ClassVar[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
        {**SharedSettings.readers, "queued_seconds": float, "running_seconds": float}
    )

    queued_seconds: float = 2.0
    running_seconds: float = 18.0
    upload_bytes: int = 104_857_600
    json_bytes: int = 1_048_576

    def __post_init__(self) -> None:
        # A class with slots is made anew, so that super() without arguments would not find it.
        SharedSettings.__post_init__(self)
        if not all(0 <= amount < _LONGEST for amount in (self.queued_seconds, self.running_seconds)):
            raise BadSettingError("A state of the reference's tasks lasts from 0 seconds to a year.")
