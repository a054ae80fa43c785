"""Finding and reading the files under `specs/`, in a checkout, an editable install and a wheel alike."""

from __future__ import annotations

import json
from contextlib import suppress
from errno import EFBIG, EINVAL
from functools import cache
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from conformance.contract.errors import (
    InvalidContractError,
    UnknownSystemError,
    UnreadableFileError,
    UnreadableYamlError,
)
from conformance.contract.yamls import MOST_CHARACTERS, Scalars, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def specs_root() -> Path:
    """
    The folder that holds one folder per system.

    A wheel carries it inside the package, a checkout (also an editable install) beside the package.

    Raises:
        UnreadableFileError: neither place has it, so the installation is broken.
    """
    for candidate in (_PACKAGE / "_specs", _PACKAGE.parent / "specs"):
        if (candidate / "schemas").is_dir():
            return candidate
    sentence = "The specs/ folder is missing from this installation; install music-api-conformance again."
    raise UnreadableFileError(sentence)


def known_systems() -> tuple[str, ...]:
    """The systems that this installation describes, by the names of their folders, sorted."""
    return tuple(sorted(path.parent.name for path in specs_root().glob("*/conventions.yaml")))


def system_folder(system: str) -> Path:
    """
    The folder that describes `system`.

    Raises:
        UnknownSystemError: there is none of that name.
    """
    if system not in known_systems():
        known = ", ".join(known_systems())
        sentence = f"There is no system called {system!r} here; known: {known}."
        raise UnknownSystemError(sentence)
    return specs_root() / system


def read_yaml(path: Path, scalars: Scalars = Scalars.YAML) -> dict[str, Any]:
    """
    The mapping in a YAML (or JSON) file.

    Raises:
        UnreadableFileError: the file is missing, no UTF-8 text, no YAML, too large or deep, or no mapping at its top.
    """
    try:
        content = parse_yaml(_text_of(path), scalars)
    except UnreadableYamlError as error:
        raise UnreadableFileError(f"{path}{error.place} is not valid YAML: {error}.") from error
    return _mapping(content, path)


def read_json(path: Path) -> dict[str, Any]:
    """
    The mapping in a JSON file; far faster than `read_yaml`, for what a program wrote.

    Raises:
        UnreadableFileError: the file is missing, no UTF-8 text, no JSON, or no mapping at its top.
    """
    try:
        content = json.loads(_text_of(path))
    except (ValueError, RecursionError) as error:
        sentence = f"{path} is not valid JSON: {error}."
        raise UnreadableFileError(sentence) from error
    return _mapping(content, path)


def is_there(path: Path) -> bool:
    """Whether there is anything at a path; where nobody can look (its name is too long, say), there is nothing."""
    with suppress(OSError):
        return path.exists()
    return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path; where nobody can look, there is none."""
    with suppress(OSError):
        return path.is_dir()
    return False


def bytes_of(path: Path, most: int = MOST_CHARACTERS) -> bytes:
    """
    The content of a file that somebody named, which may be anything.

    Raises:
        OSError: it can't be read, is no regular file (a pipe may never end), or has more than `most` bytes.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode) and not S_ISDIR(status.st_mode):
        raise OSError(EINVAL, "it is no regular file", str(path))
    if status.st_size > most:
        raise OSError(EFBIG, f"it has more than {most:,} bytes", str(path))
    return path.read_bytes()


def _text_of(path: Path) -> str:
    try:
        return bytes_of(path).decode("utf-8").replace("\r\n", "\n")
    except OSError as error:
        sentence = f"{path} can't be read: {error.strerror}."
        raise UnreadableFileError(sentence) from error
    except UnicodeDecodeError as error:
        sentence = f"{path} is not UTF-8 text (byte {error.start})."
        raise UnreadableFileError(sentence) from error


def _mapping(content: object, path: Path) -> dict[str, Any]:
    if not isinstance(content, dict):
        sentence = f"{path} must hold a mapping at its top, not {type(content).__name__}."
        raise UnreadableFileError(sentence)
    return cast("dict[str, Any]", content)


def check_against_schema(content: Mapping[str, Any], schema_name: str, path: Path) -> None:
    """
    Check the content of a contract file against `specs/schemas/<schema_name>.schema.json`.

    Raises:
        InvalidContractError: names the file, the place in it and what is wrong there.
    """
    validator = _compiled(schema_name)
    try:
        first = next(iter(validator.iter_errors(content)), None)
    except UnicodeEncodeError as error:  # a lone surrogate in the name of a member
        raise InvalidContractError(f"{path} has a member whose name is no text.") from error
    if first is not None:
        place = "/".join(str(step) for step in first.instance_path) or "its top"
        sentence = f"{path} breaks its schema at {place}: {first.message}"
        raise InvalidContractError(sentence)


@cache
def _compiled(schema_name: str) -> jsonschema_rs.Draft202012Validator:
    schema = read_yaml(specs_root() / "schemas" / f"{schema_name}.schema.json")
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
