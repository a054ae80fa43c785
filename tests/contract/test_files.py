"""Reading the files that describe a system: what is wrong with one is said in one sentence that names it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.errors import InvalidContractError, UnknownSystemError, UnreadableFileError
from conformance.contract.files import check_against_schema, known_systems, read_json, read_yaml, specs_root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"a: [1", "is not valid YAML"),
        (b"a: 1\nb: }\n", "line 2, column 4 is not valid YAML"),
        (b"- a\n", "must hold a mapping at its top, not list"),
        (b"", "must hold a mapping at its top, not NoneType"),
        (b"a: \xff\n", "is not UTF-8 text (byte 3)"),
        (b"a: !!python/object/apply:os.getcwd []\n", "is not valid YAML"),
    ],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "conventions.yaml"
    path.write_bytes(content)

    with pytest.raises(UnreadableFileError) as caught:
        read_yaml(path)

    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="can't be read: No such file or directory"):
        read_yaml(tmp_path / "requirements.yaml")


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b'{"a": 1', "is not valid JSON: Expecting"),
        (b"[]", "must hold a mapping at its top, not list"),
        pytest.param(b"[" * 100_000, "is not valid JSON: ", id="deep"),
        (b'{"a": "\xff"}', "is not UTF-8 text (byte 7)"),
    ],
)
def test_a_file_that_is_no_object_in_json_is_refused(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "kill-matrix.json"
    path.write_bytes(content)

    with pytest.raises(UnreadableFileError) as caught:
        read_json(path)

    assert str(caught.value).startswith(str(path))
    assert sentence in str(caught.value)


def test_a_violation_of_a_schema_is_told_with_its_place(tmp_path: Path) -> None:
    content = {"requirements": [{"id": "lower case"}]}

    with pytest.raises(InvalidContractError, match=r"requirements\.yaml breaks its schema at "):
        check_against_schema(content, "requirements", tmp_path / "requirements.yaml")


def test_a_member_whose_name_is_no_text_breaks_every_schema(tmp_path: Path) -> None:
    with pytest.raises(InvalidContractError, match="whose name is no text"):
        check_against_schema({"\ud800": 1}, "requirements", tmp_path / "requirements.yaml")


def test_an_unknown_system_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UnknownSystemError, match=r"no system called '\.\./etc' here; known: .*beatra"):
        load_contract("../etc")


def test_every_folder_with_conventions_is_a_system() -> None:
    folders = {name for name in os.listdir(specs_root()) if (specs_root() / name / "conventions.yaml").exists()}  # noqa: PTH208 - names alone

    assert set(known_systems()) == folders
    assert all(load_contract(system).system == system for system in folders)
