"""How long the URL of an answer delivers its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError
from conformance.money.budget import harmless
from conformance.suite.minimax.answers import url_in
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

DAY_SECONDS: Final = 24 * 60 * 60
MARGIN_SECONDS: Final = 60
DELIVERS: Final = "MINIMAX-FORMAT-03"


@dataclass(frozen=True, slots=True)
class Aged:
    """A song behind a URL, and the URL when it was new, a minute before 24 hours are over, and a minute after."""

    song: Exchange
    new: Exchange | None = None
    almost: Exchange | None = None
    over: Exchange | None = None


@scenario(harmless(4))
def aged_url(service: OpenService) -> Aged:
    """A URL over a day, by the clock of the target."""
    with service("aged-url", needs=("clock",)) as minimax:
        song = minimax.song(output_format="url")
        found = url_in(song) if song.accepted else None
        if found is None:
            return Aged(song)
        url, _ = found
        new = minimax.account.download(url)
        minimax.control.advance(DAY_SECONDS - MARGIN_SECONDS)
        almost = minimax.account.download(url)
        minimax.control.advance(2 * MARGIN_SECONDS)
        return Aged(song, new, almost, minimax.account.download(url))


def delivered_when_new(aged: Aged) -> None:
    """The URL delivered at first, so that its end says something."""
    if aged.new is None or not aged.new.accepted:
        raise BlockedError(DELIVERS, "the answer has no URL that delivers")


@requirement("MINIMAX-FORMAT-05")
def test_a_url_delivers_for_a_day(aged_url: Aged) -> None:
    delivered_when_new(aged_url)

    assert aged_url.almost is not None
    assert aged_url.almost.accepted, f"expected the file after 23 h 59 min, got {aged_url.almost.summary}"


@requirement("MINIMAX-FORMAT-06")
def test_a_url_expires_after_a_day(aged_url: Aged) -> None:
    delivered_when_new(aged_url)

    assert aged_url.over is not None
    assert not aged_url.over.accepted, "expected no file after 24 h, got one"
