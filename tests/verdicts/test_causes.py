"""Failures with one cause are one group, and the requirement that explains the others comes first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance.contract.outcomes import Interpretation, Outcome
from conformance.journal.reader import Recording
from conformance.journal.records import Location
from conformance.verdicts.causes import causes_of, missing_operations, missing_place
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import MISSING, Evidence, Judgement, RequirementOutcome, Verdict
from tests.mutants.matrices import matrix as matrix_of
from tests.mutants.matrices import mutant
from tests.report.factory import answer, assessment, exchange, judgement, requirement

if TYPE_CHECKING:
    from conformance.contract.matrices import KillMatrix
    from conformance.contract.requirements import Concern


def failing(name: str, level: str = "MUST", *places: tuple[str, Location], rests_on: tuple[str, ...] = ()) -> Judgement:
    about = requirement(name, level=level, rests_on=rests_on)
    evidence = tuple(Evidence(exchange, locations=(location,)) for exchange, location in places)
    outcome = RequirementOutcome(name, Verdict.FAIL, "test", "expected 1, got 2", evidence)
    return Judgement(about, Verdict.FAIL, "expected 1, got 2", (outcome,))


def about(concern: Concern, name: str, level: str = "MUST", *exchanges: str, operation: str | None = None) -> Judgement:
    """A failure of a rule with a concern, which turns on these exchanges."""
    rule = requirement(name, level=level, concern=concern, operation=operation)
    outcome = RequirementOutcome(name, Verdict.FAIL, "test", f"no {name}", tuple(map(Evidence, exchanges)))
    return Judgement(rule, Verdict.FAIL, f"no {name}", (outcome,))


def open_(name: str, reason: str) -> Judgement:
    return judgement(Verdict.INCONCLUSIVE, reason, about=requirement(name))


def missing(name: str, place: str = "POST /songs", status: str = "404") -> Judgement:
    reason = f"expected an operation {place}, got {status} for every request"
    outcome = RequirementOutcome(name, Verdict.FAIL, f"{MISSING}::makeSong", reason)
    return Judgement(requirement(name, level="SHOULD"), Verdict.FAIL, reason, (outcome,))


def ids(*judgements: Judgement, matrix: KillMatrix | None = None) -> list[list[str]]:
    causes = causes_of(assessment(*judgements, matrix=matrix))
    return [[judged.requirement.id for judged in cause.judgements] for cause in causes]


def test_failures_that_have_nothing_in_common_are_causes_of_their_own_with_the_weightiest_level_first() -> None:
    assert ids(failing("A", "SHOULD"), failing("B", "MAY"), failing("C")) == [["C"], ["A"], ["B"]]


def test_what_an_operation_is_for_comes_before_what_it_offers_besides_what_it_refuses_and_how_it_answers() -> None:
    found = ids(
        about("form", "ALLOW"),
        about("refusal", "REFUSES"),
        about("option", "FILTERS"),
        about("purpose", "STORED", "SHOULD"),
        about("purpose", "ACCEPTS"),
    )

    assert found == [["ACCEPTS"], ["STORED"], ["FILTERS"], ["REFUSES"], ["ALLOW"]]


def test_a_cause_weighs_as_much_as_the_weightiest_that_it_explains() -> None:
    first = about("form", "ALLOW")
    explained = replace(about("purpose", "STORED"), requirement=requirement("STORED", rests_on=("ALLOW",)))

    assert ids(about("refusal", "REFUSES"), first, explained) == [["ALLOW", "STORED"], ["REFUSES"]]


SUCCESS = exchange(id="made", response=answer(201), read_as=Interpretation(Outcome.ACCEPTED))
LENIENT = replace(SUCCESS, id="lenient", generated="invalid")
REFUSED = exchange(id="refused", response=answer(404), read_as=Interpretation(Outcome.NOT_FOUND))


@pytest.mark.parametrize(
    "shown, order",
    [
        ("made", ["CONFORMS", "FILTERS", "REFUSES", "FORM"]),
        ("lenient", ["FILTERS", "CONFORMS", "REFUSES", "FORM"]),
        ("refused", ["FILTERS", "REFUSES", "CONFORMS", "FORM"]),
    ],
)
def test_a_rule_on_all_answers_is_about_what_the_answers_are_that_disagree(shown: str, order: list[str]) -> None:
    others = (about("option", "FILTERS"), about("refusal", "REFUSES"), about("form", "FORM"))
    run = assessment(about("answer", "CONFORMS", "MUST", shown), *others)

    causes = causes_of(run, Recording(exchanges=(SUCCESS, LENIENT, REFUSED)))
    assert [cause.first.requirement.id for cause in causes] == order


def test_two_that_show_that_one_operation_accepts_what_is_invalid_have_one_cause() -> None:
    refuses = about("refusal", "REFUSES", "MUST", "lenient", operation="makeSong")
    conforms = about("answer", "CONFORMS", "MUST", "other", operation="makeSong")
    recording = Recording(exchanges=(LENIENT, replace(LENIENT, id="other"), replace(SUCCESS, id="valid")))

    assert [len(cause.others) for cause in causes_of(assessment(refuses, conforms), recording)] == [1]
    rightly = about("answer", "CONFORMS", "MUST", "valid", operation="makeSong")
    elsewhere = about("answer", "CONFORMS", "MUST", "other", operation="getSong")
    assert len(causes_of(assessment(refuses, rightly), recording)) == len((refuses, rightly))
    assert len(causes_of(assessment(refuses, elsewhere), recording)) == len((refuses, elsewhere))


def test_a_requirement_comes_after_the_one_that_it_rests_on_or_follows() -> None:
    assert ids(failing("A", rests_on=("C",)), failing("B"), failing("C")) == [["C", "A"], ["B"]]
    following = replace(failing("A"), requirement=requirement("A", follows=("C",)))
    assert ids(following, failing("B"), failing("C")) == [["C", "A"], ["B"]]


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
    def rule(name: str, operation: str) -> Judgement:
        own = requirement(name, operation=operation, judged_by="test")
        outcome = RequirementOutcome(name, Verdict.FAIL, "test", "expected the header Allow, got none")
        return Judgement(own, Verdict.FAIL, outcome.reason, (outcome,))

    listed, made = rule("A-listSongs-ALLOW", "listSongs"), rule("A-makeSong-ALLOW", "makeSong")

    assert ids(listed, made) == [["A-listSongs-ALLOW", "A-makeSong-ALLOW"]]
    assert len(ids(listed, rule("A-makeSong-HEAD", "makeSong"))) == 2


def test_what_is_expected_of_another_url_by_another_method_is_the_same_complaint() -> None:
    lenient = "expected a refusal (the content type is text/plain), got 201 for {} http://target.test/{}"
    made = derived("A", "makeSong", f"{lenient.format('POST', 'songs')}, and 2 more", kind="refuses")
    changed = derived("B", "changeSong", lenient.format("PATCH", "songs/1"), kind="refuses")

    assert ids(made, changed) == [["A", "B"]]


def test_a_missing_operation_is_said_above_all_and_comes_last_with_what_it_leaves_unjudged() -> None:
    run = assessment(
        missing("B"),
        failing("A"),
        open_("C", "blocked by B: the target has no POST /songs"),
        open_("D", "blocked by C: no song was made"),
        open_("E", "needs play money"),
    )

    first, last = causes_of(run)
    assert (first.first.requirement.id, last.first.requirement.id) == ("A", "B")
    assert [held.requirement.id for held in last.blocked] == ["C", "D"]
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


def test_each_missing_operation_is_a_cause_of_its_own() -> None:
    refused = missing("B", "GET /songs")
    refused = replace(
        refused, outcomes=(replace(refused.outcomes[0], reason="expected an operation GET /songs, got 405"),)
    )

    assert ids(missing("A"), refused) == [["A"], ["B"]]
    assert [missing_place(judged) for judged in (missing("A"), refused, failing("C"))] == [
        "no POST /songs",
        "no GET /songs",
        "",
    ]
    (told,) = missing_operations(assessment(missing("A"), refused))
    assert told == "The target has no POST /songs, GET /songs (got 404 or 405 for every request)."


def test_requirements_that_block_each_other_end_no_chain() -> None:
    run = assessment(open_("A", "blocked by B: x"), open_("B", "blocked by A: y"), failing("C"))

    (cause,) = causes_of(run)
    assert cause.blocked == ()


def test_what_is_excused_has_no_cause_here() -> None:
    expected = Expectation("A", "it is old", "me", None, flaky=False)  # type: ignore[arg-type] # no day is needed

    assert causes_of(assessment(replace(failing("A"), expected=expected))) == ()
