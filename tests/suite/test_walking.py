"""The constraint walk on its way: what is sent of it, and what the journal keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.contract import load_contract
from conformance.generation.resources import LinkedValues
from conformance.generation.walk import walk
from conformance.journal.records import Response
from conformance.suite.batch import BatchResult, Sent
from conformance.suite.generated import walked_cases, write_down
from conformance.suite.quote import KINDS, count_of
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from conformance.generation.cases import Case
    from conformance.journal.records import Exchange, Observation

BEATRA = load_contract("beatra")
LIST = BEATRA.document.operations["listTasks"]
CANCEL = BEATRA.document.operations["cancelTask"]


@dataclass
class Diary:
    """A journal that keeps what it is told."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        self.notes.append({"kind": kind, **fields})

    def observation(self, observation: Observation) -> None:
        self.observations.append(observation)


def told(operation: Any, statuses: dict[str, int], default: int) -> Diary:  # noqa: ANN401 - an operation
    """What is written down when odd requests of the walk are answered so, by what they do."""
    journal: Any = Diary()
    cases = walked_cases(BEATRA, operation, "odd", LinkedValues({}, {}))
    sent = [Sent(case, answered(case, statuses.get(case.reason, default))) for case in cases]
    write_down(journal, BEATRA, BatchResult(operation.id, tuple(sent)))
    found: Diary = journal
    return found


def answered(case: Case, status: int) -> Exchange:
    return replace(exchange(operation=case.operation), response=Response(status))


@pytest.mark.parametrize("kind", KINDS)
def test_requests_of_the_walk_are_counted_with_those_that_are_drawn(kind: Any) -> None:  # noqa: ANN401 - a kind
    walked = 0 if kind == "keyless" else len(walk(BEATRA, LIST).only(kind))

    assert count_of(BEATRA, LIST, kind, 7) == 7 + walked


def test_values_from_the_target_are_in_every_request() -> None:
    cases = walked_cases(BEATRA, CANCEL, "invalid", LinkedValues({"task_id": "tsk_1"}, {}))

    assert {case.path for case in cases} == {"/tasks/tsk_1/cancel"}


def test_what_was_tried_is_noted() -> None:
    (note,) = told(LIST, {}, 422).notes

    assert (note["kind"], note["operation"]) == ("walked", "listTasks")
    assert "query:limit/maximum broken" in note["tries"]


def test_what_was_not_answered_for_what_it_was_is_not() -> None:
    assert told(LIST, {}, 429).notes == []


def test_what_the_document_does_not_allow_and_is_accepted_is_observed() -> None:
    seen = told(LIST, {"limit is 101, one over 100 (query parameter)": 200}, 422).observations

    accepted = [item for item in seen if item.id == "BEATRA-listTasks-OBS-ACCEPTED"]
    assert [item.text for item in accepted] == [
        "accepted, although the document does not allow it: limit is 101, one over 100 (query parameter) (200)"
    ]


def test_what_the_document_allows_and_is_refused_is_observed() -> None:
    seen = told(LIST, {'status is "text" (query parameter)': 422}, 200).observations

    refused = [item for item in seen if item.id == "BEATRA-listTasks-OBS-REFUSED"]
    assert [item.text for item in refused] == [
        'refused, although the document allows it: status is "text" (query parameter) (422)'
    ]


def test_that_nothing_is_found_under_a_made_up_name_surprises_nobody() -> None:
    (seen,) = told(BEATRA.document.operations["getTask"], {}, 404).observations

    assert "X-Request-Id" in seen.text
    assert "task_id" not in seen.text


def test_a_refusal_that_depends_on_the_state_of_something_surprises_nobody() -> None:
    assert told(CANCEL, {}, 409).observations == []


def test_a_drawn_request_has_no_part_in_it() -> None:
    journal: Any = Diary()
    drawn = replace(walked_cases(BEATRA, LIST, "odd", LinkedValues({}, {}))[0], tries=())
    write_down(journal, BEATRA, BatchResult("listTasks", (Sent(drawn, answered(drawn, 200)),)))

    assert journal == Diary()
