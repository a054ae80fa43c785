"""Credentials that no target may accept."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
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
