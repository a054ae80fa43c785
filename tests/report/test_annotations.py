"""Annotations for GitHub Actions: each is one command of its runner, whatever a target sent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import pytest

from conformance.journal.reader import Recording
from conformance.report.annotations import MOST_SHOWN, github_annotations
from conformance.report.machine import report_json
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Assessment, Overall, Verdict
from tests.report.factory import assessment, hostile, judgement, requirement
from tests.report.hostility import HOSTILE

COMMAND = re.compile(r"::(error|warning) title=[^:,]*::.*")


def annotated(run: Assessment, recording: Recording | None = None) -> tuple[str, ...]:
    return github_annotations(report_json(run, recording or Recording()))


def test_a_clean_run_has_none() -> None:
    assert annotated(assessment(judgement(Verdict.PASS))) == ()


def test_a_broken_must_is_an_error_with_statement_and_reason() -> None:
    (line,) = annotated(assessment(judgement(Verdict.FAIL, "expected 100 %, got 3"), exit_status=1))

    assert line.split("::", 2)[1:] == [
        "error title=fail ACME-SONG-01 (MUST)%3A A song has a title",
        "Every song carries a title.%0Aexpected 100 %25, got 3",
    ]


@pytest.mark.parametrize("strict, kind", [(False, "warning"), (True, "error")])
def test_a_broken_should_is_an_error_only_where_it_fails_the_run(*, strict: bool, kind: str) -> None:
    broken = judgement(Verdict.FAIL, "no", about=requirement(level="SHOULD"))

    (line,) = annotated(assessment(broken, strict=strict, exit_status=int(strict)))

    assert line.startswith(f"::{kind} ")


def test_a_failure_that_somebody_answers_for_is_a_warning_that_says_who() -> None:
    known = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2027, 1, 31))

    (line,) = annotated(assessment(replace(judgement(Verdict.FAIL, "no"), expected=known)))

    assert line.startswith("::warning ")
    assert "%0AExpected to fail until 2027-01-31 (songs team: ticket 7)%0Ano" in line


def test_an_error_of_the_suite_is_one_whatever_its_level() -> None:
    (line,) = annotated(assessment(judgement(Verdict.ERROR, "no", about=requirement(level="MAY")), exit_status=3))

    assert line.startswith("::error ")


def test_objections_of_the_gate_come_first() -> None:
    run = assessment(judgement(Verdict.FAIL, "no"), objections=("Too few were judged.",), exit_status=1)

    assert annotated(run)[0] == "::error title=The gate objects::Too few were judged."


def test_a_run_that_judged_nothing_says_so() -> None:
    run = assessment(judgement(Verdict.INCONCLUSIVE, "no"), overall=Overall.INCONCLUSIVE, exit_status=5)

    assert annotated(run) == (f"::error title=Nothing could be judged::{run.headline}",)


def test_a_run_that_was_stopped_is_never_without_an_error() -> None:
    known = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2027, 1, 31))
    failed = replace(judgement(Verdict.FAIL, "no"), expected=known)

    lines = annotated(assessment(failed, overall=Overall.NONCONFORMANT, exit_status=5))

    assert [line.partition(" ")[0] for line in lines] == ["::error", "::warning"]


def test_no_more_than_the_runner_shows_and_the_last_one_counts_the_others() -> None:
    many = [judgement(Verdict.FAIL, "no", about=requirement(f"ACME-{number}")) for number in range(40)]

    lines = annotated(assessment(*many, exit_status=1))

    assert len(lines) == MOST_SHOWN
    assert lines[-1] == "::error title=31 more::The report has them all."


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "a\n::set-env name=PATH::/evil", "a\r\n::stop-commands::x", "%0A::"]
)
def test_a_target_can_neither_add_a_command_nor_leave_its_own(text: str) -> None:
    lines = annotated(*hostile(text))

    assert [line for line in lines if not COMMAND.fullmatch(line) or not line.isprintable()] == []
    assert len(lines) == 2


def test_what_the_runner_unescapes_is_what_the_target_sent() -> None:
    (line,) = annotated(assessment(judgement(Verdict.FAIL, "got %0A and\n::error::"), exit_status=1))

    assert unquote(line.rpartition("::Every")[2]).endswith("got %0A and\n::error::")
