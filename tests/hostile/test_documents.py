"""Documents that mean far more than they say, never end or are no files at all: refused in a sentence, and soon."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.contract.errors import UnreadableDocumentError, UnreadableFileError, UnreadableYamlError
from conformance.contract.external.load import load_described
from conformance.contract.external.read import read_document
from conformance.contract.files import Scalars, parse_yaml, read_json, read_yaml
from conformance.suite import published_document
from conformance.target.errors import TargetFileError
from conformance.target.file import read_target_file
from conformance.verdicts.errors import UnreadableExpectationsError
from conformance.verdicts.expectations import read_expectations

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = range(1, 10)
NINE = 9


def multiplied(form: str) -> str:
    """Nine levels, each of which holds nine times the one before."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{level}: &a{level} " + form.format(", ".join([f"*a{level - 1}"] * NINE)) for level in LEVELS]
    return "\n".join(lines)


BOMBS = {
    "aliases": multiplied("[{}]"),
    "merges": multiplied("{{<<: [{}]}}"),
    "depth": "[" * 30_000,
    "blocks": "".join(" " * level + "a:\n" for level in range(500)),
    "itself": "a: &a [*a]",
    "digits": "a: !!int " + "9" * 6_000,
    "tag": "a: !!timestamp nonsense",
}


@pytest.mark.parametrize("scalars", list(Scalars))
@pytest.mark.parametrize("name", [name for name in BOMBS if name not in ("digits", "tag")])
def test_yaml_that_would_take_for_ever_is_refused(name: str, scalars: Scalars) -> None:
    with pytest.raises(UnreadableYamlError):
        parse_yaml(BOMBS[name], scalars)


@pytest.mark.parametrize("scalars", list(Scalars))
def test_yaml_of_too_many_values_is_refused(scalars: Scalars) -> None:
    with pytest.raises(UnreadableYamlError, match="larger than any document should be"):
        parse_yaml("[" + "1," * 2_000 + "]", scalars, most_values=1_000)


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize(
    "read, error",
    [
        (read_yaml, UnreadableFileError),
        (read_document, UnreadableFileError),
        (lambda path: read_expectations(path, flaky=False), UnreadableExpectationsError),
    ],
    ids=["conventions", "spec", "expected-failures"],
)
def test_a_file_that_would_take_for_ever_is_named_in_one_sentence(
    read: Callable[[Path], object], error: type[Exception], name: str, tmp_path: Path
) -> None:
    path = tmp_path / "given.yaml"
    path.write_text(BOMBS[name], "utf-8")

    with pytest.raises((error, UnreadableDocumentError)) as caught:
        read(path)

    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", BOMBS)
def test_a_published_document_that_would_take_for_ever_is_not_read(name: str) -> None:
    with pytest.raises(published_document.UnreadablePublishedDocumentError):
        published_document.read_yaml(BOMBS[name])


def test_a_pattern_that_never_ends_is_not_tried() -> None:
    schema = {"type": "string", "pattern": "^(a+)+$", "default": "a" * 60 + "b"}
    info = {"title": "t", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": {"A": schema}}}

    assert published_document.fault_of(document) is None


def test_what_json_has_not_stays_a_text() -> None:
    read = parse_yaml("{a: no, b: 2020-01-01, c: 0x1F, d: .5, e: 1e3, f: true, g: ~, h: 12}", Scalars.JSON)

    assert read == {"a": "no", "b": "2020-01-01", "c": "0x1F", "d": 0.5, "e": 1000.0, "f": True, "g": None, "h": 12}


def document_with(operations: int) -> str:
    paths = {f"/p{number}": {"get": {"responses": {"200": {"description": "ok"}}}} for number in range(operations)}
    return json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths})


def test_a_document_of_too_many_operations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    path.write_text(document_with(15_000), "utf-8")

    with pytest.raises(UnreadableDocumentError, match="15,000 operations"):
        read_document(path)


def below(levels: int) -> dict[str, object]:
    """Schemas of which each has nine members of the next one."""
    schemas: dict[str, object] = {"Level0": {"type": "string", "maxLength": 5}}
    for level in range(1, levels + 1):
        members = {f"m{number}": {"$ref": f"#/components/schemas/Level{level - 1}"} for number in range(NINE)}
        schemas[f"Level{level}"] = {"type": "object", "properties": members}
    return schemas


def all_of_each_other(number: int) -> dict[str, object]:
    """Schemas of which each has a member of every one of them."""
    members = {f"m{other}": {"$ref": f"#/components/schemas/Level{other}"} for other in range(number)}
    return {f"Level{each}": {"type": "object", "properties": members} for each in range(number)}


def document_of(folder: Path, schemas: dict[str, object], place: str) -> Path:
    """A document with one operation, where the last of the schemas is that of its body, its parameter or its answer."""
    last = {"$ref": f"#/components/schemas/{list(schemas)[-1]}"}
    content = {"application/json": {"schema": last if place == "body" else {"type": "object"}}}
    answered = {"application/json": {"schema": last if place == "answer" else {"type": "object"}}}
    operation = {
        "requestBody": {"content": content},
        "parameters": [{"name": "q", "in": "query", "schema": last if place == "parameter" else {"type": "string"}}],
        "responses": {"201": {"description": "made", "content": answered}},
    }
    info = {"title": "Songs", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": {"/songs": {"post": operation}}}
    path = folder / "songs.json"
    path.write_text(json.dumps({**document, "components": {"schemas": schemas}}), "utf-8")
    return path


OVERSIZED = (
    "POST /songs is left out: its request has more than 4,000 parts once the references in its schemas are followed, "
    "which is more than can be tested."
)


@pytest.mark.parametrize("place", ["body", "parameter"])
@pytest.mark.parametrize("schemas", [below(12), all_of_each_other(13)], ids=["levels", "circles"])
def test_an_operation_whose_request_means_billions_of_values_is_left_out(
    schemas: dict[str, object], place: str, tmp_path: Path
) -> None:
    path = document_of(tmp_path, schemas, place)
    written = json.loads(path.read_text("utf-8"))
    written["paths"]["/songs"]["get"] = {"responses": {"200": {"description": "songs"}}}
    path.write_text(json.dumps(written), "utf-8")
    contract = load_described(path)

    assert list(contract.document.operations) == ["get-songs"]
    assert contract.left_out == (OVERSIZED,)


def test_a_document_of_nothing_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        load_described(document_of(tmp_path, below(12), "body"))

    assert str(caught.value).endswith(f"songs.json has nothing that can be tested: {OVERSIZED}")


@pytest.mark.parametrize("schemas, place", [(below(12), "answer"), (below(3), "body"), (all_of_each_other(4), "body")])
def test_schemas_of_answers_and_those_that_contain_themselves_may_go_deep(
    schemas: dict[str, object], place: str, tmp_path: Path
) -> None:
    assert list(load_described(document_of(tmp_path, schemas, place)).document.operations) == ["post-songs"]


def test_json_that_is_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"openapi": "3.1.0", "paths": {"/a": ' + '{"a":' * 300 + "1" + "}" * 301 + "}", "utf-8")

    with pytest.raises(UnreadableDocumentError, match="nested too deeply"):
        read_document(path)


READERS = {
    "yaml": (read_yaml, UnreadableFileError),
    "json": (read_json, UnreadableFileError),
    "target": (read_target_file, TargetFileError),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["pipe", "device", "huge"])
def test_what_is_no_file_of_a_sensible_size_is_not_read(kind: str, reader: str, tmp_path: Path) -> None:
    read, error = READERS[reader]
    path = Path("/dev/zero") if kind == "device" else tmp_path / "given"
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "huge":
        path.touch()
        os.truncate(path, 10**9)

    with pytest.raises(error, match="it is no regular file" if kind != "huge" else "it has more than"):
        read(path)


def test_a_table_of_many_levels_in_a_statement_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "target.toml"
    path.write_text("[" + ".".join(["a"] * 4000) + "]", "utf-8")

    with pytest.raises(TargetFileError, match="must be nested no deeper than 100 levels"):
        read_target_file(path)
