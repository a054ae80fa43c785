"""The two songs that are bought for good: one success of each model serves every requirement that needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.suite.beatra.bodies import CHEAP_SONG, DOCUMENTED_EXAMPLE, SONG
from conformance.suite.beatra.gateway import is_accepted

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.gateway import Gateway


def suno_song(beatra: Gateway) -> tuple[Exchange, Exchange]:
    """The answer to the documented example, and the creation of its song or, if it was refused, of a plain one."""
    answer = beatra.bought("documented example", DOCUMENTED_EXAMPLE)
    return answer, (answer if is_accepted(answer) else beatra.bought("plain song", SONG))


def minimax_song_of(beatra: Gateway) -> Exchange:
    """The creation of a song with the other model, whatever came back."""
    return beatra.bought("minimax song", CHEAP_SONG)
