"""Which verdict a requirement gets from several outcomes, and a run from several requirements."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.requirements import Requirement, Source
from conformance.verdicts.compile import exit_status, judge_requirement, overall_verdict
from conformance.verdicts.model import Evidence, Judgement, Overall, RequirementOutcome, Verdict

FAIL, ERROR, INCONCLUSIVE = Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE
PASS, NOT_APPLICABLE = Verdict.PASS, Verdict.NOT_APPLICABLE
STRONGEST_FIRST = (FAIL, ERROR, INCONCLUSIVE, PASS, NOT_APPLICABLE)
LEVELS = st.sampled_from(["MUST", "SHOULD", "MAY"])


def requirement(level: str = "MUST") -> Requirement:
    return Requirement(
        id=f"ACME-{level}",
        title="A rule",
        level=level,  # type: ignore[arg-type] # drawn from the levels that there are
        surface="songs",
        release="available",
        statement="It holds.",
        sources=(Source("GUIDE", "1"),),
        judged_by="test",
    )


def outcome(verdict: Verdict, reason: str = "") -> RequirementOutcome:
    return RequirementOutcome("ACME-MUST", verdict, "test_rule", reason)


def judgement(verdict: Verdict, level: str = "MUST") -> Judgement:
    return Judgement(requirement(level), verdict, "", ())


judgements = st.lists(st.builds(judgement, st.sampled_from(Verdict), LEVELS), max_size=8)


@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=6))
def test_the_strongest_outcome_is_the_verdict_in_whatever_order_they_come(verdicts: list[Verdict]) -> None:
    judged = judge_requirement(requirement(), [outcome(verdict) for verdict in verdicts])

    assert judged.verdict is min(verdicts, key=STRONGEST_FIRST.index)


@pytest.mark.parametrize("order", list(permutations(["it is blue", "it is late"])))
def test_the_reason_is_that_of_the_outcomes_that_decided(order: tuple[str, ...]) -> None:
    outcomes = [outcome(PASS, "fine"), *(outcome(FAIL, reason) for reason in order), outcome(FAIL, order[0])]

    assert judge_requirement(requirement(), outcomes).reason == "; ".join(order)


def test_what_nothing_exercised_is_inconclusive_and_never_passed() -> None:
    assert judge_requirement(requirement(), []).verdict is INCONCLUSIVE
    assert judge_requirement(requirement(), []).reason == "nothing in this run exercised it"
    assert judge_requirement(requirement(), [], "nobody answers").reason == "nobody answers"


@given(judgements)
def test_the_verdict_of_a_run_depends_on_applicable_musts_alone(found: list[Judgement]) -> None:
    musts = [one for one in found if one.requirement.level == "MUST" and one.verdict is not NOT_APPLICABLE]

    assert overall_verdict(found) is overall_verdict(musts)


@given(judgements)
def test_conformant_means_that_every_applicable_must_passed(found: list[Judgement]) -> None:
    musts = {one.verdict for one in found if one.requirement.level == "MUST"} - {NOT_APPLICABLE}
    overall = overall_verdict(found)

    assert (overall is Overall.CONFORMANT) == (musts == {PASS})
    assert (overall is Overall.NONCONFORMANT) == (FAIL in musts)
    assert (overall is Overall.INCONCLUSIVE) == (not musts & {PASS, FAIL})


@given(judgements, st.booleans())
def test_the_exit_status_follows_the_documented_precedence(found: list[Judgement], strict: bool) -> None:  # noqa: FBT001 - drawn
    broken = {one.requirement.level for one in found if one.verdict is FAIL}
    overall = overall_verdict(found)

    if "MUST" in broken or (strict and "SHOULD" in broken):
        expected = 1
    elif any(one.verdict is ERROR for one in found):
        expected = 3
    elif overall is Overall.INCONCLUSIVE:
        expected = 5
    else:
        expected = 0
    assert exit_status(found, overall, strict=strict) == expected


@pytest.mark.parametrize(
    "verdict, level, status",
    [
        (FAIL, "MUST", 1),
        (FAIL, "SHOULD", 0),
        (FAIL, "MAY", 0),
        (ERROR, "MAY", 3),
        (INCONCLUSIVE, "MUST", 0),
        (PASS, "MUST", 0),
    ],
)
def test_beside_a_must_that_passed(verdict: Verdict, level: str, status: int) -> None:
    found = [judgement(PASS), judgement(verdict, level)]

    assert exit_status(found, overall_verdict(found), strict=False) == status


def test_what_a_test_of_the_one_rule_says_comes_before_what_came_of_a_history() -> None:
    played = replace(outcome(FAIL, "expected 8000, got 7950"), history=("begin",), evidence=(Evidence("main-9"),))
    tested = replace(outcome(FAIL, "expected 500, got 420"), evidence=(Evidence("main-7"),))

    judged = judge_requirement(requirement(), [played, tested])

    assert judged.reason == "expected 500, got 420; expected 8000, got 7950"
    assert [shown.exchange for shown in judged.evidence] == ["main-7", "main-9"]
    assert judged.history == ("begin",)
