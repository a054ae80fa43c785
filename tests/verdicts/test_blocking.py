"""A fail that a narrower requirement's fail explains is not counted twice."""

from __future__ import annotations

from dataclasses import replace

from conformance.contract.requirements import Registry, Requirement, Source
from conformance.verdicts.compile import without_echoes
from conformance.verdicts.model import RequirementOutcome, Verdict

NARROW = Requirement(
    id="ACME-NARROW",
    title="A refund arrives",
    level="MUST",
    surface="songs",
    release="available",
    statement="It arrives.",
    sources=(Source("GUIDE", "1"),),
    judged_by="test",
)
WIDE = replace(NARROW, id="ACME-WIDE", title="The sums are right", rests_on=("ACME-NARROW",))
REGISTRY = Registry((WIDE, NARROW))


def verdicts(narrow: Verdict, wide: Verdict) -> list[Verdict]:
    outcomes = [
        RequirementOutcome("ACME-NARROW", narrow, "test_refund"),
        RequirementOutcome("ACME-WIDE", wide, "sums", "they differ"),
    ]
    return [outcome.verdict for outcome in without_echoes(outcomes, REGISTRY)]


def test_a_fail_is_open_while_what_it_rests_on_fails() -> None:
    assert verdicts(Verdict.FAIL, Verdict.FAIL) == [Verdict.FAIL, Verdict.INCONCLUSIVE]


def test_a_fail_stays_where_what_it_rests_on_does_not_fail() -> None:
    for narrow in (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_APPLICABLE):
        assert verdicts(narrow, Verdict.FAIL) == [narrow, Verdict.FAIL]


def test_other_verdicts_stay() -> None:
    assert verdicts(Verdict.FAIL, Verdict.PASS) == [Verdict.FAIL, Verdict.PASS]


def test_the_reason_names_what_blocks_and_what_was_found() -> None:
    outcomes = [
        RequirementOutcome("ACME-NARROW", Verdict.FAIL, "test"),
        RequirementOutcome("ACME-WIDE", Verdict.FAIL, "sums", "they differ"),
    ]

    assert without_echoes(outcomes, REGISTRY)[1].reason == "blocked by ACME-NARROW: they differ"


def test_an_outcome_of_a_requirement_that_nobody_knows_stays() -> None:
    unknown = RequirementOutcome("ACME-UNKNOWN", Verdict.FAIL, "test")

    assert without_echoes([unknown], REGISTRY) == (unknown,)
