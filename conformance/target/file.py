"""Reading `target.toml`."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance.contract.files import bytes_of
from conformance.target.complaints import check
from conformance.target.errors import TargetFileError
from conformance.target.statement import ControlPart, KeysPart, Limits, TargetFile, TargetPart
from conformance.target.urls import check_base, check_control, check_resource
from conformance.target.written import Written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TOML_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def read_target_file(path: Path) -> TargetFile:
    """
    What the file states, its URLs in normal form.

    Raises:
        TargetFileError: the file can't be read, is no TOML, or breaks `specs/schemas/target.schema.json`.
        LiteralKeyError: it holds a key where the name of an environment variable belongs.
        InvalidUrlError: one of its URLs can't be used.
    """
    text = _text(path)
    try:
        written = Written(path, text, _parsed(path, text))
        check(written)
        return _target_file(written)
    except RecursionError as error:
        raise TargetFileError(f"{path} is nested too deeply.") from error


def _text(path: Path) -> str:
    try:
        return bytes_of(path).decode("utf-8-sig").replace("\r\n", "\n")
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
    """What the parser says, and where, as far as it says so."""
    place = _TOML_PLACE.search(message)
    what = message[:1].lower() + _TOML_PLACE.sub("", message)[1:]
    if place is None:
        return what, ""
    if place["line"] is None:
        return f"{what} at the end of the file", f", line {text.count(chr(10)) + 1}"
    return what, f", line {place['line']}, column {place['column']}"


def _target_file(written: Written) -> TargetFile:
    content = written.content
    return TargetFile(
        target=_target_part(written),
        keys=KeysPart(**content.get("keys", {})),
        control=_control_part(written),
        prices=MappingProxyType({model: Decimal(price) for model, price in content.get("prices", {}).items()}),
        limits=_limits(content.get("limits", {})),
        failing_request=content.get("failing_request"),
    )


def _target_part(written: Written) -> TargetPart:
    part = dict(written.content.get("target", {}))
    part["surfaces"] = tuple(part.get("surfaces", ()))
    if "base_url" in part:
        part["base_url"] = check_base(written.subject(("target", "base_url")), part["base_url"])
    if "openapi_url" in part:
        part["openapi_url"] = check_resource(written.subject(("target", "openapi_url")), part["openapi_url"])
    if "reference_audio_url" in part:
        subject = written.subject(("target", "reference_audio_url"))
        part["reference_audio_url"] = check_resource(subject, part["reference_audio_url"], schemes=("https",))
    return TargetPart(**part)


def _control_part(written: Written) -> ControlPart:
    url = written.content.get("control", {}).get("url")
    return ControlPart(None if url is None else check_control(written.subject(("control", "url")), url))


def _limits(part: Mapping[str, Any]) -> Limits:
    concurrency = part.get("concurrency")
    # JSON Schema takes 4.0 for an integer, Python does not.
    return Limits(**{**part, "concurrency": None if concurrency is None else int(concurrency)})
