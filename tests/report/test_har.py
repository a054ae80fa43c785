"""The archive of the evidence, held against what HAR 1.2 demands of the members that we write."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from conformance.journal.reader import Recording
from conformance.report.har import LARGEST, LARGEST_BODY, MOST_EXCHANGES, evidence_har
from conformance.verdicts.model import Verdict
from tests.report.drawn import runs
from tests.report.factory import (
    KEY_HEADER,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.verdicts.model import Assessment

TEXT = {"type": "string"}
PAIRS = {
    "type": "array",
    "items": {"type": "object", "required": ["name", "value"], "properties": {"name": TEXT, "value": TEXT}},
}
MESSAGE = {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "headersSize": {"const": -1}}
ENTRY = {
    "type": "object",
    "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
    "properties": {
        "startedDateTime": {"type": "string", "format": "date-time"},
        "time": {"type": "number", "minimum": 0},
        "request": {
            "type": "object",
            "required": ["method", "url", "queryString", "bodySize", *MESSAGE],
            "properties": {
                **MESSAGE,
                "method": TEXT,
                "url": {"type": "string", "format": "uri"},
                "queryString": PAIRS,
                "bodySize": {"type": "integer", "minimum": 0},
                "postData": {"type": "object", "required": ["mimeType"], "properties": {"text": TEXT}},
            },
        },
        "response": {
            "type": "object",
            "required": ["status", "statusText", "content", "redirectURL", "bodySize", *MESSAGE],
            "properties": {
                **MESSAGE,
                "status": {"type": "integer"},
                "statusText": TEXT,
                "redirectURL": TEXT,
                "bodySize": {"type": "integer"},
                "content": {
                    "type": "object",
                    "required": ["size", "mimeType"],
                    "properties": {"size": {"type": "integer"}, "mimeType": TEXT, "text": TEXT, "encoding": TEXT},
                },
            },
        },
        "cache": {"const": {}},
        "timings": {"type": "object", "required": ["send", "wait", "receive"]},
        "comment": TEXT,
    },
}
ARCHIVE = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["log"],
        "properties": {
            "log": {
                "type": "object",
                "required": ["version", "creator", "entries"],
                "properties": {
                    "version": {"const": "1.2"},
                    "creator": {"type": "object", "required": ["name", "version"]},
                    "entries": {"type": "array", "items": ENTRY},
                },
            }
        },
    },
    validate_formats=True,
)


def entries(run: Assessment, recording: Recording) -> list[dict[str, Any]]:
    archive = json.loads(evidence_har(run, recording))
    ARCHIVE.validate(archive)
    found: list[dict[str, Any]] = archive["log"]["entries"]
    return found


def entry(of: Exchange) -> dict[str, Any]:
    (found,) = entries(assessment(judgement(Verdict.FAIL, "no", of.id)), Recording(exchanges=(of,)))
    return found


def test_an_entry_holds_both_messages_and_names_what_it_proves() -> None:
    sent = request(KEY_HEADER, ("Content-Type", "application/json"), url="http://target.test/v1/songs?page=2&q=")
    found = entry(exchange(sent, answer(201, ("Content-Type", "text/plain"), content="done")))

    assert (found["request"]["method"], found["request"]["url"]) == ("POST", "http://target.test/v1/songs?page=2&q=")
    assert found["request"]["queryString"] == [{"name": "page", "value": "2"}, {"name": "q", "value": ""}]
    assert {"name": "Authorization", "value": "Bearer $CONFORMANCE_API_KEY"} in found["request"]["headers"]
    assert found["response"]["status"] == 201
    assert found["response"]["content"] == {"size": 4, "mimeType": "text/plain", "text": "done"}
    assert (found["startedDateTime"], found["time"]) == ("2026-01-02T03:04:05+00:00", 12.0)
    assert found["comment"] == "main-1: ACME-SONG-01 fail"


def test_a_body_that_was_sent_is_kept_as_it_was() -> None:
    found = entry(exchange(request(("Content-Type", "application/json"), content='{"a":\t"ü"}'), answer()))

    assert found["request"]["postData"] == {"mimeType": "application/json", "text": '{"a":\t"ü"}'}


def test_an_answer_that_is_not_text_is_kept_as_base64() -> None:
    found = entry(exchange(response=answer(content=b"\xff\x00music")))["response"]["content"]

    assert base64.b64decode(found["text"]) == b"\xff\x00music"
    assert found["encoding"] == "base64"


def test_an_exchange_without_an_answer_has_no_status_and_says_why() -> None:
    found = entry(exchange(failure="timed out after 30 s"))["response"]

    assert (found["status"], found["comment"]) == (0, "no answer: timed out after 30 s")


def test_long_bodies_are_cut_and_say_so() -> None:
    found = entry(exchange(response=answer(content="x" * 100_000)))["response"]["content"]

    assert len(found["text"]) == LARGEST_BODY
    assert (found["size"], found["comment"]) == (100_000, "cut, 100000 bytes in all")


def test_exchanges_stand_in_the_order_in_which_they_were_sent() -> None:
    start = datetime(2026, 1, 2, tzinfo=UTC)
    held = [exchange(response=answer(), id=f"main-{n}", at=start - timedelta(seconds=n)) for n in (1, 2, 3)]
    run = assessment(judgement(Verdict.FAIL, "no", "main-1", "main-2", "main-3"))

    found = entries(run, Recording(exchanges=tuple(held)))

    assert [one["comment"].partition(":")[0] for one in found] == ["main-3", "main-2", "main-1"]


def test_what_is_evidence_for_many_requirements_stands_there_once() -> None:
    judged = [judgement(Verdict.PASS, "", "main-1", about=requirement(f"ACME-{number}")) for number in range(30)]
    (found,) = entries(assessment(*judged), Recording(exchanges=(exchange(response=answer()),)))

    assert found["comment"].startswith("main-1: ACME-0 pass, ACME-1 pass, ")
    assert found["comment"].endswith(" and 10 more")


def test_where_there_is_too_much_the_evidence_of_failures_comes_first() -> None:
    ids = [f"main-{number}" for number in range(MOST_EXCHANGES + 50)]
    held = Recording(exchanges=tuple(exchange(response=answer(), id=name) for name in ids))
    passing = judgement(Verdict.PASS, "", *ids[:-1])
    failing = judgement(Verdict.FAIL, "no", ids[-1], about=requirement("ACME-2"))

    found = entries(assessment(passing, failing), held)

    assert len(found) == MOST_EXCHANGES
    assert sum("ACME-2 fail" in one["comment"] for one in found) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://target.test/v1/tasks/../x y",
        "http://target.test/v1/%zz?a=[1]{2}",
        "http://[::1]:8000/v1/ü?q=\u202e",
        "http://target.test/<script>",
        "/not/absolute",
        "http://target.test:not-a-port/[",
    ],
)
def test_an_address_that_was_sent_raw_is_written_as_one(url: str) -> None:
    entry(exchange(request(url=url), answer()))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_the_archive_is_one(text: str) -> None:
    found = entries(*hostile(text))

    assert len(found) == 2


def test_a_target_can_not_make_the_archive_large() -> None:
    ids = [f"main-{number}" for number in range(500)]
    long = answer(200, *[("X-Long", "\0" * 5000)] * 300, content="\0" * 100_000)
    held = Recording(exchanges=tuple(exchange(response=long, id=name) for name in ids))

    content = evidence_har(assessment(judgement(Verdict.FAIL, "no", *ids)), held)

    assert len(content) < 6 * LARGEST


@given(runs())
@settings(max_examples=50, deadline=None)
def test_the_evidence_of_any_run_fits(run: tuple[Assessment, Recording]) -> None:
    entries(*run)
