"""What happens on the way is what was planned, byte for byte."""

from __future__ import annotations

import pytest

from conformance.client.transports.base import Incoming, NoAnswerError
from conformance.client.transports.faulty import (
    CutAnswer,
    CutBeforeAnswer,
    CutBeforeSending,
    CutRequest,
    FaultPlan,
    FaultyTransport,
    StallRequest,
)
from tests.client.loopback import Loopback, Visit, request, serving

BODY = b'{"prompt": "a song"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def hello(visit: Visit) -> None:
    if visit.hear_request():
        visit.say(ANSWER)


def send(server: Loopback, plan: FaultPlan, **options: float) -> Incoming:
    return FaultyTransport(server.origin, plan).send(request(server, method="POST", content=BODY, **options))  # type: ignore[arg-type]


def whole_request(server: Loopback) -> bytes:
    authority = server.origin.removeprefix("http://").encode()
    return b"POST / HTTP/1.1\r\nHost: " + authority + b"\r\nContent-Length: 20\r\n\r\n" + BODY


@pytest.mark.parametrize(
    "plan, heard_bytes, reason",
    [
        (CutBeforeSending(), 0, "cut by us before anything was sent"),
        (CutRequest(after_bytes=1), 1, "cut by us after 1 bytes of the request"),
        (CutRequest(after_bytes=40), 40, "cut by us after 40 bytes of the request"),
        (CutBeforeAnswer(), None, "cut by us after the request, before its answer"),
    ],
)
def test_the_server_hears_as_much_as_was_planned(plan: FaultPlan, heard_bytes: int | None, reason: str) -> None:
    with serving(hello) as server, pytest.raises(NoAnswerError) as caught:
        send(server, plan)

    assert (caught.value.kind, str(caught.value)) == ("cut", reason)
    assert server.visits[0].heard == whole_request(server)[:heard_bytes]


def test_a_cut_may_fall_into_the_body() -> None:
    with serving(hello) as server, pytest.raises(NoAnswerError):
        send(server, CutRequest(after_bytes=len(whole_request(server)) - 3))

    assert server.visits[0].heard == whole_request(server)[:-3]


@pytest.mark.parametrize(
    "after_bytes, reason",
    [
        (0, "closed before any byte of the answer"),
        (10, "closed after 10 bytes, within the head of the answer"),
        (len(ANSWER) - 1, "closed after 4 of 5 bytes"),
    ],
)
def test_an_answer_is_read_only_as_far_as_was_planned(after_bytes: int, reason: str) -> None:
    with serving(hello) as server, pytest.raises(NoAnswerError) as caught:
        send(server, CutAnswer(after_bytes))

    assert (caught.value.kind, str(caught.value)) == ("cut", reason)
    assert server.visits[0].heard == whole_request(server)


def test_an_answer_that_came_before_the_cut_counts() -> None:
    with serving(hello) as server:
        assert send(server, CutAnswer(len(ANSWER))).content == b"hello"


@pytest.mark.parametrize("after_bytes", [0, 1, 30, 75, 10_000])
def test_a_stalled_request_goes_on_where_it_stopped(after_bytes: int) -> None:
    pauses: list[float] = []
    with serving(hello) as server:
        transport = FaultyTransport(server.origin, StallRequest(after_bytes, seconds=3), sleep=pauses.append)
        answer = transport.send(request(server, method="POST", content=BODY))

    assert answer.content == b"hello"
    assert server.visits[0].heard == whole_request(server)
    assert pauses == [3]


def test_a_stall_does_not_outlast_the_time_limit() -> None:
    with serving(hello) as server, pytest.raises(NoAnswerError) as caught:
        send(server, StallRequest(after_bytes=10, seconds=60), timeout_seconds=0.05)

    assert caught.value.kind == "timeout"
