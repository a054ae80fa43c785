"""How a kill matrix is written down, and what is said of one that is no proof."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from conformance.contract.files import specs_root
from conformance.contract.matrices import KillMatrix, parse_matrix
from conformance.mutants.matrix import complaints_about
from conformance.mutants.publishing import as_page, as_text, document_line, headline
from tests.mutants.matrices import matrix, mutant

SCHEMA: dict[str, Any] = json.loads((specs_root() / "schemas" / "kill-matrix.schema.json").read_text("utf-8"))

TOGETHER = {"ACME-3": "one comes with the other"}
MIXED = matrix(
    mutant("bridge", "ACME-1", drawn=["ACME-1"]),
    mutant("chorus", "ACME-2", ["ACME-2", "ACME-3"], drawn=["ACME-3"], consequences=TOGETHER),
    mutant("solo", "ACME-3", ["ACME-1"]),
    requirements=["ACME-1", "ACME-2", "ACME-3"],
)
EMPTY = KillMatrix((), (), ())


def test_the_schema_is_a_valid_and_closed_schema() -> None:
    objects = [part for part in (SCHEMA, *SCHEMA["$defs"].values()) if part.get("type") == "object"]

    assert jsonschema_rs.meta.is_valid(SCHEMA)
    assert all(part["additionalProperties"] is False for part in objects)
    assert all(part["required"] == list(part["properties"]) for part in objects)


@pytest.mark.parametrize("written", [MIXED, EMPTY], ids=["mixed", "empty"])
def test_what_is_written_fits_the_schema_and_reads_back_as_the_same(written: KillMatrix) -> None:
    content = json.loads(as_text(written))
    jsonschema_rs.validate(SCHEMA, content)
    again = parse_matrix(content)

    assert (again.requirements, again.mutants, again.references) == (
        written.requirements,
        written.mutants,
        written.references,
    )


def test_a_mutant_is_killed_when_what_it_breaks_fails_and_attributed_when_nothing_else_does() -> None:
    rows = {row["id"]: (row["killed"], row["attributed"]) for row in json.loads(as_text(MIXED))["mutants"]}

    assert rows == {"bridge": (True, True), "chorus": (True, True), "solo": (False, False)}


def test_a_declared_consequence_that_does_not_come_is_no_attribution() -> None:
    assert not mutant("bridge", "ACME-1", ["ACME-1"], consequences={"ACME-2": "or so we thought"}).attributed


def test_a_requirement_is_proved_by_those_that_break_it_and_not_by_bystanders() -> None:
    rows = {row["id"]: row["killed_by"] for row in json.loads(as_text(MIXED))["requirements"]}

    assert rows == {"ACME-1": ["bridge"], "ACME-2": ["chorus"], "ACME-3": []}


def test_the_document_alone_proves_what_fails_without_hand_written_tests() -> None:
    rows = {row["id"]: row["killed_by_document"] for row in json.loads(as_text(MIXED))["requirements"]}

    assert rows == {"ACME-1": ["bridge"], "ACME-2": [], "ACME-3": []}
    assert document_line(MIXED) == "The document alone: 1 killed, 2 noticed (66.7 %)"


def test_the_whole_is_told_in_one_line() -> None:
    assert headline(MIXED) == (
        "3 mutants, 2 killed, 2 attributed (1 with declared consequences), 3 requirements, 2 proved"
    )


def test_the_same_matrix_is_always_written_the_same() -> None:
    turned = mutant("chorus", "ACME-2", ["ACME-3", "ACME-2"], drawn=["ACME-3"], consequences=TOGETHER)

    assert as_text(matrix(MIXED.mutants[1])) == as_text(matrix(turned))


def test_the_page_shows_every_mutant_and_requirement() -> None:
    page = as_page(MIXED)

    assert headline(MIXED) in page
    assert "| ACME-1 | MUST | **bridge** |" in page
    assert "| ACME-3 | MUST | *unproved* |" in page
    assert "| chorus | ACME-2 | ACME-3 | one comes with the other |" in page
    assert "| chorus | ACME-2 | Somebody forgot it. | killed, attributed | noticed |" in page
    assert "| solo | ACME-3 | Somebody forgot it. | **survived** |  |" in page


def test_no_story_breaks_its_table() -> None:
    page = as_page(matrix(mutant("bridge", story="Either a | b,\nor both.")))

    assert r"| Either a \| b, or both. |" in page
    assert not re.search(r"^(?![#|]|$).*\|$", page, re.MULTILINE)


@pytest.mark.parametrize(
    "found, sentence",
    [
        (matrix(mutant("solo", failed=[])), "solo survives: ACME-1 does not fail, but nothing."),
        (matrix(mutant("solo", failed=["ACME-1", "ACME-2"])), "solo breaks ACME-1, but what fails is ACME-1, ACME-2."),
        (matrix(mutant("solo"), failing=["ACME-1"]), "The reference of acme fails ACME-1."),
        (matrix(mutant("solo"), requirements=["ACME-1", "ACME-2"]), "No mutant proves ACME-2."),
    ],
)
def test_what_keeps_a_matrix_from_being_a_proof_is_said(found: KillMatrix, sentence: str) -> None:
    assert sentence in complaints_about(found)


def test_nothing_is_said_of_a_matrix_that_is_a_proof() -> None:
    assert complaints_about(matrix(mutant("bridge"))) == []
