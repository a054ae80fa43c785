"""Chats of the reference: the same question gets the same answer, at once or token by token, and is paid for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference.sandbox import Account, Sandbox

CHAT = "/v1/chat/completions"
ASKED: dict[str, Any] = {"model": "auto", "messages": [{"role": "user", "content": "Say hello in five words."}]}


def ask(account: Account, **changes: object) -> Any:  # noqa: ANN401 - the response
    return account.send("POST", CHAT, json={**ASKED, **changes})


def events(text: str) -> list[str]:
    return [event.removeprefix("data: ") for event in text.split("\n\n") if event]


def test_a_question_gets_the_same_answer_every_time(account: Account) -> None:
    first, second = ask(account).json(), ask(account).json()

    assert first["choices"] == second["choices"]
    assert first["id"] != second["id"]
    assert first["choices"][0]["finish_reason"] == "stop"


def test_the_pieces_of_a_stream_are_the_answer_at_once(account: Account) -> None:
    whole = ask(account).json()["choices"][0]["message"]["content"]

    *chunks, done = events(ask(account, stream=True).text)

    pieces = [json.loads(chunk)["choices"][0] for chunk in chunks]
    assert done == "[DONE]"
    assert "".join(piece["delta"].get("content", "") for piece in pieces) == whole
    assert pieces[0]["delta"]["role"] == "assistant"
    assert [piece["finish_reason"] for piece in pieces[:-1]] == [None] * (len(pieces) - 1)


def test_a_completion_takes_from_the_wallet_what_it_shows(account: Account) -> None:
    before = account.balance()
    usage = ask(account).json()["usage"]
    *_, told, _ = events(ask(account, stream=True, stream_options={"include_usage": True}).text)

    assert json.loads(told)["usage"] == usage
    assert Decimal(before) - Decimal(account.balance()) == 2 * Decimal(usage["credits"])


def test_an_answer_is_as_long_as_is_asked_for(account: Account) -> None:
    answer = ask(account, max_tokens=2).json()

    assert answer["usage"]["completion_tokens"] == 2
    assert answer["choices"][0]["finish_reason"] == "length"


def test_several_answers_are_asked_for_at_once(account: Account) -> None:
    choices = ask(account, n=3).json()["choices"]

    assert [choice["index"] for choice in choices] == [0, 1, 2]


@pytest.mark.parametrize(
    "changes, status, code",
    [
        ({"model": "suno-5.5"}, 400, "unsupported_model"),
        ({"model": None}, 422, "invalid_request"),
        ({"messages": []}, 422, "invalid_request"),
        ({"messages": [{"role": "narrator", "content": "Once."}]}, 422, "invalid_request"),
        ({"temperature": 2.5}, 422, "invalid_request"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_can_not_be_answered_is_refused_for_nothing(
    account: Account, changes: dict[str, Any], status: int, code: str, *, stream: bool
) -> None:
    before = account.balance()
    refusal = ask(account, stream=stream, **changes)

    assert (refusal.status_code, refusal.json()["error"]["code"]) == (status, code)
    assert account.balance() == before


def test_a_chat_that_can_not_be_paid_is_not_answered(account: Account) -> None:
    account.set_balance("0")

    assert ask(account).status_code == 402
    assert ask(account, stream=True).status_code == 402


def test_every_listed_model_that_writes_text_answers(account: Account) -> None:
    catalog = account.send("GET", "/v1/catalog/models").json()["data"]
    writing = [model["id"] for model in catalog if model["modalities"] == ["text"]]

    assert len(writing) == 2
    assert [ask(account, model=name).json()["model"] for name in writing] == writing


def test_health_needs_no_key(sandbox: Sandbox) -> None:
    assert sandbox.send("GET", "/v1/health").json() == {"status": "ok"}
