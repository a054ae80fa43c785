"""Credentials that no target may accept."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.contract.conventions import Authentication

# Of the documented form, but never issued: the digits of pi leave no room for an accident.
_UNKNOWN_KEY = "sk-31415926535897932384626433832795"
# The ways that show whether an operation asks for a key at all.
KEYLESS_EVERYWHERE: Final = ("absent", "unknown key")


@dataclass(frozen=True, slots=True)
class BadCredentials:
    """A way to present no usable key; `value` None leaves the header out, `raw` ones only a raw transport can send."""

    name: str
    value: str | None
    raw: bool = False


# Of keys that are signed, or that name a user, other characters may mean the same.
_OPAQUE: Final = re.compile(r"[A-Za-z0-9_-]{16,}")
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _altered(key: str, place: int) -> str:
    """A key with another character; one that is far from it, as those beside it may decode to the same."""
    known = key[place]
    other = _ALPHABET[(_ALPHABET.index(known) + len(_ALPHABET) // 2) % len(_ALPHABET)]
    return f"{key[:place]}{other}{key[place + 1 :]}"


_NEAR: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "without its end": lambda key: key[:-4],
        "with more behind it": lambda key: f"{key}xxxx",
        "with another last character": lambda key: _altered(key, len(key) - 1),
        "with another character in the middle": lambda key: _altered(key, len(key) // 2),
    }
)


def near_keys() -> Mapping[str, Callable[[str], str]]:
    """Ways to make a key that is nearly a good one; they leave a key alone that is no plain row of characters."""

    def careful(alter: Callable[[str], str]) -> Callable[[str], str]:
        return lambda key: alter(key) if _OPAQUE.fullmatch(key) else key

    return {words: careful(alter) for words, alter in _NEAR.items()}


def bad_credentials(authentication: Authentication) -> tuple[BadCredentials, ...]:
    """The ways to present no usable key: absent, malformed, of another scheme, unknown, of another form."""
    if not authentication.scheme:
        return (
            BadCredentials("absent", None),
            BadCredentials("unknown key", _UNKNOWN_KEY),
            BadCredentials("key of another form", "not-a-key"),
        )
    scheme = authentication.scheme
    basic = base64.b64encode(f"user:{_UNKNOWN_KEY}".encode()).decode()
    other = f"Bearer {_UNKNOWN_KEY}" if scheme.lower() == "basic" else f"Basic {basic}"
    return (
        BadCredentials("absent", None),
        BadCredentials("scheme without a key", scheme),
        BadCredentials("scheme and a blank", f"{scheme} ", raw=True),
        BadCredentials("key without a scheme", _UNKNOWN_KEY),
        BadCredentials("another scheme", other),
        BadCredentials("unknown key", authentication.presented(lambda: _UNKNOWN_KEY)),
        BadCredentials("key of another form", f"{scheme} not-a-key"),
    )
