"""With real money no request whose fate is unknown is sent again: the books count what arrives."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.contract.outcomes import Outcome
from conformance.journal.reader import read_recording
from tests.synchronous.desk import faults
from tests.synchronous.serving import served, spend

if TYPE_CHECKING:
    from pathlib import Path

CAP = Decimal(20)


@pytest.mark.parametrize(
    "fault, operation",
    [
        (faults.CRASH_AFTER_CHARGE, "translateText"),
        (faults.ANSWER_LOST, "translateText"),
        (faults.STREAM_CUT_OFF, "summarizeText"),
    ],
)
def test_what_may_have_cost_is_not_repeated(fault: str, operation: str, tmp_path: Path) -> None:
    with served(tmp_path, fault) as desk:
        run = desk.certified("--max-credits", f"{CAP:f}", "--seed", "1", "--", "-k", operation)
        arrived = [entry for entry in desk.books.arrivals if entry.operation == operation]

        sent = [one for one in read_recording(run.folder).exchanges if one.operation == operation]
        with_key = [one for one in sent if one.outcome is not Outcome.UNAUTHENTICATED]
        assert [one.id for one in sent if one.repeats] == []
        assert len(arrived) == len(with_key) > 0
        assert Decimal(0) < desk.books.spent <= CAP
        report = spend(run)
        assert desk.books.spent <= Decimal(report["net"]) + Decimal(report["at_stake"]) <= CAP
