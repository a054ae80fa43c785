"""Whatever the transport: where no complete answer came, it says why, and it says so in time."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from conformance.client.transports.base import NoAnswerError, Outgoing, Transport
from tests.client.loopback import Visit, request, saying, serving, unused_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client.conftest import Send

LIMIT = 0.1


def no_answer(send: Send, outgoing: Outgoing) -> tuple[str, str]:
    with pytest.raises(NoAnswerError) as caught:
        send(outgoing)
    return caught.value.kind, str(caught.value)


def dripping(visit: Visit, piece: bytes) -> None:
    while True:
        visit.say(piece)
        time.sleep(0.01)


def drip_head(visit: Visit) -> None:
    visit.hear_request()
    visit.say(b"HTTP/1.1 200 OK\r\n")
    dripping(visit, b"X-Drop: 1\r\n")


def drip_body(visit: Visit) -> None:
    visit.hear_request()
    visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    dripping(visit, b"x")


def drip_interim_answers(visit: Visit) -> None:
    visit.hear_request()
    dripping(visit, b"HTTP/1.1 100 Continue\r\n\r\n")


def stay_silent(visit: Visit) -> None:
    while visit.hear_request():
        pass


def read_nothing(visit: Visit) -> None:
    time.sleep(2 * LIMIT)


@pytest.mark.parametrize("server_that", [drip_head, drip_body, drip_interim_answers, stay_silent])
def test_the_time_limit_holds_for_all_of_the_answer(send: Send, server_that: Callable[[Visit], None]) -> None:
    with serving(server_that) as server:
        started = time.monotonic()
        outcome = no_answer(send, request(server, timeout_seconds=LIMIT))
        elapsed = time.monotonic() - started

    assert outcome == ("timeout", "timed out after 0.1 s")
    assert LIMIT <= elapsed < LIMIT + 2


def test_the_time_limit_holds_for_sending_too(send: Send) -> None:
    with serving(read_nothing) as server:
        outcome = no_answer(send, request(server, method="POST", content=b"x" * 30_000_000, timeout_seconds=LIMIT))

    assert outcome == ("timeout", "timed out after 0.1 s")


def test_nobody_listens(make_transport: Callable[..., Transport]) -> None:
    origin = unused_origin()
    with closing(make_transport(origin)) as transport:
        assert no_answer(transport.send, Outgoing("GET", origin, (), b"", 1, 1)) == ("refused", "connection refused")


def test_a_host_that_has_no_address(make_transport: Callable[..., Transport]) -> None:
    with closing(make_transport("http://nowhere.invalid")) as transport:
        kind, reason = no_answer(transport.send, Outgoing("GET", "http://nowhere.invalid", (), b"", 5, 1))

    assert kind == "dns"
    assert reason.startswith("the host's name is unknown: ")


def test_tls_to_a_server_without_tls(make_transport: Callable[..., Transport]) -> None:
    with serving(lambda visit: visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        url = server.origin.replace("http:", "https:")
        with closing(make_transport(url)) as transport:
            kind, reason = no_answer(transport.send, Outgoing("GET", url, (), b"", 5, 1))

    assert kind == "tls"
    assert reason.startswith("TLS: ")


@pytest.mark.parametrize(
    "said, reason",
    [
        (b"", "closed before any byte of the answer"),
        (b"HTTP/1.1 200 OK\r\nContent-", "closed after 25 bytes, within the head of the answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n0123456789", "closed after 10 of 400 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0123", "closed after 4 bytes"),
    ],
)
def test_an_early_end_says_how_much_had_come(send: Send, said: bytes, reason: str) -> None:
    with serving(saying(said)) as server:
        assert no_answer(send, request(server)) == ("cut", reason)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 OK 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\n" + b"X-More: and more\r\n" * 50_000,
    ],
    ids=["another protocol", "status line", "header line", "chunk", "two lengths", "endless head"],
)
def test_what_is_no_http_is_called_so(send: Send, said: bytes) -> None:
    def speaking(visit: Visit) -> None:
        visit.hear_request()
        visit.say(said)
        stay_silent(visit)

    with serving(speaking) as server:
        kind, reason = no_answer(send, request(server))

    assert kind == "protocol"
    assert reason.startswith("not HTTP: ")
