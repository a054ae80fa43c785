"""Runs of the past with what a test cares about, and reports of them on disk."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from conformance.journal.reader import Recording
from conformance.report.compare.read import read_run
from conformance.report.machine import report_json
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Judgement, Overall, Verdict
from tests.report.factory import FACTS, assessment, requirement

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.report.compare.read import PastRun

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
INCONCLUSIVE, NOT_APPLICABLE = Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE
EXPECTATION = Expectation("ACME-A", "ticket 7", "songs team", date(2026, 12, 1))


def said(name: str, verdict: Verdict, reason: str = "", **about: Any) -> Judgement:  # noqa: ANN401 - any member of it
    """What a run says of the requirement `ACME-name`."""
    return Judgement(
        requirement(f"ACME-{name}", title=about.pop("title", f"Rule {name}"), **about), verdict, reason, ()
    )


def report(*judgements: Judgement, overall: Overall = Overall.INCOMPLETE, **facts: Any) -> dict[str, Any]:  # noqa: ANN401
    """The report of a run that says so."""
    return report_json(assessment(*judgements, facts=replace(FACTS, **facts), overall=overall), Recording())


def stored(folder: Path, *judgements: Judgement, **facts: Any) -> Path:  # noqa: ANN401 - any fact of a run
    """The folder of a run that says so."""
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(report(*judgements, **facts)))
    return folder


def past(folder: Path, *judgements: Judgement, **facts: Any) -> PastRun:  # noqa: ANN401 - any fact of a run
    """A run that says so, read back."""
    return read_run(stored(folder, *judgements, **facts))
