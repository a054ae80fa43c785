"""What an exchange says is read before it is recorded: its outcome, and a stream frame by frame with its times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from conformance.contract.conventions import parse_conventions
from conformance.contract.outcomes import Outcome
from conformance.journal.interpretation import Reader
from conformance.journal.records import Body, Exchange, Headers, Request, Response
from tests.journal.factory import exchange

NAMES: Final = {"system": "s", "title": "S", "contract_version": "1", "document": "d", "surfaces": ["a"]}
SSE, LINES, PLAIN = "text/event-stream", "application/x-ndjson", "application/json"


def reader(form: str = "sse", ends: object = "[DONE]", when: dict[str, object] | None = None) -> Reader:
    stream: dict[str, Any] = {"format": form, "ends": ends, **({} if when is None else {"when": when})}
    return Reader(parse_conventions({**NAMES, "operations": {"play": {"stream": stream}}}))


def answered(content: bytes, media_type: str = SSE, *, asked: bytes = b"", **more: Any) -> Exchange:  # noqa: ANN401 - any part of a body
    body = replace(Body(content, len(content)), **more)
    response = Response(200, Headers((("Content-Type", media_type),)), body)
    return replace(exchange(operation="play"), request=Request("POST", "/", body=Body(asked)), response=response)


def frames(found: Exchange) -> list[str] | None:
    assert found.response is not None
    return None if found.response.frames is None else [frame.data for frame in found.response.frames]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CR LF", "CR"])
def test_events_are_told_apart_however_lines_end(end: bytes) -> None:
    content = b'event: part\ndata: {"a": 1}\n\n: a comment\n\ndata: two\ndata: lines\n\ndata: [DONE]\n\n'
    found = reader().read(answered(content.replace(b"\n", end)))

    assert frames(found) == ['{"a": 1}', "two\nlines", "[DONE]"]
    assert found.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("form", ["ndjson", "json-lines"])
def test_lines_of_json_are_frames(form: str) -> None:
    found = reader(form, {"/done": [True]}).read(answered(b'{"a": 1}\n\n{"done": true}\n', LINES))

    assert frames(found) == ['{"a": 1}', '{"done": true}']
    assert found.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    "content",
    [b"", b"data: 1\n\n", b'data: {"a": 1}\n\ndata: [DO', b"\x00\xff\n\n", b"<html></html>"],
    ids=["nothing", "no end", "cut within the last frame", "bytes", "HTML"],
)
def test_a_stream_without_its_end_is_no_answer(content: bytes) -> None:
    assert reader().read(answered(content)).outcome is Outcome.NO_ANSWER


def test_nor_is_one_that_was_longer_than_what_is_read() -> None:
    assert reader().read(answered(b"data: 1\n\n", truncated=True)).outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("media_type", [PLAIN, "text/plain"])
def test_json_where_a_stream_was_asked_for_is_the_answer_that_it_is(media_type: str) -> None:
    found = reader().read(answered(b'{"a": 1}', media_type))

    assert (frames(found), found.outcome) == (None, Outcome.ACCEPTED)


def test_only_a_request_that_asks_for_a_stream_has_frames() -> None:
    asking = reader(when={"/stream": True})

    assert frames(asking.read(answered(b"data: [DONE]\n\n", asked=b'{"stream": true}'))) == ["[DONE]"]
    assert frames(asking.read(answered(b"data: [DONE]\n\n", asked=b'{"stream": false}'))) is None


def test_a_frame_has_the_time_at_which_its_last_byte_had_come() -> None:
    found = reader().read(answered(b"data: 1\n\ndata: [DONE]\n\n"), [(0.5, 4), (1.0, 12), (2.0, 23)])

    assert found.response is not None
    assert found.response.frames is not None
    assert [frame.seconds for frame in found.response.frames] == [1.0, 2.0]


def test_of_very_many_frames_the_first_and_the_last_are_kept() -> None:
    found = reader().read(answered(b"".join(b"data: %d\n\n" % n for n in range(5000)) + b"data: [DONE]\n\n"))
    kept = frames(found)

    assert kept is not None
    assert (len(kept), kept[0], kept[-1]) == (2000, "0", "[DONE]")
    assert found.outcome is Outcome.ACCEPTED


def test_what_does_not_go_to_the_target_is_read_by_its_status() -> None:
    media = replace(answered(b"data: 1\n\n"), origin="media")

    assert reader().read(media).outcome is Outcome.ACCEPTED
