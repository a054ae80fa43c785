"""A proxy stands between us and a target only where somebody asked for one, and then for every transport."""

from __future__ import annotations

import ssl
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import trustme

from conformance.client.transports.base import NoAnswerError, Outgoing
from tests.client.loopback import PATIENCE_SECONDS, Loopback, Visit, saying, serving, unused_origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conformance.client.transports.base import Transport

ELSEWHERE = "http://target.invalid"


def hello(visit: Visit) -> None:
    """Be target and proxy in one: let through what asks for it, and answer every request."""
    while visit.hear_request():
        if visit.heard.startswith(b"CONNECT ") and visit.heard.count(b"\r\n\r\n") == 1:
            visit.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            visit.answer(b"hello")


def get(url: str) -> Outgoing:
    return Outgoing("GET", url, (), b"", PATIENCE_SECONDS, 1000)


@pytest.fixture(autouse=True)
def _no_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def proxy() -> Iterator[Loopback]:
    with serving(hello) as running:
        yield running


def test_a_proxy_that_was_asked_for_is_used(make_transport: Callable[..., Transport], proxy: Loopback) -> None:
    with closing(make_transport(ELSEWHERE, proxy=proxy.origin)) as transport:
        assert transport.send(get(f"{ELSEWHERE}/a")).content == b"hello"

    heard = bytes(proxy.visits[0].heard)
    assert heard.startswith((b"GET http://target.invalid/a HTTP/1.1\r\n", b"CONNECT target.invalid:80 HTTP/1."))


def test_the_proxies_of_the_environment_are_used_where_asked_for(
    make_transport: Callable[..., Transport], proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.origin.replace("//", "//user:word@"))
    with closing(make_transport(ELSEWHERE, proxy="env")) as transport:
        assert transport.send(get(f"{ELSEWHERE}/a")).content == b"hello"

    assert b"roxy-Authorization: Basic dXNlcjp3b3Jk\r\n" in bytes(proxy.visits[0].heard)


def test_nobody_asked_for_the_proxies_of_the_environment(
    make_transport: Callable[..., Transport], proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.origin)
    with closing(make_transport(ELSEWHERE)) as transport, pytest.raises(NoAnswerError) as caught:
        transport.send(get(f"{ELSEWHERE}/a"))

    assert caught.value.kind == "dns"
    assert proxy.visits == []


def test_the_environment_may_leave_hosts_out(
    make_transport: Callable[..., Transport], proxy: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy.origin)
    monkeypatch.setenv("no_proxy", "target.invalid")
    with closing(make_transport(ELSEWHERE, proxy="env")) as transport, pytest.raises(NoAnswerError):
        transport.send(get(f"{ELSEWHERE}/a"))

    assert proxy.visits == []


@pytest.mark.parametrize("wanted", ["env", "http://proxy.invalid:3128"])
def test_no_proxy_stands_between_us_and_loopback(
    make_transport: Callable[..., Transport], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    with serving(hello) as server, closing(make_transport(server.origin, proxy=wanted)) as transport:
        assert transport.send(get(f"{server.origin}/a")).content == b"hello"
        transport.close()

    assert bytes(server.visits[0].heard).startswith(b"GET /a HTTP/1.1\r\n")


def test_tls_reaches_through_the_proxy_to_the_target(make_transport: Callable[..., Transport], tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("target.invalid").configure_cert(trust)

    def tunnel(visit: Visit) -> None:
        visit.hear_request()
        visit.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        visit.connection = trust.wrap_socket(visit.connection, server_side=True)
        visit.hear_request()
        visit.answer(b"hello")

    with serving(tunnel) as proxy:
        wanted = {"ca_file": tmp_path / "ca.pem", "proxy": proxy.origin}
        with closing(make_transport("https://target.invalid", **wanted)) as transport:
            assert transport.send(get("https://target.invalid/a")).content == b"hello"

    heard = bytes(proxy.visits[0].heard)
    assert heard.startswith(b"CONNECT target.invalid:443 HTTP/1.")
    assert b"\r\n\r\nGET /a HTTP/1.1\r\n" in heard


def test_a_proxy_that_is_not_there_is_a_failure_in_words(make_transport: Callable[..., Transport]) -> None:
    with (
        closing(make_transport(ELSEWHERE, proxy=unused_origin())) as transport,
        pytest.raises(NoAnswerError, match="connection refused"),
    ):
        transport.send(get(f"{ELSEWHERE}/a"))


@pytest.mark.parametrize("reply", [b"HTTP/1.1 407 Who are you?\r\n\r\n", b"SSH-2.0-x\r\n", b""])
def test_a_proxy_that_lets_nothing_through_is_a_failure_without_its_password(
    make_transport: Callable[..., Transport], reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying(reply)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.origin.replace("//", "//user:word@"))
        with (
            closing(make_transport("https://target.invalid", proxy="env")) as transport,
            pytest.raises(NoAnswerError) as caught,
        ):
            transport.send(get("https://target.invalid/"))

    assert caught.value.kind in ("refused", "protocol", "cut")
    shown = str(caught.getrepr(showlocals=True, truncate_locals=False))
    assert "dXNlcjp3b3Jk" not in shown
