"""What can be set when a reference of any system is started, in code or by environment variables."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from conformance.reference.parts.places import ForbiddenUrlError, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "CONFORMANCE_REFERENCE_"

_KEY = re.compile(r"sk-[A-Za-z0-9]{32}")
_RICHEST = 1_000_000_000
_SCOPES = ("tenant", "target")


class BadSettingError(ValueError):
    """A setting of the reference has a value that can't be used."""


def new_key() -> str:
    """A fresh API key: `sk-` and 32 characters."""
    return f"sk-{secrets.token_hex(16)}"


@dataclass(frozen=True, slots=True)
class SharedSettings:
    """
    How one instance of a reference behaves, as far as all systems have it.

    The keys open the account that exists from the start: `main_key` may do everything, `second_key` belongs
    to another account, `forbidden_key` to the same account without any permission. `scope` says whether the
    control interface acts on the caller's account ("tenant") or on everything ("target"). `fetch_allow` is
    the only origin outside the public internet that reference audio is fetched from, trusted by the
    certificates in `fetch_ca`; `audio_url` is a file there, which the control interface tells testers of.
    """

    readers: ClassVar[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
        {
            "main_key": str,
            "second_key": str,
            "forbidden_key": str,
            "scope": str,
            "starting_credits": Decimal,
            "document": Path,
            "fetch_allow": str,
            "fetch_ca": Path,
            "fetch_seconds": float,
            "audio_url": str,
        }
    )
    """What the environment may set, and how its text is read."""

    main_key: str = field(default_factory=new_key, repr=False)
    second_key: str = field(default_factory=new_key, repr=False)
    forbidden_key: str = field(default_factory=new_key, repr=False)
    scope: str = "tenant"
    starting_credits: Decimal = Decimal(1000)
    document: Path | None = None
    fetch_allow: str | None = None
    fetch_ca: Path | None = None
    fetch_seconds: float = 10.0
    audio_url: str | None = None

    def __post_init__(self) -> None:
        if self.scope not in _SCOPES:
            raise BadSettingError("The scope of the reference is either tenant or target.")
        if not all(_KEY.fullmatch(key) for key in (self.main_key, self.second_key, self.forbidden_key)):
            raise BadSettingError("A key of the reference is sk- followed by 32 letters or digits.")
        if not 0 <= self.starting_credits <= _RICHEST:
            raise BadSettingError(f"Accounts of the reference start with 0 to {_RICHEST} credits.")
        self._check_fetching()

    def _check_fetching(self) -> None:
        for file in (self.document, self.fetch_ca):
            if file is not None and not file.is_file():
                raise BadSettingError(f"The reference can't find the file {file}.")
        if self.fetch_allow is not None:
            _check_origin(self.fetch_allow)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read `CONFORMANCE_REFERENCE_SCOPE` and so on; raises BadSettingError."""
        given: dict[str, Any] = {}
        for name, read in cls.readers.items():
            text = environment.get(PREFIX + name.upper())
            if text:
                given[name] = _read(name, text, read)
        return cls(**given)


def _read(name: str, text: str, read: Callable[[str], Any]) -> object:
    try:
        return read(text)
    except (ValueError, InvalidOperation) as problem:
        raise BadSettingError(f"The environment variable {PREFIX}{name.upper()} holds no usable value.") from problem


def _check_origin(text: str) -> None:
    try:
        place_of(text)
    except ForbiddenUrlError as problem:
        raise BadSettingError("The allowed origin of reference audio is an HTTPS origin.") from problem
