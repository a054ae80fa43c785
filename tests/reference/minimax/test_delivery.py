"""What is delivered: files of the form that was asked for, by hex, by URL and as streams, and for how long."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import av
import pytest

from tests.reference.minimax.sandbox import COVER, DAY, LYRICS, MUSIC, PREPROCESS, SONG, coded, sound

if TYPE_CHECKING:
    from tests.reference.minimax.sandbox import Account

FORMS = [(kind, rate) for kind in ("mp3", "wav") for rate in (16000, 24000, 32000, 44100)]


def heard(content: bytes) -> tuple[str, int, int, float]:
    """Container, sample rate, channels and seconds of sound."""
    with av.open(io.BytesIO(content), "r") as file:
        stream = file.streams.audio[0]
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(stream))
        return file.format.name, stream.rate, stream.channels, seconds


@pytest.mark.parametrize("kind, rate", FORMS)
def test_a_file_is_what_was_asked_for_and_what_is_said_of_it(account: Account, kind: str, rate: int) -> None:
    answer = account.made(MUSIC, {**SONG, "audio_setting": {"format": kind, "sample_rate": rate, "bitrate": 64000}})
    content, info = bytes.fromhex(answer["data"]["audio"]), answer["extra_info"]
    container, sample_rate, channels, seconds = heard(content)

    assert (container, sample_rate) == (kind, rate)
    assert (info["music_sample_rate"], info["music_channel"], info["music_size"]) == (rate, channels, len(content))
    assert info["music_duration"] == pytest.approx(1000 * seconds, abs=1)
    assert info["bitrate"] == (64000 if kind == "mp3" else rate * 32)


@pytest.mark.parametrize("bitrate", [32000, 64000, 128000, 256000])
def test_an_mp3_file_has_the_bit_rate_that_was_asked_for(account: Account, bitrate: int) -> None:
    answer = account.made(MUSIC, {**SONG, "audio_setting": {"bitrate": bitrate}})

    with av.open(io.BytesIO(bytes.fromhex(answer["data"]["audio"]))) as file:
        assert file.streams.audio[0].bit_rate == answer["extra_info"]["bitrate"] == bitrate


def test_pcm_is_bare_samples(account: Account) -> None:
    answer = account.made(MUSIC, {**SONG, "audio_setting": {"format": "pcm", "sample_rate": 16000}})

    assert len(answer["data"]["audio"]) / 2 == 16000 * 4 * answer["extra_info"]["music_duration"] / 1000


def test_an_answer_has_the_parts_of_the_documented_example(account: Account) -> None:
    answer = account.made(MUSIC, SONG)

    assert list(answer) == ["data", "trace_id", "extra_info", "analysis_info", "base_resp"]
    assert answer["data"]["status"] == 2
    assert int(answer["trace_id"], 16) != int(account.made(MUSIC, SONG)["trace_id"], 16)


def test_a_url_delivers_what_hex_has_and_expires_after_a_day(account: Account) -> None:
    url = account.made(MUSIC, {**SONG, "output_format": "url"})["data"]["audio"]
    hex_coded = account.made(MUSIC, SONG)["data"]["audio"]
    account.advance(DAY - 1)
    before = account.sandbox.send("GET", url)
    account.advance(1)
    after = account.sandbox.send("GET", url)

    assert (before.status_code, before.headers["content-type"]) == (200, "audio/mpeg")
    assert before.content.hex() == hex_coded
    assert after.status_code == 403


def test_a_url_can_not_be_guessed(account: Account) -> None:
    url: str = account.made(MUSIC, {**SONG, "output_format": "url"})["data"]["audio"]

    assert account.sandbox.send("GET", url.replace(".mp3", ".wav")).status_code == 404
    assert account.sandbox.send("GET", "/media/song_0.mp3").status_code == 404


def test_a_stream_has_pieces_and_then_the_whole(account: Account) -> None:
    *pieces, last = account.frames({**SONG, "stream": True})
    whole = account.made(MUSIC, SONG)

    assert len(pieces) > 1
    assert {piece["data"]["status"] for piece in pieces} == {1}
    assert last["data"] == whole["data"]
    assert "".join(piece["data"]["audio"] for piece in pieces) == whole["data"]["audio"]
    assert last["extra_info"] == whole["extra_info"]
    assert {frame["trace_id"] for frame in pieces} == {last["trace_id"]}


def test_a_stream_that_is_refused_is_one_json_body(account: Account) -> None:
    assert account.code(MUSIC, {"model": "music-2.6-free", "stream": True}) == 2013


def test_the_same_audio_has_the_same_id_in_its_account_alone(account: Account) -> None:
    first = account.feature(sound(6))

    assert account.feature(sound(6)) == first
    assert account.feature(sound(6, hertz=300)) != first
    assert account.sandbox.new_account().feature(sound(6)) != first


def test_prepared_audio_serves_its_account_for_a_day(account: Account) -> None:
    cover = {**COVER, "lyrics": "l" * 10, "cover_feature_id": account.feature(sound(6))}
    account.advance(DAY - 1)
    before, of_others = account.code(MUSIC, cover), account.sandbox.new_account().code(MUSIC, cover)
    account.advance(1)
    after = account.code(MUSIC, cover)
    account.feature(sound(6))

    assert (before, of_others, after, account.code(MUSIC, cover)) == (0, 2013, 2013, 0)


def test_preprocessing_tells_the_structure_of_the_audio(account: Account) -> None:
    found = account.made(PREPROCESS, {"model": "music-cover", "audio_base64": coded(sound(7.5))})
    structure = json.loads(found["structure_result"])
    edges = [(segment["start"], segment["end"]) for segment in structure["segments"]]

    assert found["audio_duration"] == 7.5
    assert structure["num_segments"] == len(edges) == 4
    assert (edges[0][0], edges[-1][1]) == (0, 7.5)
    assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]
    assert "[Verse]" in found["formatted_lyrics"]


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "write_full_song", "prompt": "rain upon the sea"},
        {"mode": "write_full_song"},
        {"mode": "edit", "prompt": "make it shorter", "lyrics": "l" * 3500},
    ],
)
def test_lyrics_make_a_song(account: Account, body: dict[str, Any]) -> None:
    written = account.made(LYRICS, {**body, "title": "Given"})

    assert written["song_title"] == "Given"
    assert "[Outro]" in written["lyrics"]
    assert ", " in written["style_tags"]
    assert account.code(MUSIC, {**SONG, "lyrics": written["lyrics"]}) == 0


def test_edited_lyrics_are_those_that_were_given(account: Account) -> None:
    written = account.made(LYRICS, {"mode": "edit", "lyrics": "A line of my own"})

    assert "A line of my own" in written["lyrics"]
    assert written["song_title"]


def test_nothing_asked_for_is_another_song_each_time(account: Account) -> None:
    songs = {account.made(LYRICS, {"mode": "write_full_song"})["lyrics"] for _ in range(4)}

    assert len(songs) > 1
