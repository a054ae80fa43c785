"""The models of later generations of the documents; contract version 2.6 does not know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.money.budget import harmless
from conformance.suite.minimax.answers import made
from conformance.suite.minimax.bodies import INSTRUMENTAL, SONG
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

FREE_3: Final = "music-3.0-free"


@dataclass(frozen=True, slots=True)
class LaterSongs:
    """Music of the free model of generation 3.0."""

    song: Exchange
    instrumental: Exchange
    written: Exchange


@scenario(harmless(3))
def later_songs(service: OpenService) -> LaterSongs:
    """Songs of the free model of generation 3.0."""
    with service("later-songs") as minimax:
        lyricless = {name: value for name, value in SONG.items() if name != "lyrics"}
        return LaterSongs(
            song=minimax.song(model=FREE_3),
            instrumental=minimax.generate({**INSTRUMENTAL, "model": FREE_3}),
            written=minimax.generate({**lyricless, "model": FREE_3, "lyrics_optimizer": True}),
        )


@requirement("MINIMAX-MODEL-10")
def test_the_free_model_of_3_makes_a_song(later_songs: LaterSongs) -> None:
    made(later_songs.song)


@requirement("MINIMAX-MODEL-11")
def test_the_free_model_of_3_makes_instrumental_music(later_songs: LaterSongs) -> None:
    made(later_songs.instrumental)


@requirement("MINIMAX-MODEL-12")
def test_the_free_model_of_3_writes_lyrics(later_songs: LaterSongs) -> None:
    made(later_songs.written)
