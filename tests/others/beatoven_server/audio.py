"""Tracks and stems: notes of sine waves, encoded by FFmpeg's libraries."""

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

STEMS = ("bass", "chords", "melody", "percussion")
RATE = 22_050
_BAR = 0.5
_BLOCK = 1_024


@dataclass(frozen=True)
class Format:
    """How a format is written: FFmpeg's names of its container and codec, and its media type."""

    container: str
    codec: str
    media_type: str
    suffix: str


FORMATS = {
    "wav": Format("wav", "pcm_s16le", "audio/wav", "wav"),
    "mp3": Format("mp3", "mp3", "audio/mpeg", "mp3"),
    "aac": Format("ipod", "aac", "audio/mp4", "m4a"),
}


def render(track: str, part: str, form: Format, *, looping: bool) -> bytes:
    """The audio of one part of a track: `track` or a stem."""
    digest = hashlib.sha256(track.encode()).digest()
    bars = 4 + digest[0] % 4
    seconds = bars * _BAR if looping else bars * _BAR + digest[1] / 1000
    pitches = [110 * 2 ** (note % 24 / 12) for note in digest[2 : 2 + bars]]
    octave = {"bass": 1.0, "chords": 2.0, "melody": 4.0, "percussion": 0.5}.get(part, 3.0)
    samples = []
    for place in range(int(seconds * RATE)):
        moment = place / RATE
        pitch = pitches[min(int(moment / _BAR), bars - 1)] * octave
        samples.append(int(8_000 * math.sin(2 * math.pi * pitch * moment)))
    return _encode(struct.pack(f"<{len(samples)}h", *samples), form)


def _encode(samples: bytes, form: Format) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format=form.container) as output:
        stream = cast("AudioStream", output.add_stream(form.codec, rate=RATE))
        stream.layout = "mono"
        resampler = AudioResampler(format=stream.format, layout="mono", rate=RATE, frame_size=_BLOCK)
        for start in range(0, len(samples), 2 * _BLOCK):
            block = samples[start : start + 2 * _BLOCK]
            frame = AudioFrame(format="s16", layout="mono", samples=len(block) // 2)
            frame.planes[0].update(block + bytes(frame.planes[0].buffer_size - len(block)))
            frame.sample_rate = RATE
            frame.pts = start // 2
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        for part in resampler.resample(None):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return target.getvalue()
