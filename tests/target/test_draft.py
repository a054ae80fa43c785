"""The draft of a target.toml states nothing on its own, and shows how everything could be stated."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from conformance.target.draft import draft, schema_file
from conformance.target.file import read_target_file
from conformance.target.options import Options
from tests.target.test_schema import SCHEMA, members

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = re.compile(r"""^[#] (?=(?:[a-z_]+|"[^"]+")[ ]=[ ]|\[)""", re.MULTILINE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "target.toml"


def with_examples(text: str) -> str:
    """The draft with every example made a statement."""
    return EXAMPLE.sub("", text)


def test_a_draft_states_the_defaults(path: Path) -> None:
    path.write_text(draft({}, schema_beside=False), "utf-8")

    assert Options(**read_target_file(path)) == Options()


def test_what_is_known_is_filled_in(path: Path) -> None:
    address = 'https://api.example.com/a"b'
    path.write_text(draft({"base_url": address, "system": "example"}, schema_beside=False), "utf-8")

    assert Options(**read_target_file(path)) == Options(base_url="https://api.example.com/a%22b", system="example")


def test_every_example_can_be_taken_as_it_is(path: Path) -> None:
    text = with_examples(draft({}, schema_beside=False))
    path.write_text(text, "utf-8")
    read_target_file(path)

    stated: dict[str, Any] = tomllib.loads(text)
    for table, part in SCHEMA["properties"].items():
        expected = set(part["properties"] if "properties" in part else part["examples"][0])
        assert set(stated[table]) == expected


@pytest.mark.parametrize("name, part", [pytest.param(*member, id=member[0]) for member in members(SCHEMA)])
def test_every_member_is_explained_in_the_words_of_the_schema(name: str, part: dict[str, Any]) -> None:
    text = " ".join(draft({}, schema_beside=False).replace("# ", " ").split())

    assert part["description"] in text


@pytest.mark.parametrize("name, part", [pytest.param(*member, id=member[0]) for member in members(SCHEMA)])
def test_every_member_says_what_holds_without_it(name: str, part: dict[str, Any]) -> None:
    assert "properties" in part or " Left out: " in part["description"]


def test_no_line_is_too_long_to_be_read() -> None:
    assert max(map(len, draft({}, schema_beside=False).splitlines())) <= 120


@pytest.mark.parametrize("beside", [True, False])
def test_the_schema_is_named_in_the_first_line(beside: bool) -> None:  # noqa: FBT001 - a case
    first = draft({}, schema_beside=beside).splitlines()[0]

    assert schema_file().name in first
    assert first.startswith("#:schema ./") is beside
