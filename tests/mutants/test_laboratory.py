from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.mutants.laboratory import NoVerdictError, Trial, carry_out

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = "conformance.reference.beatra.app:create_app"
SMALL = ("--control-url", "/_control", "--no-heavy")
ONE_TEST = "test_an_unknown_path"


def test_the_laboratory_itself_breaks_nothing(tmp_path: Path) -> None:
    verdicts = carry_out(Trial(REFERENCE, "/v1", tmp_path, SMALL, ONE_TEST)).verdicts

    assert verdicts["BEATRA-ERROR-07"] == "pass"
    assert {"fail", "error"}.isdisjoint(verdicts.values())


def test_an_application_that_can_not_be_made_is_judged_in_nothing(tmp_path: Path) -> None:
    found = carry_out(Trial("conformance.reference.beatra.app:create_nothing", "/v1", tmp_path, SMALL, ONE_TEST))

    assert found.overall == "inconclusive"
    assert set(found.verdicts.values()) == {"inconclusive"}
    assert "create_nothing" in (tmp_path / "output.txt").read_text("utf-8")


def test_a_run_that_can_not_begin_tells_why(tmp_path: Path) -> None:
    with pytest.raises(NoVerdictError, match="no system called"):
        carry_out(Trial(REFERENCE, "/v1", tmp_path, ("--system", "nobodys")))


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(NoVerdictError, match="without a verdict"):
        carry_out(Trial(REFERENCE, "/v1", tmp_path, SMALL, ONE_TEST), longest_seconds=0.01)


def test_reports_are_written_for_those_only_who_want_to_read_them(tmp_path: Path) -> None:
    unread, read = tmp_path / "unread", tmp_path / "read"
    for folder in (unread, read):
        folder.mkdir()
        carry_out(Trial(REFERENCE, "/v1", folder, SMALL, ONE_TEST, reported=folder == read))

    assert [*unread.glob("*/report.json")] == []
    assert len([*read.glob("*/report.json")]) == 1
