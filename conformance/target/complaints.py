"""What is wrong with a `target.toml`, as one sentence that names the line and the key."""

from __future__ import annotations

import difflib
import json
import math
from datetime import date, time
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import jsonschema_rs

from conformance.contract.files import read_yaml, specs_root
from conformance.target.errors import LiteralKeyError, TargetFileError
from conformance.target.written import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.target.positions import Member
    from conformance.target.written import Written

_LONGEST_SHOWN = 60
_NEAR = 0.4  # so that a name cut short ("rate") still finds the whole one


def check(written: Written) -> None:
    """
    Hold a file against `specs/schemas/target.schema.json`.

    Raises:
        TargetFileError: it breaks the schema; of several problems, the first in the file is told.
        LiteralKeyError: it holds a key where the name of an environment variable belongs.
    """
    stranger = next(_without_json_form(written.content), None)
    if stranger is not None:
        member, words = stranger
        raise TargetFileError(f"{written.subject(member)} must be a value that JSON has too, not {words}.")
    wrong = [member for error in _validator().iter_errors(written.content) for member in _wrong(error)]
    if wrong:
        _refuse(written, min(wrong, key=written.line))


def _without_json_form(value: object, member: Member = ()) -> Iterator[tuple[Member, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _without_json_form(inner, (*member, key))
        case list():
            for position, inner in enumerate(value):
                yield from _without_json_form(inner, (*member, position))
        case date() | time():
            yield member, "a date or time (put it in quotes)"
        case float() if not math.isfinite(value):
            yield member, str(value)


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


def _refuse(written: Written, member: Member) -> NoReturn:
    subject = written.subject(member)
    part = _part(member)
    if part is None:
        _refuse_unknown(subject, member)
    if member[0] == "keys":
        # What stands there may be a key, so it is not shown.
        raise LiteralKeyError(f"{subject} must be {part['x-expected']}, never a key itself.")
    raise TargetFileError(f"{subject} must be {part['x-expected']}, not {_shown(written.value(member))}.")


def _refuse_unknown(subject: str, member: Member) -> NoReturn:
    *above, name = (str(step) for step in member)
    known = list((_part(tuple(above)) or {})["properties"])
    if above == ["keys"] and f"{name}_env" in known:
        raise LiteralKeyError(
            f"{subject} must not be there: a key never stands in this file, "
            f"put it in an environment variable and its name in keys.{name}_env."
        )
    raise TargetFileError(f"{subject} is not known; {_suggestion(name, known, above)}.")


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
