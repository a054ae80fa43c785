"""Melodies as files of the format, the sample rate and the bit rate that a client asks for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import av

from conformance.reference.parts.audio import NOTES, RATE, melody_frames

STEREO = 2

_LAYOUTS: dict[int, Literal["mono", "stereo"]] = {1: "mono", STEREO: "stereo"}

_BYTES_PER_SAMPLE = 2
# A minute of searching for the best bits would be heard by no listener of these.
_FASTEST = {"compression_level": "9"}


@dataclass(frozen=True, slots=True)
class AudioForm:
    """What a file is to be: its format, samples in a second, and bits in a second where the format has a choice."""

    format: Literal["mp3", "wav", "pcm"]
    sample_rate: int
    bitrate: int


@dataclass(frozen=True, slots=True)
class EncodedAudio:
    """A file, and what is true of it; `bitrate` is what the file has, which the format may have bounded."""

    content: bytes
    milliseconds: int
    sample_rate: int
    channels: int
    bitrate: int


@lru_cache(maxsize=64)
def encoded_melody(seed: str, form: AudioForm, notes: int = NOTES, channels: int = STEREO) -> EncodedAudio:
    """The melody of a seed as a file; MP3 below 32 kHz has 160,000 bits in a second at most."""
    frames = _resampled(melody_frames(seed, notes), form.sample_rate, channels)
    milliseconds = round(1000 * sum(frame.samples for frame in frames) / form.sample_rate)
    if form.format == "pcm":
        content, bitrate = b"".join(map(_samples, frames)), _plain_bitrate(form, channels)
    elif form.format == "wav":
        content, bitrate = _muxed(frames, "wav", "pcm_s16le", form), _plain_bitrate(form, channels)
    else:
        content = _muxed(frames, "mp3", "mp3", form)
        bitrate = _bitrate_of(content)
    return EncodedAudio(content, milliseconds, form.sample_rate, channels, bitrate)


def _plain_bitrate(form: AudioForm, channels: int) -> int:
    return form.sample_rate * channels * _BYTES_PER_SAMPLE * 8


def _resampled(mono: bytes, rate: int, channels: int) -> list[av.AudioFrame]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(mono) // _BYTES_PER_SAMPLE)
    frame.planes[0].update(mono)
    frame.sample_rate = RATE
    resampler = av.AudioResampler(format="s16", layout=_LAYOUTS[channels], rate=rate)
    return [*resampler.resample(frame), *resampler.resample(None)]


def _samples(frame: av.AudioFrame) -> bytes:
    # A plane may be longer than what is in use of it.
    return bytes(frame.planes[0])[: frame.samples * len(frame.layout.channels) * _BYTES_PER_SAMPLE]


def _muxed(frames: list[av.AudioFrame], container: str, codec: Literal["mp3", "pcm_s16le"], form: AudioForm) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=form.sample_rate, layout=frames[0].layout.name)
        if codec == "mp3":
            stream.bit_rate = form.bitrate
            stream.options = dict(_FASTEST)
        for frame in frames:
            frame.pts = None
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def _bitrate_of(content: bytes) -> int:
    # The encoder says what it was asked for, the file what came of it.
    with av.open(io.BytesIO(content), format="mp3") as file:
        return file.streams.audio[0].bit_rate or 0
