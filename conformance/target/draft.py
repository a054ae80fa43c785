"""The draft of a `target.toml`: every member that the schema knows, explained in the schema's own words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import tomlkit

from conformance.contract.files import read_yaml, specs_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tomlkit.items import Table

SCHEMA_NAME: Final = "target.schema.json"
_WIDTH: Final = 110


def schema_file() -> Path:
    """The published JSON Schema of `target.toml`."""
    return specs_root() / "schemas" / SCHEMA_NAME


def draft(stated: Mapping[str, Any], *, schema_beside: bool) -> str:
    """
    The text of a `target.toml` with the given members of [target], and an explanation of every other member.

    Members without a default are commented out. `schema_beside` says that
    the schema lies in the same folder, where editors find it.
    """
    schema = read_yaml(schema_file())
    document = tomlkit.document()
    for line in _wrapped(_PREFACE):
        document.add(tomlkit.comment(line))
    for name, part in schema["properties"].items():
        document.add(tomlkit.nl())
        for line in _wrapped(part["description"]):
            document.add(tomlkit.comment(line))
        if part.get("minProperties"):
            _comment_out(document, f"[{name}]", *_pairs(part["examples"][0]))
        else:
            document.add(name, _table(part, stated if name == "target" else {}))
    return _first_line(schema_beside=schema_beside) + document.as_string()


_PREFACE: Final = (
    "What a target offers, and what the suite needs to test it. Every member may be left out; what then holds is said "
    "with each. A line such as # name = value is an example and states nothing until its # is taken away. "
    "Options of the command line go before this file."
)


def _first_line(*, schema_beside: bool) -> str:
    if schema_beside:
        return f"#:schema ./{SCHEMA_NAME}\n"
    # The directive that editors read would name a file that is not there.
    return (
        f"# Schema: {SCHEMA_NAME} of music-api-conformance (conformance init --with-schema puts it beside this file).\n"
    )


def _table(part: Mapping[str, Any], stated: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    members = part.get("properties")
    if members is None:
        _comment_out(table, *_pairs(part["examples"][0]))
        return table
    for name, member in members.items():
        table.add(tomlkit.nl())
        for line in _wrapped(member["description"]):
            table.add(tomlkit.comment(line))
        if name in stated:
            table.add(name, stated[name])
        elif "default" in member:
            table.add(name, member["default"])
        else:
            _comment_out(table, *_pairs({name: member["examples"][0]}))
    return table


def _comment_out(container: tomlkit.TOMLDocument | Table, *lines: str) -> None:
    for line in lines:
        container.add(tomlkit.comment(line))


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    yield from tomlkit.dumps(values).splitlines()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
