"""What can be set when the reference is started, in code or by environment variables."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.parts.settings import SharedSettings

_MEGABYTE = 1_048_576


@dataclass(frozen=True, slots=True)
class ReferenceSettings(SharedSettings):
    """
    How one instance of the reference behaves.

    `audio_bytes` is how large reference audio may be, `json_bytes` a body that carries it as base64.
    """

    audio_bytes: int = 50 * _MEGABYTE
    json_bytes: int = 80 * _MEGABYTE
