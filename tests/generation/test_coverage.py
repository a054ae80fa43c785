"""How much of a document's constraints was tried."""

from __future__ import annotations

from conformance.generation.walk import Untried, coverage_of, walk
from tests.generation.test_walk import contract, parameter

LIMIT = contract(parameter("limit", "query", {"type": "integer", "minimum": 1}))
WORD = contract(parameter("word", "query", {"type": "string"}))
EVERYTHING = [name for step in walk(LIMIT, LIMIT.document.operations["say"]).steps for name in step.tries]


def test_what_was_broken_and_met_was_tried() -> None:
    (found,) = coverage_of(LIMIT, {"say": EVERYTHING})

    assert (found.operation, found.constraints, found.exercised, found.untried) == ("say", 2, 2, ())


def test_what_no_answered_request_tried_was_not() -> None:
    (found,) = coverage_of(LIMIT, {"say": [name for name in EVERYTHING if name != "query:limit/minimum broken"]})

    why = "no request that tries it was answered in this run"
    assert (found.constraints, found.exercised) == (2, 1)
    assert found.untried == (Untried("query:limit/minimum", "limit", "minimum", "broken", why),)


def test_what_can_not_be_tried_says_why() -> None:
    (found,) = coverage_of(WORD, {"say": ["query:word/type met"]})

    why = "what is sent there always is a text"
    assert found.untried == (Untried("query:word/type", "word", "type", "broken", why),)


def test_a_run_that_sent_nothing_tried_nothing() -> None:
    (found,) = coverage_of(LIMIT, {})

    assert (found.exercised, len(found.untried)) == (0, 4)
