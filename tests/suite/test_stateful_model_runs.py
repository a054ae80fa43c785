"""Runs in which a model plays: what the report and the console say of a history, and how many are played."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.runs import conformance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli.runs import Finished

FAULT, BROKEN = "conflict-after-cancellation-debits", "BEATRA-IDEMPOTENCY-07"
NONCONFORMANT = 1
ONLY_HISTORIES = ("--", "-k", "test_histories")


def run(folder: Path, *options: str) -> Finished:
    return conformance("run", "--seed", "1", *options, *ONLY_HISTORIES, folder=folder)


def run_against_a_fault(folder: Path, *options: str) -> Finished:
    application = ("--app", "conformance.mutants.beatra.app:create_app", "--factory", "--control-url", "/_control")
    arguments = ("run", *application, "--seed", "1", "--histories", "20", *options, *ONLY_HISTORIES)
    return conformance(*arguments, folder=folder, environment={"CONFORMANCE_MUTANT": FAULT})


def requirement(finished: Finished, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in finished.report["requirements"] if entry["id"] == name)
    return found


def played(finished: Finished) -> int:
    """In how many accounts histories were played."""
    lines = (line for path in finished.folder.glob("journal-*.jsonl") for line in path.read_text("utf-8").splitlines())
    entries = map(json.loads, lines)
    accounts = {entry.get("account") or "" for entry in entries if entry["type"] == "exchange"}
    return len([account for account in accounts if account.endswith(".histories")])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_report_tells_the_shortest_history_step_by_step(tmp_path: Path, workers: str) -> None:
    finished = run_against_a_fault(tmp_path, "-n", workers)
    entry = requirement(finished, BROKEN)
    (test,) = (test for test in entry["tests"] if test["history"])

    assert finished.status == NONCONFORMANT
    assert {name for name, verdict in finished.verdicts if verdict == "fail"} == {BROKEN}
    assert [named(step) for step in test["history"][1:]] == [
        "request 1",
        "cancel task 1 [POST /v1/tasks/…/cancel, GET /v1/tasks/…]",
        "a song of minimax-music-2.6 with the key of request 1 [POST /v1/music/text-to-music]",
    ]
    assert [item["method"] for item in entry["evidence"]] == ["POST", "POST", "GET", "POST"]
    assert [step in finished.output for step in numbered(test["history"])] == [True] * len(test["history"])


def named(step: str) -> str:
    """What a step was, without the ids that no two runs share."""
    return re.sub(r"tsk_\w+", "…", step.partition(":")[0])


def numbered(history: Sequence[str]) -> list[str]:
    return [f"{number}. {step}" for number, step in enumerate(history, 1)]


def test_so_many_histories_are_played_as_are_asked_for(tmp_path: Path) -> None:
    # The one that Hypothesis draws first is the simplest of all and comes on top.
    assert played(run(tmp_path, "--histories", "3")) == 3 + 1


def test_no_history_is_played_and_nothing_lost_when_none_is_asked_for(tmp_path: Path) -> None:
    finished = run(tmp_path, "--histories", "0")
    entry = requirement(finished, BROKEN)

    assert played(finished) == 0
    # Others judge the rule, which were left out here: the test of histories has no part in the verdict.
    assert (entry["verdict"], entry["tests"]) == ("inconclusive", [])
    assert entry["reason"] == "deselected: the tests that judge it were left out of this run"
    assert not {verdict for _, verdict in finished.verdicts} & {"fail", "error"}
