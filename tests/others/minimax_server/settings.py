"""The configuration of the server: a TOML file, with the API keys in environment variables that it names."""

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


@dataclass
class Account:
    """What belongs to a key. Its plan is `paid` or `free`."""

    name: str
    plan: str
    balance: Decimal
    moments: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    accounts: dict[str, Account] = field(repr=False)
    prices: dict[str, Decimal]
    requests_per_minute: int
    sensitive_words: tuple[str, ...]
    reference_hosts: frozenset[str]
    stored_bytes: int


def read_settings(path: Path) -> Settings:
    """
    The settings of a file.

    Raises:
        SettingsError: a member is missing or wrong, or a variable that should hold a key is not set

    """
    try:
        text = tomllib.loads(path.read_text("utf-8"))
        return Settings(
            accounts=dict(_account(entry) for entry in text["keys"]),
            prices={model: Decimal(price) for model, price in text["prices"].items()},
            requests_per_minute=int(text.get("requests_per_minute", 120)),
            sensitive_words=tuple(word.lower() for word in text.get("sensitive_words", [])),
            reference_hosts=frozenset(text.get("reference_hosts", [])),
            stored_bytes=int(text.get("stored_bytes", 256 * 1024**2)),
        )
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: {type(error).__name__}: {error}") from error


def _account(entry: dict[str, Any]) -> tuple[str, Account]:
    value = os.environ.get(entry["variable"], "")
    if not value:
        raise ValueError(f"the environment variable {entry['variable']} holds no key")
    return value, Account(entry["variable"], entry["plan"], Decimal(entry["balance"]))
