"""Requests that break a document by what is like a valid value: nothing else of them is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.generation.naming import named_anew
from conformance.generation.near_misses import near_misses
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "required": ["name", "colour"],
    "properties": {
        "name": {"type": "string"},
        "colour": {"enum": ["RED", "REE", "BLUE"]},
        "sealed": {"type": "boolean"},
        "either": {"type": ["boolean", "string"]},
    },
}


def test_a_word_of_the_same_form_and_a_word_for_true_are_sent_where_the_document_has_neither(tmp_path: Path) -> None:
    contract = loaded(tmp_path, document(paths={"/things": {"post": operation(SCHEMA)}}))
    made = contract.document.operations["makeThing"]
    cases = near_misses(contract.document, made, {}, {"/name": "there"})
    sent = [json.loads(case.content) for case in cases]

    assert [{body["colour"], body["sealed"]} & {"REF", "yes"} for body in sent] == [{"REF"}, {"yes"}]
    assert {body["name"] for body in sent} == {"there"}
    validator = contract.document.validator(SCHEMA)
    assert [len(list(validator.problems(body))) for body in sent] == [1, 1]
    assert {case.validity for case in cases} == {"invalid"}


def test_a_name_that_a_client_gives_is_new_and_of_the_form_that_the_document_wants(tmp_path: Path) -> None:
    schemas = [{"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}, {"type": "integer"}, {"type": "string"}]
    named = []
    for schema in schemas:
        place = {"name": "code", "in": "path", "required": True, "schema": schema}
        contract = loaded(tmp_path, document(paths={"/things/{code}": {"put": operation(SCHEMA, parameters=[place])}}))
        put = contract.document.operations["makeThing"]
        named.append([named_anew(contract.document, put, token)["code"] for token in ("a", "b", "c")])
        validator = contract.document.validator(schema)
        read = [int(name) if schema["type"] == "integer" else name for name in named[-1]]
        assert not [problem for name in read for problem in validator.problems(name)]

    assert [len(set(names)) for names in named] == [3, 3, 3]
