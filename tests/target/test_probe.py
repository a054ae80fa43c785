from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from conformance.target.reach import ReachSettings, probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def answering(
    answer: bytes, *, then_close: bool = True, tls: ssl.SSLContext | None = None, heard: list[bytes] | None = None
) -> Iterator[int]:
    """A server that gives everybody the same bytes, and its port; `heard` gets what it was asked."""
    done = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        try:
            with tls.wrap_socket(connection, server_side=True) if tls else connection as talk:
                said = talk.recv(4096)
                if heard is not None:
                    heard.append(said)
                talk.sendall(answer)
                if not then_close:
                    done.wait(10)
        except OSError:
            pass  # the other side may break off, and often should

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        done.set()
        thread.join()


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port that nobody can take, and on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("status", ["200 OK", "307 Elsewhere", "401 No", "404 No", "500 Broken"])
def test_whatever_a_server_answers_it_is_reachable(status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nLocation: http://nosuch.invalid/\r\nContent-Length: 0\r\n\r\n"
    with answering(head.encode()) as port:
        found = probe(f"http://127.0.0.1:{port}/v1")

    assert found.reachable
    assert found.problem is None


def test_a_body_without_end_does_not_matter() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nx", then_close=False) as port:
        found = probe(f"http://127.0.0.1:{port}")

    assert found.reachable


def test_a_port_without_a_server_refuses(unused_port: int) -> None:
    found = probe(f"http://127.0.0.1:{unused_port}/v1")

    assert not found.reachable
    assert found.problem == f"Nothing answers at 127.0.0.1:{unused_port}: connection refused."


def test_an_unknown_host_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    found = probe("https://nosuch.localhost/v1")

    assert found.problem == "The host of nosuch.localhost:443 is not known: Name or service not known."


def test_what_is_not_http_is_said_so() -> None:
    with answering(b"220 mail.example ESMTP\r\n") as port:
        found = probe(f"http://127.0.0.1:{port}")

    assert found.problem is not None
    assert found.problem.startswith(f"What answers at 127.0.0.1:{port} does not speak HTTP: ")


def test_a_connection_that_is_closed_at_once_is_no_http() -> None:
    with answering(b"") as port:
        found = probe(f"http://127.0.0.1:{port}")

    assert found.problem is not None
    assert f"127.0.0.1:{port}" in found.problem


def test_https_to_a_server_without_tls_is_said_so() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        found = probe(f"https://127.0.0.1:{port}")

    assert found.problem is not None
    assert "does not speak TLS" in found.problem


def test_a_certificate_that_nobody_vouches_for_is_said_so() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with answering(b"", tls=context) as port:
        found = probe(f"https://127.0.0.1:{port}")

    assert found.problem is not None
    assert found.problem.startswith(f"The TLS certificate of 127.0.0.1:{port} is not trusted: ")


def test_certificates_can_be_trusted_beside_the_usual_ones(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with answering(b"HTTP/1.1 204 Fine\r\n\r\n", tls=context) as port:
        found = probe(f"https://127.0.0.1:{port}", way=ReachSettings(str(tmp_path / "ca.pem")))

    assert found.problem is None


def test_certificates_that_are_not_there_are_said_so(unused_port: int, tmp_path: Path) -> None:
    missing = tmp_path / "nosuch.pem"

    found = probe(f"https://127.0.0.1:{unused_port}", way=ReachSettings(str(missing)))

    assert found.problem == f"The certificates in {missing} can't be used: No such file or directory."


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX: "])
def test_silence_is_given_up_after_the_time_limit(beginning: bytes) -> None:
    began = time.monotonic()
    with answering(beginning, then_close=False) as port:
        found = probe(f"http://127.0.0.1:{port}", timeout_seconds=0.2)

    assert found.problem == f"127.0.0.1:{port} gives no answer within 0.2 s."
    assert time.monotonic() - began < 2


def test_a_name_that_takes_long_to_look_up_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def slow(*_: object, **__: object) -> object:
        answered.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    found = probe("http://slow.localhost", timeout_seconds=0.1)
    answered.set()

    assert found.problem == "slow.localhost:80 gives no answer within 0.1 s."


def test_it_names_who_asks_and_carries_no_key() -> None:
    heard: list[bytes] = []
    with answering(b"HTTP/1.1 204 Fine\r\n\r\n", heard=heard) as port:
        probe(f"http://127.0.0.1:{port}", way=ReachSettings(user_agent="suite/1 (run 7)"))

    assert b"\r\nuser-agent: suite/1 (run 7)\r\n" in heard[0].lower()
    assert b"authorization" not in heard[0].lower()


def test_a_proxy_that_was_asked_for_is_used() -> None:
    heard: list[bytes] = []
    with answering(b"HTTP/1.1 204 Fine\r\n\r\n", heard=heard) as port:
        found = probe("http://target.invalid/v1", way=ReachSettings(proxy=f"http://user:word@127.0.0.1:{port}"))

    assert found.reachable
    assert heard[0].startswith(b"GET http://target.invalid/v1 HTTP/1.1\r\n")


def test_nobody_asked_for_the_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    with answering(b"HTTP/1.1 204 Fine\r\n\r\n") as port:
        assert probe(f"http://127.0.0.1:{port}").reachable


def test_a_proxy_that_is_not_there_is_said_so(unused_port: int) -> None:
    way = ReachSettings(proxy=f"http://user:word@127.0.0.1:{unused_port}")

    found = probe("http://target.invalid/v1", way=way)

    assert found.problem == "Nothing answers at target.invalid:80 through the proxy: connection refused."
    assert "word" not in repr(way)
