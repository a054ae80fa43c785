"""A valid request that names what the account does not have: its refusal decides nothing."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract.contract import load_contract
from conformance.journal.interpretation import Reader
from conformance.suite.refusals import is_lacking
from tests.report.factory import answer, exchange, request

CONTRACT = load_contract("beatra")
REFUSAL = '{"error": {"code": "unsupported_model", "message": "No.", "retryable": false}}'


def refused(content: str, status: int = 400, said: str = REFUSAL) -> Any:  # noqa: ANN401 - an exchange
    made = exchange(
        request(url="http://target.test/v1/music/text-to-music", content=content),
        answer(status, ("Content-Type", "application/json"), content=said.encode()),
        operation="createTextToMusic",
    )
    return Reader(CONTRACT.conventions).read(made)


def test_a_model_that_is_asked_for_by_name_may_be_lacking() -> None:
    assert is_lacking(refused('{"model": "suno-5.5", "prompt": "dream pop"}'), CONTRACT.conventions)


@pytest.mark.parametrize("content", ['{"model": "auto"}', '{"prompt": "dream pop"}', '{"model": null}', "no JSON"])
def test_what_every_account_has_is_never_lacking(content: str) -> None:
    assert not is_lacking(refused(content), CONTRACT.conventions)


@pytest.mark.parametrize(
    "status, said",
    [(422, REFUSAL), (400, REFUSAL.replace("unsupported_model", "invalid_request")), (400, "no JSON"), (202, "{}")],
)
def test_another_refusal_speaks_of_the_request(status: int, said: str) -> None:
    assert not is_lacking(refused('{"model": "suno-5.5"}', status, said), CONTRACT.conventions)
