"""The configuration of the server: a TOML file, with the tokens in environment variables that it names."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class SettingsError(Exception):
    """The configuration can not be used."""


@dataclass
class Account:
    """What belongs to a token: a name, and how many tracks may still be composed."""

    name: str
    quota: int


@dataclass(frozen=True)
class Settings:
    accounts: dict[str, Account] = field(repr=False)
    queue_seconds: float
    run_seconds: float
    address_seconds: float
    kept_tasks: int
    failing_words: tuple[str, ...]


def read_settings(path: Path) -> Settings:
    """
    The settings of a file.

    Raises:
        SettingsError: a member is missing or wrong, or a variable that should hold a token is not set

    """
    try:
        text = tomllib.loads(path.read_text("utf-8"))
        return Settings(
            accounts=dict(_account(entry) for entry in text["tokens"]),
            queue_seconds=float(text["queue_seconds"]),
            run_seconds=float(text["run_seconds"]),
            address_seconds=float(text.get("address_seconds", 3600)),
            kept_tasks=int(text.get("kept_tasks", 1000)),
            failing_words=tuple(word.lower() for word in text.get("failing_words", [])),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: {type(error).__name__}: {error}") from error


def _account(entry: dict[str, Any]) -> tuple[str, Account]:
    value = os.environ.get(entry["variable"], "")
    if not value:
        raise ValueError(f"the environment variable {entry['variable']} holds no token")
    return value, Account(entry["variable"], int(entry["quota"]))
