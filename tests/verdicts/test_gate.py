"""What a gate forgives, what it objects to, and what becomes of the exit status."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.contract import load_contract
from conformance.journal.reader import Recording
from conformance.verdicts.compile import assess
from conformance.verdicts.errors import UnusableLevelsError, UnusableMinimumError
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.gate import Gate, parse_levels, parse_minimum
from conformance.verdicts.model import Assessment, Overall, RequirementOutcome, Verdict
from tests.verdicts.test_unjudged_runs import FACTS

CONTRACT = load_contract("beatra")
MUSTS = [requirement.id for requirement in CONTRACT.registry if requirement.level == "MUST"]
SHOULD = next(requirement.id for requirement in CONTRACT.registry if requirement.level == "SHOULD")
FIRST, SECOND = MUSTS[:2]
TODAY = date(2026, 11, 20)
EXPECTED = Expectation(FIRST, "ticket 7", "payments", TODAY)
FLAKY = replace(EXPECTED, flaky=True)
PASS, FAIL, ERROR, INCONCLUSIVE = Verdict.PASS, Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE


def assessed(
    verdicts: dict[str, Verdict], *expectations: Expectation, minimum: str | None = None, **others: bool | str
) -> Assessment:
    outcomes = [RequirementOutcome(name, verdict, "test", "found out") for name, verdict in verdicts.items()]
    gate = Gate(expectations, minimum=None if minimum is None else parse_minimum(minimum), today=TODAY)
    return assess(CONTRACT, outcomes, Recording(), FACTS, gate=gate, **others)  # type: ignore[arg-type] # by name


@pytest.mark.parametrize("known", [EXPECTED, FLAKY])
def test_a_failure_that_somebody_answers_for_does_not_fail_the_run(known: Expectation) -> None:
    run = assessed({FIRST: FAIL, SECOND: PASS}, known)

    assert (run.exit_status, run.overall, run.objections) == (0, Overall.NONCONFORMANT, ())


def test_any_other_failure_does() -> None:
    assert assessed({FIRST: FAIL, SECOND: FAIL}, EXPECTED).exit_status == 1


def test_the_judgement_says_who_answers_for_it_and_others_say_nothing() -> None:
    judged = {one.requirement.id: one for one in assessed({FIRST: FAIL, SECOND: FAIL}, EXPECTED).judgements}

    assert judged[FIRST].expected == EXPECTED
    assert judged[SECOND].expected is None


@pytest.mark.parametrize("known, words", [(EXPECTED, "2 fail (1 expected)"), (FLAKY, "2 fail (1 flaky)")])
def test_the_headline_counts_what_was_expected(known: Expectation, words: str) -> None:
    assert words in assessed({FIRST: FAIL, SECOND: FAIL}, known).headline


def test_an_expected_failure_that_passes_fails_the_run() -> None:
    run = assessed({FIRST: PASS, SECOND: PASS}, EXPECTED)

    assert run.exit_status == 1
    assert run.objections == (f"{FIRST} is expected to fail, but it passes: take it out of the expected failures.",)
    assert "1 objection of the gate" in run.headline


def test_a_flaky_one_may_pass() -> None:
    assert assessed({FIRST: PASS, SECOND: PASS}, FLAKY).exit_status == 0


@pytest.mark.parametrize("known", [EXPECTED, FLAKY])
@pytest.mark.parametrize("verdict", [PASS, FAIL, INCONCLUSIVE])
def test_the_day_after_its_last_one_it_fails_the_run(known: Expectation, verdict: Verdict) -> None:
    over = replace(known, expires=date(2026, 11, 19))

    run = assessed({FIRST: verdict, SECOND: PASS}, over)

    assert run.exit_status == 1
    assert run.objections == (f"The time of {FIRST} is over: it was {over}.",)
    assert "until 2026-11-19 (payments: ticket 7)" in run.objections[0]


@pytest.mark.parametrize("known", [EXPECTED, FLAKY])
def test_an_unknown_requirement_fails_the_run_with_the_nearest_one(known: Expectation) -> None:
    run = assessed({SECOND: PASS}, replace(known, id=f"{FIRST}X"))

    assert run.exit_status == 1
    assert run.objections[0].endswith(
        f"there is no such requirement in contract {CONTRACT.conventions.contract_version}. Did you mean {FIRST}?"
    )


def test_one_that_could_not_be_judged_is_neither_here_nor_there() -> None:
    assert assessed({FIRST: INCONCLUSIVE, SECOND: PASS}, EXPECTED).exit_status == 0


def test_a_fault_of_the_suite_is_never_expected() -> None:
    assert assessed({FIRST: ERROR, SECOND: PASS}, EXPECTED).exit_status == 3


def test_a_strict_gate_forgives_a_should_as_well() -> None:
    known = replace(EXPECTED, id=SHOULD)

    assert assessed({SHOULD: FAIL, FIRST: PASS}, strict=True).exit_status == 1
    assert assessed({SHOULD: FAIL, FIRST: PASS}, known, strict=True).exit_status == 0


def test_a_run_in_which_only_expected_failures_were_judged_is_not_green() -> None:
    run = assessed({FIRST: FAIL}, EXPECTED)

    assert run.exit_status == 5
    assert run.objections == ("Apart from failures that an owner answers for, nothing was judged.",)


def test_a_run_that_was_stopped_is_not_green_for_what_it_was_forgiven() -> None:
    assert assessed({FIRST: FAIL, SECOND: PASS}, EXPECTED, unjudged="nobody answers").exit_status == 5


@given(
    st.dictionaries(st.sampled_from(MUSTS[:6]), st.sampled_from([PASS, FAIL, ERROR, INCONCLUSIVE])),
    st.lists(st.sampled_from(MUSTS[:6]), unique=True),
)
def test_green_always_means_that_a_must_passed_and_every_failure_is_answered_for(
    verdicts: dict[str, Verdict], known: list[str]
) -> None:
    run = assessed(verdicts, *(replace(EXPECTED, id=name) for name in known))

    if run.exit_status == 0:
        assert PASS in verdicts.values()
        assert ERROR not in verdicts.values()
        assert {name for name, verdict in verdicts.items() if verdict is FAIL} <= set(known)


@pytest.mark.parametrize(
    "minimum, status",
    [("2", 0), ("3", 1), ("1%", 0), ("2%", 1), ("100%", 1), ("0.5%", 0)],
)
def test_too_few_judged_requirements_fail_the_run(minimum: str, status: int) -> None:
    assert assessed({FIRST: PASS, SECOND: PASS}, minimum=minimum).exit_status == status


def test_how_many_were_too_few_is_told() -> None:
    (said,) = assessed({FIRST: PASS}, minimum="2%").objections

    assert (
        said == f"Only 1 of {len(MUSTS)} MUST that apply were judged; at least {ceil(0.02 * len(MUSTS))} (2%) must be."
    )


def test_a_share_is_one_of_what_applies() -> None:
    surface = CONTRACT.registry[FIRST].surface
    beside = {one.id: PASS for one in CONTRACT.registry if one.surface == surface}

    run = assess(
        CONTRACT,
        [RequirementOutcome(name, verdict, "test") for name, verdict in beside.items()],
        Recording(),
        FACTS,
        surfaces=(surface,),
        gate=Gate(minimum=parse_minimum("100%")),
    )

    assert (run.exit_status, run.overall) == (0, Overall.CONFORMANT)


def test_a_run_that_judged_nothing_stays_inconclusive_whatever_the_gate_objects_to() -> None:
    assert assessed({}, replace(EXPECTED, id="NOBODY"), minimum="5").exit_status == 5


@pytest.mark.parametrize("given", ["", "0", "-1", "many", "1.5", "101%", "0%", "%", "NaN", "1e9"])
def test_a_minimum_without_a_meaning_is_told(given: str) -> None:
    with pytest.raises(UnusableMinimumError, match="--minimum-judged must be a number of requirements"):
        parse_minimum(given)


def test_levels_come_in_the_order_of_their_weight() -> None:
    assert parse_levels("should, MUST", strict=True) == ("MUST", "SHOULD")
    assert parse_levels("MUST", strict=False) == ("MUST",)


@pytest.mark.parametrize(
    "given, strict, complaint",
    [
        ("MUST,CAN", False, "must be a list of MUST, SHOULD, MAY"),
        ("", False, "must be a list of"),
        ("SHOULD", False, "must name MUST"),
        ("MUST", True, "--strict"),
    ],
)
def test_levels_without_a_basis_for_a_verdict_are_told(given: str, *, strict: bool, complaint: str) -> None:
    with pytest.raises(UnusableLevelsError, match=complaint):
        parse_levels(given, strict=strict)
