"""A run that ended before its first test never comes out better than inconclusive."""

from __future__ import annotations

import pytest

from conformance.contract.contract import load_contract
from conformance.journal.reader import Recording
from conformance.verdicts.compile import assess
from conformance.verdicts.model import Assessment, Overall, RequirementOutcome, RunFacts, Verdict

CONTRACT = load_contract("beatra")
MUST = next(requirement.id for requirement in CONTRACT.registry if requirement.level == "MUST")
FACTS = RunFacts(
    run_id="run-1",
    system="beatra",
    title="A gateway",
    contract_version="1",
    suite_version="0",
    target="http://127.0.0.1:9",
    started_at="2026-01-02T03:04:05Z",
    duration_seconds=1.0,
    seed=1,
    exchanges=1,
    environment={},
    command="",
)


def assessed(verdict: Verdict, unjudged: str) -> Assessment:
    outcomes = [RequirementOutcome(MUST, verdict, "monitor")]
    return assess(CONTRACT, outcomes, Recording(), FACTS, unjudged=unjudged)


@pytest.mark.parametrize(
    "verdict, unjudged, overall, status",
    [
        (Verdict.PASS, "", Overall.INCOMPLETE, 0),
        (Verdict.PASS, "nobody answers", Overall.INCONCLUSIVE, 5),
        (Verdict.FAIL, "nobody answers", Overall.NONCONFORMANT, 1),
        (Verdict.INCONCLUSIVE, "nobody answers", Overall.INCONCLUSIVE, 5),
    ],
)
def test_what_monitors_saw_then_can_only_tell_against_the_target(
    verdict: Verdict, unjudged: str, overall: Overall, status: int
) -> None:
    assessment = assessed(verdict, unjudged)

    assert (assessment.overall, assessment.exit_status) == (overall, status)


def test_every_requirement_that_was_not_judged_says_why() -> None:
    others = [one for one in assessed(Verdict.PASS, "nobody answers").judgements if one.requirement.id != MUST]

    assert {one.reason for one in others} == {"nobody answers"}
