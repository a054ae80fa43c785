"""What only the raw transport does: send what a well-behaved client would refuse or rewrite."""

from __future__ import annotations

import pytest

from conformance.client.transports.base import Outgoing, UnsendableRequestError
from conformance.client.transports.raw import RawTransport
from tests.client.loopback import Loopback, Visit, request, serving


def hello(visit: Visit) -> None:
    visit.hear_request()
    visit.answer(b"hello")


def heard_by(server: Loopback) -> bytes:
    return bytes(server.visits[0].heard)


@pytest.mark.parametrize(
    "path", ["/v1/tasks/../x", "/v1//tasks/%2e%2E/", "/a b?c=%zz#fragment", "/{id}|\\^", "?only=query", "/\x7f\xe9"]
)
def test_the_path_travels_as_it_was_written(path: str) -> None:
    with serving(hello) as server:
        RawTransport(server.origin + "/v1").send(request(server, path))

    assert heard_by(server).split(b"\r\n")[0] == f"GET {path} HTTP/1.1".encode("latin-1")


def test_the_origin_alone_asks_for_the_root() -> None:
    with serving(hello) as server:
        RawTransport(server.origin).send(request(server, ""))

    assert heard_by(server).startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("target", ["*", "/relative"])
def test_a_bare_request_target_is_sent_as_it_is(target: str) -> None:
    with serving(hello) as server:
        RawTransport(server.origin).send(Outgoing("OPTIONS", target, (), b"", 5, 100))

    assert heard_by(server).startswith(f"OPTIONS {target} HTTP/1.1\r\n".encode())


def test_headers_travel_in_their_order_case_and_malformedness() -> None:
    headers = (("Authorization", "Bearer "), ("bad name", " x"), ("X-a", "1"), ("x-A", "é"), ("X-Wide", "☃"))
    with serving(hello) as server:
        RawTransport(server.origin, exactly=True).send(request(server, "/", *headers, method="get"))

    expected = "get / HTTP/1.1\r\nAuthorization: Bearer \r\nbad name:  x\r\nX-a: 1\r\nx-A: é\r\nX-Wide: "
    assert heard_by(server) == expected.encode("latin-1") + "☃\r\n\r\n".encode()


def test_host_and_length_are_added_unless_they_were_given() -> None:
    with serving(hello) as server:
        RawTransport(server.origin).send(request(server, method="POST", content=b"{}"))
    authority = server.origin.removeprefix("http://").encode()
    assert heard_by(server) == b"POST / HTTP/1.1\r\nHost: " + authority + b"\r\nContent-Length: 2\r\n\r\n{}"

    with serving(hello) as server:
        given = (("HOST", "elsewhere.example"), ("content-LENGTH", "1"))
        RawTransport(server.origin).send(request(server, "/", *given, method="POST", content=b"{"))
    assert heard_by(server) == b"POST / HTTP/1.1\r\nHOST: elsewhere.example\r\ncontent-LENGTH: 1\r\n\r\n{"


@pytest.mark.parametrize("url", ["http://other.example/", "https://{authority}/", "http://{authority}9/"])
def test_a_url_of_another_origin_is_refused(url: str) -> None:
    with serving(hello) as server:
        transport = RawTransport(server.origin)
        elsewhere = url.format(authority=server.origin.removeprefix("http://"))
        with pytest.raises(UnsendableRequestError, match="is not at"):
            transport.send(Outgoing("GET", elsewhere, (), b"", 5, 100))
