from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.journal.records import Location, LocationRead, locations_read
from tests.report.factory import answer, exchange

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


def answered() -> Exchange:
    return exchange(response=answer(200, ("Retry-After", "2"), content='{"task_id":"t1"}'))


def test_what_is_read_meanwhile_is_remembered_in_its_order() -> None:
    seen = answered()
    with locations_read() as looks:
        seen.string("/task_id")
        seen.get("/nowhere")
        seen.header("Retry-After")
        assert seen.status == 200

    assert list(looks) == [
        LocationRead("main-1", Location("body", "/task_id"), "t1"),
        LocationRead("main-1", Location("body", "/nowhere"), None),
        LocationRead("main-1", Location("header", "Retry-After"), "2"),
        LocationRead("main-1", Location("status"), 200),
    ]


def test_what_is_read_before_and_afterwards_is_not() -> None:
    seen = answered()
    seen.string("/task_id")
    with locations_read() as looks:
        pass
    seen.string("/task_id")

    assert list(looks) == []


def test_only_the_last_places_are_kept() -> None:
    seen = answered()
    with locations_read() as looks:
        for number in range(100):
            seen.get(f"/{number}")

    assert [look.location.name for look in looks] == [f"/{number}" for number in range(92, 100)]


def test_whether_a_request_succeeded_is_a_look_at_its_status() -> None:
    seen = answered()
    with locations_read() as looks:
        assert seen.accepted

    assert [look.location.part for look in looks] == ["status"]
