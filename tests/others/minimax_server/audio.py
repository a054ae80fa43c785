"""Encoding the audio of a song, and reading reference audio, by FFmpeg's libraries."""

from __future__ import annotations

import hashlib
import io
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

_MP3_HIGHEST = {16_000: 160_000, 24_000: 160_000, 32_000: 320_000, 44_100: 320_000}
_BLOCK = 1_152


class AudioError(Exception):
    """This is no audio that can be read."""


@dataclass(frozen=True)
class Form:
    """What audio is asked for."""

    format: str = "mp3"
    sample_rate: int = 32_000
    bitrate: int = 128_000


@dataclass(frozen=True)
class Song:
    content: bytes
    milliseconds: int
    sample_rate: int
    bitrate: int
    channels: int = 1

    def extra_info(self) -> dict[str, int]:
        return {
            "music_duration": self.milliseconds,
            "music_sample_rate": self.sample_rate,
            "music_channel": self.channels,
            "bitrate": self.bitrate,
            "music_size": len(self.content),
        }


def compose(text: str, form: Form) -> Song:
    """A song of a few seconds that belongs to a text."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    seconds = 2 + digest[0] / 256
    samples = _samples(220 + digest[1] * 2, int(seconds * form.sample_rate), form.sample_rate)
    milliseconds = round(len(samples) / 2 / form.sample_rate * 1000)
    if form.format == "mp3":
        bitrate = min(form.bitrate, _MP3_HIGHEST[form.sample_rate])
        return Song(_encode(samples, form.sample_rate, "mp3", "mp3", bitrate), milliseconds, form.sample_rate, bitrate)
    content = samples
    if form.format == "wav":
        content = _encode(samples, form.sample_rate, "wav", "pcm_s16le", None)
    return Song(content, milliseconds, form.sample_rate, form.sample_rate * 16)


def _samples(pitch: int, count: int, rate: int) -> bytes:
    step = 2 * math.pi * pitch / rate
    return struct.pack(f"<{count}h", *(int(9_000 * math.sin(step * place)) for place in range(count)))


def _encode(samples: bytes, rate: int, container: str, codec: str, bitrate: int | None) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = cast("AudioStream", output.add_stream(codec, rate=rate))
        stream.layout = "mono"
        if bitrate is not None:
            stream.bit_rate = bitrate
        resampler = AudioResampler(format=stream.format, layout="mono", rate=rate)
        for start in range(0, len(samples), 2 * _BLOCK):
            block = samples[start : start + 2 * _BLOCK]
            frame = AudioFrame(format="s16", layout="mono", samples=len(block) // 2)
            frame.planes[0].update(block + bytes(frame.planes[0].buffer_size - len(block)))
            frame.sample_rate = rate
            frame.pts = start // 2
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        for part in resampler.resample(None):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return target.getvalue()


def seconds_of(content: bytes) -> float:
    """
    How long audio is.

    Raises:
        AudioError: it can not be read

    """
    count, rate = 0, 0
    try:
        with av.open(io.BytesIO(content), "r") as source:
            for frame in source.decode(audio=0):
                count, rate = count + frame.samples, frame.sample_rate
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise AudioError(str(error)) from error
    if not rate:
        raise AudioError("there is no sound in it")
    return count / rate
