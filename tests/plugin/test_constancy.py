"""Several runs of one judged set: what differs between them is flaky, and shown with the evidence of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.contract.contract import load_contract
from conformance.journal.reader import Recording
from conformance.plugin.earlier_runs import EarlierRun, EarlierVerdict, compared, read_runs
from conformance.plugin.errors import UnreadableRunError
from conformance.report.machine import report_json
from conformance.verdicts.compile import assess
from conformance.verdicts.model import Assessment, Evidence, RequirementOutcome, Verdict
from tests.report.factory import FACTS, exchange

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = load_contract("beatra")
ONE, TWO = "BEATRA-AUTH-01", "BEATRA-AUTH-02"
OLD = exchange(id="main-1")


def earlier(verdict: Verdict, run_id: str = "run-1") -> EarlierRun:
    verdicts = {entry.id: EarlierVerdict(Verdict.INCONCLUSIVE, "not exercised", ()) for entry in CONTRACT.registry}
    said = {
        ONE: EarlierVerdict(verdict, "it said no" if verdict is Verdict.FAIL else "", ("main-1",)),
        TWO: EarlierVerdict(Verdict.PASS, "", ()),
    }
    return EarlierRun(run_id, {**verdicts, **said}, Recording(exchanges=(OLD,)))


def now(verdict: Verdict) -> tuple[RequirementOutcome, ...]:
    reason = "it says no" if verdict is Verdict.FAIL else ""
    return (
        RequirementOutcome(ONE, verdict, "test", reason, (Evidence("main-7"),)),
        RequirementOutcome(TWO, Verdict.PASS, "test"),
    )


def assessed(outcomes: tuple[RequirementOutcome, ...], *runs: EarlierRun) -> tuple[Assessment, Recording]:
    recording = Recording(exchanges=(exchange(id="main-7"),))
    between = compared(outcomes, recording, CONTRACT, runs)
    return assess(CONTRACT, between.outcomes, between.recording, FACTS, remarks=between.remarks), between.recording


def test_rules_that_are_constant_are_judged_as_in_one_run() -> None:
    run, recording = assessed(now(Verdict.PASS), earlier(Verdict.PASS))

    assert run.remarks == ("2 runs, all verdicts were the same.",)
    assert not any(judged.flaky for judged in run.judgements)
    assert [one.id for one in recording.exchanges] == ["main-7"]


@pytest.mark.parametrize("before, after", [(Verdict.FAIL, Verdict.PASS), (Verdict.PASS, Verdict.FAIL)])
def test_a_rule_that_failed_in_one_of_the_runs_has_failed_and_is_flaky(before: Verdict, after: Verdict) -> None:
    run, _ = assessed(now(after), earlier(before))
    flaky = next(judged for judged in run.judgements if judged.requirement.id == ONE)

    assert (flaky.verdict, flaky.flaky, run.exit_status) == (Verdict.FAIL, True, 1)
    assert flaky.reason.startswith(f"not constant ({before.words} in run-1, {after.words} in this run): it sa")
    assert run.remarks == (f"2 runs, 1 not constant: {ONE}.",)
    assert "1 flaky" in run.headline


def test_both_sides_of_a_flaky_rule_are_shown() -> None:
    run, recording = assessed(now(Verdict.FAIL), earlier(Verdict.PASS))
    entry = next(each for each in report_json(run, recording)["requirements"] if each["id"] == ONE)

    assert {item["exchange"]: item["method"] for item in entry["evidence"]} == {
        "run-1-main-1": "POST",
        "main-7": "POST",
    }
    assert [(test["verdict"], test["run"]) for test in entry["tests"]] == [("fail", None), ("pass", "run-1")]


def test_what_could_not_be_judged_once_is_left_open() -> None:
    run, _ = assessed(now(Verdict.PASS), earlier(Verdict.INCONCLUSIVE))
    flaky = next(judged for judged in run.judgements if judged.requirement.id == ONE)

    assert (flaky.verdict, flaky.flaky) == (Verdict.INCONCLUSIVE, True)


def test_what_only_earlier_runs_exercised_is_named() -> None:
    run, _ = assessed(now(Verdict.PASS)[1:], earlier(Verdict.PASS))
    flaky = next(judged for judged in run.judgements if judged.requirement.id == ONE)

    assert flaky.reason.startswith("not constant (pass in run-1, inconclusive in this run): nothing in this run")


def kept(folder: Path, run: Assessment, recording: Recording) -> Path:
    (folder / "report.json").write_text(json.dumps(report_json(run, recording)), "utf-8")
    (folder / "runs.json").write_text(json.dumps([str(folder)]), "utf-8")
    return folder / "runs.json"


def test_a_run_is_read_with_what_it_said_itself_not_with_what_it_had_from_others(tmp_path: Path) -> None:
    run, recording = assessed(now(Verdict.PASS), earlier(Verdict.FAIL))
    (read,) = read_runs(kept(tmp_path, run, recording))

    assert read.run_id == FACTS.run_id
    assert read.verdicts[ONE].verdict is Verdict.PASS


@pytest.mark.parametrize("content", ["", "{}x", '["nowhere"]', "[1]"])
def test_runs_that_can_not_be_read_are_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "runs.json").write_text(content, "utf-8")

    with pytest.raises(UnreadableRunError, match="does not name runs that can be compared with"):
        read_runs(tmp_path / "runs.json")
