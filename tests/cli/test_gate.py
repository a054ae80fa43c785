"""`conformance run` as a gate: what it forgives, what it objects to, what it judges at all, and what it refuses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from conformance.contract.contract import load_contract
from tests.cli.runs import CHECKOUT, conformance

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished

OK, BROKEN, USAGE, ERROR, UNJUDGED = 0, 1, 2, 3, 5
REGISTRY = load_contract("beatra").registry
# The wallet is forgotten when a task fails: one requirement is broken, and the tests of one file show it.
FAULT = "failure-refunded-on-paper"
BROKEN_BY_IT, SOUND = "BEATRA-MONEY-10", "BEATRA-MONEY-11"
FAULTY = (
    *("run", "--app", "conformance.mutants.beatra.app:create_app", "--factory", "--control-url", "/_control"),
    *("--examples", "1", "--no-heavy"),
)
ONE_FILE = ("--", "-k", "test_refunds")


def known(file: Path, *ids: str, expires: str = "2999-12-31") -> str:
    entries = "".join(f"\n  - {{id: {name}, reason: ticket 7, owner: payments, expires: {expires}}}" for name in ids)
    file.write_text(f"failures:{entries}\n", "utf-8")
    return file.name


def faulty(folder: Path, *options: str) -> Finished:
    return conformance(*FAULTY, *options, *ONE_FILE, folder=folder, environment={"CONFORMANCE_MUTANT": FAULT})


def test_a_failure_that_somebody_answers_for_is_shown_and_fails_nothing(tmp_path: Path) -> None:
    file = known(tmp_path / "expected.yaml", BROKEN_BY_IT)

    run = faulty(tmp_path, "--expected-failures", file, "--known-flaky", known(tmp_path / "flaky.yaml", SOUND))

    junit = ET.parse(run.folder / "junit.xml").getroot()  # noqa: S314 - our own output
    (entry,) = (entry for entry in run.report["requirements"] if entry["id"] == BROKEN_BY_IT)
    assert run.status == OK, run.output
    assert "1 fail (1 expected)" in run.output
    assert f"  {BROKEN_BY_IT}  until 2999-12-31 (payments: ticket 7)" in run.output
    assert run.report["verdict"] == "nonconformant"
    assert (entry["verdict"], entry["expected"]["owner"]) == ("fail", "payments")
    assert junit.get("failures") == "0"


def test_everything_that_the_gate_objects_to_is_told_beside_what_failed(tmp_path: Path) -> None:
    expected = known(tmp_path / "expected.yaml", SOUND, "ACME-1")
    flaky = known(tmp_path / "flaky.yaml", BROKEN_BY_IT, expires="2020-01-31")

    run = faulty(
        *(tmp_path, "--quiet", "--minimum-judged", "90%"),
        *("--expected-failures", expected, "--known-flaky", flaky),
    )

    passed, unknown, over, few = run.report["gate"]["objections"]
    assert run.status == BROKEN, run.output
    assert passed == f"{SOUND} is expected to fail, but it passes: take it out of the expected failures."
    assert unknown.startswith("ACME-1 is expected to fail, but there is no such requirement in contract ")
    assert over == f"The time of {BROKEN_BY_IT} is over: it was known as flaky until 2020-01-31 (payments: ticket 7)."
    assert few.startswith("Only ")
    assert run.output.strip().splitlines()[:7] == [
        run.report["headline"],
        *(f"The gate objects: {objection}" for objection in (passed, unknown, over, few)),
        "",
        f"fail  {BROKEN_BY_IT}  MUST  {REGISTRY[BROKEN_BY_IT].title}",
    ]


def test_only_the_levels_and_surfaces_that_were_asked_for_are_judged(tmp_path: Path) -> None:
    run = conformance(
        *("run", "--levels", "must", "--surfaces", "tasks,uploads", "--examples", "1", "--no-heavy"),
        *("--", "-k", "test_tasks or test_uploads"),
        folder=tmp_path,
    )

    judged = {entry["id"] for entry in run.report["requirements"] if entry["verdict"] in ("pass", "fail")}
    apply = {entry["id"] for entry in run.report["requirements"] if entry["verdict"] != "not_applicable"}
    reasons = {
        entry["reason"] for entry in run.report["requirements"] if entry["level"] != "MUST" and entry["id"] in apply
    }
    assert run.status == OK, run.output
    assert judged
    assert {REGISTRY[name].level for name in judged} == {"MUST"}
    assert {REGISTRY[name].surface for name in apply} <= {"tasks", "uploads"}
    assert reasons == {"only MUST requirements are judged in this run"}


def test_a_fault_of_the_suite_itself_is_never_taken_for_one_of_the_target(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "def pytest_sessionfinish():\n    raise RuntimeError('our own fault')\n", "utf-8"
    )
    path = f"{CHECKOUT}{os.pathsep}{tmp_path}"

    run = conformance("run", "--", "--collect-only", "-p", "broken", folder=tmp_path, environment={"PYTHONPATH": path})

    assert run.status == ERROR
    assert "our own fault" in run.output


def test_a_run_without_any_test_is_not_green(tmp_path: Path) -> None:
    run = conformance("run", "--", "-k", "no_test_of_this_name", folder=tmp_path)

    assert run.status == UNJUDGED
    assert "no test was selected" in run.output


@pytest.mark.parametrize(
    "options, complaint",
    [
        (("--expected-failures", "absent.yaml"), "absent.yaml can't be read: No such file or directory."),
        (("--known-flaky", "broken.yaml"), "broken.yaml must hold a mapping at its top"),
        (("--minimum-judged", "most"), "--minimum-judged must be a number of requirements such as 58"),
        (("--levels", "SHOULD"), "--levels must name MUST"),
        (("--surfaces", "music,dance"), "has no surface 'dance'; it has "),
        (("--expected-failures", "both.yaml", "--known-flaky", "both.yaml"), "ACME-1 is named more than once"),
    ],
)
def test_what_can_not_be_used_is_told_in_a_sentence_before_anything_is_sent(
    tmp_path: Path, options: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "broken.yaml").write_text("- no mapping", "utf-8")
    entry = "{id: ACME-1, reason: r, owner: o, expires: 2999-12-31}"
    (tmp_path / "both.yaml").write_text(f"failures: [{entry}]", "utf-8")

    run = conformance("run", *options, folder=tmp_path)

    assert run.status == USAGE
    assert complaint in run.output
    assert "Traceback" not in run.output
    assert not list(tmp_path.glob("reports/run-*"))
