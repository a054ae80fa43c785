from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.beatra.wiring import Cast
from tests.reference.sandbox import QUEUED_SECONDS, TASK_SECONDS, Sandbox

if TYPE_CHECKING:
    from tests.reference.sandbox import Account


def test_a_task_is_queued_then_running_then_succeeded(account: Account) -> None:
    created = account.created()
    account.advance(QUEUED_SECONDS)
    running = account.task(created["task_id"])
    account.advance(TASK_SECONDS - QUEUED_SECONDS)
    ended = account.task(created["task_id"])

    assert [task["status"] for task in (created, running, ended)] == ["queued", "running", "succeeded"]
    assert [task["progress"]["percent"] for task in (created, running, ended)] == [0, 0, 100]
    assert created["created_at"] < running["started_at"] == ended["started_at"] < ended["completed_at"]


def test_time_in_one_leap_gives_the_same_stamps_as_time_in_steps(account: Account) -> None:
    stepwise, leaping = account.created(), account.created()
    account.advance(QUEUED_SECONDS)
    account.task(stepwise["task_id"])
    account.advance(10 * TASK_SECONDS)

    ends = [account.task(task["task_id"]) for task in (stepwise, leaping)]

    assert ends[0]["started_at"] == ends[1]["started_at"]
    assert ends[0]["completed_at"] == ends[1]["completed_at"]


def test_output_is_there_only_after_success_and_an_error_only_after_failure(account: Account) -> None:
    account.control("/tasks/outcome", {"outcome": "failed", "error_code": "safety_rejected"})
    failing, succeeding = account.created()["task_id"], account.created()["task_id"]
    assert account.task(succeeding)["output"] is None
    account.advance(TASK_SECONDS)

    failed, succeeded = account.task(failing), account.task(succeeding)

    assert (failed["output"], failed["error"]["code"]) == (None, "safety_rejected")
    assert (len(succeeded["output"]["clips"]), succeeded["error"]) == (2, None)


def test_progress_grows_while_a_task_runs_and_is_whole_only_at_its_end(account: Account) -> None:
    task_id = account.created()["task_id"]
    account.advance(QUEUED_SECONDS + 9)

    assert account.task(task_id)["progress"]["percent"] == 50


def test_a_held_task_goes_on_from_its_release(account: Account) -> None:
    account.control("/tasks/hold", {"state": "queued"})
    task_id = account.created()["task_id"]
    account.advance(1000)
    assert account.task(task_id)["status"] == "queued"

    account.control("/tasks/hold", {"state": None})

    released = account.task(task_id)
    assert released["status"] == "running"
    assert released["started_at"] > released["created_at"]
    account.advance(TASK_SECONDS)
    assert account.task(task_id)["status"] == "succeeded"


def test_a_task_held_while_running_ends_at_its_release(account: Account) -> None:
    account.control("/tasks/hold", {"state": "running"})
    task_id = account.created()["task_id"]
    account.advance(1000)
    assert account.task(task_id)["status"] == "running"

    account.control("/tasks/hold", {"state": None})

    assert account.task(task_id)["status"] == "succeeded"


def test_a_cancelled_task_stays_cancelled(account: Account) -> None:
    task_id = account.created()["task_id"]
    canceled = account.cancel(task_id).json()
    account.advance(1000)

    assert account.task(task_id) == canceled
    assert canceled["cancel_requested_at"] == canceled["completed_at"]


@pytest.mark.parametrize("body", [{"reason": "changed my mind"}, {}, None])
def test_a_cancellation_may_carry_a_reason(account: Account, body: dict[str, str] | None) -> None:
    path = f"/v1/tasks/{account.created()['task_id']}/cancel"

    assert account.send("POST", path, json=body).status_code == 200


def test_a_cancellation_with_a_senseless_body_is_refused(account: Account) -> None:
    path = f"/v1/tasks/{account.created()['task_id']}/cancel"

    assert account.send("POST", path, json={"reason": 1}).status_code == 422


def test_the_links_of_a_task_lead_to_it(account: Account) -> None:
    task = account.created()

    assert account.send("GET", task["links"]["self"]).json()["task_id"] == task["task_id"]
    assert account.send("POST", task["links"]["cancel"]).json()["status"] == "canceled"


@pytest.mark.parametrize("method, end", [("GET", ""), ("POST", "/cancel")])
def test_a_strangers_task_is_as_unknown_as_one_that_does_not_exist(sandbox: Sandbox, method: str, end: str) -> None:
    accounts = sandbox.new_accounts()
    task_id = accounts["main"].created()["task_id"]

    answers = [accounts["second"].send(method, f"/v1/tasks/{known}{end}") for known in (task_id, "tsk_0", "%00")]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(404, "not_found")] * 3
    assert accounts["main"].task(task_id)["status"] == "queued"


def test_without_a_stopped_clock_tasks_end_by_themselves() -> None:
    settings = ReferenceSettings(queued_seconds=0, running_seconds=0)
    with Sandbox(settings, Cast()) as sandbox:
        account = sandbox.new_account()

        assert account.task(account.created()["task_id"])["status"] == "succeeded"
