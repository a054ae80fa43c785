"""Published documents are read without trust: what can't be a document is refused, and nothing is fetched for it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.suite.published_document import (
    UnreadablePublishedDocumentError,
    difference,
    fault_of,
    operations,
    places,
    read_json,
    read_yaml,
)

# Each level repeats the one before it ten times: a few bytes that stand for a hundred million values.
ALIASES = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 8)
)


def document(**members: object) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "Songs", "version": "1"}, "paths": {}, **members}


def answering(answer: object) -> dict[str, Any]:
    return {"/songs": {"get": {"responses": {"200": answer}}}}


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a list",
        "",
        "a: &x [*x]",
        "!!python/object:os.system x",
        "a: !!timestamp never",
        "a: !!int many",
        "? [a]\n: b",
        "a: " + "[" * 5000,
        ALIASES,
    ],
    ids=["broken", "list", "empty", "circle", "object", "timestamp", "number", "key", "depth", "aliases"],
)
def test_what_is_no_yaml_document_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadablePublishedDocumentError):
        read_yaml(text)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000], ids=["empty", "broken", "list", "depth"])
def test_what_is_no_json_document_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadablePublishedDocumentError):
        read_json(text)


def test_yaml_is_read_with_the_values_that_json_has() -> None:
    text = "200: a\nday: 2026-01-02\nswitch: on\ntime: 1:30\nlarge: 1e3\nnone: ~\nyes: true\nnumber: -3\ntext: '3'\n"

    assert read_yaml(text) == {
        "200": "a",
        "day": "2026-01-02",
        "switch": "on",
        "time": "1:30",
        "large": 1000.0,
        "none": None,
        "yes": True,
        "number": -3,
        "text": "3",
    }


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.1.1"])
def test_a_valid_document_has_no_fault(version: str) -> None:
    assert fault_of(document(openapi=version, paths=answering({"description": "The songs."}))) is None


@pytest.mark.parametrize(
    "members",
    [
        {"openapi": "2.0"},
        {"openapi": 3.1},
        {"info": None},
        {"paths": [1]},
        {"paths": answering({})},
        {"paths": answering({"$ref": "#/components/responses/Missing"})},
    ],
    ids=["version", "number", "info", "list", "description", "reference"],
)
def test_the_fault_of_an_invalid_document_is_named(members: dict[str, Any]) -> None:
    assert fault_of(document(**members))


def test_a_document_that_refers_to_other_files_is_left_alone() -> None:
    with pytest.raises(UnreadablePublishedDocumentError, match=r"other\.yaml"):
        fault_of(document(paths=answering({"$ref": "http://127.0.0.1:9/other.yaml#/a"})))


def test_references_in_a_circle_are_no_fault() -> None:
    with pytest.raises(UnreadablePublishedDocumentError, match="entangled"):
        fault_of(document(components={"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}}))


@pytest.mark.parametrize(
    "other, place",
    [
        ({"a": [1, {"b": 2}]}, None),
        ({"a": [1, {"b": 3}]}, "/a/1/b"),
        ({"a": [1]}, "/a"),
        ({"a": [1, {"c": 2}]}, "/a/1/b"),
        ({"a": [True, {"b": 2}]}, "/a/0"),
        ({"a": [1.0, {"b": 2}]}, None),
    ],
)
def test_the_first_difference_is_pointed_at(other: dict[str, Any], place: str | None) -> None:
    assert difference({"a": [1, {"b": 2}]}, other) == place


def test_operations_are_told_apart_by_method_and_path_alone() -> None:
    paths = {"/songs/{id}": {"get": {}, "summary": "one", "x-note": {}}, "/odd": 5}

    assert operations({"paths": paths}) == {("GET", "/songs/{}")}
    assert operations({"paths": []}) == frozenset()


@pytest.mark.parametrize(
    "stated, as_yaml, as_json",
    [
        (None, "http://api.example.com/openapi.yaml", "http://api.example.com/openapi.json"),
        ("https://a.example/v/spec.yml", "https://a.example/v/spec.yml", "https://a.example/v/spec.json"),
        ("https://a.example/v/spec.json", "https://a.example/v/spec.yaml", "https://a.example/v/spec.json"),
    ],
)
def test_the_forms_are_looked_for_side_by_side(stated: str | None, as_yaml: str, as_json: str) -> None:
    assert places(stated, "http://api.example.com/v1")[:2] == (as_yaml, as_json)
