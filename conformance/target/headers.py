"""Headers and keys of security schemes as a user states them: what each must look like, and where values come from."""

from __future__ import annotations

import re
from typing import Final

from conformance.target.errors import UnusableOptionError

HEADER: Final = "'Name: value', where a key is $VARIABLE"
SCHEME_KEY: Final = "SCHEME=VARIABLE, the name of a security scheme and of the environment variable that holds its key"
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]{0,4000}[\x21-\x7e])?")
_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>[A-Z_][A-Z0-9_]*)\}|(?P<plain>[A-Z_][A-Z0-9_]*))")
# Names of headers that carry credentials, or parts of such names.
_SECRET: Final = re.compile(r"auth|cookie|key|token|secret|passw|session|credential|signature", re.IGNORECASE)
# The transport sets these, and a request would break with others.
_OF_TRANSPORT: Final = frozenset({"content-length", "host", "transfer-encoding", "connection", "content-type"})
_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z0-9._-]{1,100})=(?P<variable>[A-Z_][A-Z0-9_]{0,63})")


def check_header(subject: str, given: str) -> str:
    """
    A header as `Name: value`.

    Raises:
        UnusableOptionError: it is none, the transport sets it, or it holds a key that should stand in a variable.
    """
    name, colon, value = given.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        # What was given may hold a key, so it is not repeated.
        raise UnusableOptionError(f"{subject} must be a header such as {HEADER}.")
    if name.lower() in _OF_TRANSPORT:
        raise UnusableOptionError(f"{subject} can't set {name}: each request has its own.")
    if _SECRET.search(name) and not _VARIABLE.search(value):
        raise UnusableOptionError(
            f"{subject}: {name} holds a key, and keys are written nowhere: put it into an environment variable and "
            f"write '{name}: $VARIABLE' in single quotes."
        )
    return f"{name}: {value}"


def check_scheme_key(subject: str, given: str) -> str:
    """A security scheme and the variable with its key (raises `UnusableOptionError`)."""
    if not _SCHEME.fullmatch(given):
        raise UnusableOptionError(f"{subject} must be {SCHEME_KEY}.")
    return given


def split_pairs(pairs: tuple[str, ...], at: str) -> tuple[tuple[str, str], ...]:
    """The two parts of each pair."""

    def halves(pair: str) -> tuple[str, str]:
        first, _, second = pair.partition(at)
        return first, second

    return tuple(map(halves, pairs))


def parts_of(value: str) -> tuple[tuple[str, str], ...]:
    """The value of a header in parts: a text, and the variable that follows it (`$NAME`, `${NAME}`; empty: none)."""
    texts = re.split(_VARIABLE, value)
    # A match leaves what stood before it and two groups, of which one is None.
    named = [(texts[at], texts[at + 1] or texts[at + 2]) for at in range(0, len(texts) - 1, 3)]
    return (*named, (texts[-1], ""))


def variables_in(value: str) -> tuple[str, ...]:
    """The environment variables that the value of a header names."""
    return tuple(variable for _, variable in parts_of(value) if variable)
