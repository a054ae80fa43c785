from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

from conformance.reference.beatra.settings import ReferenceSettings
from tests.reference.sandbox import TASK_SECONDS, Account, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference.parts.bodies import Json

FILE = Path(__file__).parents[2] / "specs" / "control" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))

CALLS = [
    ("GET", "/", None, 200),
    ("POST", "/clock", {"advance_seconds": 0.5}, 200),
    ("POST", "/clock", {"advance_seconds": -1}, 422),
    ("POST", "/clock", {"advance_seconds": "1"}, 422),
    ("POST", "/clock", {}, 422),
    ("GET", "/wallet", None, 200),
    ("PUT", "/wallet", {"balance_credits": "10.0000"}, 200),
    ("PUT", "/wallet", {"balance_credits": "0"}, 200),
    ("PUT", "/wallet", {"balance_credits": "-1"}, 422),
    ("PUT", "/wallet", {"balance_credits": "1.00001"}, 422),
    ("PUT", "/wallet", {"balance_credits": 1}, 422),
    ("POST", "/tasks/outcome", {"outcome": "failed", "count": 3}, 200),
    ("POST", "/tasks/outcome", {"outcome": "succeeded"}, 200),
    ("POST", "/tasks/outcome", {"outcome": "canceled"}, 422),
    ("POST", "/tasks/outcome", {"outcome": "failed", "error_code": "No Code"}, 422),
    ("POST", "/tasks/hold", {"state": "running"}, 200),
    ("POST", "/tasks/hold", {"state": None}, 200),
    ("POST", "/tasks/hold", {"state": "failed"}, 422),
    ("POST", "/rate-limit", {"allow": 5, "retry_after_seconds": 2}, 200),
    ("POST", "/rate-limit", {"allow": None}, 200),
    ("POST", "/rate-limit", {"retry_after_seconds": 2}, 422),
    ("POST", "/reset", None, 200),
    ("POST", "/tenants", None, 201),
    ("POST", "/tenants", {"balance_credits": "0.5"}, 201),
    ("POST", "/tenants", {"balance_credits": "-1"}, 422),
]


@pytest.fixture
def shared() -> Iterator[Sandbox]:
    with Sandbox(ReferenceSettings(scope="target")) as running:
        yield running


def documented(method: str, path: str, status: int) -> dict[str, Any]:
    operation = DOCUMENT["paths"][path][method.lower()]
    answer = operation["responses"][str(status)]
    if "$ref" in answer:
        answer = DOCUMENT["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = answer["content"]["application/json"]["schema"]
    return {**schema, "components": DOCUMENT["components"]}


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize("method, path, body, status", CALLS)
def test_the_reference_answers_as_documented(account: Account, method: str, path: str, body: Json, status: int) -> None:
    answer = account.send(method, f"/_control{path}", json=body)

    assert answer.status_code == status
    jsonschema_rs.validate(documented(method, path, status), answer.json())


@pytest.mark.parametrize(
    "method, path", sorted({(method, path) for method, path, _, _ in CALLS if path not in {"/", "/tenants"}})
)
def test_a_call_for_an_account_wants_its_key(sandbox: Sandbox, method: str, path: str) -> None:
    answer = sandbox.send(method, f"/_control{path}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_the_description_needs_no_key_and_tells_what_this_instance_offers(sandbox: Sandbox) -> None:
    described = sandbox.send("GET", "/_control").json()

    assert described == {
        "offers": [
            "clock",
            "wallet",
            "tasks/outcome",
            "tasks/hold",
            "rate-limit",
            "reset",
            "tenants",
            "tenants/balance",
        ],
        "now": "2027-01-15T08:00:00.000000Z",
        "scope": "tenant",
    }


def test_the_description_names_a_file_that_can_be_fetched() -> None:
    with Sandbox(ReferenceSettings(audio_url="https://localhost:1/reference.wav")) as sandbox:
        described = sandbox.send("GET", "/_control").json()

    assert described["reference_audio_url"] == "https://localhost:1/reference.wav"


def test_the_keys_that_were_set_open_the_account_that_exists_from_the_start(sandbox: Sandbox) -> None:
    settings = sandbox.settings
    main, second = Account(sandbox, settings.main_key), Account(sandbox, settings.second_key)
    main.created()

    assert (main.balance(), second.balance()) == ("920.0000", "1000.0000")
    assert Account(sandbox, settings.forbidden_key).send("GET", "/v1/tasks").status_code == 403


def test_each_account_has_a_clock_outcomes_and_limits_of_its_own(sandbox: Sandbox) -> None:
    mine, other = sandbox.new_account(), sandbox.new_account()
    mine.advance(1000)
    mine.control("/tasks/outcome", {"outcome": "failed", "count": 5})
    mine.control("/tasks/hold", {"state": "queued"})
    mine.control("/rate-limit", {"allow": 0})

    task_id = other.created()["task_id"]
    other.advance(TASK_SECONDS)

    assert other.task(task_id)["status"] == "succeeded"
    assert mine.send("GET", "/_control").json()["now"] > other.send("GET", "/_control").json()["now"]


def test_an_account_is_opened_with_the_balance_that_is_asked_for(sandbox: Sandbox) -> None:
    opened = sandbox.send("POST", "/_control/tenants", json={"balance_credits": "12.5"}).json()

    assert opened["balance_credits"] == "12.5000"
    assert Account(sandbox, opened["keys"]["main"]).balance() == "12.5000"


def test_an_account_that_is_opened_without_a_balance_tells_what_it_holds(sandbox: Sandbox) -> None:
    opened = sandbox.send("POST", "/_control/tenants").json()

    assert opened["balance_credits"] == Account(sandbox, opened["keys"]["main"]).balance()


def test_an_outcome_holds_for_as_many_tasks_as_it_says(account: Account) -> None:
    account.control("/tasks/outcome", {"outcome": "failed", "count": 2})
    for _ in range(3):
        account.created()
    account.advance(TASK_SECONDS)

    tasks = account.tasks(order="asc")["data"]

    assert [task["status"] for task in tasks] == ["failed", "failed", "succeeded"]


def test_a_refused_request_uses_up_no_outcome(account: Account) -> None:
    account.control("/tasks/outcome", {"outcome": "failed"})
    account.set_balance("0")
    account.create()
    account.set_balance("80")
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)

    assert account.task(task_id)["status"] == "failed"


def test_requests_beyond_the_limit_are_refused_until_it_is_lifted(account: Account) -> None:
    account.control("/rate-limit", {"allow": 2, "retry_after_seconds": 7})

    answers = [account.send("GET", "/v1/tasks") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[3].headers["retry-after"] == "7"
    assert (answers[3].json()["error"]["code"], answers[3].json()["error"]["retryable"]) == ("rate_limited", True)
    lifted = account.send("POST", "/_control/rate-limit", content=b"null", headers={"Content-Type": "application/json"})
    assert lifted.json()["allow"] is None
    assert account.send("GET", "/v1/tasks").status_code == 200


def test_a_request_refused_for_its_rate_creates_nothing(account: Account) -> None:
    account.control("/rate-limit", {"allow": 0})
    assert account.create(key="once").status_code == 429
    account.control("/rate-limit", {"allow": None})

    assert account.tasks()["data"] == []
    assert account.create(key="once").status_code == 202


def test_a_reset_takes_the_account_back_to_its_start(account: Account) -> None:
    account.control("/tasks/hold", {"state": "queued"})
    account.advance(1000)
    url = account.upload().json()["url"]
    first = account.created(key="once")
    account.control("/reset", None)

    second = account.created(key="once")
    account.advance(TASK_SECONDS)

    assert account.send("GET", f"/v1/tasks/{first['task_id']}").status_code == 404
    assert account.sandbox.send("GET", url).status_code == 404
    assert (account.balance(), second["created_at"]) == ("920.0000", "2027-01-15T08:00:00.000000Z")
    assert account.task(second["task_id"])["status"] == "succeeded"


def test_a_reset_leaves_other_accounts_alone(sandbox: Sandbox) -> None:
    mine, other = sandbox.new_account(), sandbox.new_account()
    task_id = other.created()["task_id"]
    mine.control("/reset", None)

    assert other.task(task_id)["status"] == "queued"


def test_the_clock_does_not_run_out_of_years(account: Account) -> None:
    century = {"advance_seconds": 3_155_760_000}
    statuses = {account.send("POST", "/_control/clock", json=century).status_code for _ in range(100)}

    assert statuses == {200, 422}
    assert account.create().status_code == 202


def test_in_scope_target_clock_holds_outcomes_and_limits_are_shared_but_not_wallets(shared: Sandbox) -> None:
    mine, other = shared.new_account(), shared.new_account()
    mine.control("/tasks/outcome", {"outcome": "failed"})
    mine.set_balance("1.0000")
    task_id = other.created()["task_id"]
    mine.advance(TASK_SECONDS)

    assert other.task(task_id)["status"] == "failed"
    assert (mine.balance(), other.balance()) == ("1.0000", "1000.0000")
    mine.control("/rate-limit", {"allow": 0})
    assert other.send("GET", "/v1/tasks").status_code == 429


def test_in_scope_target_a_release_lets_all_tasks_go_on(shared: Sandbox) -> None:
    mine, other = shared.new_account(), shared.new_account()
    mine.control("/tasks/hold", {"state": "queued"})
    task_id = other.created()["task_id"]
    mine.advance(1000)
    assert other.task(task_id)["status"] == "queued"

    mine.control("/tasks/hold", {"state": None})

    assert other.task(task_id)["status"] == "running"


def test_in_scope_target_a_reset_reaches_everybody(shared: Sandbox) -> None:
    mine, other = shared.new_account(), shared.new_account()
    other.created()
    mine.control("/reset", None)

    assert (other.tasks()["data"], other.balance()) == ([], "1000.0000")
