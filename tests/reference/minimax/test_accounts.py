"""Keys, money, plans and limits, and the control interface that tests set them with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from tests.reference.minimax.sandbox import COVER, LYRICS, MUSIC, PREPROCESS, SONG, Sandbox, coded, sound

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json
    from tests.reference.minimax.sandbox import Account

FILE = Path(__file__).parents[3] / "specs" / "control" / "openapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
PAID = {**SONG, "model": "music-2.6"}
CALLS: list[tuple[str, str, Any, int]] = [
    ("GET", "/", None, 200),
    ("POST", "/clock", {"advance_seconds": 0.5}, 200),
    ("POST", "/clock", {"advance_seconds": -1}, 422),
    ("GET", "/wallet", None, 200),
    ("PUT", "/wallet", {"balance_credits": "10.0000"}, 200),
    ("PUT", "/wallet", {"balance_credits": 1}, 422),
    ("POST", "/rate-limit", {"allow": 5, "retry_after_seconds": 2}, 200),
    ("POST", "/rate-limit", {"retry_after_seconds": 2}, 422),
    ("PUT", "/plan", {"models": ["music-2.6-free"]}, 200),
    ("PUT", "/plan", {"models": None}, 200),
    ("PUT", "/plan", {"models": []}, 422),
    ("POST", "/reset", None, 200),
    ("POST", "/tenants", None, 201),
    ("POST", "/tenants", {"balance_credits": "0.5"}, 201),
    ("POST", "/tenants", {"balance_credits": "-1"}, 422),
]


@pytest.mark.parametrize("method, path, body, status", CALLS)
def test_the_control_interface_answers_as_its_document_says(
    account: Account, method: str, path: str, body: Json, status: int
) -> None:
    sent = {} if body is None else {"json": body}
    answer = account.send(method, f"/_control{path}", **sent)
    response = DOCUMENT["paths"][path][method.lower()]["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = {**response["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}

    assert answer.status_code == status
    jsonschema_rs.validate(schema, answer.json())


def test_every_part_that_is_offered_is_there(account: Account) -> None:
    offers = account.control("GET", "/")["offers"]

    assert {f"/{offer}" for offer in offers if offer != "tenants/balance"} == {path for _, path, *_ in CALLS[1:]}


@pytest.mark.parametrize(
    "headers, code",
    [
        ({}, 1004),
        ({"Authorization": "Basic abc"}, 1004),
        ({"Authorization": "Bearer"}, 1004),
        ({"Authorization": f"Bearer sk-{'0' * 32}"}, 2049),
    ],
)
@pytest.mark.parametrize("path", [MUSIC, PREPROCESS, LYRICS])
def test_a_request_without_a_key_that_exists_is_refused(
    running: Sandbox, path: str, headers: dict[str, str], code: int
) -> None:
    answer = running.send("POST", path, headers=headers, json={})

    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (200, code)


def test_a_refusal_has_a_text_and_a_trace_id(account: Account) -> None:
    answer = account.send("POST", MUSIC, json={})

    assert answer.json()["base_resp"] == {"status_code": 2013, "status_msg": "invalid params, model is required"}
    assert answer.json()["trace_id"] == answer.headers["Trace-Id"]


def test_paid_models_cost_a_credit_and_free_ones_nothing(running: Sandbox) -> None:
    account = running.new_account(balance_credits="2.5")
    account.made(MUSIC, SONG)
    account.made(MUSIC, {**COVER, "audio_base64": coded(sound(6))})
    account.feature(sound(6))
    unchanged = account.balance()
    account.made(MUSIC, PAID)

    assert (unchanged, account.balance()) == ("2.5000", "1.5000")


def test_a_refusal_costs_nothing(running: Sandbox) -> None:
    account = running.new_account(balance_credits="2.5")
    refused = [account.code(MUSIC, {**PAID, "lyrics": lyrics}) for lyrics in ("", "l" * 3501)]

    assert (refused, account.balance()) == ([2013, 2013], "2.5000")


@pytest.mark.parametrize("path, body", [(MUSIC, PAID), (LYRICS, {"mode": "write_full_song"})])
def test_what_the_balance_does_not_cover_is_refused(running: Sandbox, path: str, body: Json) -> None:
    account = running.new_account(balance_credits="0.05")

    assert (account.code(path, body), account.balance()) == (1008, "0.0500")
    assert account.code(MUSIC, SONG) == 0


def test_sensitive_texts_are_refused(account: Account) -> None:
    text = account.control("GET", "/")["sensitive_text"]

    assert account.code(MUSIC, {**SONG, "lyrics": f"[Verse]\n{text}"}) == 1026
    assert account.code(LYRICS, {"mode": "write_full_song", "prompt": text}) == 1026


def test_a_plan_may_leave_models_out(account: Account) -> None:
    account.control("PUT", "/plan", {"models": ["music-2.6-free"]})
    limited = [account.code(MUSIC, PAID), account.code(MUSIC, SONG)]
    account.control("PUT", "/plan", {"models": None})

    assert (limited, account.code(MUSIC, PAID)) == ([2061, 0], 0)


def test_requests_beyond_the_limit_are_refused_until_it_is_lifted(account: Account) -> None:
    account.control("POST", "/rate-limit", {"allow": 1})
    limited = [account.code(MUSIC, SONG) for _ in range(2)]
    account.control("POST", "/rate-limit", {"allow": None})

    assert (limited, account.code(MUSIC, SONG)) == ([0, 1002], 0)


def test_a_reset_takes_back_what_was_changed(account: Account) -> None:
    feature = account.feature(sound(6))
    account.control("PUT", "/plan", {"models": ["music-2.6-free"]})
    account.control("PUT", "/wallet", {"balance_credits": "0"})
    account.control("POST", "/reset")

    assert account.code(MUSIC, PAID) == 0
    assert account.code(MUSIC, {**COVER, "lyrics": "l" * 10, "cover_feature_id": feature}) == 2013


@pytest.mark.parametrize("method, path, status", [("GET", MUSIC, 405), ("POST", "/v1/songs", 404)])
def test_what_the_api_does_not_have_has_a_status_of_its_own(
    account: Account, method: str, path: str, status: int
) -> None:
    answer = account.send(method, path)

    assert answer.status_code == status
    assert answer.json()["base_resp"]["status_code"] == 2013
