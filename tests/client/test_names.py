"""Looking up a name takes no longer than the request may take."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.transports.base import Deadline, NoAnswerError, Outgoing
from conformance.client.transports.connections import addresses_of
from tests.client.loopback import PATIENCE_SECONDS, saying, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.conftest import Send


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A resolver that does not come back before the test is over."""
    over = threading.Event()

    def look_up(*_arguments: object, **_options: object) -> list[Any]:
        over.wait(PATIENCE_SECONDS)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    over.set()


def test_a_look_up_without_an_end_is_left_behind(send: Send, endless: None) -> None:
    with pytest.raises(NoAnswerError) as caught:
        send(Outgoing("GET", "http://target.invalid/", (), b"", 0.1, 100))

    assert (caught.value.kind, str(caught.value)) == ("timeout", "timed out after 0.1 s")


def test_an_unknown_name_is_called_so(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoAnswerError) as caught:
        send(Outgoing("GET", "http://target.invalid/", (), b"", PATIENCE_SECONDS, 100))

    assert (caught.value.kind, str(caught.value)) == ("dns", "the host's name is unknown: Name or service not known")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_address_is_not_looked_up(endless: None, address: str) -> None:
    assert addresses_of(address, 80, Deadline.after(PATIENCE_SECONDS)) == (address,)


def test_the_next_address_is_tried_when_one_takes_no_connection(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: int, **named: int) -> list[Any]:
        names = {"target.invalid": ("127.0.0.2", "127.0.0.1")}
        return [found for name in names.get(host, (host,)) for found in usual(name, port, *rest, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) as server:
        port = server.origin.rpartition(":")[2]
        answer = send(Outgoing("GET", f"http://target.invalid:{port}/", (), b"", PATIENCE_SECONDS, 100))

    assert answer.content == b"hi"
