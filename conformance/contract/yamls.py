"""The one reader of YAML: what it makes are plain values, and a text that would take for ever is refused before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import yaml

from conformance.contract.errors import UnreadableYamlError

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


class _JsonLikeLoader(_BASE):  # type: ignore[misc] # which class it is, PyYAML's build decides
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
    """What unquoted words mean: what YAML 1.1 says, what JSON has (dates and `no` are texts), or texts, all of them."""

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
        # The loader's own constructors stumble over values that contradict an explicit tag.
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
    """Go through the text once without making anything of it: libyaml ends the process where levels have no end."""
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
    How many values there are so far, aliases counted as what they stand for.

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
