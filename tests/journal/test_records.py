"""What a reader of an exchange gets, whatever the target said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.journal.records import Mismatch, Unanswered
from tests.journal.factory import exchange

READABLE, TOO_DEEP = 300, 321


@pytest.mark.parametrize("content", [b"", b"{", b"<html>", b"\xff", b"[" * 100_000, b"9" * 5_000])
def test_what_is_no_json_has_no_value(content: bytes) -> None:
    answered = exchange(content=content)

    assert answered.get("/task_id") is None
    with pytest.raises(Mismatch, match="expected a JSON body"):
        _ = answered.json


def test_a_body_can_be_nested_as_deeply_as_every_reader_can_follow() -> None:
    assert exchange(content=b"[" * READABLE + b"]" * READABLE).get("/0/0") is not None


@pytest.mark.parametrize("opening, closing", [(b"[", b"]"), (b'{"a": ', b"}")])
def test_a_body_that_is_nested_more_deeply_has_no_value(opening: bytes, closing: bytes) -> None:
    with pytest.raises(Mismatch, match="at most 320 levels"):
        _ = exchange(content=opening * TOO_DEEP + b"1" + closing * TOO_DEEP).json


def test_a_wide_body_is_not_a_deep_one() -> None:
    assert exchange(content=b"[" + b"[]," * 1_000 + b"[]]").json == [[]] * 1_001


def test_without_an_answer_there_is_no_status_and_the_exchange_is_named() -> None:
    with pytest.raises(Unanswered, match="got none: refused") as caught:
        _ = replace(exchange("main-7", failure="refused"), response=None).status

    assert caught.value.exchanges == ("main-7",)
