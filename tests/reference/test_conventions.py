from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from conformance.reference.beatra.app import Front
from conformance.reference.beatra.handlers.tasks import TaskHandlers
from tests.reference.sandbox import Account, Sandbox

if TYPE_CHECKING:
    from starlette.requests import Request

OPERATIONS = [
    ("POST", "/v1/music/text-to-music"),
    ("POST", "/v1/music/reference-audio-to-music"),
    ("POST", "/v1/uploads"),
    ("GET", "/v1/tasks"),
    ("GET", "/v1/tasks/tsk_1"),
    ("POST", "/v1/tasks/tsk_1/cancel"),
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
    ("GET", "/v1/catalog/models"),
    ("GET", "/v1/catalog/capabilities"),
]


@pytest.mark.parametrize("method, path", OPERATIONS)
@pytest.mark.parametrize(
    "authorization, code",
    [
        (None, "unauthorized"),
        ("", "unauthorized"),
        ("Bearer", "unauthorized"),
        ("Bearer ", "unauthorized"),
        ("Basic c2s6", "unauthorized"),
        ("Bearer sk-00000000000000000000000000000000", "invalid_api_key"),
        ("Bearer nonsense é", "invalid_api_key"),
    ],
)
def test_every_operation_wants_a_good_key(
    sandbox: Sandbox, method: str, path: str, authorization: str | None, code: str
) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}

    answer = sandbox.send(method, path, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method, path", OPERATIONS)
def test_a_key_without_permission_may_do_nothing(sandbox: Sandbox, method: str, path: str) -> None:
    answer = sandbox.new_accounts()["forbidden"].send(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_the_scheme_is_read_in_any_case(account: Account) -> None:
    assert account.sandbox.send("GET", "/v1/tasks", headers={"Authorization": f"bearer {account.key}"}).is_success


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/tasks/", "/v2/tasks", "/v1/images/generations"])
def test_an_unknown_path_is_not_found_with_or_without_a_key(account: Account, path: str) -> None:
    answers = [account.send("POST", path), account.sandbox.send("GET", path)]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(404, "not_found")] * 2


def test_a_wrong_method_is_refused_with_the_right_ones(account: Account) -> None:
    answer = account.send("DELETE", "/v1/uploads")

    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/tasks/tsk_1", "/nowhere"])
@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "x" * 128])
def test_a_well_formed_request_id_is_echoed_everywhere(account: Account, path: str, sent: str) -> None:
    answer = account.send("GET", path, headers={"X-Request-Id": sent})

    assert answer.headers.get_list("x-request-id") == [sent]
    assert answer.is_success or answer.json()["error"]["request_id"] == sent


@pytest.mark.parametrize("sent", [None, "", "x" * 129, "a b", "a/b", "ä"])
def test_any_other_request_id_is_replaced_by_a_fresh_one(account: Account, sent: str | None) -> None:
    headers = {**account.headers(), **({} if sent is None else {"X-Request-Id": sent})}
    encoded = {name: value.encode() for name, value in headers.items()}

    made = {account.sandbox.send("GET", "/v1/tasks", headers=encoded).headers["x-request-id"] for _ in "ab"}

    assert len(made) == 2
    assert all(name.startswith("req_") for name in made)


def test_an_error_says_what_happened_and_whether_to_retry(account: Account) -> None:
    error = account.send("GET", "/v1/tasks/tsk_1").json()["error"]

    assert error.keys() == {"code", "message", "retryable", "request_id"}
    assert error["retryable"] is False


class BrokenTasks(TaskHandlers):
    async def get(self, request: Request) -> NoReturn:
        raise ZeroDivisionError(request.url.path)


def test_a_fault_of_the_server_is_answered_with_the_envelope_and_no_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Sandbox(front=Front(tasks=BrokenTasks)) as sandbox:
        answer = sandbox.new_account().send("GET", "/v1/tasks/secret", headers={"X-Request-Id": "mine"})

    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    assert answer.json()["error"]["retryable"] is True
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("host", ["evil host", "[::1", "a@b", ""])
def test_a_senseless_host_does_not_get_into_urls(account: Account, host: str) -> None:
    file = {"file": ("a.mp3", b"sound", "audio/mpeg")}
    headers = {"Host": host, "Idempotency-Key": "once"}

    answer = account.send("POST", "/v1/uploads", files=file, headers=headers)

    assert answer.status_code == 201
    assert answer.json()["url"].startswith("http://sandbox.test:8080/media/")
