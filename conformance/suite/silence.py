"""Silence of any length as audio files, for targets that take reference audio."""

from __future__ import annotations

import io
import wave
from functools import cache
from typing import Final

import av

# Frames of MPEG-2 audio, layer III, with one channel at 24 kHz: a header, and zeros: silence. By their bit rate.
_FRAMES: Final = {
    8_000: b"\xff\xf3\x14\xc4" + bytes(20),
    128_000: b"\xff\xf3\xc4\xc4" + bytes(380),
}
_FRAMES_PER_SECOND: Final = 24_000 / 576
_SAMPLE_RATE: Final = 8_000
_BYTES_PER_SAMPLE: Final = 2


def silence(seconds: float, bit_rate: int = 128_000) -> bytes:
    """An MP3 file of silence with one of these bit rates; of another length it has other bytes."""
    return _FRAMES[bit_rate] * round(seconds * _FRAMES_PER_SECOND)


@cache
def silent_wav(seconds: float, sample_rate: int = _SAMPLE_RATE, channels: int = 1) -> bytes:
    """A WAV file of silence, exact to the sample."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(_BYTES_PER_SAMPLE)
        file.setframerate(sample_rate)
        file.writeframes(bytes(round(seconds * sample_rate) * channels * _BYTES_PER_SAMPLE))
    return content.getvalue()


@cache
def silent_flac(seconds: float) -> bytes:
    """A FLAC file of silence."""
    content = io.BytesIO()
    with av.open(content, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=_SAMPLE_RATE, layout="mono", format="s16")
        samples = round(seconds * _SAMPLE_RATE)
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.sample_rate = _SAMPLE_RATE
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return content.getvalue()
