"""What a run creates carries its run tag."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from conformance.client.identity import tagged, with_run_tag
from conformance.client.request import PreparedRequest
from tests.client.bench import BASE, sample_contract
from tests.client.buyers import KEEPS_LOUD, RUN_TAG
from tests.client.shop import MARKS, Shop, shop_contract

if TYPE_CHECKING:
    from tests.client.conftest import Hire

TASKS = shop_contract().conventions.tasks
WITHOUT_MARKS = sample_contract().conventions.tasks
DRAWN = PreparedRequest(
    "POST", f"{BASE}/songs", content=b'{"model": "loud"}', operation="createSong", generated="valid"
)
CARRIES = {"conformance_run": RUN_TAG}


def test_every_task_carries_the_mark(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(KEEPS_LOUD):
        buyer.asks()
        buyer.bought()
        buyer.account.send(DRAWN)

    assert [song.tags for song in shop.songs.values()] == [CARRIES] * 3


def test_what_is_there_stays_there() -> None:
    assert tagged({MARKS: {"mood": "calm"}, "model": "loud"}, "createSong", TASKS, RUN_TAG) == {
        MARKS: {"mood": "calm", **CARRIES},
        "model": "loud",
    }


@pytest.mark.parametrize("body", [None, [], "text", {MARKS: None}, {MARKS: "text"}, {MARKS: {"conformance_run": "r0"}}])
def test_a_body_that_has_no_room_for_it_or_has_it_stays_as_it_is(body: object) -> None:
    assert tagged(body, "createSong", TASKS, RUN_TAG) is body


@pytest.mark.parametrize("operation", ["stopSong", "listSongs", None])
def test_only_requests_for_tasks_are_marked(operation: str | None) -> None:
    body: dict[str, object] = {}

    assert tagged(body, operation, TASKS, RUN_TAG) is body


def test_nothing_is_marked_where_nothing_can_be_or_nobody_wants_it() -> None:
    body: dict[str, object] = {}

    assert tagged(body, "createSong", WITHOUT_MARKS, RUN_TAG) is body
    assert tagged(body, "createSong", TASKS, None) is body
    assert tagged(body, "createSong", None, RUN_TAG) is body


@pytest.mark.parametrize("kind", ["valid", None], ids=["valid", "odd"])
def test_a_drawn_request_that_may_be_accepted_is_marked(kind: Literal["valid"] | None) -> None:
    content = with_run_tag(replace(DRAWN, generated=kind), TASKS, RUN_TAG).content

    assert isinstance(content, bytes)
    assert json.loads(content) == {"model": "loud", MARKS: CARRIES}


@pytest.mark.parametrize(
    "prepared",
    [
        replace(DRAWN, generated="invalid"),
        replace(DRAWN, generated=None, content=b'{"model":"loud"}'),
        replace(DRAWN, generated=None, content=b'{"model": "soft", "model": "loud"}'),
        replace(DRAWN, content=b"[" * 100_000),
        replace(DRAWN, content=b"no JSON"),
        replace(DRAWN, content=b"[]"),
        replace(DRAWN, content=Path("file")),
    ],
)
def test_what_is_meant_to_be_something_else_stays_that(prepared: PreparedRequest) -> None:
    assert with_run_tag(prepared, TASKS, RUN_TAG) is prepared
