"""What only the transport of ordinary requests does: keep connections, and know when one has grown stale."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from conformance.client.transports.base import NoAnswerError, UnsendableRequestError
from conformance.client.transports.over_httpx import HttpxTransport
from conformance.journal.redaction import Secret
from tests.client.loopback import Visit, request, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.client.transports.base import Outgoing


def hello(visit: Visit) -> None:
    while visit.hear_request():
        visit.answer(b"hello")


def hello_once_then_hang_up_on_the_next(visit: Visit) -> None:
    visit.hear_request()
    visit.answer(b"hello")
    visit.hear_request()


def hello_once_then_reset_on_the_next(visit: Visit) -> None:
    hello_once_then_hang_up_on_the_next(visit)
    visit.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hello_once_then_begin_an_answer(visit: Visit) -> None:
    hello_once_then_hang_up_on_the_next(visit)
    visit.say(b"HTTP/1.1 2")


def hang_up(visit: Visit) -> None:
    visit.hear_request()


def outcome(transport: HttpxTransport, outgoing: Outgoing) -> str:
    try:
        return transport.send(outgoing).content.decode()
    except NoAnswerError as error:
        return error.kind


@pytest.fixture
def transport() -> Iterator[HttpxTransport]:
    with closing(HttpxTransport()) as made:
        yield made


def test_one_connection_serves_many_requests(transport: HttpxTransport) -> None:
    with serving(hello) as server:
        answers = [transport.send(request(server)).content for _ in range(5)]
        transport.close()

    assert answers == [b"hello"] * 5
    assert len(server.visits) == 1


def test_threads_take_turns_on_one_connection(transport: HttpxTransport) -> None:
    with serving(hello) as server:
        for _ in range(3):
            thread = threading.Thread(target=transport.send, args=(request(server),))
            thread.start()
            thread.join()
        transport.close()

    assert len(server.visits) == 1


def test_once_closed_it_keeps_no_connection(transport: HttpxTransport) -> None:
    with serving(hello) as server:
        transport.send(request(server))
        transport.close()
        for _ in range(2):
            transport.send(request(server))

    assert len(server.visits) == 3


def test_a_short_request_arrives_in_one_piece(transport: HttpxTransport) -> None:
    pieces: list[bytes] = []

    def hear_once(visit: Visit) -> None:
        pieces.append(visit.connection.recv(65536))
        visit.answer(b"hello")

    with serving(hear_once) as server:
        transport.send(request(server, method="POST", content=b"{}"))

    assert pieces[0].startswith(b"POST / HTTP/1.1\r\n")
    assert pieces[0].endswith(b"\r\n\r\n{}")


@pytest.mark.parametrize("stale", [hello_once_then_hang_up_on_the_next, hello_once_then_reset_on_the_next])
def test_a_safe_request_is_sent_once_more_when_the_kept_connection_had_been_closed(
    transport: HttpxTransport, stale: Callable[[Visit], None]
) -> None:
    with serving(stale, hello) as server:
        transport.send(request(server))
        assert transport.send(request(server)).content == b"hello"
        transport.close()

    assert len(server.visits) == 2


def test_it_is_sent_once_more_and_not_again(transport: HttpxTransport) -> None:
    with serving(hello_once_then_hang_up_on_the_next, hang_up) as server:
        transport.send(request(server))
        with pytest.raises(NoAnswerError) as caught:
            transport.send(request(server))

    assert caught.value.kind == "cut"
    assert len(server.visits) == 2


def test_a_request_that_may_have_had_an_effect_is_never_sent_twice(transport: HttpxTransport) -> None:
    with serving(hello_once_then_hang_up_on_the_next, hello) as server:
        transport.send(request(server))
        with pytest.raises(NoAnswerError) as caught:
            transport.send(request(server, method="POST", content=b"{}"))

    assert (caught.value.kind, str(caught.value)) == ("cut", "closed before any byte of the answer")
    assert len(server.visits) == 1


@pytest.mark.parametrize(
    "server_that, outcomes",
    [(hang_up, ["cut"]), (hello_once_then_begin_an_answer, ["hello", "cut"])],
)
def test_a_new_connection_or_a_begun_answer_is_no_reason_to_repeat(
    transport: HttpxTransport, server_that: Callable[[Visit], None], outcomes: list[str]
) -> None:
    with serving(server_that, hello) as server:
        assert [outcome(transport, request(server)) for _ in outcomes] == outcomes

    assert len(server.visits) == 1


def test_cookies_of_the_server_are_not_sent_back(transport: HttpxTransport) -> None:
    def with_cookie(visit: Visit) -> None:
        while visit.hear_request():
            visit.answer(b"", b"Set-Cookie: id=1")

    with serving(with_cookie) as server:
        for _ in range(2):
            transport.send(request(server))
        transport.close()

    assert b"cookie" not in bytes(server.visits[0].heard).lower()


def test_threads_share_it_without_sharing_their_time(transport: HttpxTransport) -> None:
    def slow_for_those_who_ask(visit: Visit) -> None:
        while visit.hear_request():
            if b"/slow" not in visit.heard:
                visit.answer(b"quick")

    outcomes: dict[str, str] = {}

    def ask(path: str, timeout_seconds: float) -> None:
        try:
            outcomes[path] = transport.send(request(server, path, timeout_seconds=timeout_seconds)).content.decode()
        except NoAnswerError as error:
            outcomes[path] = str(error)

    with serving(slow_for_those_who_ask) as server:
        threads = [
            threading.Thread(target=ask, args=arguments)
            for arguments in (("/slow", 0.1), ("/quick/1", 5.0), ("/quick/2", 5.0))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        transport.close()

    assert outcomes == {"/slow": "timed out after 0.1 s", "/quick/1": "quick", "/quick/2": "quick"}


@pytest.mark.parametrize("header", [("Bad Name", "x"), ("X-Bad", "a\r\nb"), ("Authorization", "Bearer ")])
def test_a_malformed_header_is_left_to_the_raw_transport(transport: HttpxTransport, header: tuple[str, str]) -> None:
    with serving(hello) as server, pytest.raises(UnsendableRequestError, match="can't be sent"):
        transport.send(request(server, "/", header))


def test_no_traceback_of_it_shows_the_key_even_with_local_variables(transport: HttpxTransport) -> None:
    secret = Secret("sk-" + 8 * "abcd")
    with serving(hello) as server, pytest.raises(UnsendableRequestError) as caught:
        transport.send(request(server, "/", ("Authorization", f"Bearer {secret.reveal()}\n")))

    shown = str(caught.getrepr(showlocals=True, truncate_locals=False))
    assert "can't be sent" in shown
    assert secret.reveal() not in shown


def test_what_came_of_an_answer_that_was_cut_is_handed_over_with_its_times() -> None:
    def cutting(visit: Visit) -> None:
        visit.hear_request()
        visit.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100\r\n\r\n")
        visit.say(b"data: 1\n\n")

    with serving(cutting) as server, closing(HttpxTransport()) as transport, pytest.raises(NoAnswerError) as caught:
        transport.send(request(server))

    part = caught.value.partial
    assert part is not None
    assert (part.status, part.content) == (200, b"data: 1\n\n")
    assert [size for _, size in part.arrivals] == [9]
