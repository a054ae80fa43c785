"""Only what a run has made is taken away, by whatever request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.client.request import PreparedRequest
from conformance.contract.external.load import load_described
from conformance.suite.own_things import OwnThings, is_destructive
from tests.journal.factory import exchange

BASE = "http://target.test/api"
DOCUMENT = load_described(Path(__file__).parents[1] / "resources" / "lodge" / "openapi.yaml").document


def deletion(path: str, operation: str) -> PreparedRequest:
    return PreparedRequest("DELETE", f"{BASE}{path}", operation=operation)


def knowing(operation: str, body: object) -> OwnThings:
    """The rule after an accepted answer of an operation."""
    rule = OwnThings(DOCUMENT)
    rule.note(exchange(operation=operation, content=json.dumps(body).encode()))
    return rule


def test_what_the_run_has_made_may_be_deleted() -> None:
    assert knowing("addRoom", {"id": 7}).allows(deletion("/rooms/7", "removeRoom"))


@pytest.mark.parametrize("path", ["/rooms/8", "/rooms/7/../8", "/rooms/77"])
def test_what_others_have_made_may_not(path: str) -> None:
    assert not knowing("addRoom", {"id": 7}).allows(deletion(path, "removeRoom"))


def test_what_was_merely_read_is_not_the_runs_own() -> None:
    rule = knowing("readRoom", {"id": 7})

    assert not rule.allows(deletion("/rooms/7", "removeRoom"))


def test_the_name_of_one_kind_of_thing_says_nothing_of_another() -> None:
    rule = knowing("addRoom", {"id": 7})

    assert not rule.allows(deletion("/bookings/7", "cancelBooking"))


def test_a_request_that_takes_nothing_away_is_allowed() -> None:
    request = PreparedRequest("PUT", f"{BASE}/rooms/8", operation="replaceRoom")

    assert OwnThings(DOCUMENT).allows(request)


def test_what_takes_away_more_than_one_thing_is_told_by_its_method_or_name() -> None:
    taking = {operation.id for operation in DOCUMENT.operations.values() if is_destructive(operation)}

    assert taking == {"removeRoom", "cancelBooking"}
