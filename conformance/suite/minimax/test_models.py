"""The models, and what each needs to make music."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.money.budget import harmless, refuses, spends
from conformance.suite.minimax.answers import made, refused
from conformance.suite.minimax.bodies import (
    DOCUMENTED_EXAMPLE,
    INSTRUMENTAL,
    LYRICS,
    PLANNED,
    PLANNED_COVER,
    REFERENCE,
    SONG,
    TAGS,
    cover_of,
)
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

UNKNOWN_MODEL: Final = "no-such-model-1.0"
ALL_TAGS: Final = "\n".join(f"[{tag}]\nRain upon the river" for tag in TAGS)


@dataclass(frozen=True, slots=True)
class Songs:
    """Music of the free models, and what is asked of them without a part that it needs."""

    song: Exchange
    instrumental: Exchange
    tagged: Exchange
    without_lyrics: Exchange
    with_nothing_asked: Exchange


@dataclass(frozen=True, slots=True)
class Planned:
    """The example of the page, and a song of the same model: the example, unless that was refused."""

    example: Exchange
    song: Exchange


@scenario(harmless(5))
def songs(service: OpenService) -> Songs:
    """Songs of the free model."""
    with service("songs") as minimax:
        lyricless = {name: value for name, value in SONG.items() if name != "lyrics"}
        return Songs(
            song=minimax.generate(SONG),
            instrumental=minimax.generate(INSTRUMENTAL),
            tagged=minimax.song(lyrics=ALL_TAGS),
            without_lyrics=minimax.generate({**lyricless, "is_instrumental": False}),
            with_nothing_asked=minimax.generate({**lyricless, "lyrics_optimizer": False}),
        )


@scenario(refuses(1, demanded_by="MINIMAX-MODEL-04", requests=1))
def without_model(service: OpenService) -> Exchange:
    """A song by no model."""
    with service("without-model") as minimax:
        return minimax.generate({"prompt": SONG["prompt"], "lyrics": LYRICS})


@scenario(refuses(1, demanded_by="MINIMAX-MODEL-05", requests=1))
def unknown_model(service: OpenService) -> Exchange:
    """A song by a model that does not exist."""
    with service("unknown-model") as minimax:
        return minimax.song(model=UNKNOWN_MODEL)


@scenario(spends(PLANNED, PLANNED, requests=2))
def planned(service: OpenService) -> Planned:
    """Songs of the model of a plan."""
    with service("planned") as minimax:
        example = minimax.generate(DOCUMENTED_EXAMPLE)
        return Planned(example, example if example.accepted else minimax.song(model=PLANNED))


@scenario(harmless(1))
def free_cover(service: OpenService) -> Exchange:
    """A cover of the free model."""
    with service("free-cover") as minimax:
        return minimax.generate(cover_of(REFERENCE))


@scenario(spends(PLANNED_COVER, requests=1))
def planned_cover(service: OpenService) -> Exchange:
    """A cover of the model of a plan."""
    with service("planned-cover") as minimax:
        return minimax.generate({**cover_of(REFERENCE), "model": PLANNED_COVER})


@requirement("MINIMAX-MODEL-01")
def test_the_free_model_makes_a_song(songs: Songs) -> None:
    made(songs.song)


@requirement("MINIMAX-MODEL-02")
def test_the_model_of_a_plan_makes_a_song(planned: Planned) -> None:
    made(planned.song)


@requirement("MINIMAX-MODEL-03")
def test_the_documented_example_makes_a_song(planned: Planned) -> None:
    made(planned.example)


@requirement("MINIMAX-MODEL-04")
def test_a_request_without_a_model_is_refused(without_model: Exchange) -> None:
    refused(without_model)


@requirement("MINIMAX-MODEL-05")
def test_an_unknown_model_is_refused(unknown_model: Exchange) -> None:
    refused(unknown_model)


@requirement("MINIMAX-MUSIC-01")
def test_instrumental_music_is_made(songs: Songs) -> None:
    made(songs.instrumental)


@requirement("MINIMAX-MUSIC-07")
def test_the_structure_tags_are_accepted(songs: Songs) -> None:
    made(songs.tagged)


@requirement("MINIMAX-MUSIC-08")
def test_lyrics_are_not_written_unless_asked_for(songs: Songs) -> None:
    refused(songs.without_lyrics)


@requirement("MINIMAX-MUSIC-09")
def test_music_has_vocals_unless_asked_otherwise(songs: Songs) -> None:
    refused(songs.with_nothing_asked)


@requirement("MINIMAX-COVER-07")
def test_the_free_model_makes_a_cover(free_cover: Exchange) -> None:
    made(free_cover)


@requirement("MINIMAX-COVER-08")
def test_the_model_of_a_plan_makes_a_cover(planned_cover: Exchange) -> None:
    made(planned_cover)
