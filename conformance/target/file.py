"""Reading `target.toml`."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.files import bytes_of
from conformance.target.complaints import DEEPEST, check, subject
from conformance.target.errors import TargetFileError
from conformance.target.options import in_target_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TOML_PLACE: Final = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LARGEST: Final = 1_000_000


def read_target_file(path: Path) -> Mapping[str, Any]:
    """
    What the file states, by the names of the settings, its URLs in normal form.

    Raises:
        TargetFileError: the file can't be read, is no TOML, or breaks `specs/schemas/target.schema.json`.
        LiteralKeyError: it holds a key where the name of an environment variable belongs.
        InvalidUrlError: one of its URLs can't be used.
    """
    try:
        content = _parsed(path, _text(path))
        check(path, content)
    except RecursionError as error:
        raise TargetFileError(f"{path} must be nested no deeper than {DEEPEST} levels.") from error
    stated: dict[str, Any] = {}
    for row in in_target_file():
        value = _value(content, row.about.member)
        if value is not None:
            stated[row.name] = row.kind.keep(subject(path, row.about.member), value)
    return stated


def _value(content: Mapping[str, Any], member: tuple[str, ...]) -> Any:  # noqa: ANN401 - any TOML value
    value: Any = content
    for name in member:
        value = value.get(name)
        if value is None:
            return None
    return value


def _text(path: Path) -> str:
    try:
        return bytes_of(path, _LARGEST).decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise TargetFileError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise TargetFileError(f"{path} is not UTF-8 text (byte {error.start}).") from error


def _parsed(path: Path, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # the parser's own, or that of int() for thousands of digits
        what, where = _told_apart(str(error), text)
        raise TargetFileError(f"{path}{where}: not valid TOML: {what}.") from error


def _told_apart(message: str, text: str) -> tuple[str, str]:
    """The parser's message without its place, and the place as text; empty where the message has none."""
    place = _TOML_PLACE.search(message)
    what = message[:1].lower() + _TOML_PLACE.sub("", message)[1:]
    if place is None:
        return what, ""
    if place["line"] is None:
        return f"{what} at the end of the file", f", line {text.count(chr(10)) + 1}"
    return what, f", line {place['line']}, column {place['column']}"
