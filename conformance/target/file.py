"""`target.toml`: reading it, and what is wrong in it as one sentence that names the key; no key occurs twice in it."""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from datetime import date, time
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, cast

import jsonschema_rs

from conformance.contract.files import bytes_of, read_yaml, specs_root
from conformance.target.errors import LiteralKeyError, TargetFileError
from conformance.target.options import in_target_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


Member: TypeAlias = tuple[str | int, ...]
"""The chain of keys and array positions that leads to a value."""

_LONGEST_SHOWN: Final = 60
DEEPEST: Final = 100
"""So many levels a file may have."""
_NEAR: Final = 0.4  # so that a name cut short ("rate") still finds the whole one
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_TOML_PLACE: Final = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_LARGEST: Final = 1_000_000


def check(path: Path, content: Mapping[str, Any]) -> None:
    """
    Check the content of a file against `specs/schemas/target.schema.json`.

    Raises:
        TargetFileError: it breaks the schema; the message names the first problem in the file.
        LiteralKeyError: it holds a key where the name of an environment variable belongs.
    """
    foreign = next(_without_json_form(content, ()), None)
    if foreign is not None:
        member, words = foreign
        raise TargetFileError(f"{subject(path, member)} must be {words}.")
    wrong = [member for error in _validator().iter_errors(content) for member in _wrong(error)]
    if wrong:
        _refuse(path, content, min(wrong, key=lambda member: _place(content, member)))


def subject(path: Path, member: Member) -> str:
    """The beginning of a sentence about a member: file and key."""
    return f"{path}: {spelled(member)}"


def spelled(member: Member) -> str:
    """A member as TOML spells it, array positions in brackets."""
    text = ""
    for step in member:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE_KEY.fullmatch(step) else json.dumps(step, ensure_ascii=False)
            text += f".{key}" if text else key
    return text


def _without_json_form(value: object, member: Member) -> Iterator[tuple[Member, str]]:
    if len(member) > DEEPEST:
        yield member[:1], f"nested no deeper than {DEEPEST} levels"
        return
    match value:
        case dict():
            for key, inner in value.items():
                yield from _without_json_form(inner, (*member, key))
        case list():
            for position, inner in enumerate(value):
                yield from _without_json_form(inner, (*member, position))
        case date() | time():
            yield member, "a value that JSON has too, not a date or time (put it in quotes)"
        case float() if not math.isfinite(value):
            yield member, f"a value that JSON has too, not {value}"


def _place(content: Mapping[str, Any], member: Member) -> tuple[int, ...]:
    """The position of a member in the file: tables and keys keep the order in which the file first names them."""
    place: list[int] = []
    value: Any = content
    for step in member:
        place.append(step if isinstance(step, int) else list(value).index(step))
        value = value[step]
    return tuple(place)


@cache
def _schema() -> dict[str, Any]:
    return read_yaml(specs_root() / "schemas" / "target.schema.json")


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema())


def _wrong(error: jsonschema_rs.ValidationError) -> Iterator[Member]:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        yield from ((*error.instance_path, name) for name in error.kind.unexpected)
    else:
        yield tuple(error.instance_path)


def _refuse(path: Path, content: Mapping[str, Any], member: Member) -> NoReturn:
    begins = subject(path, member)
    part = _part(member)
    if part is None:
        _refuse_unknown(begins, member)
    if member[0] == "keys":
        # What stands there may be a key, so it is not shown.
        raise LiteralKeyError(f"{begins} must be {part['x-expected']}, never a key itself.")
    value = reduce(lambda value, step: value[step], member, cast("Any", content))
    raise TargetFileError(f"{begins} must be {part['x-expected']}, not {_shown(value)}.")


def _refuse_unknown(begins: str, member: Member) -> NoReturn:
    *above, name = (str(step) for step in member)
    known = list((_part(tuple(above)) or {})["properties"])
    if above == ["keys"] and f"{name}_env" in known:
        raise LiteralKeyError(
            f"{begins} must not be there: a key never stands in this file, "
            f"put it in an environment variable and its name in keys.{name}_env."
        )
    raise TargetFileError(f"{begins} is not known; {_suggestion(name, known, above)}.")


def _suggestion(name: str, known: list[str], above: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
    if near:
        return f"the nearest that is known is {spelled((*above, near[0]))}"
    for table, part in _schema()["properties"].items():
        if name in part.get("properties", {}):
            return f"{name} belongs in [{table}]"
    return f"known are {', '.join(known)}"


def _part(member: Member) -> dict[str, Any] | None:
    """The part of the schema that describes a member, None when it knows no such member."""
    part = _schema()
    for step in member:
        inner = part["items"] if isinstance(step, int) else part.get("properties", {}).get(step)
        part = inner or part["additionalProperties"]
    return part or None


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table" if value else "an empty one"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


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
