from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.journal.reader import Recording
from conformance.journal.records import Location
from conformance.report.console import Telling, Tone, summary, summary_lines
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import MISSING, Evidence, LeftTask, Overall, RequirementOutcome, Verdict
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

if TYPE_CHECKING:
    from conformance.verdicts.model import Judgement

REPORT = Path("reports/run-1/index.html")


def test_a_clean_run_is_told_in_two_lines() -> None:
    run = assessment(judgement(Verdict.PASS))

    assert (run.headline, "", f"Contract 1.0 · Report: {REPORT}") == summary_lines(run, Recording(), REPORT)


def test_what_failed_is_told_with_its_reason_and_the_request_to_repeat() -> None:
    run = assessment(judgement(Verdict.FAIL, "expected a title\ngot none", "main-1"))
    sent = exchange(request(KEY_HEADER, method="GET"), answer())

    assert summary_lines(run, Recording(exchanges=(sent,)), REPORT)[2:-2] == (
        "fail  ACME-SONG-01  MUST  A song has a title",
        "  rule      Every song carries a title.",
        "  found     expected a title",
        "            got none",
        "  evidence  GET http://target.test/v1/songs → HTTP 200 (main-1)",
        '  curl -sS -i http://target.test/v1/songs -H "Authorization: Bearer $CONFORMANCE_API_KEY"',
    )


@pytest.mark.parametrize(
    "reason, shown",
    [
        ("expected a title, got none", ("  expected  a title", "  got       none")),
        ("assert 'none' == 'Dawn'\n  \n  - Dawn\n  + none", ("  expected  'Dawn'", "  got       'none'")),
        (
            "expected A, got B; expected C, got D; and 2 more",
            ("  expected  A", "  got       B", "  expected  C", "  got       D; and 2 more"),
        ),
        ("expected A, got B; expected nothing", ("  found     expected A, got B; expected nothing",)),
        ("assert [] != []", ("  found     assert [] != []",)),
    ],
)
def test_expected_and_actual_are_told_apart_where_a_reason_says_both(reason: str, shown: tuple[str, ...]) -> None:
    lines = summary_lines(assessment(judgement(Verdict.FAIL, reason)), Recording(), REPORT)

    assert lines[4:-2] == shown


def test_who_answers_for_a_failure_is_told_in_a_line_in_place_of_its_evidence() -> None:
    known = Expectation("ACME-1", "ticket 7", "songs team", date(2027, 1, 31))
    flaky = replace(known, id="ACME-2", flaky=True)
    failed = [judgement(Verdict.FAIL, "no", about=requirement(one.id)) for one in (known, flaky)]
    run = assessment(replace(failed[0], expected=known), replace(failed[1], expected=flaky))

    assert summary_lines(run, Recording(), REPORT)[1:-2] == (
        "",
        "1 failed as expected:",
        "  ACME-1  until 2027-01-31 (songs team: ticket 7)",
        "",
        "1 failed, known as flaky:",
        "  ACME-2  until 2027-01-31 (songs team: ticket 7)",
    )


def test_objections_of_the_gate_stand_next_to_the_headline() -> None:
    run = assessment(judgement(Verdict.PASS), objections=("Only 1 of 2 MUST that apply were judged.",), exit_status=1)

    assert summary_lines(run, Recording(), REPORT)[1] == "The gate objects: Only 1 of 2 MUST that apply were judged."


def test_a_quiet_one_ends_after_what_makes_the_run_red_and_what_may_cost_money() -> None:
    spend = replace(SPEND, left=(LeftTask("task-1", "song-1", Decimal(80)),), unaffordable=(("race", Decimal(150)),))
    run = assessment(
        judgement(Verdict.FAIL, "no", about=requirement("ACME-1")),
        judgement(Verdict.INCONCLUSIVE, "no clock", about=requirement("ACME-2")),
        spend=spend,
    )

    assert summary_lines(run, Recording(), REPORT, Telling(quiet=True)) == (
        run.headline,
        "",
        "fail  ACME-1  MUST  A song has a title",
        "  rule      Every song carries a title.",
        "  found     no",
        "",
        "1 task could not be ended and may cost:",
        "  task-1  song-1  80 credits",
    )


@pytest.mark.parametrize(
    "status, overall, tone",
    [
        (0, Overall.CONFORMANT, Tone.GOOD),
        (0, Overall.INCOMPLETE, Tone.DOUBTFUL),
        (0, Overall.NONCONFORMANT, Tone.DOUBTFUL),
        (1, Overall.CONFORMANT, Tone.BAD),
        (5, Overall.INCONCLUSIVE, Tone.BAD),
    ],
)
def test_the_headline_looks_good_only_where_all_is(status: int, overall: Overall, tone: Tone) -> None:
    assert summary(assessment(exit_status=status, overall=overall), Recording(), REPORT)[0].tone is tone


def test_the_first_cause_is_one_of_what_is_there_as_missing_operations_are_named_above() -> None:
    reason = "expected an operation POST /songs, got 404 for every request"
    lacks = judgement(Verdict.FAIL, reason, about=requirement("ACME-1"))
    lacks = replace(lacks, outcomes=(replace(lacks.outcomes[0], judge=f"{MISSING}::makeSong"),))
    wrong = judgement(Verdict.FAIL, "expected a title", about=requirement("ACME-2"))

    def told(*judged: Judgement) -> str:
        return "\n".join(summary_lines(assessment(*judged), Recording(), REPORT, Telling(first_cause=True)))

    assert re.findall(r"^fail  (\S+)", told(lacks, wrong), re.MULTILINE) == ["ACME-2"]
    assert re.findall(r"^fail  (\S+)", told(lacks), re.MULTILINE) == ["ACME-1"]
    assert "1 other cause so far, not shown." in told(lacks, wrong)


def test_causes_are_listed_in_a_line_each_before_any_is_told_at_length() -> None:
    stored = judgement(Verdict.FAIL, "expected a title", about=requirement("ACME-1", title="A song is kept"))
    changed = requirement("ACME-2", level="SHOULD", follows=("ACME-1",))
    allowed = requirement("ACME-3", concern="form", title="Allow is there")
    judged = (judgement(Verdict.FAIL, "no Allow", about=allowed), stored, judgement(Verdict.FAIL, "no", about=changed))

    lines = summary_lines(assessment(*judged), Recording(), REPORT)
    assert lines[2:6] == (
        "3 requirements fail, 2 causes:",
        "   1. MUST  A song is kept  (ACME-1, 1 fails with it)",
        "   2. MUST  Allow is there  (ACME-3)",
        "",
    )
    assert [line.split()[1] for line in lines if line.startswith("fail ")] == ["ACME-1", "ACME-2", "ACME-3"]


def test_of_many_causes_the_first_are_listed() -> None:
    many = [judgement(Verdict.FAIL, f"no {n}", about=requirement(f"ACME-{n}")) for n in range(12)]

    lines = summary_lines(assessment(*many), Recording(), REPORT)
    assert lines[2] == "12 requirements fail, 12 causes:"
    assert lines[12:14] == ("  10. MUST  A song has a title  (ACME-9)", "      and 2 more, see below")


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


def test_of_many_different_reasons_the_rarest_are_left_out_but_not_their_requirements() -> None:
    run = assessment(
        *(judgement(Verdict.INCONCLUSIVE, f"reason {number}", about=requirement(f"A-{number}")) for number in range(20))
    )

    *_, title, names, _, _ = summary_lines(run, Recording(), REPORT)
    assert title == "   12  for other reasons, see the report:"
    assert names.strip() == ", ".join(f"A-{number}" for number in range(8, 20))


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


def test_the_names_of_a_document_can_neither_colour_nor_flood_the_terminal() -> None:
    about = requirement(f"ACME-\x1b[2J{'a' * 1000}-REJECTS")

    lines = summary_lines(assessment(judgement(Verdict.INCONCLUSIVE, "no", about=about)), Recording(), REPORT)

    assert [line for line in lines if not line.isprintable()] == []
    assert sum(len(line) for line in lines) < 1000


def test_the_place_is_named_with_its_exchange_where_another_one_is_shown() -> None:
    outcome = RequirementOutcome(
        "ACME-1", Verdict.FAIL, "a", "no", (Evidence("main-1"), Evidence("main-2", None, (Location("body", "/is"),)))
    )
    recording = Recording(exchanges=(exchange(request(), answer()), exchange(request(), answer(), id="main-2")))
    lines = summary_lines(assessment(replace(judgement(Verdict.FAIL, "no"), outcomes=(outcome,))), recording, REPORT)

    assert "  place     /is of main-2" in lines
