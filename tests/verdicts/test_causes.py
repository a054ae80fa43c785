"""Failures with one cause are one group, and the requirement that explains the others comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.journal.records import Location
from conformance.verdicts.causes import causes_of, missing_operations
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import MISSING, Evidence, Judgement, RequirementOutcome, Verdict
from tests.mutants.matrices import matrix as matrix_of
from tests.mutants.matrices import mutant
from tests.report.factory import assessment, judgement, requirement

if TYPE_CHECKING:
    from conformance.contract.matrices import KillMatrix


def failing(name: str, level: str = "MUST", *places: tuple[str, Location], rests_on: tuple[str, ...] = ()) -> Judgement:
    about = requirement(name, level=level, rests_on=rests_on)
    evidence = tuple(Evidence(exchange, locations=(location,)) for exchange, location in places)
    outcome = RequirementOutcome(name, Verdict.FAIL, "test", "expected 1, got 2", evidence)
    return Judgement(about, Verdict.FAIL, "expected 1, got 2", (outcome,))


def open_(name: str, reason: str) -> Judgement:
    return judgement(Verdict.INCONCLUSIVE, reason, about=requirement(name))


def missing(name: str, place: str = "POST /songs") -> Judgement:
    reason = f"expected an operation {place}, got 404 for every request"
    outcome = RequirementOutcome(name, Verdict.FAIL, f"{MISSING}::makeSong", reason)
    return Judgement(requirement(name, level="SHOULD"), Verdict.FAIL, reason, (outcome,))


def ids(*judgements: Judgement, matrix: KillMatrix | None = None) -> list[list[str]]:
    causes = causes_of(assessment(*judgements, matrix=matrix))
    return [[judged.requirement.id for judged in cause.judgements] for cause in causes]


def test_failures_that_have_nothing_in_common_are_causes_of_their_own_with_the_weightiest_level_first() -> None:
    assert ids(failing("A", "SHOULD"), failing("B", "MAY"), failing("C")) == [["C"], ["A"], ["B"]]


def test_a_requirement_comes_after_the_one_that_it_rests_on() -> None:
    assert ids(failing("A", rests_on=("C",)), failing("B"), failing("C")) == [["C", "A"], ["B"]]


def test_what_a_known_fault_brings_along_is_a_consequence_of_what_the_fault_breaks() -> None:
    known = matrix_of(mutant("fault", breaks="B", failed=("A", "B")))

    assert ids(failing("A"), failing("B"), matrix=known) == [["B", "A"]]
    assert ids(failing("A"), failing("C"), matrix=known) == [["A"], ["C"]]


def test_a_known_fault_explains_nothing_where_something_passes_that_it_would_fail() -> None:
    known = matrix_of(mutant("fault", breaks="B", failed=("A", "B", "C")))

    assert ids(failing("A"), failing("B"), matrix=known) == [["A"], ["B"]]


def test_two_that_turn_on_the_same_place_of_an_answer_have_one_cause() -> None:
    status, body = Location("status"), Location("body", "/id")

    assert ids(failing("A", "SHOULD", ("x-1", status)), failing("B", "MUST", ("x-1", status))) == [["B", "A"]]
    assert ids(failing("A", "MUST", ("x-1", status)), failing("B", "MUST", ("x-1", body))) == [["A"], ["B"]]
    assert ids(failing("A", "MUST", ("x-1", status)), failing("B", "MUST", ("x-2", status))) == [["A"], ["B"]]


def derived(name: str, operation: str, reason: str, kind: str = "conforms") -> Judgement:
    about = requirement(name, operation=operation, judged_by=f"generated:{kind}")
    return Judgement(about, Verdict.FAIL, reason, (RequirementOutcome(name, Verdict.FAIL, "test", reason),))


def test_the_same_complaint_of_one_rule_about_two_operations_is_one_cause() -> None:
    lacking = 'expected /error of the 40{} to {} as the document has it, but "code" is missing'
    first = derived("A", "makeSong", lacking.format(0, "makeSong"))
    second = derived("B", "getSong", f"{lacking.format(4, 'getSong')}; expected a list, got 3; and 2 more")

    assert ids(first, second) == [["A", "B"]]
    assert ids(first, derived("B", "getSong", "expected a list, got 3; and 2 more")) == [["A"], ["B"]]
    assert ids(first, derived("B", "getSong", lacking.format(4, "getSong"), kind="accepts")) == [["A"], ["B"]]


def test_the_same_complaint_of_one_kind_of_scenario_about_two_operations_is_one_cause() -> None:
    def about(name: str, operation: str) -> Judgement:
        own = requirement(name, operation=operation, judged_by="test")
        outcome = RequirementOutcome(name, Verdict.FAIL, "test", "expected the header Allow, got none")
        return Judgement(own, Verdict.FAIL, outcome.reason, (outcome,))

    listed, made = about("A-listSongs-ALLOW", "listSongs"), about("A-makeSong-ALLOW", "makeSong")

    assert ids(listed, made) == [["A-listSongs-ALLOW", "A-makeSong-ALLOW"]]
    assert len(ids(listed, about("A-makeSong-HEAD", "makeSong"))) == 2


def test_a_missing_operation_is_the_first_cause_and_says_what_it_leaves_unjudged() -> None:
    run = assessment(
        failing("A"),
        missing("B"),
        open_("C", "blocked by B: the target has no POST /songs"),
        open_("D", "blocked by C: no song was made"),
        open_("E", "needs play money"),
    )

    first, second = causes_of(run)
    assert (first.first.requirement.id, second.first.requirement.id) == ("B", "A")
    assert [held.requirement.id for held in first.blocked] == ["C", "D"]
    assert missing_operations(run) == (
        "The target has no POST /songs (got 404 for every request): 2 requirements that need it could not be judged.",
    )


def test_one_sentence_names_all_operations_that_are_missing() -> None:
    run = assessment(
        *(missing(f"A-{number}", f"GET /{number}") for number in range(8)), open_("C", "blocked by A-0: no song")
    )

    (told,) = missing_operations(run)
    assert told == (
        "The target has no GET /0, GET /1, GET /2, GET /3, GET /4, GET /5 and 2 more (got 404 for every request): "
        "1 requirement that needs them could not be judged."
    )
    assert missing_operations(assessment(failing("A"))) == ()


def test_requirements_that_block_each_other_end_no_chain() -> None:
    run = assessment(open_("A", "blocked by B: x"), open_("B", "blocked by A: y"), failing("C"))

    (cause,) = causes_of(run)
    assert cause.blocked == ()


def test_what_is_excused_has_no_cause_here() -> None:
    expected = Expectation("A", "it is old", "me", None, flaky=False)  # type: ignore[arg-type] # no day is needed

    assert causes_of(assessment(replace(failing("A"), expected=expected))) == ()
