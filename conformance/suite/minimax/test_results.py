"""The audio of answers, hex-coded and behind URLs: decoded, and held against what was asked for and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import BlockedError, NotApplicableError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import harmless
from conformance.suite.media import delivered
from conformance.suite.minimax.answers import audio_in, is_url, made, played, taken, url_in
from conformance.suite.minimax.bodies import SONG
from conformance.suite.minimax.service import MAKES_MUSIC
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.audio import Audio
    from conformance.suite.media import Delivery
    from conformance.suite.minimax.conftest import OpenService
    from conformance.suite.minimax.service import MusicService

HEX: Final = "MINIMAX-FORMAT-02"
DELIVERS: Final = "MINIMAX-FORMAT-03"
OUTPUT: Final = "MINIMAX-FORMAT-04"
SETTINGS: Final = "MINIMAX-AUDIO-01"
SETTING: Final[dict[str, Any]] = {"sample_rate": 44100, "bitrate": 128000, "format": "mp3"}
FORMATS: Final = ("mp3", "wav", "pcm")
SAMPLE_RATES: Final = (16000, 24000, 32000, 44100)
BIT_RATES: Final = (32000, 64000, 128000, 256000)
# Names of the same figure: those of the example, and those of the official client.
EXTRA_INFO: Final[Mapping[str, tuple[str, str]]] = {
    "sample_rate": ("music_sample_rate", "audio_sample_rate"),
    "channels": ("music_channel", "audio_channel"),
    "size": ("music_size", "audio_size"),
    "milliseconds": ("music_duration", "audio_length"),
}
# Readers of MP3 leave out what an encoder put at the beginning and at the end, or don't: fewer than five frames.
_MILLISECONDS_APART: Final = 150
_BITS: Final = 8


@dataclass(frozen=True, slots=True)
class Behind:
    """A song that was asked for as a URL, and what the URL delivered."""

    song: Exchange
    place: str
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class Results:
    """Songs without any settings, as hex, and with each setting, by its value."""

    plain: Exchange
    hex: Exchange
    formats: Mapping[str, Exchange]
    sample_rates: Mapping[int, Exchange]
    bit_rates: Mapping[int, Exchange]


@scenario(harmless(2 + len(FORMATS) + len(SAMPLE_RATES) + len(BIT_RATES)))
def results(service: OpenService) -> Results:
    """Songs of the free model with every documented setting."""
    with service("results") as minimax:
        plain = minimax.generate(SONG)
        if plain.accepted:
            observe_defaults(minimax, plain)
        return Results(
            plain=plain,
            hex=minimax.song(output_format="hex"),
            formats={one: with_setting(minimax, format=one) for one in FORMATS},
            sample_rates={one: with_setting(minimax, sample_rate=one) for one in SAMPLE_RATES},
            bit_rates={one: with_setting(minimax, bitrate=one) for one in BIT_RATES},
        )


def with_setting(minimax: MusicService, **changed: object) -> Exchange:
    return minimax.song(audio_setting={**SETTING, **changed})


def observe_defaults(minimax: MusicService, plain: Exchange) -> None:
    """Record what no document says of a file for which nothing was asked, and the names of what is said of it."""
    try:
        audio = played(audio_in(plain), plain)
    except Mismatch:
        return
    text = f"{audio.container}, {audio.sample_rate} Hz, {audio.channels} channels"
    minimax.observe("MINIMAX-OBS-DEFAULT-SETTINGS", text, plain)
    told = plain.get("/extra_info")
    names = ", ".join(sorted(told)[:12]) if isinstance(told, dict) else "nothing"
    minimax.observe("MINIMAX-OBS-EXTRA-INFO", f"extra_info has {names}", plain)


@scenario(harmless(2))
def behind_url(service: OpenService) -> Behind:
    """A song of the free model as a URL, and its file."""
    with service("behind-url") as minimax:
        song = minimax.song(output_format="url", audio_setting=SETTING)
        found = url_in(song) if song.accepted else None
        if found is None:
            return Behind(song, "", None)
        url, place = found
        minimax.observe("MINIMAX-OBS-URL-PLACE", f"the URL stands at {place}", song)
        return Behind(song, place, delivered(minimax.account, url))


@requirement("MINIMAX-FORMAT-01")
def test_audio_is_hex_coded_unless_asked_otherwise(results: Results) -> None:
    text = text_of(results.plain)

    assert not is_url(text), "expected hex-coded audio without output_format, got a URL"


@requirement("MINIMAX-FORMAT-02")
def test_hex_is_the_code_of_a_file_that_plays(results: Results) -> None:
    text_of(results.hex)

    played(audio_in(results.hex), results.hex)


@requirement("MINIMAX-FORMAT-03")
def test_a_url_delivers_a_file_that_plays(behind_url: Behind) -> None:
    offered(behind_url.song, OUTPUT)

    assert behind_url.delivery is not None, "expected a URL with output_format url"
    played(file_of(behind_url), behind_url.song)


@requirement("MINIMAX-AUDIO-01")
@pytest.mark.parametrize("asked", ["mp3", "wav"])
def test_the_file_is_of_the_format_that_was_asked_for(results: Results, asked: str) -> None:
    audio = sound_of(results.formats[asked])

    assert audio.container == asked


@requirement("MINIMAX-AUDIO-01")
def test_pcm_is_no_mp3_file(results: Results) -> None:
    exchange = taken(results.formats["pcm"])
    content = file_in(exchange)

    if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xfa", b"\xff\xf2")):
        container = found_in(content, exchange)
        assert container != "mp3", "expected samples with the format pcm, got an MP3 file"


def found_in(content: bytes, exchange: Exchange) -> str | None:
    """The container that bytes are a whole file of, None where they are none."""
    try:
        return played(content, exchange).container
    except Mismatch:
        return None


@requirement("MINIMAX-AUDIO-02")
@pytest.mark.parametrize("asked", SAMPLE_RATES)
def test_the_file_has_the_sample_rate_that_was_asked_for(results: Results, asked: int) -> None:
    audio = sound_of(results.sample_rates[asked])

    assert audio.sample_rate == asked


@requirement("MINIMAX-AUDIO-03")
@pytest.mark.parametrize("asked", BIT_RATES)
def test_the_file_has_the_bit_rate_that_was_asked_for(results: Results, asked: int) -> None:
    exchange = results.bit_rates[asked]
    audio = sound_of(exchange)
    rate = len(file_in(exchange)) * _BITS / audio.seconds

    # On a scale of doublings, as the documented rates are.
    nearest = min(BIT_RATES, key=lambda known: max(known / rate, rate / known))
    assert nearest == asked, f"expected about {asked} bit/s, got {rate:.0f}"


@requirement("MINIMAX-RESULT-01")
@pytest.mark.parametrize("asked", SAMPLE_RATES)
def test_extra_info_has_the_sample_rate(results: Results, asked: int) -> None:
    exchange = offered(results.sample_rates[asked], "MINIMAX-AUDIO-02")

    assert told(exchange, "sample_rate") == sound_of(exchange).sample_rate


@requirement("MINIMAX-RESULT-02")
@pytest.mark.parametrize("asked", ["mp3", "wav"])
def test_extra_info_has_the_channels(results: Results, asked: str) -> None:
    exchange = offered(results.formats[asked], SETTINGS)

    assert told(exchange, "channels") == sound_of(exchange).channels


@requirement("MINIMAX-RESULT-03")
@pytest.mark.parametrize("asked", FORMATS)
def test_extra_info_has_the_size(results: Results, asked: str) -> None:
    exchange = results.formats[asked]

    assert told(exchange, "size") == len(file_in(offered(exchange, SETTINGS)))


@requirement("MINIMAX-RESULT-03")
def test_extra_info_has_the_size_of_the_file_behind_a_url(behind_url: Behind) -> None:
    song = offered(behind_url.song, OUTPUT)
    try:
        content = file_of(behind_url)
    except Mismatch as problem:
        raise BlockedError(DELIVERS, str(problem)) from problem

    assert told(song, "size") == len(content)


@requirement("MINIMAX-RESULT-04")
@pytest.mark.parametrize("asked", ["mp3", "wav"])
def test_extra_info_has_the_duration(results: Results, asked: str) -> None:
    exchange = offered(results.formats[asked], SETTINGS)
    seconds = sound_of(exchange).seconds

    apart = abs(told(exchange, "milliseconds") - seconds * 1000)
    assert apart <= _MILLISECONDS_APART, f"expected about {seconds * 1000:.0f} ms"


@requirement("MINIMAX-RESULT-05")
def test_every_answer_has_a_trace_id_of_its_own(results: Results) -> None:
    answers = [exchange for exchange in (results.plain, results.hex) if exchange.accepted]
    if len(answers) < 2:
        raise BlockedError(MAKES_MUSIC, "no two songs were made")
    ids = [exchange.string("/trace_id") for exchange in answers]

    assert all(ids)
    assert len(set(ids)) == len(ids), f"expected two ids, got {ids[0][:80]!r} twice"


def text_of(exchange: Exchange) -> str:
    """The text of the audio in an answer; blocked where no audio is made at all."""
    try:
        return made(exchange)
    except Mismatch as problem:
        raise BlockedError(MAKES_MUSIC, str(problem)) from problem


def file_in(exchange: Exchange) -> bytes:
    """The file in an answer; blocked where it is not hex-coded."""
    text_of(exchange)
    try:
        return audio_in(exchange)
    except Mismatch as problem:
        raise BlockedError(HEX, str(problem)) from problem


def sound_of(exchange: Exchange) -> Audio:
    """The audio of an answer that accepts a request, decoded; blocked where it does not play."""
    content = file_in(taken(exchange))
    try:
        return played(content, exchange)
    except Mismatch as problem:
        raise BlockedError(HEX, str(problem)) from problem


def offered(exchange: Exchange, owner: str) -> Exchange:
    """The request, if it is accepted; blocked by the requirement that owns its acceptance where it is refused."""
    try:
        return taken(exchange)
    except Mismatch as problem:
        raise BlockedError(owner, str(problem)) from problem


def file_of(behind: Behind) -> bytes:
    """The file behind a URL (raises `Mismatch` where the URL delivers none)."""
    delivery = behind.delivery
    if delivery is None:
        raise BlockedError(DELIVERS, "the answer has no URL")
    if delivery.exchange is None:
        if delivery.unasked:
            raise NotOfferedError(delivery.reason)
        raise Mismatch(f"expected a URL that can be asked, but {delivery.reason}", behind.song.id)
    fetched = delivery.exchange
    if fetched.response is None or not fetched.accepted:
        raise Mismatch(f"expected a file behind {behind.place}, got {fetched.summary}", behind.song.id, fetched.id)
    if fetched.answer.body.truncated:
        raise NotOfferedError("the file is longer than is kept")
    return fetched.answer.body.content


def told(exchange: Exchange, figure: str) -> int | float:
    """A figure of `extra_info`, under one of its names."""
    found = (exchange.get(f"/extra_info/{name}") for name in EXTRA_INFO[figure])
    value = next((one for one in found if one is not None), None)
    if value is None:
        raise NotApplicableError(f"extra_info says nothing of {figure.replace('_', ' ')}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Mismatch(f"expected a number for {figure}, got {value!r:.80}", exchange.id)
    return value
