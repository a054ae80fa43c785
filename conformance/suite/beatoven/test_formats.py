"""The format that is asked for is the format that is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.suite.beatoven.sound import format_of, playing
from conformance.suite.scenarios import requirement

if TYPE_CHECKING:
    from conformance.suite.beatoven.studio import Composition

PLAYS = "BEATOVEN-TASK-06"


def delivers(composition: Composition, wanted: str) -> None:
    """The track of a composition has this format; blocked where it delivers nothing that plays."""
    url = composition.track_url
    if composition.track is None:
        raise BlockedError(PLAYS, f"{url[:200]} was not asked")
    exchange, audio = playing(composition.track, PLAYS)
    if format_of(audio) != wanted:
        sentence = f"expected the track to be {wanted}, got {format_of(audio)}"
        raise Mismatch(sentence, composition.created.id, exchange.id)


@requirement("BEATOVEN-TRACK-07")
def test_mp3_is_delivered_where_it_is_asked_for(in_mp3: Composition) -> None:
    delivers(in_mp3, "mp3")


@requirement("BEATOVEN-TRACK-08")
def test_aac_is_delivered_where_it_is_asked_for(in_aac: Composition) -> None:
    delivers(in_aac, "aac")


@requirement("BEATOVEN-TRACK-09")
def test_wav_is_delivered_where_it_is_asked_for(documented_example: Composition) -> None:
    delivers(documented_example, "wav")


@requirement("BEATOVEN-TRACK-10")
def test_wav_is_delivered_where_no_format_is_asked_for(prompt_alone: Composition) -> None:
    delivers(prompt_alone, "wav")
