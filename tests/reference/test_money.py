from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.reference.sandbox import SONG, TASK_SECONDS, TEXT_TO_MUSIC

if TYPE_CHECKING:
    from tests.reference.sandbox import Account


def test_the_price_is_debited_when_the_task_is_created(account: Account) -> None:
    task = account.created()

    assert account.balance() == "920.0000"
    assert task["billing"] == {
        "charged_credits": "80.0000",
        "charged_credits_usd_reference": "0.0800",
        "currency": "USD",
    }


def test_a_success_keeps_the_charge_and_shows_it_as_usage(account: Account) -> None:
    task_id = account.created({"model": "minimax-music-2.6", "prompt": "calm piano", "instrumental": True})["task_id"]
    account.advance(TASK_SECONDS)

    task = account.task(task_id)

    assert account.balance() == "950.0000"
    assert (task["usage"]["credits"], task["usage"]["credits_usd_reference"]) == ("50.0000", "0.0500")
    assert "refunded_credits" not in task["billing"]


def test_a_failure_gives_the_whole_price_back_once(account: Account) -> None:
    account.control("/tasks/outcome", {"outcome": "failed"})
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)
    account.cancel(task_id)

    task = account.task(task_id)

    assert task["status"] == "failed"
    assert task["billing"]["refunded_credits"] == task["billing"]["charged_credits"] == "80.0000"
    assert task["billing"]["refunded_credits_usd_reference"] == "0.0800"
    assert account.balance() == "1000.0000"


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_cancellation_gives_the_whole_price_back_once(account: Account, state: str) -> None:
    account.control("/tasks/hold", {"state": state})
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)
    assert account.task(task_id)["status"] == state

    answers = [account.cancel(task_id) for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "canceled")] * 2
    assert answers[0].json()["billing"]["refunded_credits"] == "80.0000"
    assert account.balance() == "1000.0000"


def test_a_cancelled_success_stays_paid(account: Account) -> None:
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)

    answer = account.cancel(task_id)

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert account.balance() == "920.0000"


def test_a_balance_below_the_price_creates_and_debits_nothing(account: Account) -> None:
    account.set_balance("79.9999")

    answer = account.create()

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "insufficient_balance")
    assert account.balance() == "79.9999"
    assert account.tasks()["data"] == []


def test_a_balance_of_exactly_the_price_suffices(account: Account) -> None:
    account.set_balance("80")

    assert account.create().status_code == 202
    assert account.balance() == "0.0000"


def test_a_key_that_was_refused_for_lack_of_money_works_after_a_top_up(account: Account) -> None:
    account.set_balance("0")
    assert account.create(key="poor").status_code == 402
    account.set_balance("80.0000")

    assert account.create(key="poor").status_code == 202


def test_parallel_requests_create_exactly_as_many_tasks_as_the_wallet_pays_for(account: Account) -> None:
    account.set_balance("240.0000")
    requests = [{"json": SONG, "headers": account.headers({"Idempotency-Key": str(n)})} for n in range(20)]

    answers = account.sandbox.send_together("POST", TEXT_TO_MUSIC, requests)

    assert Counter(answer.status_code for answer in answers) == {202: 3, 402: 17}
    assert account.balance() == "0.0000"
    assert len(account.tasks()["data"]) == 3


def test_a_refused_request_costs_nothing(account: Account) -> None:
    for body in ({}, {**SONG, "model": "none"}, {**SONG, "model_options": {"none": {}}}):
        assert account.create(body).status_code in {400, 422}

    assert account.balance() == "1000.0000"
