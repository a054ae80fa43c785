"""`conformance judge`: a recording is judged as the run was that made it, and otherwise where it is another one."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.mutants.beatra.catalogue import MUTANTS
from conformance.mutants.laboratory import carry_out
from conformance.mutants.shares import share_of
from conformance.mutants.trials import trials_of
from tests.cli.runs import KEY, conformance, observed_in, rejudged, report_of, rewritten, verdicts_in
from tests.client.loopback import unused_origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.mutants.trials import Trials
    from tests.cli.runs import Sandbox

# Of different kinds: money, keys, states, lists, documents, errors, credentials, and one that cuts answers short.
MUTANTS_JUDGED = (
    "replay-leaves-a-task",
    "surprise-without-prompt",
    "list-end-ignored",
    "cancel-refund-shown-twice",
    "titles-required",
    "callback-of-canceled-in-words",
    "cancel-ended-unknown",
    "songs-without-key",
    "keys-for-prompts-only",
    "error-page-of-the-proxy",
)
SHARE = os.environ.get("CONFORMANCE_MUTANTS", "")
QUICK = ("--no-heavy", "--seed", "1", "--examples", "5")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run against the embedded implementation, which is gone by now."""
    return conformance("run", *QUICK, folder=tmp_path_factory.mktemp("recorded")).folder


@pytest.fixture
def copy(recorded: Path, tmp_path: Path) -> Path:
    """The same folder, to be changed."""
    return shutil.copytree(recorded, tmp_path / "run")


@pytest.fixture(scope="module")
def trials() -> Iterator[Trials]:
    with trials_of("beatra") as prepared:
        yield prepared


def test_the_recording_of_a_run_gets_the_verdicts_of_the_run(recorded: Path, tmp_path: Path) -> None:
    again, first = rejudged(recorded, tmp_path), report_of(recorded)

    assert again.verdicts == verdicts_in(first)
    assert observed_in(again.report) == observed_in(first)
    assert again.status == 0
    assert f"All {len(again.verdicts)} verdicts are those of the run" in again.output
    assert again.report["run"] == first["run"]


def test_so_does_that_of_several_processes(tmp_path: Path) -> None:
    run = conformance("run", *QUICK, "-n", "2", folder=tmp_path).folder

    assert rejudged(run, tmp_path).verdicts == verdicts_in(report_of(run))


def test_a_run_that_ended_before_its_first_test_ends_so_again(served: Sandbox, tmp_path: Path) -> None:
    ran = conformance("run", served.base_url, folder=tmp_path, environment={KEY: "sk-of-nobody-at-all"})

    again = rejudged(ran.folder, tmp_path)

    assert again.verdicts == ran.verdicts
    assert (again.status, ran.status) == (5, 5)
    assert "The target refuses the key at once" in again.output


def test_a_run_that_recorded_nothing_can_not_be_judged_again(tmp_path: Path) -> None:
    ran = conformance("run", f"{unused_origin()}/v1", folder=tmp_path, environment={KEY: "sk-of-nobody-at-all"})

    again = conformance("judge", str(ran.folder), folder=tmp_path)

    assert again.status == 2
    assert "holds no journal of a run" in again.output


def test_what_a_run_left_out_is_left_out_again(tmp_path: Path) -> None:
    run = conformance("run", *QUICK, "--", "-k", "conflict", folder=tmp_path).folder

    assert rejudged(run, tmp_path).verdicts == verdicts_in(report_of(run))


@pytest.mark.parametrize("mutant_id", share_of(MUTANTS_JUDGED, SHARE))
def test_a_fault_is_found_in_the_recording_as_it_was_in_the_run(mutant_id: str, tmp_path: Path, trials: Trials) -> None:
    mutant = MUTANTS[mutant_id]
    carry_out(replace(trials.of_mutant(mutant, tmp_path), reported=True))
    (run,) = tmp_path.glob("run-*")

    again = rejudged(run, tmp_path)

    assert again.verdicts == verdicts_in(report_of(run))
    assert again.verdict(mutant.breaks) == "fail"


def test_another_answer_in_the_recording_is_another_verdict(copy: Path, tmp_path: Path) -> None:
    seen: set[str] = set()

    def another_task(line: dict[str, Any]) -> dict[str, Any]:
        key = dict(line["request"]["headers"]).get("Idempotency-Key", "")
        answer = line.get("response")
        if answer and line.get("operation") == "createTextToMusic" and key in seen and answer["status"] < 300:
            body = json.loads(answer["body"]["text"])
            answer["body"]["text"] = json.dumps({**body, "task_id": "tsk_of_somebody_else"})
        seen.add(key)
        return line

    rewritten(copy, another_task)
    again = rejudged(copy, tmp_path)

    assert again.verdict("BEATRA-IDEMPOTENCY-01") == "fail"
    assert again.status == 1
    assert "BEATRA-IDEMPOTENCY-01             pass → fail" in again.output


def test_what_is_not_in_the_recording_is_inconclusive(copy: Path, tmp_path: Path) -> None:
    # A scenario that moves no money: the ledger would miss what it spent.
    rewritten(copy, lambda line: None if line.get("cause") == "nowhere" else line)
    again = rejudged(copy, tmp_path)

    lost = [entry for entry in again.report["requirements"] if "not in the recording" in entry["reason"]]
    assert lost
    assert {entry["verdict"] for entry in lost} == {"inconclusive"}
    assert "error" not in {verdict for _, verdict in again.verdicts}
    assert again.status == 0


def test_a_recording_without_a_report_is_judged_all_the_same(copy: Path, recorded: Path, tmp_path: Path) -> None:
    (copy / "report.json").unlink()

    again = rejudged(copy, tmp_path)

    assert again.verdicts == verdicts_in(report_of(recorded))
    assert "holds no report to compare these verdicts with" in again.output


def test_the_recording_itself_stays_as_it_was(copy: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    rejudged(copy, tmp_path)

    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ([], "Name the folder of a run, or a file with --har; one of them."),
        (["."], "it holds no run.json"),
        ([".", "--har", "x.har"], "Name the folder of a run, or a file with --har; one of them."),
        ([".", "--base-url", "https://x.test"], "--system, --target and --base-url belong to --har"),
        (["--har", "x.har", "--minimum-judged", "5"], "--minimum-judged goes with the folder of a run"),
        (["--har", "none.har"], "none.har can't be read: No such file or directory."),
        (["--har", "hostile.har"], "hostile.har is no HAR file: it is not JSON."),
        (["--har", "hostile.har", "--system", "nobodys"], "nobodys"),
        (["--har", "hostile.har", "--conventions", "x.yaml"], "name that with --spec"),
        (["--har", "hostile.har", "--target", "none.toml"], "none.toml"),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "hostile.har").write_bytes(b"[" * 100_000)

    refused = conformance("judge", *arguments, folder=tmp_path)

    assert refused.status == 2
    assert sentence in refused.output
    assert "Traceback" not in refused.output


def test_what_others_recorded_is_judged_by_the_rules_that_need_no_scenario(recorded: Path, tmp_path: Path) -> None:
    judged = conformance("judge", "--har", str(recorded / "evidence.har"), folder=tmp_path)
    (made,) = tmp_path.glob("reports/watched-*")
    report = report_of(made)
    verdicts = {verdict for _, verdict in verdicts_in(report)}

    assert judged.status == 0
    assert verdicts == {"pass", "inconclusive"}
    assert report["target"] == report_of(recorded)["target"]
    assert report["spend"] is None
    assert {entry["reason"] for entry in report["requirements"]} == {"", "nothing in this recording exercised it"}


def test_a_fault_in_what_others_recorded_is_found(tmp_path: Path) -> None:
    answer = {"status": 200, "headers": [{"name": "Content-Type", "value": "text/html"}]}
    body = {"size": 16, "text": '{"task_id": "x"}'}
    entry = {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"method": "GET", "url": "https://api.example.com/v1/tasks/x", "headers": []},
        "response": {**answer, "content": body},
    }
    (tmp_path / "x.har").write_text(json.dumps({"log": {"entries": [entry]}}), "utf-8")

    judged = conformance("judge", "--har", "x.har", "--base-url", "https://api.example.com/v1", folder=tmp_path)

    assert judged.status == 1
    assert "the media type application/json for the JSON in the 200 to getTask" in judged.output
