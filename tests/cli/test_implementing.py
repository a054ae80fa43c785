"""What helps while an API is being written: one requirement alone, and the first cause alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.cli.test_any_document import failing, run_studio

if TYPE_CHECKING:
    from pathlib import Path

USAGE_ERROR = 2
REPLAYS = "LOOP_STUDIO-post-loops-REPLAYS"
RETRYABLE = "LOOP_STUDIO-RETRYABLE"


def reason(report: dict[str, list[dict[str, str]]], name: str) -> str:
    return next(entry["reason"] for entry in report["requirements"] if entry["id"] == name)


def test_a_requirement_is_judged_alone_with_what_its_test_needs(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--only", REPLAYS, fault="retry makes another loop")

    assert failing(run) == {"post-loops-REPLAYS"}
    assert {verdict for name, verdict in run.verdicts if name != REPLAYS} == {"inconclusive"}
    assert reason(run.report, RETRYABLE) == "other requirements are asked for (--only)"
    assert len(run.collected) == 1


def test_a_rule_over_all_traffic_gets_the_traffic_that_it_is_about(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--only", RETRYABLE, fault="refusals lack a member")

    assert failing(run) == {"RETRYABLE"}
    assert len(run.collected) > 1


def test_a_requirement_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--only", "LOOP_STUDIO-post-loops-REPLAY")

    assert run.status == USAGE_ERROR
    assert f"has no requirement 'LOOP_STUDIO-post-loops-REPLAY'; the nearest is {REPLAYS}." in run.output


def test_a_run_may_stop_at_the_first_broken_must_and_explain_it(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--next", fault="another success status")

    assert failing(run) == {"post-loops-CONFORMS"}
    command = r"^  more      conformance explain --spec \S+ .*LOOP_STUDIO-post-loops-CONFORMS$"
    assert re.search(command, run.output, re.MULTILINE)
    assert "inconclusive:" not in run.output


def test_what_comes_after_the_first_broken_must_is_left_out(tmp_path: Path) -> None:
    run = run_studio(tmp_path, "--next", fault="missing key accepted")

    left_out = [entry for entry in run.report["requirements"] if "(--next)" in entry["reason"]]
    assert left_out
    assert 0 < len(failing(run)) < 6
