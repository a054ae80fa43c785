from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.document import Document
from conformance.contract.external.load import load_described
from conformance.contract.files import read_yaml, specs_root
from conformance.report.source_lines import ContractLines, SourceLine, lines_of

SYSTEM = "beatra"
STUDIO = Path(__file__).parents[1] / "cli" / "studio"
DOCUMENT = """\
openapi: 3.1.0
paths:
  /songs/{id}:
    parameters: []
    get:
      operationId: getSong
      responses:
        '200':
          description: A song.
        4XX:
          description: Refused.
    delete:
      responses: {default: {description: Gone.}}
"""


@pytest.fixture
def lines(tmp_path: Path) -> ContractLines:
    path = tmp_path / "api" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(DOCUMENT)
    return ContractLines(Document(read_yaml(path)), path, tmp_path)


@pytest.mark.parametrize(
    "operation, status, number",
    [
        ("getSong", None, 5),
        ("getSong", 200, 8),
        ("getSong", 404, 10),
        ("getSong", 500, 5),
        ("delete /songs/{id}", None, 12),
        ("delete /songs/{id}", 500, 13),
    ],
)
def test_an_operation_and_its_documented_answers_have_lines(
    lines: ContractLines, operation: str, status: int | None, number: int
) -> None:
    assert lines.operation(operation, status) == SourceLine("api/openapi.yaml", number)


def test_an_operation_that_the_document_lacks_has_none(lines: ContractLines) -> None:
    assert lines.operation("getAlbum") is None
    assert lines.requirement("ACME-getSong-CONFORMS") is None
    assert lines.top == SourceLine("api/openapi.yaml", 1)


def test_a_document_elsewhere_is_named_by_its_whole_address(tmp_path: Path) -> None:
    path = tmp_path / "my api.yaml"
    path.write_text(DOCUMENT)
    found = ContractLines(Document(read_yaml(path)), path, tmp_path / "project").operation("getSong")

    assert found == SourceLine(path.as_uri(), 5)


def test_a_document_is_named_by_its_own_folder_as_an_address(tmp_path: Path) -> None:
    path = tmp_path / "my_specs" / "songs #1 100%.yaml"
    path.parent.mkdir()
    path.write_text(DOCUMENT)

    assert ContractLines(Document(read_yaml(path)), path, tmp_path).top.file == "my_specs/songs%20%231%20100%25.yaml"


def test_a_document_in_json_has_lines_too(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text('{\n"paths": {\n"/songs": {\n"get": {\n"operationId": "listSongs", "responses": {}\n}}}}')

    assert ContractLines(Document(read_yaml(path)), path, tmp_path).operation("listSongs") == SourceLine(
        "openapi.json", 4
    )


@pytest.mark.parametrize("content", [None, "paths: [", "- a list", "paths:\n  /songs/{id}: 3\n", "\0"])
def test_a_document_that_has_changed_since_gives_its_first_line(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT)
    document = Document(read_yaml(path))
    path.unlink()
    if content is not None:
        path.write_text(content)

    assert ContractLines(document, path, tmp_path).operation("getSong") == SourceLine("openapi.yaml", 1)


def test_every_requirement_and_operation_of_the_suites_own_contract_has_its_line(tmp_path: Path) -> None:
    contract = load_contract(SYSTEM)
    found = lines_of(contract, None, tmp_path)
    texts = {
        name: (specs_root() / SYSTEM / name).read_text("utf-8").splitlines()
        for name in ("openapi.yaml", "requirements.yaml")
    }

    def text(line: SourceLine | None) -> str:
        assert line is not None
        folder, _, name = line.file.rpartition("/")
        assert folder == f"specs/{SYSTEM}"
        return texts[name][line.number - 1]

    for requirement in contract.registry:
        if requirement.operation is None:
            assert text(found.requirement(requirement.id)).endswith(f"id: {requirement.id}")
        else:
            assert found.requirement(requirement.id) is None
    for operation in contract.document.operations.values():
        assert text(found.operation(operation.id)).strip() == f"{operation.method.lower()}:"


def test_a_document_that_somebody_brought_has_lines_and_no_list_of_requirements() -> None:
    path = STUDIO / "openapi.yaml"
    contract = load_described(path)
    found = lines_of(contract, path, STUDIO)
    text = path.read_text("utf-8").splitlines()

    for operation in contract.document.operations.values():
        line = found.operation(operation.id)
        assert line is not None
        assert line.file == "openapi.yaml"
        assert text[line.number - 1].strip().startswith(f"{operation.method.lower()}:")
    assert {found.requirement(requirement.id) for requirement in contract.registry} == {None}
