"""A target that stops in the middle of an answer, wherever it does, is a target that did not answer in time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from conformance.client.transports.base import NoAnswerError
from tests.client.loopback import Visit, request, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.conftest import Send

LIMIT = 0.1
STALLS = {
    "before the status": b"",
    "in the status": b"HTTP/1.1 20",
    "in a header": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "before the end of the head": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
    "before the body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
    "before the last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
}


def saying_no_more_than(said: bytes) -> Callable[[Visit], None]:
    def server(visit: Visit) -> None:
        visit.hear_request()
        visit.say(said)
        while visit.hear_request():
            pass

    return server


@pytest.mark.parametrize("place", STALLS)
def test_a_stall_is_a_time_out(send: Send, place: str) -> None:
    with serving(saying_no_more_than(STALLS[place])) as server:
        started = time.monotonic()
        with pytest.raises(NoAnswerError, match=r"^timed out after 0\.1 s$") as caught:
            send(request(server, timeout_seconds=LIMIT))

    assert caught.value.kind == "timeout"
    assert time.monotonic() - started < LIMIT + 2
