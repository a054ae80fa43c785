"""The published schema of target.toml helps whoever writes one in an editor."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from conformance.contract.files import specs_root
from tests.target.test_target_file import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA: dict[str, Any] = json.loads((specs_root() / "schemas" / "target.schema.json").read_text("utf-8"))


def members(part: dict[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in part.get("properties", {}).items():
        yield f"{above}{name}", inner
        yield from members(inner, f"{above}{name}.")


def test_it_is_a_valid_schema() -> None:
    assert jsonschema_rs.meta.is_valid(SCHEMA)


def test_it_accepts_a_full_statement() -> None:
    assert jsonschema_rs.is_valid(SCHEMA, tomllib.loads(FULL))


@pytest.mark.parametrize("name, part", [pytest.param(*member, id=member[0]) for member in members(SCHEMA)])
def test_every_member_says_what_it_is_for_and_what_it_must_be(name: str, part: dict[str, Any]) -> None:
    assert part["description"].endswith(".")
    assert part["x-expected"]
    assert not part["x-expected"].endswith(".")


@pytest.mark.parametrize("name, part", [("", SCHEMA), *members(SCHEMA)])
def test_every_table_with_known_members_is_closed(name: str, part: dict[str, Any]) -> None:
    assert ("properties" in part) == (part.get("additionalProperties") is False)
