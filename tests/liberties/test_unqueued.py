"""A target without a queue, under a cap on real money: what is to be cancelled is not waited for until it is paid."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.contract.matrices import Way
from conformance.liberties.trials import liberty_trials
from conformance.mutants.laboratory import carry_out

if TYPE_CHECKING:
    from pathlib import Path


def test_a_task_that_is_at_work_from_the_start_is_cancelled_at_work(tmp_path: Path) -> None:
    with liberty_trials("beatra") as trials:
        selected = "test_a_queued_task_ends_as_canceled"
        findings = carry_out(trials.of(["no-queue"], Way("cap", 0), tmp_path, selected))

    (report,) = tmp_path.rglob("report.json")
    spend = json.loads(report.read_text("utf-8"))["spend"]
    assert findings.verdicts["BEATRA-CANCEL-02"] == "pass"
    assert Decimal(spend["debited"]) == Decimal(spend["refunded"]) > 0
