"""The log for code scanning, held against the parts of SARIF 2.1.0 that it uses, and what GitHub asks for besides."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from conformance.contract.document import Document
from conformance.contract.requirements import Place
from conformance.journal.reader import Recording
from conformance.report.sarif import sarif_log
from conformance.report.source_lines import ContractLines
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Verdict
from tests.report.drawn import runs
from tests.report.factory import (
    LINES,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    one_of_each_verdict,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from conformance.verdicts.model import Assessment, Judgement

DOCUMENT = """\
paths:
  /songs:
    get:
      operationId: listSongs
      responses: {}
    post:
      operationId: createSong
      responses:
        '201':
          description: Made.
"""
REQUIREMENTS = """\
requirements:
  - id: ACME-SONG-01
    title: A song has a title
"""
TEXT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 1100}},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a schema
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def many(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


PHYSICAL = closed(
    ["artifactLocation", "region"],
    artifactLocation=closed(
        ["uri"], uri={"type": "string", "format": "uri-reference"}, uriBaseId={"const": "%SRCROOT%"}
    ),
    region=closed(["startLine"], startLine={"type": "integer", "minimum": 1}),
)
RULE = closed(
    ["id", "shortDescription", "fullDescription", "help"],
    id={"type": "string", "minLength": 1},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    defaultConfiguration=closed(["level"], level=LEVEL),
    properties=closed(["tags", "precision"], tags=many({"type": "string"}), precision={"const": "very-high"}),
)
RESULT = closed(
    ["ruleId", "ruleIndex", "message", "level", "locations", "partialFingerprints"],
    ruleId={"type": "string", "minLength": 1},
    ruleIndex={"type": "integer", "minimum": 0},
    kind={"const": "fail"},
    level=LEVEL,
    message=TEXT,
    locations={**many(closed(["physicalLocation"], physicalLocation=PHYSICAL)), "minItems": 1},
    relatedLocations=many(closed(["id", "physicalLocation"], id={"const": 1}, physicalLocation=PHYSICAL, message=TEXT)),
    partialFingerprints=closed(
        ["primaryLocationLineHash"], primaryLocationLineHash={"type": "string", "pattern": "^[0-9a-f]{32}$"}
    ),
    suppressions=many(
        closed(["kind"], kind={"const": "external"}, status={"const": "accepted"}, justification={"type": "string"})
    ),
)
RUN = closed(
    ["tool", "results"],
    tool=closed(
        ["driver"],
        driver=closed(["name", "rules"], name={"type": "string"}, semanticVersion={"type": "string"}, rules=many(RULE)),
    ),
    automationDetails=closed(["id"], id={"type": "string", "pattern": "."}),
    invocations=many(
        closed(
            ["executionSuccessful"],
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=many(closed(["message"], level=LEVEL, message=TEXT)),
        )
    ),
    results=many(RESULT),
)
LOG = jsonschema_rs.Draft202012Validator(
    closed(
        ["$schema", "version", "runs"],
        **{"$schema": {"format": "uri"}, "version": {"const": "2.1.0"}, "runs": many(RUN)},
    ),
    validate_formats=True,
)


@pytest.fixture
def lines(tmp_path: Path) -> ContractLines:
    document, requirements = tmp_path / "openapi.yaml", tmp_path / "requirements.yaml"
    document.write_text(DOCUMENT)
    requirements.write_text(REQUIREMENTS)
    content = {
        "paths": {
            "/songs": {
                "get": {"operationId": "listSongs", "responses": {}},
                "post": {"operationId": "createSong", "responses": {"201": {}}},
            }
        }
    }
    return ContractLines(Document(content), document, tmp_path, requirements)


def logged(run: Assessment, recording: Recording | None = None, lines: ContractLines = LINES) -> dict[str, Any]:
    log = json.loads(json.dumps(sarif_log(run, recording or Recording(), lines), ensure_ascii=False).encode())
    LOG.validate(log)
    found: dict[str, Any] = log["runs"][0]
    for result in found["results"]:
        assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return found


def result(judged: Judgement, recording: Recording, lines: ContractLines) -> dict[str, Any]:
    (found,) = logged(assessment(judged), recording, lines)["results"]
    return dict(found)


def place(found: dict[str, Any], where: str = "locations") -> tuple[str, int]:
    location = found[where][0]["physicalLocation"]
    return location["artifactLocation"]["uri"], location["region"]["startLine"]


def test_only_what_fails_is_a_result_and_its_level_is_its_weight() -> None:
    judged = [judgement(Verdict.FAIL, "no", about=requirement(f"ACME-{n}", level=n)) for n in ("MUST", "SHOULD", "MAY")]
    found = logged(assessment(*one_of_each_verdict()[:1], *judged))["results"]

    assert [(one["ruleId"], one["level"]) for one in found] == [
        ("ACME-MUST", "error"),
        ("ACME-SHOULD", "warning"),
        ("ACME-MAY", "note"),
    ]


def test_a_result_says_what_was_demanded_and_what_came() -> None:
    found = logged(assessment(judgement(Verdict.FAIL, "expected a title, got none")))

    assert found["results"][0]["message"]["text"] == "A song has a title: expected a title, got none"
    assert found["tool"]["driver"]["rules"][0]["fullDescription"]["text"] == "Every song carries a title."


def test_a_result_points_at_the_operation_that_broke_the_rule_and_at_the_rule(lines: ContractLines) -> None:
    asked = exchange(response=answer(), id="main-1", operation="createSong")
    seen = exchange(response=answer(), id="main-2", operation="listSongs")

    found = result(judgement(Verdict.FAIL, "no", "main-1", "main-2"), Recording(exchanges=(asked, seen)), lines)

    assert place(found) == ("openapi.yaml", 3)
    assert place(found, "relatedLocations") == ("requirements.yaml", 2)


@pytest.mark.parametrize("about", [{"owns": (Place(operation="createSong"),)}, {"operation": "createSong"}])
def test_the_operation_that_a_requirement_names_itself_goes_first(lines: ContractLines, about: dict[str, Any]) -> None:
    seen = exchange(response=answer(), operation="listSongs")
    judged = judgement(Verdict.FAIL, "no", "main-1", about=requirement(**about))

    assert place(result(judged, Recording(exchanges=(seen,)), lines)) == ("openapi.yaml", 6)


def test_an_answer_that_does_not_conform_is_shown_where_the_document_describes_it(lines: ContractLines) -> None:
    about = requirement(judged_by="generated:conforms", operation="createSong")
    seen = exchange(response=answer(201), operation="createSong")

    found = result(judgement(Verdict.FAIL, "no", "main-1", about=about), Recording(exchanges=(seen,)), lines)

    assert place(found) == ("openapi.yaml", 9)


def test_a_rule_about_no_operation_is_shown_where_it_is_written(lines: ContractLines) -> None:
    found = result(judgement(Verdict.FAIL, "no"), Recording(), lines)

    assert place(found) == ("requirements.yaml", 2)
    assert "relatedLocations" not in found


def test_the_same_finding_is_the_same_alert_after_the_document_has_moved(lines: ContractLines) -> None:
    judged = judgement(Verdict.FAIL, "got 3", "main-1")
    again = judgement(Verdict.FAIL, "got 4", "main-1")
    held = Recording(exchanges=(exchange(response=answer(), operation="createSong"),))
    moved = ContractLines(
        Document({"paths": {"/songs": {"post": {"operationId": "createSong", "responses": {}}}}}),
        Path("x.yaml"),
        Path(),
    )

    first, second = result(judged, held, lines), result(again, held, moved)

    assert first["partialFingerprints"] == second["partialFingerprints"]
    assert place(first) != place(second)


def test_an_expected_failure_is_suppressed_and_says_who_answers_for_it() -> None:
    expected = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2026, 12, 1))
    (found,) = logged(assessment(replace(judgement(Verdict.FAIL, "no"), expected=expected)))["results"]

    assert [one["justification"] for one in found["suppressions"]] == ["songs team: ticket 7 (until 2026-12-01)"]


def test_what_the_suite_erred_on_is_no_result_but_says_that_it_did_not_do_its_work() -> None:
    found = logged(assessment(judgement(Verdict.ERROR, "KeyError: 'id'")))
    (invocation,) = found["invocations"]

    assert found["results"] == []
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == (
        "ACME-SONG-01 could not be judged: KeyError: 'id'"
    )


def test_links_and_gaps_of_a_target_are_text() -> None:
    (found,) = logged(assessment(judgement(Verdict.FAIL, "got [x](http://elsewhere.test) {0} {a}")))["results"]

    assert found["message"]["text"] == r"A song has a title: got [x\](http://elsewhere.test) {{0}} {a}"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_the_log_is_one(text: str) -> None:
    run, recording = hostile(text)

    assert len(logged(run, recording)["results"]) == 1


def test_a_target_can_not_make_the_log_large() -> None:
    run, recording = hostile("\0" * 5_000_000)

    assert len(json.dumps(sarif_log(run, recording, LINES))) < 20_000


@given(runs())
@settings(max_examples=50, deadline=None)
def test_the_log_of_any_run_fits(run: tuple[Assessment, Recording]) -> None:
    logged(*run)
