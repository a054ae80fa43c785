from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.journal.spots import Look, Spot, looking
from tests.report.factory import answer, exchange

if TYPE_CHECKING:
    from conformance.journal.records import Exchange


def answered() -> Exchange:
    return exchange(response=answer(200, ("Retry-After", "2"), content='{"task_id":"t1"}'))


def test_what_is_read_meanwhile_is_remembered_in_its_order() -> None:
    seen = answered()
    with looking() as looks:
        seen.string("/task_id")
        seen.get("/nowhere")
        seen.header("Retry-After")
        assert seen.status == 200

    assert list(looks) == [
        Look("main-1", Spot("body", "/task_id"), "t1"),
        Look("main-1", Spot("body", "/nowhere"), None),
        Look("main-1", Spot("header", "Retry-After"), "2"),
        Look("main-1", Spot("status"), 200),
    ]


def test_what_is_read_before_and_afterwards_is_not() -> None:
    seen = answered()
    seen.string("/task_id")
    with looking() as looks:
        pass
    seen.string("/task_id")

    assert list(looks) == []


def test_only_the_last_places_are_kept() -> None:
    seen = answered()
    with looking() as looks:
        for number in range(100):
            seen.get(f"/{number}")

    assert [look.spot.name for look in looks] == [f"/{number}" for number in range(92, 100)]


def test_whether_a_request_succeeded_is_a_look_at_its_status() -> None:
    seen = answered()
    with looking() as looks:
        assert seen.ok

    assert [look.spot.part for look in looks] == ["status"]
