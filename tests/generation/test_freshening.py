"""A request with other texts differs from the one that it was made of, wherever the document has room for that."""

from __future__ import annotations

import json
from typing import Final

import pytest

from conformance.contract.document import Document
from conformance.generation.cases import Case
from conformance.generation.freshening import freshened

LETTER: Final = {"type": "object", "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 1}}}
DOCUMENT: Final = Document(
    {
        "paths": {
            "/songs": {
                "post": {
                    "operationId": "add",
                    "requestBody": {"content": {"application/json": {"schema": LETTER}}},
                    "responses": {"201": {"description": "made"}},
                }
            }
        }
    }
)


@pytest.mark.parametrize("title", ["0", "m"])
def test_a_text_of_one_letter_becomes_another_one_whatever_is_drawn(title: str) -> None:
    case = Case("add", "POST", "/songs", (("Content-Type", "application/json"),), _body(title), "valid")

    made = [freshened(DOCUMENT, case, f"token {number}") for number in range(200)]

    assert None not in made
    assert _body(title) not in {fresh.content for fresh in made if fresh is not None}


def _body(title: str) -> bytes:
    return json.dumps({"title": title}).encode()
