from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from conformance.journal.reader import Recording
from conformance.report.console import summary_lines
from conformance.verdicts.model import LeftTask, Verdict
from tests.report.factory import (
    KEY_HEADER,
    SPEND,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

REPORT = Path("reports/run-1/index.html")


def test_a_clean_run_is_told_in_two_lines() -> None:
    run = assessment(judgement(Verdict.PASS))

    assert (run.headline, "", f"Report: {REPORT}") == summary_lines(run, Recording(), REPORT)


def test_what_failed_is_told_with_its_reason_and_the_request_to_repeat() -> None:
    run = assessment(judgement(Verdict.FAIL, "expected a title\ngot none", "main-1"))
    sent = exchange(request(KEY_HEADER, method="GET"), answer())

    assert summary_lines(run, Recording(exchanges=(sent,)), REPORT)[2:-2] == (
        "fail  ACME-SONG-01  MUST  A song has a title",
        "  Every song carries a title.",
        "  expected a title",
        "  got none",
        '  curl -sS -i http://target.test/v1/songs -H "Authorization: Bearer $CONFORMANCE_API_KEY"',
    )


def test_failures_come_before_errors_of_the_suite() -> None:
    run = assessment(
        judgement(Verdict.ERROR, "KeyError", about=requirement("ACME-1")),
        judgement(Verdict.FAIL, "no", about=requirement("ACME-2")),
    )
    lines = summary_lines(run, Recording(), REPORT)

    assert [line.split()[1] for line in lines if "MUST  " in line] == ["ACME-2", "ACME-1"]


def test_what_was_not_judged_is_grouped_by_reason_the_most_common_first() -> None:
    reasons = ["no clock", "no wallet", "no wallet", "no wallet", "no wallet", ""]
    run = assessment(
        *(
            judgement(Verdict.INCONCLUSIVE, reason, about=requirement(f"A-{number}"))
            for number, reason in enumerate(reasons)
        )
    )

    assert summary_lines(run, Recording(), REPORT)[2:-2] == (
        "6 inconclusive:",
        "    4  no wallet (A-1, A-2, A-3, …)",
        "    1  no clock (A-0)",
        "    1  no reason given (A-5)",
    )


def test_many_different_reasons_are_not_all_listed() -> None:
    run = assessment(
        *(judgement(Verdict.INCONCLUSIVE, f"reason {number}", about=requirement(f"A-{number}")) for number in range(20))
    )

    assert summary_lines(run, Recording(), REPORT)[-3] == "   12  for other reasons, see the report"


def test_why_paid_work_stopped_is_told() -> None:
    spend = replace(SPEND, stopped="a task of song-1 was charged 800, its price is 80")
    run = assessment(judgement(Verdict.PASS), spend=spend)

    assert summary_lines(run, Recording(), REPORT)[2:-2] == (
        "Paid work stopped: a task of song-1 was charged 800, its price is 80.",
    )


def test_what_did_not_fit_under_the_cap_is_counted_with_the_way_to_a_cap_that_does() -> None:
    spend = replace(SPEND, unaffordable=(("race", Decimal(150)), ("retry", Decimal(160))))

    shown = " ".join(summary_lines(assessment(spend=spend), Recording(), REPORT))

    assert "2 scenarios did not fit under the cap; the dearest needed 160 credits at a time" in shown
    assert "`conformance plan` names a cap for all" in shown


def test_tasks_that_could_not_be_ended_are_listed_with_what_each_may_cost() -> None:
    spend = replace(SPEND, left=(LeftTask("task-1", "song-1", Decimal("80.0000")),))

    assert summary_lines(assessment(spend=spend), Recording(), REPORT)[2:-2] == (
        "1 task could not be ended and may cost:",
        "  task-1  song-1  80.0000 credits",
    )


def test_many_tasks_that_could_not_be_ended_are_not_all_listed() -> None:
    left = tuple(LeftTask(f"task-{number}", "song-1", Decimal(80)) for number in range(100))
    lines = summary_lines(assessment(spend=replace(SPEND, left=left)), Recording(), REPORT)

    assert "100 tasks could not be ended and may cost:" in lines
    assert lines[-3] == "  … and others, see the report"


def test_a_very_long_request_is_left_to_the_report() -> None:
    sent = exchange(request(content="a" * 3000), answer())
    lines = summary_lines(assessment(judgement(Verdict.FAIL, "no", "main-1")), Recording(exchanges=(sent,)), REPORT)

    assert "  (the request is too long to be shown here)" in lines


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_target_can_neither_colour_nor_flood_the_terminal(text: str) -> None:
    lines = summary_lines(*hostile(text), REPORT)

    assert [line for line in lines if not line.isprintable()] == []
    assert sum(len(line) for line in lines) < 20_000
