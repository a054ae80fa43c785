"""A run of some surfaces judges keys by operations of these alone, and by none where it asks for none of them."""

from __future__ import annotations

import pytest

from conformance.client.errors import NotOfferedError
from conformance.contract.contract import load_contract
from conformance.journal.interpretation import Reader
from conformance.suite.beatra.answers import of_surfaces
from tests.report.factory import answer, exchange, request

CONTRACT = load_contract("beatra")
SAID = b'{"error": {"code": "unauthorized", "message": "No key.", "retryable": false}}'
LIST = Reader(CONTRACT.conventions).read(
    exchange(
        request(url="http://target.test/v1/tasks"),
        answer(401, ("Content-Type", "application/json"), content=SAID),
        operation="listTasks",
    )
)


def test_operations_of_other_surfaces_are_left_out() -> None:
    with pytest.raises(NotOfferedError, match="no operation of the surfaces in question"):
        of_surfaces((LIST,), CONTRACT, frozenset({"chat", "models"}))


def test_operations_of_the_surfaces_are_judged() -> None:
    assert of_surfaces((LIST,), CONTRACT, frozenset({"tasks"})) == (LIST,)
