"""A system that says its errors behind HTTP 200 owes its envelope there: monitors read outcomes and no statuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.requirements import Registry
from conformance.journal.interpretation import Reader
from conformance.journal.reader import Recording
from conformance.journal.records import Exchange, Headers, Request, Response
from conformance.monitors.registry import judge
from conformance.monitors.traffic import Traffic
from tests.monitors.factory import body_of
from tests.monitors.sample import rule

if TYPE_CHECKING:
    from conformance.monitors.monitor import MonitorResult

CODE: Final = "/base/code"
CONVENTIONS: Final[dict[str, Any]] = {
    "system": "sample",
    "title": "S",
    "contract_version": "1",
    "document": "d",
    "surfaces": ["operations"],
    "outcomes": [
        {"outcome": "accepted", "status": 200, "body": {CODE: [0]}},
        {"outcome": "throttled", "body": {CODE: [1002]}},
        {"outcome": "failed", "body": {CODE: [1000]}},
        {"outcome": "refused", "body": {CODE: [2013, "2013"]}},
    ],
    "errors": {
        "object": "/base",
        "code": CODE,
        "message": "/base/text",
        "numeric": True,
        "codes": [{"code": 2013, "status": [200]}],
    },
}
PATHS: Final = {"/sounds": {"post": {"operationId": "makeSound", "responses": {"200": {"description": "…"}}}}}


def judged(kind: str, *answers: tuple[int, object], repeated: bool = False) -> MonitorResult:
    requirement = rule(kind)
    known = parse_conventions(CONVENTIONS)
    document = Document({"openapi": "3.1.0", "info": {"title": "S", "version": "1"}, "paths": PATHS})
    reader = Reader(known)
    exchanges = []
    for number, (status, content) in enumerate(answers, 1):
        response = Response(status, Headers((("Content-Type", "application/json"),)), body_of(content))
        at = datetime(2026, 1, 1, 12, 0, number, tzinfo=UTC)
        made = Exchange(f"e{number}", at, 0.1, Request("POST", "http://t/sounds"), response, operation="makeSound")
        exchanges.append(reader.read(replace(made, repeats=f"e{number - 1}" if repeated and number > 1 else None)))
    recording = Recording(exchanges=tuple(exchanges))
    return judge(requirement, Traffic(recording, Contract(document, Registry((requirement,)), known)))


def state(code: object, **more: object) -> dict[str, object]:
    return {"base": {"code": code, "text": "no", **more}}


def test_a_refusal_behind_http_200_owes_the_envelope() -> None:
    found = judged("envelope", (200, state(2013)), (200, {"base": {"code": 2013}}), (200, state(0)))

    assert [finding.exchanges for finding in found.findings] == [("e2",)]
    assert found.witnesses == ("e1",)


@pytest.mark.parametrize("status, faults", [(200, 0), (400, 1)])
def test_a_numeric_code_is_held_against_the_table(status: int, faults: int) -> None:
    assert len(judged("error-code-table", (status, state(2013))).findings) == faults


def test_a_failure_behind_http_200_that_is_repeated_is_a_server_fault() -> None:
    assert len(judged("no-repeatable-5xx", (200, state(1000)), (200, state(1000)), repeated=True).findings) == 1
    assert judged("no-repeatable-5xx", (200, state(1000)), (200, state(0)), repeated=True).findings == ()


def test_an_answer_that_is_neither_accepted_nor_refused_owes_no_envelope() -> None:
    assert judged("envelope", (200, {"song": 1}), (303, None)).findings == ()
