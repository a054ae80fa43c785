"""Which exception in which phase of a test gives which verdict, and that it arrives at the controller."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.client.errors import (
    BlockedError,
    ControlError,
    NotApplicableError,
    NotOfferedError,
    ReservationError,
    UnansweredError,
    UndecidedError,
)
from conformance.client.transports.base import UnsendableRequestError
from conformance.generation.cases import MisbuiltRequestError
from conformance.journal.records import Location, LocationRead, Mismatch, Unanswered
from conformance.plugin.outcomes import (
    PROPERTY,
    from_report,
    outcomes_of,
    register_markers,
    requirement_ids,
    to_plain,
    verdict_of,
)
from conformance.suite.audio import EndlessAudioError
from conformance.suite.scenarios import derived, requirement
from conformance.verdicts.model import Evidence, RequirementOutcome, Verdict
from tests.client.bench import sample_contract

if TYPE_CHECKING:
    from typing import Literal

    Phase = Literal["setup", "call", "teardown"]

PHASES: tuple[Phase, ...] = ("setup", "call", "teardown")


def ended(phase: Phase, error: BaseException | None = None) -> pytest.CallInfo[None]:
    """A phase of a test that ended like this."""

    def run() -> None:
        if error is not None:
            raise error

    return pytest.CallInfo.from_call(run, phase)


def item(*marks: pytest.MarkDecorator, **params: object) -> Any:  # noqa: ANN401 - stands for an item of pytest
    known = [mark.mark for mark in marks]
    return SimpleNamespace(
        nodeid="suite/test_songs.py::test_a_song",
        iter_markers=lambda name: [mark for mark in known if mark.name == name],
        **({"callspec": SimpleNamespace(params=params)} if params else {}),
    )


@pytest.fixture
def known_marks(pytestconfig: pytest.Config) -> None:
    register_markers(pytestconfig)


@pytest.mark.parametrize("phase", PHASES)
def test_what_ends_well_passes(phase: Phase) -> None:
    assert verdict_of(ended(phase)) == (Verdict.PASS, "")


@pytest.mark.parametrize("error", [AssertionError("202 != 200"), Mismatch("no task_id"), pytest.fail.Exception("no")])
def test_a_failed_assertion_of_a_test_is_a_fail(error: BaseException) -> None:
    assert verdict_of(ended("call", error)) == (Verdict.FAIL, str(error))


def test_a_scenario_that_can_not_go_on_takes_the_precondition_away() -> None:
    verdict = verdict_of(ended("setup", Mismatch("expected a string at /task_id")))

    assert verdict == (Verdict.INCONCLUSIVE, "its precondition is not met: expected a string at /task_id")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    "error",
    [
        UndecidedError("not here"),
        NotOfferedError("the target does not offer control:clock"),
        UnansweredError("too busy"),
        Unanswered("expected an answer to GET /songs, got none", "main-1"),
        ReservationError("the money is real"),
        ControlError("the clock stands still"),
        EndlessAudioError("goes on and on"),
        pytest.skip.Exception("not today"),
    ],
)
def test_what_can_not_be_judged_here_is_left_open(phase: Phase, error: BaseException) -> None:
    assert verdict_of(ended(phase, error)) == (Verdict.INCONCLUSIVE, str(error))


@pytest.mark.parametrize("phase", PHASES)
def test_what_lost_its_precondition_names_the_requirement_that_is_not_met(phase: Phase) -> None:
    verdict = verdict_of(ended(phase, BlockedError("SAMPLE-SONG-01", "POST /songs gave 500")))

    assert verdict == (Verdict.INCONCLUSIVE, "blocked by SAMPLE-SONG-01: POST /songs gave 500")


@pytest.mark.parametrize("phase", PHASES)
def test_what_the_target_does_not_have_does_not_apply(phase: Phase) -> None:
    error = NotApplicableError("no cancellation is documented")

    assert verdict_of(ended(phase, error)) == (Verdict.NOT_APPLICABLE, "no cancellation is documented")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    "error",
    [
        KeyError("task_id"),
        ValueError("no number"),
        RuntimeError("at fault"),
        OSError("no space left on device"),
        UnsendableRequestError("can't be sent"),
        MisbuiltRequestError("breaks the document"),
        SystemExit(3),
    ],
)
def test_anything_else_is_a_fault_of_the_suite(phase: Phase, error: BaseException) -> None:
    verdict, reason = verdict_of(ended(phase, error))

    assert verdict is Verdict.ERROR
    assert reason.startswith(f"{type(error).__name__} while {phase}: ")
    assert str(error) in reason


@pytest.mark.parametrize("error", [AssertionError("in a fixture"), pytest.fail.Exception("in a fixture")])
@pytest.mark.parametrize("phase", ["setup", "teardown"])
def test_an_assertion_outside_of_a_test_is_a_fault_of_the_suite(phase: Phase, error: BaseException) -> None:
    assert verdict_of(ended(phase, error))[0] is Verdict.ERROR


def test_a_mismatch_while_cleaning_up_is_a_fault_of_the_suite() -> None:
    assert verdict_of(ended("teardown", Mismatch("gone")))[0] is Verdict.ERROR


@pytest.mark.parametrize("error", [AssertionError(), AssertionError("  ")])
def test_a_failed_assertion_without_words_is_told_by_the_name_of_the_test(error: AssertionError) -> None:
    verdict = verdict_of(ended("call", error), "test_a_retry_is_free[twice]")

    assert verdict == (Verdict.FAIL, "expected that a retry is free, got otherwise")


def test_an_error_without_words_is_called_by_its_name() -> None:
    assert verdict_of(ended("call", Mismatch(""))) == (Verdict.FAIL, "Mismatch")


def test_a_reason_is_no_longer_than_anybody_reads() -> None:
    _, reason = verdict_of(ended("call", AssertionError("a" * 5000)))

    assert reason == "a" * 600 + " …"


def test_a_test_says_the_same_about_each_of_its_requirements() -> None:
    outcomes = outcomes_of(item(), ended("call", AssertionError("402")), ("SAMPLE-1", "SAMPLE-2"))

    assert outcomes == tuple(
        RequirementOutcome(name, Verdict.FAIL, "suite/test_songs.py::test_a_song", "402")
        for name in ("SAMPLE-1", "SAMPLE-2")
    )


def test_a_test_without_requirements_says_nothing() -> None:
    assert outcomes_of(item(), ended("call"), ()) == ()


@pytest.mark.usefixtures("known_marks")
def test_marks_say_what_a_test_judges() -> None:
    marked = item(requirement("SAMPLE-1"), requirement("SAMPLE-2"), pytest.mark.usefixtures("account_pool"))

    assert requirement_ids(marked, sample_contract()) == ("SAMPLE-1", "SAMPLE-2")


@pytest.mark.usefixtures("known_marks")
def test_a_derived_test_judges_the_requirement_of_its_operation() -> None:
    contract = sample_contract()
    judged = {
        operation: requirement_ids(item(derived("conforms"), operation=operation), contract)
        for operation in ("createSong", "getSong")
    }

    assert all(len(ids) == 1 for ids in judged.values())
    assert judged["createSong"] != judged["getSong"]


@pytest.mark.usefixtures("known_marks")
def test_without_an_operation_a_derived_test_judges_nothing() -> None:
    assert requirement_ids(item(derived("conforms")), sample_contract()) == ()


def test_outcomes_survive_the_way_from_a_worker() -> None:
    sent = (
        RequirementOutcome(
            "SAMPLE-1", Verdict.FAIL, "t.py::a", "402 ≠ 200", (Evidence("gw0-1", "first"), Evidence("gw0-2"))
        ),
        RequirementOutcome("SAMPLE-2", Verdict.NOT_APPLICABLE, "t.py::b"),
    )
    properties = [("other", [1]), (PROPERTY, json.loads(json.dumps(to_plain(sent)))), (PROPERTY, "odd")]
    report: Any = SimpleNamespace(user_properties=properties)

    assert tuple(from_report(report)) == sent


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_survives_it(verdict: Verdict) -> None:
    sent = (RequirementOutcome("SAMPLE-1", verdict, "t.py::a"),)
    report: Any = SimpleNamespace(user_properties=[(PROPERTY, to_plain(sent))])

    assert tuple(from_report(report)) == sent


def test_a_failed_claim_marks_the_place_that_was_read_last_and_those_whose_values_it_quotes() -> None:
    looks = (
        LocationRead("main-1", Location("body", "/state"), "queued"),
        LocationRead("main-1", Location("body", "/task_id"), "task-1"),
        LocationRead("main-2", Location("body", "/task_id"), "task-2"),
        LocationRead("main-2", Location("status"), 202),
    )
    (said,) = outcomes_of(item(), ended("call", AssertionError("assert 'task-2' == 'task-1'")), ("ACME-1",), looks)

    assert said.evidence == (
        Evidence("main-1", None, (Location("body", "/task_id"),)),
        Evidence("main-2", None, (Location("body", "/task_id"), Location("status"))),
    )


def test_of_exchanges_that_a_claim_names_the_one_comes_first_that_was_read_last() -> None:
    looks = (
        LocationRead("main-1", Location("body", "/id"), "song-1"),
        LocationRead("main-2", Location("body", "/id"), "song-2"),
    )
    claim = Mismatch("expected 'song-1' at /id as in the first answer, got 'song-2'", "main-1", "main-2")
    (said,) = outcomes_of(item(), ended("call", claim), ("ACME-1",), looks)

    assert [shown.exchange for shown in said.evidence] == ["main-2", "main-1"]


def test_what_passed_has_no_place_to_look_at() -> None:
    looks = (LocationRead("main-1", Location("body", "/state"), "queued"),)
    (said,) = outcomes_of(item(), ended("call"), ("ACME-1",), looks)

    assert said.evidence == ()


def test_the_places_of_evidence_survive_the_way_from_a_worker() -> None:
    evidence = (Evidence("main-1", "created", (Location("header", "Retry-After", "seconds", "nothing"),)),)
    outcome = RequirementOutcome("ACME-1", Verdict.FAIL, "a test", "no title", evidence)
    report = SimpleNamespace(user_properties=[(PROPERTY, json.loads(json.dumps(to_plain((outcome,)))))])

    assert list(from_report(cast("pytest.TestReport", report))) == [outcome]
