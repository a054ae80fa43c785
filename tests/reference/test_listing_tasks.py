from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.reference.sandbox import TASK_SECONDS

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json
    from tests.reference.sandbox import Account, Sandbox


def ids(page: Json) -> list[str]:
    return [task["task_id"] for task in page["data"]]


def walk(account: Account, **query: Json) -> list[str]:
    page = account.tasks(**query)
    seen = ids(page)
    while page["has_more"]:
        page = account.tasks(**query, cursor=page["next_cursor"])
        seen += ids(page)
    assert page["next_cursor"] is None
    return seen


@pytest.fixture
def nine(account: Account) -> list[str]:
    """Nine tasks, oldest first, of which the first two have ended."""
    other = {"model": "minimax-music-2.6", "prompt": "a", "instrumental": True}
    made = [account.created()["task_id"], account.created(other)["task_id"]]
    account.advance(TASK_SECONDS)
    return [*made, *(account.created()["task_id"] for _ in range(7))]


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 100])
def test_paging_visits_every_task_once_newest_first_or_oldest_first(
    account: Account, nine: list[str], limit: int
) -> None:
    assert walk(account, limit=limit) == list(reversed(nine))
    assert walk(account, limit=limit, order="asc") == nine


def test_paging_is_not_disturbed_by_new_tasks(account: Account, nine: list[str]) -> None:
    page = account.tasks(limit=4)
    seen = ids(page)
    while page["has_more"]:
        account.created()
        page = account.tasks(limit=4, cursor=page["next_cursor"])
        seen += ids(page)

    assert seen == list(reversed(nine))


def test_a_page_has_at_most_twenty_tasks_unless_asked_otherwise(account: Account) -> None:
    account.set_balance("10000")
    for _ in range(21):
        account.created()

    page = account.tasks()

    assert (page["object"], len(page["data"]), page["has_more"]) == ("list", 20, True)


def test_the_list_can_be_narrowed(account: Account, nine: list[str]) -> None:
    third = account.task(nine[2])["created_at"]

    assert walk(account, status="succeeded", order="asc") == nine[:2]
    assert walk(account, status="failed") == []
    assert walk(account, capability="text_to_music", order="asc") == nine
    assert walk(account, capability="reference_audio_to_music") == []
    assert walk(account, created_before=third, order="asc") == nine[:2]
    assert walk(account, created_after=account.task(nine[0])["created_at"], order="asc") == nine[2:]


def test_a_date_time_may_have_any_offset(account: Account, nine: list[str]) -> None:
    assert len(nine) == 9
    assert len(account.tasks(created_after="2027-01-15T09:00:01+01:00")["data"]) == 7
    assert account.tasks(created_after="2027-12-31T23:59:60Z")["data"] == []
    assert account.tasks(created_before="0001-01-01t00:00:00.1234567z")["data"] == []


def test_items_are_summaries_unless_sections_are_asked_for(account: Account, nine: list[str]) -> None:
    done = {"status": "succeeded", "order": "asc", "limit": 1}
    summary = account.tasks(**done)["data"][0]
    some = account.tasks(**done, expand="output,billing")["data"][0]
    whole = account.tasks(**done, expand="all")["data"][0]

    assert not {"output", "usage", "billing", "callback", "input"} & summary.keys()
    assert {"output", "usage", "billing", "callback", "input"} & some.keys() == {"output", "billing"}
    assert whole == account.task(nine[0])


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"limit": "1.0"},
        {"limit": ""},
        {"limit": "٣"},
        {"limit": "9" * 5000},
        {"limit": ["1", "2"]},
        {"order": "newest"},
        {"status": "cancelled"},
        {"capability": "telepathy"},
        {"expand": "everything"},
        {"expand": "output,,usage"},
        {"created_after": "yesterday"},
        {"created_after": "2026-01-01"},
        {"created_before": "2026-02-30T00:00:00Z"},
        {"created_before": "2026-01-01T00:00:00"},
        {"cursor": ""},
        {"cursor": "made-up"},
        {"cursor": "MTIzNDU2Nzg5MDEyMQ"},
        {"cursor": "ä"},
    ],
)
def test_a_senseless_parameter_is_refused(account: Account, query: dict[str, Any]) -> None:
    answer = account.send("GET", "/v1/tasks", params=query)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
    assert [entry["path"] for entry in answer.json()["error"]["details"]["errors"]] == list(query)


def test_a_cursor_is_good_for_its_own_account_only(sandbox: Sandbox) -> None:
    accounts = sandbox.new_accounts()
    for _ in range(2):
        accounts["main"].created()
    cursor = accounts["main"].tasks(limit=1)["next_cursor"]

    assert accounts["second"].send("GET", "/v1/tasks", params={"cursor": cursor}).status_code == 422


def test_a_list_shows_no_strangers_tasks(sandbox: Sandbox) -> None:
    accounts = sandbox.new_accounts()
    accounts["main"].created()

    assert accounts["second"].tasks()["data"] == []
