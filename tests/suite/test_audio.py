"""Whether bytes are audio that plays: what strangers deliver is decoded, and neither trusted nor waited for."""

from __future__ import annotations

import io
import random
import wave
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING

import av
import pytest

from conformance.suite import audio
from conformance.suite.audio import Audio, EndlessAudioError, UnplayableError, decode

if TYPE_CHECKING:
    from pathlib import Path

RATE = 8000
# By the name that tests show: the format that FFmpeg writes, the codec, and the sample rate that it wants.
CODECS = {
    "flac": ("flac", "flac", RATE),
    "mp3": ("mp3", "libmp3lame", RATE),
    "opus": ("ogg", "libopus", 48_000),
    "m4a": ("ipod", "aac", RATE),
    "aac": ("adts", "aac", RATE),
    "aiff": ("aiff", "pcm_s16be", RATE),
}
DECLARED = ("wav", "flac", "m4a", "aac", "aiff", "opus")


def wav(seconds: float, *, rate: int = RATE) -> bytes:
    """Noise, the same every time."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(random.Random(7).randbytes(2 * round(seconds * rate)))
    return file.getvalue()


@cache
def sound(kind: str) -> bytes:
    """Two seconds of sound in a kind of file."""
    if kind == "wav":
        return wav(2)
    name, codec, rate = CODECS[kind]
    file = io.BytesIO()
    with av.open(io.BytesIO(wav(2, rate=rate)), "r") as source, av.open(file, "w", format=name) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        for frame in source.decode(audio=0):
            frame.pts = None
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    "kind, container, codec",
    [
        ("wav", "wav", "pcm_s16le"),
        ("flac", "flac", "flac"),
        ("mp3", "mp3", "mp3float"),
        ("opus", "ogg", "opus"),
        ("m4a", "mov,mp4,m4a,3gp,3g2,mj2", "aac"),
        ("aac", "aac", "aac"),
        ("aiff", "aiff", "pcm_s16be"),
    ],
)
def test_audio_is_decoded_from_its_first_frame_to_its_last(kind: str, container: str, codec: str) -> None:
    found = decode(sound(kind))

    assert (found.container, found.codec) == (container, codec)
    # Coders of blocks fill up the last one, and some say in the file how much of that is to be cut off.
    assert found.seconds == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("kind", DECLARED)
def test_a_file_that_was_cut_in_the_middle_is_not_playable(kind: str) -> None:
    whole = sound(kind)

    with pytest.raises(UnplayableError):
        decode(whole[: len(whole) // 2])


def test_an_mp3_does_not_say_how_long_it_is_so_a_shorter_one_plays() -> None:
    whole = sound("mp3")

    assert 0 < decode(whole[: len(whole) // 2]).seconds < decode(whole).seconds


@pytest.mark.parametrize("missing", [1, 2, 100])
def test_a_wav_file_must_be_as_long_as_it_says(missing: int) -> None:
    with pytest.raises(UnplayableError, match=r"breaks off after \d\.\d s|not decodable as audio"):
        decode(sound("wav")[:-missing])


def test_a_title_that_is_no_text_does_not_spoil_the_sound() -> None:
    info = b"INFO" + b"INAM" + (6).to_bytes(4, "little") + b"\xff\xfe\xe9a\xffb"
    chunk = b"LIST" + len(info).to_bytes(4, "little") + info
    plain = wav(2)
    # A WAV file is a header, chunks, and the whole's length in the header; the format takes the first 36 bytes.
    titled = plain[:4] + (len(plain) - 8 + len(chunk)).to_bytes(4, "little") + plain[8:36] + chunk + plain[36:]

    assert decode(titled) == decode(plain)


@pytest.mark.parametrize("unknown", [0xFFFF_FFFF, 0x7FFF_FFFF])
def test_a_writer_that_did_not_know_the_length_is_believed(unknown: int) -> None:
    whole = sound("wav")
    streamed = whole[:4] + unknown.to_bytes(4, "little") + whole[8:40] + unknown.to_bytes(4, "little") + whole[44:]

    assert decode(streamed).seconds == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("kind", ["wav", *CODECS])
@pytest.mark.parametrize("size", [0, 1, 10, 30])
def test_the_beginning_of_a_file_is_no_sound(kind: str, size: int) -> None:
    with pytest.raises(UnplayableError):
        decode(sound(kind)[:size])


def test_a_file_of_no_length_has_no_sound_in_it() -> None:
    with pytest.raises(UnplayableError, match="without any sound"):
        decode(wav(0))


@pytest.mark.parametrize(
    "content",
    [b"<html><body>Sign in</body></html>", b'{"url": "a.wav"}', b"RIFF", b"ID3" + bytes(500), bytes(5000)],
    ids=["html", "json", "riff", "id3", "zeros"],
)
def test_other_content_is_no_audio(content: bytes) -> None:
    with pytest.raises(UnplayableError):
        decode(content)


def seconds_or_reason(content: bytes) -> float | str:
    try:
        return decode(content).seconds
    except UnplayableError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(8))
def test_spoilt_bytes_in_any_container_end_in_a_verdict(seed: int) -> None:
    chance = random.Random(seed)
    spoilt = bytearray(sound(chance.choice(["wav", *CODECS])))
    for _ in range(20):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)

    assert seconds_or_reason(bytes(spoilt))


def video_without_sound() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode(None))
    return file.getvalue()


def test_pictures_are_no_audio() -> None:
    with pytest.raises(UnplayableError, match="without an audio stream"):
        decode(video_without_sound())


@pytest.mark.parametrize(
    "name", ["private.wav", "file:private.wav", "{folder}/private.wav", "file://{folder}/private.wav"]
)
@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile {name}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{name}\n#EXT-X-ENDLIST\n",
        "[playlist]\nFile1={name}\n",
        "concat:{name}|{name}",
        "{name}",
    ],
    ids=["ffconcat", "m3u8", "pls", "protocol", "path"],
)
def test_a_playlist_can_not_make_us_read_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, playlist: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private.wav").write_bytes(sound("wav"))

    with pytest.raises(UnplayableError):
        decode(playlist.format(name=name.format(folder=tmp_path)).encode())


def test_a_description_of_a_stream_can_not_make_us_listen_to_the_network() -> None:
    with pytest.raises(UnplayableError):
        decode(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n")


def test_nobody_listens_to_hours() -> None:
    with pytest.raises(EndlessAudioError, match="more than 1200 s"):
        decode(wav(1201, rate=1000))


def test_nobody_waits_for_a_decoder_that_does_not_get_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count(0, 15)
    monkeypatch.setattr(audio, "time", SimpleNamespace(monotonic=lambda: next(ticks)))

    with pytest.raises(EndlessAudioError, match="more than 20 s to decode"):
        decode(sound("wav"))


@pytest.mark.parametrize(
    "container, fitting, foreign",
    [
        ("wav", ["audio/wav", "AUDIO/X-WAV", "audio/vnd.wave; codecs=1", " audio/wave "], ["audio/mpeg", "wav", ""]),
        ("mp3", ["audio/mpeg", "audio/mp3"], ["audio/wav", "application/mpeg", "audio/"]),
        ("ogg", ["audio/ogg", "audio/opus", "video/ogg"], ["audio/webm", "text/ogg"]),
        ("mov,mp4,m4a,3gp,3g2,mj2", ["audio/mp4", "audio/x-m4a", "video/mp4"], ["audio/mpeg"]),
        ("caf", ["audio/caf"], ["audio/wav", "audio/x-caf/caf"]),
    ],
)
def test_a_declared_type_is_held_against_the_container(container: str, fitting: list[str], foreign: list[str]) -> None:
    found = Audio(container, "any", 1.0)

    assert [declared for declared in fitting if not found.is_of(declared)] == []
    assert [declared for declared in foreign if found.is_of(declared)] == []
