"""A key goes to the target and to its control interface, and nowhere else, whatever a target hands over."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ForeignOriginError, NotOfferedError
from conformance.client.request import PreparedRequest
from tests.client.bench import BASE, KEY, answer
from tests.client.loopback import Visit, request, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client.transports.base import Transport
    from tests.client.conftest import OpenBench

ORIGIN = BASE.partition("://")[0] + "://" + BASE.partition("://")[2].partition("/")[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.test/v1/songs",
        "https://elsewhere.test/v1/songs",
        f"{ORIGIN}@elsewhere.test/songs",
        f"{ORIGIN}.elsewhere.test/songs",
        f"{ORIGIN}\\@elsewhere.test/songs",
        f"{ORIGIN}0/songs",
        f"//elsewhere.test/{ORIGIN}",
        "/v1/songs",
    ],
)
def test_a_request_with_credentials_never_leaves_the_target(url: str, bench: OpenBench) -> None:
    opened = bench()

    with pytest.raises(ForeignOriginError, match="with a key"):
        opened.account().send(PreparedRequest("GET", url))

    assert opened.sent == []
    assert KEY.encode() not in opened.stored


def test_every_path_of_the_target_may_be_asked_for(bench: OpenBench) -> None:
    opened = bench()

    for rest in ("", "/", "/../admin", "?a=b", "#c", "//elsewhere.test", "/%2F%2Felsewhere.test"):
        opened.account().send(PreparedRequest("GET", ORIGIN + rest))

    assert len(opened.sent) == 7


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.test/clip.mp3",
        f"{ORIGIN}/clip.mp3",
        f"{BASE}/clips/1",
        "https://user:password@elsewhere.test/clip.mp3",
    ],
)
def test_media_are_fetched_with_nothing_that_tells_who_asks_but_the_suite_itself(url: str, bench: OpenBench) -> None:
    opened = bench()

    opened.account().download(url)

    (sent,) = opened.sent
    assert (sent.method, sent.url, sent.content) == ("GET", url, b"")
    assert [name for name, _ in sent.headers] == ["User-Agent"]


@pytest.mark.parametrize(
    "url", ["http://elsewhere.test/clip.mp3", "ftp://elsewhere.test/clip.mp3", "file:///etc/passwd"]
)
def test_media_in_plain_http_elsewhere_are_not_fetched(url: str, bench: OpenBench) -> None:
    opened = bench()

    with pytest.raises(NotOfferedError, match="does not download from"):
        opened.account().download(url)

    assert opened.sent == []


def test_a_key_that_the_target_writes_into_a_url_is_gone_before_anybody_can_ask_for_it(bench: OpenBench) -> None:
    opened = bench(answer(200, {"clip": f"https://elsewhere.test/clip.mp3?token={KEY}"}), answer())
    account = opened.account()

    account.download(account.send(PreparedRequest("GET", f"{BASE}/songs")).string("/clip"))

    assert opened.sent[-1].url == "https://elsewhere.test/clip.mp3?token=$CONFORMANCE_API_KEY"


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Again", b"308 Forever"])
def test_no_transport_follows_a_redirection(make_transport: Callable[..., Transport], status: bytes) -> None:
    def wave_on(visit: Visit) -> None:
        visit.hear_request()
        visit.answer(b"", b"Location: " + other.origin.encode() + b"/stolen", status=status)

    with ExitStack() as stack:
        other = stack.enter_context(serving(lambda visit: visit.hear_request()))
        target = stack.enter_context(serving(wave_on))
        transport = stack.enter_context(closing(make_transport(target.origin)))
        answered = transport.send(request(target, "/songs", ("Authorization", f"Bearer {KEY}"), method="POST"))

    assert str(answered.status) == status.partition(b" ")[0].decode()
    assert len(target.visits) == 1
    assert other.visits == []
