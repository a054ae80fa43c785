"""The results for Allure, read back as its report reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from conformance.journal.reader import Recording
from conformance.report.allure import write_allure
from conformance.report.errors import ReportNotWrittenError
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import RequirementOutcome, Verdict
from tests.report.factory import (
    FACTS,
    KEY_HEADER,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    one_of_each_verdict,
    played,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.verdicts.model import Assessment, Judgement

STATUSES = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "skipped",
    "not_applicable": "skipped",
    "error": "broken",
}


def written(folder: Path, run: Assessment, recording: Recording | None = None) -> list[dict[str, Any]]:
    write_allure(run, recording or Recording(), folder)
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*-result.json"))]


def only(folder: Path, judged: Judgement, recording: Recording | None = None) -> dict[str, Any]:
    (result,) = written(folder, assessment(judged), recording)
    return result


def labels(result: dict[str, Any], name: str) -> list[str]:
    return [label["value"] for label in result["labels"] if label["name"] == name]


def test_each_requirement_is_one_result_with_the_status_of_its_verdict(tmp_path: Path) -> None:
    results = written(tmp_path, assessment(*one_of_each_verdict()))

    assert {result["fullName"]: result["status"] for result in results} == {
        f"acme.songs.ACME-{position}": STATUSES[verdict] for position, verdict in enumerate(Verdict)
    }


def test_a_requirement_that_many_tests_judge_is_still_one_result_with_a_step_for_each(tmp_path: Path) -> None:
    outcomes = tuple(RequirementOutcome("ACME-1", Verdict.PASS, f"test_songs.py::test_{name}") for name in "abc")

    result = only(tmp_path, replace(judgement(Verdict.PASS), outcomes=outcomes))

    assert [step["name"] for step in result["steps"]] == [outcome.judge for outcome in outcomes]


def test_the_tree_is_system_surface_requirement(tmp_path: Path) -> None:
    result = only(tmp_path, judgement(Verdict.PASS))

    assert labels(result, "epic") == ["acme"]
    assert labels(result, "feature") == ["songs"]
    assert labels(result, "story") == ["ACME-SONG-01: A song has a title"]
    assert result["titlePath"] == ["acme", "songs"]


@pytest.mark.parametrize("level, severity", [("MUST", "critical"), ("SHOULD", "normal"), ("MAY", "minor")])
def test_severity_follows_the_level(tmp_path: Path, level: str, severity: str) -> None:
    result = only(tmp_path, judgement(Verdict.PASS, about=requirement(level=level)))

    assert labels(result, "severity") == [severity]
    assert labels(result, "tag") == [level, "pass"]


def test_a_requirement_keeps_its_history_whichever_test_judges_it(tmp_path: Path) -> None:
    first = only(tmp_path / "first", judgement(Verdict.PASS))
    other = replace(
        judgement(Verdict.FAIL, "no"), outcomes=(RequirementOutcome("ACME-SONG-01", Verdict.FAIL, "monitor"),)
    )
    (second,) = written(tmp_path / "second", assessment(other, facts=replace(FACTS, run_id="run-2")))

    assert first["historyId"] == second["historyId"] == first["testCaseId"]
    assert first["uuid"] != second["uuid"]


def test_two_requirements_have_histories_of_their_own(tmp_path: Path) -> None:
    results = written(tmp_path, assessment(*one_of_each_verdict()))

    assert len({result["historyId"] for result in results}) == len(results) == 5


def test_the_exchanges_of_the_evidence_are_attached(tmp_path: Path) -> None:
    sent = exchange(request(KEY_HEADER, content='{"title":""}'), answer(200, content='{"a":1}'))
    result = only(tmp_path, judgement(Verdict.FAIL, "no title", "main-1"), Recording(exchanges=(sent,)))
    (attached,) = result["attachments"]
    text = (tmp_path / attached["source"]).read_text("utf-8")

    assert (result["statusDetails"]["message"], attached["type"]) == ("no title", "text/plain")
    assert "POST http://target.test/v1/songs\nAuthorization: Bearer $CONFORMANCE_API_KEY" in text
    assert "curl -sS -i -X POST" in text


def test_the_history_that_broke_a_rule_is_a_numbered_list(tmp_path: Path) -> None:
    broken = played(judgement(Verdict.FAIL, "no refund"), "opened with 500 credits", *["wait"] * 60)
    trace = only(tmp_path, broken)["statusDetails"]["trace"].splitlines()

    assert trace[:2] == ["1. opened with 500 credits", "2. wait"]
    assert trace[-1] == "… (61 steps in all)"


def test_a_result_lasts_from_its_first_request_to_its_last_answer(tmp_path: Path) -> None:
    sent = exchange(response=answer(), elapsed_seconds=1.5)
    result = only(tmp_path, judgement(Verdict.PASS, "", "main-1"), Recording(exchanges=(sent,)))

    assert result["stop"] - result["start"] == 1500


def test_an_expected_failure_is_known_and_a_flaky_one_flaky(tmp_path: Path) -> None:
    expected = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2026, 12, 1))
    failed = judgement(Verdict.FAIL, "no title")

    known = only(tmp_path / "known", replace(failed, expected=expected))["statusDetails"]
    flaky = only(tmp_path / "flaky", replace(failed, expected=replace(expected, flaky=True)))["statusDetails"]

    assert (known["known"], known["flaky"]) == (True, False)
    assert (flaky["known"], flaky["flaky"]) == (False, True)
    assert known["message"] == "no title\nIt is expected to fail until 2026-12-01 (songs team: ticket 7)"


def test_what_was_under_test_is_the_environment(tmp_path: Path) -> None:
    written(tmp_path, assessment(facts=replace(FACTS, target="http://t.test/\nVerdict = \\u0041")))
    lines = (tmp_path / "environment.properties").read_text("utf-8").splitlines()

    assert lines[0] == "Target = http://t.test/ Verdict = \\\\u0041"
    assert [line.partition(" = ")[0] for line in lines] == ["Target", "Verdict", "Contract", "Suite", "Run", "Seed"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_is_bounded_text_in_files_of_ours(tmp_path: Path, text: str) -> None:
    results = written(tmp_path, *hostile(text))
    files = {path.name for path in tmp_path.iterdir()}

    assert len(results) == 3
    assert {attached["source"] for result in results for attached in result["attachments"]} <= files
    assert all(attached["type"] == "text/plain" for result in results for attached in result["attachments"])
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 200_000


def test_results_of_runs_add_up_unless_the_folder_is_cleaned(tmp_path: Path) -> None:
    run = assessment(judgement(Verdict.PASS))

    assert len(written(tmp_path, run)) == 1
    assert len(written(tmp_path, run)) == 2
    write_allure(run, Recording(), tmp_path, clean=True)
    assert len(list(tmp_path.glob("*-result.json"))) == 1


def test_a_folder_that_can_not_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(
        ReportNotWrittenError, match=r"^The results for Allure can't be written to .*file.allure: .*\.$"
    ):
        write_allure(assessment(judgement(Verdict.PASS)), Recording(), tmp_path / "file" / "allure")
