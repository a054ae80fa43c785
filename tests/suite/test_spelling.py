"""Another spelling of a body is other bytes, and says the same."""

from __future__ import annotations

import json

import pytest

from conformance.suite.any_api.spelling import other_spelling

BODY = {"title": "A vase", "heat": 0.25, "count": 3, "parts": [{"name": "lid", "open": False}], "note": None}


def test_members_blanks_digits_and_letters_are_written_otherwise() -> None:
    told = json.dumps(BODY).encode()
    spelled = other_spelling(told)

    assert spelled is not None
    assert json.loads(spelled) == BODY
    assert list(json.loads(spelled)) == [*reversed(BODY)]
    assert list(json.loads(spelled)["parts"][0]) == ["open", "name"]
    assert all(form in spelled and form not in told for form in (b"\n", b"0.250", rb"\u0041 vase"))


@pytest.mark.parametrize("content", [b"[]", b"{}", b"3", b"\xff", rb'{"a": "\u0000l"}'])
def test_what_has_one_spelling_only_is_left_alone(content: bytes) -> None:
    assert other_spelling(content) is None
