"""The search that proves keys to be absent does find them where they are."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.canary import KEYS, MAIN, disguises, left_behind, packed, traces
from tests.cli.mirror import SHAPES

if TYPE_CHECKING:
    from pathlib import Path

NAMES = list(disguises(MAIN))


def found(content: bytes) -> set[str]:
    return {disguise for _, _, disguise in traces(KEYS, {"a place": content})}


@pytest.mark.parametrize("owner", KEYS)
@pytest.mark.parametrize("name", NAMES)
def test_a_planted_key_is_found_in_every_disguise(name: str, owner: str) -> None:
    planted = disguises(KEYS[owner])[name]

    assert ("here", owner, name) in traces(KEYS, {"there": b"nothing", "here": f"a line\n…{planted}…\n".encode()})


@pytest.mark.parametrize("name", NAMES)
def test_half_of_a_key_is_enough(name: str) -> None:
    planted = disguises(MAIN)[name]

    assert name in found(planted[: len(planted) // 2].encode())
    assert name in found(planted[len(planted) // 2 :].encode())


@pytest.mark.parametrize("name", NAMES)
def test_capital_letters_make_no_difference(name: str) -> None:
    assert name in found(disguises(MAIN)[name].upper().encode())


def test_base64_is_found_wherever_the_key_begins_in_it() -> None:
    for before in range(6):
        encoded = base64.b64encode(b"." * before + MAIN.encode() + b'", "more": "text"')
        assert f"base64 after {before % 3}" in found(encoded)


def test_what_is_compressed_is_looked_into(tmp_path: Path) -> None:
    stream = packed(json.dumps({"key": MAIN[:20]}))
    (tmp_path / "body").write_bytes(stream)
    (tmp_path / "line").write_bytes(b'{"base64": "' + base64.b64encode(stream) + b'"}')

    assert {place.rpartition("/")[2] for place, _, _ in traces(KEYS, left_behind(tmp_path))} == {"body", "line"}


def test_wide_characters_are_read_also_within_base64() -> None:
    page = f"<p>{MAIN}</p>".encode("utf-16")

    assert "plain" in found(page)
    assert "plain" in found(b'{"base64": "' + base64.b64encode(page) + b'"}')


def test_names_of_files_and_databases_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / disguises(MAIN)["hex"]).touch()
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("CREATE TABLE kept (value)")
        database.execute("INSERT INTO kept VALUES (?)", (MAIN,))
        database.commit()

    assert {disguise for _, _, disguise in traces(KEYS, left_behind(tmp_path))} >= {"plain", "hex"}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_every_answer_of_the_mirror_shows_the_key(shape: object) -> None:
    assert callable(shape)

    assert found(shape(MAIN))


def test_what_holds_no_key_leaves_no_trace() -> None:
    assert found(b"$CONFORMANCE_API_KEY sk-31415926535897932384626433832795 " + bytes(range(256))) == set()
