"""What `target.toml` states about a target, as frozen values; every part may be absent."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Money = Literal["play", "real"]


@dataclass(frozen=True, slots=True)
class TargetPart:
    """
    What is tested.

    No `surfaces` means all that the system has; `money` is None when nothing is said about it.
    """

    base_url: str | None = None
    system: str | None = None
    surfaces: tuple[str, ...] = ()
    money: Money | None = None
    exclusive_account: bool = False
    openapi_url: str | None = None
    reference_audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class KeysPart:
    """The names of the environment variables that hold the keys, None where the default name holds."""

    main_env: str | None = None
    second_env: str | None = None
    forbidden_env: str | None = None


@dataclass(frozen=True, slots=True)
class ControlPart:
    """Where the control interface is: a URL, or a path on the target's own host."""

    url: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How gently the target wants to be treated, None where nothing is said."""

    rate_per_second: float | None = None
    concurrency: int | None = None
    poll_timeout_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TargetFile:
    """The content of a `target.toml`; `prices` are per model, `failing_request` is a JSON body."""

    target: TargetPart = field(default_factory=TargetPart)
    keys: KeysPart = field(default_factory=KeysPart)
    control: ControlPart = field(default_factory=ControlPart)
    prices: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    limits: Limits = field(default_factory=Limits)
    failing_request: Mapping[str, Any] | None = None
