"""What can be set when the reference is started, in code or by environment variables."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "CONFORMANCE_REFERENCE_"
_LONGEST = 31_536_000
_READERS: dict[str, Callable[[str], Any]] = {
    "main_key": str,
    "second_key": str,
    "queued_seconds": float,
    "running_seconds": float,
}


class BadSettingError(ValueError):
    """A setting of the reference has a value that can't be used."""


def new_token() -> str:
    """A fresh API token of 32 characters."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class ReferenceSettings:
    """
    How one instance of the reference behaves.

    `main_key` and `second_key` are the tokens of two accounts that exist from the start. A composition waits for
    `queued_seconds` and runs for `running_seconds`.
    """

    main_key: str = field(default_factory=new_token, repr=False)
    second_key: str = field(default_factory=new_token, repr=False)
    queued_seconds: float = 3.0
    running_seconds: float = 17.0
    json_bytes: int = 1_048_576

    def __post_init__(self) -> None:
        if not all(
            token.isascii() and token.isprintable() and token.strip() for token in (self.main_key, self.second_key)
        ):
            raise BadSettingError("A token of the reference is text that fits into a header.")
        if not all(0 <= amount < _LONGEST for amount in (self.queued_seconds, self.running_seconds)):
            raise BadSettingError("A state of the reference's tasks lasts from 0 seconds to a year.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ReferenceSettings:
        """Read `CONFORMANCE_REFERENCE_MAIN_KEY` and so on; raises BadSettingError."""
        given: dict[str, Any] = {}
        for name, read in _READERS.items():
            text = environment.get(PREFIX + name.upper())
            if text:
                given[name] = _read(name, text, read)
        return cls(**given)


def _read(name: str, text: str, read: Callable[[str], Any]) -> object:
    try:
        return read(text)
    except ValueError as problem:
        raise BadSettingError(f"The environment variable {PREFIX}{name.upper()} holds no usable value.") from problem
