"""Rules that no released version of the contract has: a run that asks for them says what it saw, and fails none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.contract.contract import load_contract
from conformance.journal.reader import Recording
from conformance.plugin.gating import observed_only
from conformance.plugin.settings import RunSettings
from conformance.verdicts.compile import assess, observations_of, remarks_on_coming
from conformance.verdicts.model import RequirementOutcome, Verdict
from tests.report.factory import FACTS

if TYPE_CHECKING:
    from conformance.contract.contract import Contract

COMING, OLD = "BEATRA-AUTH-01", "BEATRA-AUTH-02"


def contract() -> Contract:
    known = load_contract("beatra")
    conventions = replace(known.conventions, contract_version="9.9-next")
    return replace(known, coming=frozenset({COMING}), conventions=conventions)


def outcomes(verdict: Verdict) -> tuple[RequirementOutcome, ...]:
    return (
        RequirementOutcome(COMING, verdict, "test", "it is otherwise"),
        RequirementOutcome(OLD, Verdict.PASS, "test"),
    )


def test_they_are_observed_whatever_else_is_judged() -> None:
    settings = RunSettings(
        run_id="run-1",
        folder="run",
        system="beatra",
        base_url="http://target.test/v1",
        play=True,
        seed=1,
        started_at="",
        provisional=True,
    )

    assert observed_only(settings, contract()) == {COMING}


def test_they_fail_no_run() -> None:
    run = assess(contract(), outcomes(Verdict.FAIL), Recording(), FACTS, observed={COMING})

    assert run.exit_status == 0
    assert COMING not in {judged.requirement.id for judged in run.judgements}


def test_the_report_says_which_would_fail() -> None:
    (failing,) = remarks_on_coming(outcomes(Verdict.FAIL), contract())
    (fine,) = remarks_on_coming(outcomes(Verdict.PASS), contract())
    (seen,) = observations_of(outcomes(Verdict.FAIL), {COMING}, contract().registry)

    assert failing == f"Contract 9.9-next: 1 rule to come, observed and not judged; 1 would fail here ({COMING})."
    assert fine.endswith("none would fail here.")
    assert seen.text.endswith("(to come): otherwise: it is otherwise")


def test_a_released_version_has_nothing_to_come() -> None:
    assert remarks_on_coming(outcomes(Verdict.FAIL), load_contract("beatra", "1.0")) == ()
