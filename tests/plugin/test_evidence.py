"""A verdict shows the exchanges that it rests on, by the names that their scenario gave them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from conformance.accounts.account import Followed
from conformance.journal.records import Location, Mismatch, forget_reads
from conformance.plugin.outcomes import outcomes_of
from conformance.verdicts.model import Evidence
from tests.journal.factory import exchange

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


@dataclass(frozen=True)
class Retry:
    """What a scenario hands over."""

    first: Exchange
    again: Exchange
    note: str = "not an exchange"


@dataclass(frozen=True)
class ScenarioBudget:
    """What a larger scenario hands over."""

    retry: Retry
    polls: tuple[Exchange, ...]
    pairs: list[list[Exchange]]


ONE, TWO, THREE, FOUR = (exchange(f"gw0-{number}") for number in (1, 2, 3, 4))


def evidence(error: BaseException | None = None, /, **given: object) -> tuple[Evidence, ...]:
    """What a test shows that was given these values and ended with this error."""
    item: Any = SimpleNamespace(nodeid="t.py::a", funcargs=given, fixturenames=list(given))

    def run() -> None:
        if error is not None:
            raise error

    (outcome,) = outcomes_of(item, pytest.CallInfo.from_call(run, "call"), ("SAMPLE-1",))
    return outcome.evidence


@pytest.fixture(autouse=True)
def _nothing_read_by_others() -> None:
    forget_reads()


def test_exchanges_are_called_as_the_fields_that_hold_them() -> None:
    assert evidence(retry=Retry(ONE, TWO)) == (Evidence("gw0-1", "first"), Evidence("gw0-2", "again"))


def test_fields_within_fields_and_rows_are_found() -> None:
    shown = evidence(story=ScenarioBudget(Retry(ONE, TWO), (THREE,), [[FOUR]]))

    assert shown == (
        Evidence("gw0-1", "retry.first"),
        Evidence("gw0-2", "retry.again"),
        Evidence("gw0-3", "polls"),
        Evidence("gw0-4", "pairs"),
    )


def test_an_exchange_that_a_fixture_hands_over_by_itself_has_no_name() -> None:
    assert evidence(listed=ONE, rows=[TWO]) == (Evidence("gw0-1"), Evidence("gw0-2"))


def test_an_exchange_is_shown_once() -> None:
    assert [shown.exchange for shown in evidence(retry=Retry(ONE, ONE), polls=(ONE, TWO))] == ["gw0-1", "gw0-2"]


@pytest.mark.parametrize("error", [None, AssertionError("not the same task")])
def test_a_pass_rests_on_the_same_exchanges_as_a_fail(error: BaseException | None) -> None:
    assert [shown.exchange for shown in evidence(error, retry=Retry(ONE, TWO))] == ["gw0-1", "gw0-2"]


def test_an_error_that_names_its_exchanges_shows_these_alone() -> None:
    error = Mismatch("expected a string at /task_id", "gw0-7", "gw0-8")

    assert evidence(error, retry=Retry(ONE, TWO)) == (Evidence("gw0-7"), Evidence("gw0-8"))


def test_a_followed_task_shows_its_polls() -> None:
    assert evidence(song=Followed("s1", (ONE, TWO), ended=True, waited_seconds=3)) == (
        Evidence("gw0-1", "polls"),
        Evidence("gw0-2", "polls"),
    )


def test_no_more_is_shown_than_anybody_looks_at() -> None:
    many = tuple(exchange(f"gw0-{number}") for number in range(100))

    assert len(evidence(polls=many)) == 12
    assert len(evidence(Mismatch("all of them", *(each.id for each in many)), polls=many)) == 12


@pytest.mark.parametrize("given", [{}, {"stage": object()}, {"name": "text", "kind": Retry, "number": 5, "none": None}])
def test_other_values_are_no_evidence(given: dict[str, object]) -> None:
    assert evidence(**given) == ()


def test_a_test_that_never_got_its_fixtures_has_none() -> None:
    item: Any = SimpleNamespace(nodeid="t.py::a")
    (outcome,) = outcomes_of(item, pytest.CallInfo.from_call(lambda: None, "setup"), ("SAMPLE-1",))

    assert outcome.evidence == ()


def test_what_was_asked_for_but_not_made_is_passed_over() -> None:
    item: Any = SimpleNamespace(nodeid="t.py::a", funcargs={"retry": Retry(ONE, TWO)}, fixturenames=["late", "retry"])
    (outcome,) = outcomes_of(item, pytest.CallInfo.from_call(lambda: None, "call"), ("SAMPLE-1",))

    assert len(outcome.evidence) == 2


def test_of_cases_by_name_the_one_that_the_test_was_given_is_shown() -> None:
    cases = {"early": Retry(ONE, TWO), "late": Retry(THREE, FOUR)}

    assert evidence(cases=cases, moment="late") == (Evidence("gw0-3", "first"), Evidence("gw0-4", "again"))
    assert [shown.exchange for shown in evidence(cases=cases)] == ["gw0-1", "gw0-2", "gw0-3", "gw0-4"]


def test_the_place_is_what_a_scenario_read_if_the_test_only_judges_what_it_has_made_of_that() -> None:
    made, ended = (
        exchange("gw0-5", content=b'{"id": "t-17"}'),
        exchange("gw0-6", content=b'{"id": "t-17", "is": "lost"}'),
    )
    told = made.get("/id"), ended.get("/is"), ended.get("/other")

    (shown, other) = evidence(Mismatch(f"expected the task to go on, it is {told[1]}", made.id, ended.id))

    assert shown == Evidence("gw0-6", None, (Location("body", "/is"),))
    assert other == Evidence("gw0-5")


def test_what_a_scenario_read_last_is_the_place_of_a_failure_that_quotes_nothing() -> None:
    ended = exchange("gw0-6", content=b'{"is": "lost"}')
    assert ended.accepted
    assert ended.get("/is") == "lost"

    (shown,) = evidence(Mismatch("expected the task to go on", ended.id))

    assert shown.locations == (Location("body", "/is"),)
