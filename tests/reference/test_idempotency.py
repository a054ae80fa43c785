from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.sandbox import REFERENCE_AUDIO_TO_MUSIC, SONG, TASK_SECONDS, TEXT_TO_MUSIC

if TYPE_CHECKING:
    from tests.reference.sandbox import Account, Sandbox

DAY = 86_400


def test_a_repeated_request_gets_its_task_as_it_is_now_and_costs_nothing(account: Account) -> None:
    first = account.created(key="once")
    account.advance(TASK_SECONDS)

    again = account.create(key="once")

    assert again.status_code == 202
    assert (again.json()["task_id"], again.json()["status"]) == (first["task_id"], "succeeded")
    assert account.balance() == "920.0000"


def test_the_order_of_the_fields_does_not_make_another_body(account: Account) -> None:
    first = account.created(dict(SONG), key="once")

    assert account.created(dict(reversed(SONG.items())), key="once")["task_id"] == first["task_id"]


def test_a_key_with_another_body_is_a_conflict_that_reveals_nothing(account: Account) -> None:
    first = account.created(key="once")

    answer = account.create({**SONG, "prompt": "loud drums"}, key="once")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert first["task_id"] not in answer.text
    assert account.balance() == "920.0000"


def test_another_key_makes_another_task(account: Account) -> None:
    assert account.created(key="one")["task_id"] != account.created(key="two")["task_id"]


def test_requests_without_a_key_make_a_task_each(account: Account) -> None:
    assert account.created()["task_id"] != account.created()["task_id"]


def test_a_key_is_remembered_until_just_before_a_day_has_passed(account: Account) -> None:
    first = account.created(key="once")
    account.advance(DAY - 0.000001)

    assert account.created(key="once")["task_id"] == first["task_id"]


def test_a_key_is_forgotten_when_a_day_has_passed(account: Account) -> None:
    first = account.created(key="once")
    account.advance(DAY)

    second = account.created({**SONG, "prompt": "loud drums"}, key="once")

    assert second["task_id"] != first["task_id"]
    assert account.created({**SONG, "prompt": "loud drums"}, key="once")["task_id"] == second["task_id"]


def test_a_replay_does_not_prolong_the_window(account: Account) -> None:
    first = account.created(key="once")
    account.advance(DAY - 1)
    account.created(key="once")
    account.advance(1)

    assert account.created(key="once")["task_id"] != first["task_id"]


def test_twenty_parallel_requests_with_one_key_make_one_task_and_one_debit(account: Account) -> None:
    requests = [{"json": SONG, "headers": account.headers({"Idempotency-Key": "once"})}] * 20

    answers = account.sandbox.send_together("POST", TEXT_TO_MUSIC, requests)

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    assert account.balance() == "920.0000"


def test_a_key_belongs_to_one_account(sandbox: Sandbox) -> None:
    accounts = sandbox.new_accounts()

    tasks = {accounts[role].created(key="shared")["task_id"] for role in ("main", "second")}

    assert len(tasks) == 2
    assert accounts["second"].balance() == "920.0000"


def test_a_key_belongs_to_one_operation(account: Account) -> None:
    artifact_id = account.upload(purpose="reference_audio").json()["artifact_id"]
    first = account.created(key="once")

    body = {**SONG, "reference_audio": {"type": "artifact", "artifact_id": artifact_id}}
    second = account.created(body, key="once", path=REFERENCE_AUDIO_TO_MUSIC)

    assert second["task_id"] != first["task_id"]


def test_a_refused_request_leaves_its_key_unused(account: Account) -> None:
    assert account.create({"prompt": ""}, key="once").status_code == 422

    assert account.create(key="once").status_code == 202


def test_an_invalid_body_is_refused_as_such_even_when_its_key_is_taken(account: Account) -> None:
    account.created(key="once")

    assert account.create({"prompt": ""}, key="once").status_code == 422


def test_an_unusably_long_key_is_refused(account: Account) -> None:
    assert account.create(key="k" * 255).status_code == 202
    assert account.create(key="k" * 256).status_code == 422


def test_a_repeated_upload_gets_its_artifact_and_another_file_is_a_conflict(account: Account) -> None:
    def upload(content: bytes) -> tuple[int, str | None]:
        answer = account.send(
            "POST",
            "/v1/uploads",
            files={"file": ("a.mp3", content, "audio/mpeg")},
            headers={"Idempotency-Key": "once"},
        )
        return answer.status_code, answer.json().get("artifact_id")

    first = upload(b"sound")

    assert first[0] == 201
    assert upload(b"sound") == first
    assert upload(b"noise") == (409, None)
