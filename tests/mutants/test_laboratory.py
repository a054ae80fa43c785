from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.mutants.laboratory import NoReportError, Trial, carry_out

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = "conformance.reference.beatra.app:create_app"
ONE_TEST = ("--control-url", "/_control", "--no-heavy", "--", "-k", "test_an_unknown_path")


def test_the_laboratory_itself_breaks_nothing(tmp_path: Path) -> None:
    verdicts = carry_out(Trial(REFERENCE, "/v1", tmp_path, ONE_TEST))

    assert verdicts["BEATRA-ERROR-07"] == "pass"
    assert {"fail", "error"}.isdisjoint(verdicts.values())


def test_an_application_that_can_not_be_made_is_judged_in_nothing(tmp_path: Path) -> None:
    verdicts = carry_out(Trial("conformance.reference.beatra.app:create_nothing", "/v1", tmp_path, ONE_TEST))

    assert set(verdicts.values()) == {"inconclusive"}
    assert "create_nothing" in (tmp_path / "output.txt").read_text("utf-8")


def test_a_run_that_can_not_begin_tells_why(tmp_path: Path) -> None:
    with pytest.raises(NoReportError, match="no system called"):
        carry_out(Trial(REFERENCE, "/v1", tmp_path, ("--system", "nobodys")))


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(NoReportError, match="without a report"):
        carry_out(Trial(REFERENCE, "/v1", tmp_path, ONE_TEST), longest_seconds=0.01)
