"""Finding and reading files, under `specs/` or named by users: one bounded reader of YAML, JSON and bytes."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from errno import EFBIG, EINVAL
from functools import cache
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, Final, cast

import jsonschema_rs
import yaml

from conformance.contract.errors import (
    InvalidContractError,
    UnknownSystemError,
    UnreadableFileError,
    UnreadableYamlError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


# The largest descriptions of real APIs have ten million characters, half a million values and some thirty levels.
MOST_CHARACTERS: Final = 16 * 1024 * 1024
MOST_VALUES: Final = 1_000_000
MOST_LEVELS: Final = 100
# Nodes that know their lines take several times as long.
MOST_COMPOSED: Final = 200_000
# libyaml parses ten times faster; PyYAML may have been built without it.
_BASE: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXTS: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TOO_LARGE: Final = "it is larger than any document should be"
_TOO_DEEP: Final = "it is nested too deeply"


class _JsonLikeLoader(_BASE):  # type: ignore[misc] # PyYAML's build decides which class it is
    """YAML with the scalars of JSON, as OpenAPI wants it: a date is a text, and so is `no`."""


_JsonLikeLoader.yaml_implicit_resolvers = {}
for _tag, _form, _starts in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,999})", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    _JsonLikeLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_form})\Z"), list(_starts))


class Scalars(Enum):
    """How unquoted scalars are read: as YAML 1.1 does, as JSON does (dates and `no` are texts), or all as texts."""

    YAML = _BASE
    JSON = _JsonLikeLoader
    TEXT = _TEXTS


def parse_yaml(text: str, scalars: Scalars = Scalars.YAML, *, most_values: int = MOST_VALUES) -> Any:  # noqa: ANN401 - any value
    """
    The content of a YAML text.

    Aliases are counted as what they stand for, `most_values` in all: a text of a few lines may mean any number.

    Raises:
        UnreadableYamlError: it is no YAML, or larger or deeper than any document should be.
    """
    if len(text) > MOST_CHARACTERS:
        raise UnreadableYamlError(_TOO_LARGE)
    try:
        _check_size(text, most_values)
        return yaml.load(text, Loader=scalars.value)  # noqa: S506 - safe ones only
    except yaml.YAMLError as error:
        raise UnreadableYamlError(_words(error), getattr(error, "problem_mark", None)) from error
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # The loader's own constructors fail with these on values that contradict an explicit tag.
        raise UnreadableYamlError(f"a value in it can't be read ({type(error).__name__})") from error


def compose_yaml(text: str) -> yaml.Node | None:
    """
    The nodes of a YAML text, which know their lines; None where it is empty.

    Raises:
        UnreadableYamlError: as for `parse_yaml`.
    """
    try:
        _check_size(text, MOST_COMPOSED)
        node: yaml.Node | None = yaml.compose(text, Loader=_BASE)
    except yaml.YAMLError as error:
        raise UnreadableYamlError(_words(error), getattr(error, "problem_mark", None)) from error
    return node


def _words(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or error)


def _check_size(text: str, most_values: int) -> None:
    """Count values and levels of a text before it is loaded: on deep nesting libyaml ends the process."""
    count = _Count()
    for event in yaml.parse(text, Loader=_BASE):
        count.add(event)
        if count.values > most_values:
            raise UnreadableYamlError(_TOO_LARGE, event.start_mark)
        if len(count.opened) > MOST_LEVELS:
            raise UnreadableYamlError(_TOO_DEEP, event.start_mark)


@dataclass(slots=True)
class _Count:
    """
    The number of values so far, aliases counted as the values that they stand for.

    `anchored` is how many values an anchor stands for, `opened` says of each collection that is open how many values
    there were before it, and its anchor.
    """

    values: int = 0
    anchored: dict[str, int] = field(default_factory=dict)
    opened: list[tuple[int, str | None]] = field(default_factory=list)

    def add(self, event: yaml.Event) -> None:
        """Count what an event of the parser adds."""
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchored:
                raise UnreadableYamlError(f"*{event.anchor} stands for nothing that is complete", event.start_mark)
            self.values += self.anchored[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            self.values += 1
            if event.anchor:
                self.anchored[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            self.opened.append((self.values, event.anchor))
            self.values += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            before, anchor = self.opened.pop()
            if anchor:
                self.anchored[anchor] = self.values - before


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


@cache
def default_system() -> str | None:
    """The system that is meant where none is named: the only one, or the one that says so; None where none does."""
    known = known_systems()
    if len(known) == 1:
        return known[0]
    return next((name for name in known if read_yaml(system_folder(name) / "conventions.yaml").get("default")), None)


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
    The mapping in a JSON file; far faster than `read_yaml`, for files that a program wrote.

    Raises:
        UnreadableFileError: the file is missing, no UTF-8 text, no JSON, or no mapping at its top.
    """
    try:
        content = json.loads(_text_of(path))
    except (ValueError, RecursionError) as error:
        sentence = f"{path} is not valid JSON: {error}."
        raise UnreadableFileError(sentence) from error
    return _mapping(content, path)


def is_nested_deeper(value: object, levels: int) -> bool:
    """Whether lists and mappings stand in one another for more than so many levels."""
    level = [value]
    for _ in range(levels):
        inner = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level = [member for members in inner for member in members]
    return bool(level)


def is_there(path: Path) -> bool:
    """Whether there is a file or folder at a path; False where it can't be read (its name is too long, say)."""
    with suppress(OSError):
        return path.exists()
    return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path; False where it can't be read."""
    with suppress(OSError):
        return path.is_dir()
    return False


def bytes_of(path: Path, most: int = MOST_CHARACTERS) -> bytes:
    """
    The content of a file that the user named.

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
