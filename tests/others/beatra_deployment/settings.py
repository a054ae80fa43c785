"""The configuration of a deployment: a TOML file, with the API keys in environment variables that it names."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class SettingsError(Exception):
    """The configuration can not be used."""


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds."""

    queue: float = 0.05
    run: float = 0.2
    cancel: float = 0.05
    refund: float = 0.1


@dataclass(frozen=True)
class Limits:
    rate_per_second: float = 50.0
    burst: float = 100.0
    tasks_per_project: int = 20_000
    unfinished_tasks: int = 200
    stored_bytes: int = 2 * 1024**3


@dataclass(frozen=True)
class KeyHolder:
    """Whom a key belongs to, and which surfaces it may use."""

    project: str
    may: frozenset[str]


@dataclass(frozen=True)
class Settings:
    keys: dict[str, KeyHolder] = field(repr=False)
    balances: dict[str, Decimal]
    pace: Pace
    limits: Limits
    refused_artists: tuple[str, ...]


SURFACES = ("music", "tasks", "uploads")


def read_settings(path: Path) -> Settings:
    """
    The settings of a file.

    Raises:
        SettingsError: a member is missing or wrong, or a variable that should hold a key is not set

    """
    try:
        text = tomllib.loads(path.read_text("utf-8"))
        return Settings(
            keys=dict(_key(entry) for entry in text["keys"]),
            balances={name: Decimal(project["balance_credits"]) for name, project in text["projects"].items()},
            pace=Pace(**text.get("seconds", {})),
            limits=Limits(**text.get("limits", {})),
            refused_artists=tuple(name.lower() for name in text.get("refused_artists", [])),
        )
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: {type(error).__name__}: {error}") from error


def _key(entry: dict[str, Any]) -> tuple[str, KeyHolder]:
    value = os.environ.get(entry["variable"], "")
    if not value:
        raise ValueError(f"the environment variable {entry['variable']} holds no key")
    return value, KeyHolder(entry["project"], frozenset(entry.get("may", SURFACES)))
