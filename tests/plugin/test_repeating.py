"""What is to be run again is what an earlier run found broken, or erred on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.client.identity import CAUSE
from conformance.client.request import PreparedRequest
from conformance.plugin.settings import Earlier, read_earlier
from tests.client.bench import BASE, make_bench

if TYPE_CHECKING:
    from pathlib import Path

EARLIER = Earlier("run-1", frozenset({"A-1", "A-2"}), frozenset({"retry"}))


def reported(folder: Path, **verdicts: str) -> None:
    """A report with these verdicts; each rests on the exchange of the same name, where there is one."""
    requirements = [
        {"id": name, "verdict": verdict, "evidence": [{"exchange": f"gw0-{number}"}]}
        for number, (name, verdict) in enumerate(verdicts.items(), start=1)
    ]
    (folder / "report.json").write_text(json.dumps({"run": "run-1", "requirements": requirements}), "utf-8")


def recorded(folder: Path, *causes: str | None) -> None:
    """A journal with one exchange of each cause."""
    made = make_bench(folder, [])
    for cause in causes:
        token = CAUSE.set(cause)
        made.client.send(PreparedRequest("GET", f"{BASE}/songs"), made.sender())
        CAUSE.reset(token)
    made.client.journal.close()


def test_only_what_is_broken_or_erred_is_in_question(tmp_path: Path) -> None:
    reported(tmp_path, one="pass", two="fail", three="error", four="inconclusive", five="not_applicable")

    assert read_earlier(tmp_path).requirements == {"two", "three"}


def test_what_caused_the_evidence_is_caused_again(tmp_path: Path) -> None:
    recorded(tmp_path, "sound", "retry", "story[small]", None)
    reported(tmp_path, one="pass", two="fail", three="fail", four="fail")

    assert read_earlier(tmp_path).causes == {"retry", "story"}


def test_a_run_without_a_journal_has_no_causes(tmp_path: Path) -> None:
    reported(tmp_path, one="fail")

    assert read_earlier(tmp_path) == Earlier("run-1", frozenset({"one"}), frozenset())


@pytest.mark.parametrize(
    "requirements, fixtures, concerned",
    [
        (["A-1"], [], True),
        (["B-1", "A-2"], ["other"], True),
        (["B-1"], ["retry"], True),
        (["B-1"], ["other"], False),
        ([], [], False),
    ],
)
def test_it_concerns_tests_that_judge_it_or_cause_it(
    requirements: list[str],
    fixtures: list[str],
    concerned: bool,  # noqa: FBT001 - a case
) -> None:
    assert EARLIER.concerns(requirements, fixtures) is concerned
