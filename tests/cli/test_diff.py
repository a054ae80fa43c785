"""`conformance diff`: two runs compared on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from conformance.verdicts.model import Overall
from tests.report.compare.past import FAIL, INCONCLUSIVE, PASS, said, stored

if TYPE_CHECKING:
    from pathlib import Path

OK, REGRESSION, USAGE, UNJUDGED = 0, 1, 2, 5


@pytest.fixture
def good(tmp_path: Path) -> str:
    return str(stored(tmp_path / "good", said("A", PASS), said("B", PASS, level="SHOULD")))


@pytest.fixture
def worse(tmp_path: Path) -> str:
    return str(stored(tmp_path / "worse", said("A", FAIL, "no title"), said("B", FAIL, level="SHOULD")))


@pytest.fixture
def lax(tmp_path: Path) -> str:
    return str(stored(tmp_path / "lax", said("A", PASS), said("B", FAIL, level="SHOULD")))


def said_by(*arguments: str, status: int) -> str:
    result = CliRunner().invoke(main, ("diff", *arguments))
    assert result.exit_code == status, result.output
    return result.output


def test_a_regression_fails(good: str, worse: str) -> None:
    output = said_by(good, worse, status=REGRESSION)

    assert "ACME-A  MUST  pass → fail  Rule A\n    no title" in output
    assert output.endswith("\n1 regression\n")


def test_what_got_better_does_not(good: str, worse: str) -> None:
    assert said_by(worse, good, status=OK).endswith("\nNo regression\n")


def test_a_second_run_that_judged_nothing_is_not_green(good: str, tmp_path: Path) -> None:
    silent = stored(tmp_path / "silent", said("A", INCONCLUSIVE), overall=Overall.INCONCLUSIVE)

    assert said_by(good, str(silent), status=UNJUDGED).endswith("\nNothing was judged in the second run\n")
    said_by(str(silent), good, status=OK)


def test_a_broken_should_fails_when_strict(good: str, lax: str) -> None:
    said_by(good, lax, status=OK)
    said_by(good, lax, "--strict", status=REGRESSION)


def test_a_program_can_read_it(good: str, worse: str) -> None:
    assert json.loads(said_by(good, worse, "--format", "json", status=REGRESSION))["regressions"] == ["ACME-A"]


def test_a_pull_request_can_show_it(good: str, worse: str) -> None:
    assert said_by(good, worse, "--format", "markdown", status=REGRESSION).startswith("## 1 regression\n")


def test_a_report_may_be_named_instead_of_its_folder(good: str) -> None:
    said_by(good, f"{good}/report.json", status=OK)


@pytest.mark.parametrize("content", [None, "", "{}", '{"report_version": "2.0"}'])
def test_what_can_not_be_read_is_no_regression_but_an_error(good: str, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "report.json").write_text(content)

    assert f"Error: {tmp_path}/report.json " in said_by(good, str(tmp_path), status=USAGE)


def test_runs_of_different_systems_can_not_be_compared(good: str, tmp_path: Path) -> None:
    other = stored(tmp_path / "other", system="other")

    assert "Only runs of one system can be compared" in said_by(good, str(other), status=USAGE)
