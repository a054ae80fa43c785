"""Reference audio: how long and how large it may be, in which formats, and behind a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.money.budget import harmless
from conformance.suite.audio import silence, silent_flac, silent_wav
from conformance.suite.minimax.answers import made, refused, taken
from conformance.suite.minimax.bodies import FREE_COVER, LYRICS_OF_A_COVER, REFERENCE, cover_of, in_text
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

SERVES: Final = "MINIMAX-COVER-07"
SIX_SECONDS, SIX_MINUTES = 6, 360
# Readers of MP3 may leave out the first frames and never find more: so the shortest is a WAV file, the longest MP3.
LENGTHS: Final = {
    "five seconds": silent_wav(SIX_SECONDS - 1),
    "six seconds": silent_wav(SIX_SECONDS),
    "six minutes": silence(SIX_MINUTES, 8_000),
    "six minutes and a second": silence(SIX_MINUTES + 1, 8_000),
}
FORMATS: Final = {"mp3": REFERENCE, "wav": silent_wav(8), "flac": silent_flac(8)}
# Five minutes as a compact disc has them: below the longest and above the largest, whichever way megabytes are counted.
TOO_LARGE_SECONDS: Final = 300
MOST_BYTES: Final = 52_428_800


@scenario(harmless(len(LENGTHS) + 3))
def lengths(service: OpenService) -> Mapping[str, Exchange]:
    """Covers of files of different lengths by the free model; beside them references of which no document speaks."""
    with service("lengths") as minimax:
        odd = (
            ("a text instead of audio", {**cover_of(b"This is no audio."), "lyrics": LYRICS_OF_A_COVER}),
            ("a URL that delivers nothing", by_url("https://audio.invalid/none.mp3")),
        )
        minimax.observe_each("MINIMAX-OBS-REFERENCE-LIMITS", odd)
        data_url = f"data:audio/mpeg;base64,{in_text(REFERENCE)}"
        minimax.observe_each("MINIMAX-OBS-DATA-URL", [("a data URL", {**cover_of(b""), "audio_base64": data_url})])
        return {name: minimax.generate(cover_of(file)) for name, file in LENGTHS.items()}


@scenario(harmless(len(FORMATS)))
def formats(service: OpenService) -> Mapping[str, Exchange]:
    """Covers of files of different formats by the free model."""
    with service("formats") as minimax:
        return {name: minimax.generate(cover_of(file)) for name, file in FORMATS.items()}


@scenario(harmless(1))
def too_large(service: OpenService, account_pool: AccountPool) -> Exchange:
    """A cover of a file of more than 50 MB."""
    if not account_pool.heavy:
        raise NotOfferedError("files of 50 MB are sent to play money on this machine only, or with --heavy")
    with service("too-large") as minimax:
        file = silent_wav(TOO_LARGE_SECONDS, 44_100, 2)
        assert len(file) > MOST_BYTES
        return minimax.generate(cover_of(file))


@scenario(harmless(1))
def behind_a_url(service: OpenService, account_pool: AccountPool) -> Exchange:
    """A cover of a file that the target is known to be able to fetch."""
    url = account_pool.reference_audio_url
    if url is None:
        sentence = "needs the HTTPS URL of an audio file that the target can fetch (reference_audio_url in target.toml)"
        raise NotOfferedError(sentence)
    with service("behind-a-url") as minimax:
        return minimax.generate(by_url(url))


def by_url(url: str) -> dict[str, str]:
    prompt = "slow folk with two guitars"
    return {"model": FREE_COVER, "prompt": prompt, "lyrics": LYRICS_OF_A_COVER, "audio_url": url}


def serving(exchanges: Mapping[str, Exchange], name: str) -> None:
    """That a file is refused says something only where others serve."""
    if not any(exchange.accepted for one, exchange in exchanges.items() if one != name):
        raise BlockedError(SERVES, "no other file serves as reference audio")


@requirement("MINIMAX-REFERENCE-01")
def test_six_seconds_are_enough(lengths: Mapping[str, Exchange]) -> None:
    taken(lengths["six seconds"])


@requirement("MINIMAX-REFERENCE-01")
def test_five_seconds_are_not_enough(lengths: Mapping[str, Exchange]) -> None:
    serving(lengths, "five seconds")

    refused(lengths["five seconds"])


@requirement("MINIMAX-REFERENCE-02")
def test_six_minutes_are_accepted(lengths: Mapping[str, Exchange]) -> None:
    taken(lengths["six minutes"])


@requirement("MINIMAX-REFERENCE-02")
def test_more_than_six_minutes_are_refused(lengths: Mapping[str, Exchange]) -> None:
    serving(lengths, "six minutes and a second")

    refused(lengths["six minutes and a second"])


@requirement("MINIMAX-REFERENCE-03")
def test_more_than_fifty_megabytes_are_refused(too_large: Exchange) -> None:
    refused(too_large)


@requirement("MINIMAX-REFERENCE-04")
@pytest.mark.parametrize("name", FORMATS)
def test_common_formats_are_references(formats: Mapping[str, Exchange], name: str) -> None:
    taken(formats[name])


@requirement("MINIMAX-REFERENCE-05")
def test_reference_audio_is_fetched_from_its_url(behind_a_url: Exchange) -> None:
    made(behind_a_url)
