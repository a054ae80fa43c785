"""Whatever the transport: an answer comes as the server gave it, within bounds."""

from __future__ import annotations

import gzip
import hashlib
import ssl
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import trustme

from conformance.client.transports.base import NoAnswerError, Transport, UnsendableRequestError
from conformance.client.transports.raw import RawTransport
from tests.client.loopback import Visit, request, saying, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.client.conftest import Send


def hello(visit: Visit) -> None:
    while visit.hear_request():
        visit.answer(b"hello", b"X-Twice: 1", b"x-twice: 2")


def answering(body: bytes, *headers: bytes) -> Callable[[Visit], None]:
    def handler(visit: Visit) -> None:
        visit.hear_request()
        visit.answer(body, *headers)

    return handler


def test_status_headers_and_body_are_as_the_server_sent_them(send: Send) -> None:
    with serving(hello) as server:
        answer = send(request(server))

    assert answer.status == 200
    assert answer.headers == (("Content-Length", "5"), ("X-Twice", "1"), ("x-twice", "2"))
    assert answer.content == b"hello"
    assert (answer.size, answer.sha256) == (5, hashlib.sha256(b"hello").hexdigest())
    assert not answer.truncated


def test_a_chunked_body_is_put_together(send: Send) -> None:
    chunked = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with serving(saying(chunked)) as server:
        answer = send(request(server))

    assert (answer.status, answer.content, answer.size) == (201, b"abcde", 5)


def test_a_body_without_a_length_ends_with_the_connection(send: Send) -> None:
    with serving(saying(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as server:
        assert send(request(server)).content == b"all of it"


def test_a_redirect_is_an_answer_and_not_followed(send: Send) -> None:
    def elsewhere(visit: Visit) -> None:
        visit.hear_request()
        visit.answer(b"", b"Location: /elsewhere", status=b"302 Found")

    with serving(elsewhere) as server:
        answer = send(request(server))

    assert answer.status == 302
    assert len(server.visits) == 1


@pytest.mark.parametrize("location", [b"http://[::\xff", b"http://", b"//:no-port", b"\xc3\xa9"])
def test_a_redirect_to_nowhere_is_an_answer_as_well(send: Send, location: bytes) -> None:
    def nowhere(visit: Visit) -> None:
        visit.hear_request()
        visit.answer(b"", b"Location: " + location, status=b"307 Temporary Redirect")

    with serving(nowhere) as server:
        assert send(request(server)).status == 307


def test_an_answer_to_head_has_no_body_whatever_its_length_says(send: Send) -> None:
    with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")) as server:
        answer = send(request(server, method="HEAD"))

    assert (answer.content, answer.size, answer.truncated) == (b"", 0, False)


def test_what_comes_before_the_final_status_is_passed_over(send: Send) -> None:
    def hints(visit: Visit) -> None:
        visit.hear_request()
        visit.say(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        visit.answer(b"final")

    with serving(hints) as server:
        assert send(request(server)).content == b"final"


def test_a_huge_body_is_read_only_as_far_as_was_allowed(send: Send) -> None:
    sent = 0

    def huge(visit: Visit) -> None:
        nonlocal sent
        visit.hear_request()
        visit.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:
            visit.say(b"x" * 65536)
            sent += 65536

    with serving(huge) as server:
        answer = send(request(server, max_response_bytes=1000))

    assert answer.content == b"x" * 1000
    assert answer.truncated
    assert 1000 < answer.size < 1_000_000
    assert sent < 50_000_000


@pytest.mark.parametrize(
    "coding, encode", [("gzip", gzip.compress), ("GZip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_content_coding_is_undone_while_size_and_digest_stay_those_of_the_wire(
    send: Send, coding: str, encode: Callable[[bytes], bytes]
) -> None:
    coded = encode(b'{"a": 1}')
    with serving(answering(coded, b"Content-Encoding: " + coding.encode())) as server:
        answer = send(request(server))

    assert answer.content == b'{"a": 1}'
    assert (answer.size, answer.sha256) == (len(coded), hashlib.sha256(coded).hexdigest())
    assert not answer.truncated


def test_a_small_body_that_would_unfold_to_a_huge_one_is_unfolded_only_to_the_limit(send: Send) -> None:
    with serving(answering(gzip.compress(b"0" * 5_000_000), b"Content-Encoding: gzip")) as server:
        answer = send(request(server, max_response_bytes=20_000))

    assert answer.content == b"0" * 20_000
    assert answer.truncated


def test_a_body_that_only_claims_to_be_coded_comes_as_it_is(send: Send) -> None:
    with serving(answering(b"plain", b"Content-Encoding: gzip")) as server:
        assert send(request(server)).content == b"plain"


def test_a_file_is_sent_whole_with_its_length(send: Send, tmp_path: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(bytes(range(256)) * 1000)
    with serving(hello) as server:
        send(request(server, method="POST", content=upload))

    heard = server.visits[0].heard
    assert b"\r\ncontent-length: 256000\r\n" in heard.lower()
    assert heard.endswith(upload.read_bytes())


def test_nothing_is_added_to_the_headers_but_what_frames_the_request(send: Send) -> None:
    with serving(hello) as server:
        send(request(server, "/", ("X-Request-Id", "1"), method="POST", content=b"{}"))

    names = {line.partition(b":")[0].lower() for line in bytes(server.visits[0].heard).split(b"\r\n")[1:-2]}
    assert names == {b"host", b"x-request-id", b"content-length"}


def test_a_refusal_is_heard_although_the_upload_was_not_read_to_its_end(send: Send) -> None:
    def refusing(visit: Visit) -> None:
        visit.heard += visit.connection.recv(100)
        visit.answer(b"too large", b"Connection: close", status=b"413 Content Too Large")
        visit.connection.shutdown(1)
        while visit.connection.recv(65536):
            pass

    with serving(refusing) as server:
        answer = send(request(server, method="POST", content=b"x" * 3_000_000))

    assert (answer.status, answer.content) == (413, b"too large")


def test_a_server_is_trusted_when_its_authority_is_in_the_given_file(
    make_transport: Callable[..., Transport], tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    with serving(hello, tls=context) as server:
        with closing(make_transport(server.origin, ca_file=ca_file)) as trusting:
            assert trusting.send(request(server)).content == b"hello"
        with closing(make_transport(server.origin)) as careful, pytest.raises(NoAnswerError) as caught:
            careful.send(request(server))

    assert caught.value.kind == "tls"
    assert str(caught.value).startswith("TLS: the certificate is not trusted: ")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense", "http://"])
def test_what_is_no_http_url_is_a_fault_of_ours(make_transport: Callable[..., Transport], url: str) -> None:
    with serving(hello) as server, closing(make_transport(server.origin)) as transport:
        outgoing = request(server)
        with pytest.raises(UnsendableRequestError):
            transport.send(type(outgoing)("GET", url, (), b"", 1, 1))


def test_the_raw_transport_wants_the_origin_of_an_http_url() -> None:
    with pytest.raises(UnsendableRequestError, match="no http or https URL"):
        RawTransport("file:///etc/hosts")
