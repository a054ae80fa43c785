from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.report.compare.difference import Change, RunDifference, difference_of
from conformance.report.errors import IncomparableRunsError
from tests.report.compare.past import ERROR, EXPECTATION, FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, past, said

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.verdicts.model import Judgement, Verdict

UNJUDGED = (INCONCLUSIVE, NOT_APPLICABLE, ERROR, None)


def difference(folder: Path, before: list[Judgement], after: list[Judgement]) -> RunDifference:
    return difference_of(past(folder / "before", *before), past(folder / "after", *after))


@pytest.mark.parametrize(
    "before, after, change",
    [
        (PASS, FAIL, Change.BROKEN),
        (FAIL, PASS, Change.FIXED),
        (FAIL, FAIL, Change.STILL_FAILING),
        *((unjudged, judged, Change.NEWLY_JUDGED) for unjudged in UNJUDGED for judged in (PASS, FAIL)),
        *((judged, unjudged, Change.NO_LONGER_JUDGED) for unjudged in UNJUDGED for judged in (PASS, FAIL)),
        (PASS, PASS, None),
        (INCONCLUSIVE, NOT_APPLICABLE, None),
        (ERROR, None, None),
    ],
)
def test_two_verdicts_make_a_change(
    tmp_path: Path, before: Verdict | None, after: Verdict | None, change: Change | None
) -> None:
    found = difference(tmp_path, *([said("A", verdict)] if verdict else [] for verdict in (before, after)))

    assert [changed.change for changed in found.changes] == ([change] if change else [])


def regressions(found: RunDifference, *, strict: bool = False) -> list[str]:
    return [changed.entry.id for changed in found.regressions(strict=strict)]


@pytest.mark.parametrize("before", [PASS, INCONCLUSIVE, NOT_APPLICABLE, ERROR])
def test_a_must_that_fails_and_did_not_is_a_regression(tmp_path: Path, before: Verdict) -> None:
    assert regressions(difference(tmp_path, [said("A", before)], [said("A", FAIL)])) == ["ACME-A"]


@pytest.mark.parametrize("after", [PASS, INCONCLUSIVE, NOT_APPLICABLE, ERROR])
def test_nothing_but_a_failure_is_one(tmp_path: Path, after: Verdict) -> None:
    assert regressions(difference(tmp_path, [said("A", PASS)], [said("A", after)])) == []


def test_what_failed_before_is_none(tmp_path: Path) -> None:
    assert regressions(difference(tmp_path, [said("A", FAIL)], [said("A", FAIL)])) == []


def test_what_is_new_in_the_contract_is_none(tmp_path: Path) -> None:
    assert regressions(difference(tmp_path, [], [said("A", FAIL)])) == []


def test_what_was_expected_is_none(tmp_path: Path) -> None:
    excused = replace(said("A", FAIL), expected=EXPECTATION)

    assert regressions(difference(tmp_path, [said("A", PASS)], [excused])) == []


@pytest.mark.parametrize(
    "level, strict, expected", [("SHOULD", True, ["ACME-A"]), ("SHOULD", False, []), ("MAY", True, [])]
)
def test_a_should_is_one_only_when_strict(tmp_path: Path, level: str, *, strict: bool, expected: list[str]) -> None:
    found = difference(tmp_path, [said("A", PASS, level=level)], [said("A", FAIL, level=level)])

    assert regressions(found, strict=strict) == expected


def test_changes_stand_in_the_order_of_the_newer_report_and_what_is_gone_comes_last(tmp_path: Path) -> None:
    found = difference(
        tmp_path,
        [said("A", PASS), said("B", FAIL), said("C", PASS)],
        [said("C", FAIL), said("B", PASS), said("D", PASS)],
    )

    assert [changed.entry.id for changed in found.changes] == ["ACME-C", "ACME-B", "ACME-D", "ACME-A"]


def test_another_version_of_the_contract_is_noticed(tmp_path: Path) -> None:
    first = past(tmp_path / "first", contract_version="1.0")
    second = past(tmp_path / "second", contract_version="1.1")

    assert difference_of(first, first).same_contract
    assert not difference_of(first, second).same_contract


def test_runs_of_different_systems_have_no_difference(tmp_path: Path) -> None:
    with pytest.raises(IncomparableRunsError, match=r"^Only runs of one system can be compared; these are of a, b\.$"):
        difference_of(past(tmp_path / "a", system="a"), past(tmp_path / "b", system="b"))


def test_the_name_of_a_system_can_not_act_on_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(IncomparableRunsError) as caught:
        difference_of(past(tmp_path / "a", system="\x1b[2J\n" + "a" * 1000), past(tmp_path / "b", system="b"))

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
