"""Short melodies as real, playable WAV files, the same for the same seed."""

from __future__ import annotations

import array
import hashlib
import io
import math
import sys
import wave
from functools import cache

RATE = 8000
NOTES = 8
_NOTE_FRAMES = 1500
_BYTES_PER_FRAME = 2
_WAV_HEADER_BYTES = 44
_PENTATONIC = (0, 2, 4, 7, 9)
_LOUDNESS = 9000

MELODY_SECONDS = NOTES * _NOTE_FRAMES / RATE
"""How long every melody plays."""

MELODY_BYTES = _WAV_HEADER_BYTES + NOTES * _NOTE_FRAMES * _BYTES_PER_FRAME
"""The size of every melody's file."""

MELODY_TYPE = "audio/wav"
"""The media type of a melody's file."""


def melody(seed: str) -> bytes:
    """Compose a WAV file (8 kHz, mono, 16 bit): eight notes and their loudness, chosen by the seed."""
    return wav(melody_frames(seed), RATE)


def melody_frames(seed: str, notes: int = NOTES) -> bytes:
    """The sound of a melody as little-endian 16 bit mono frames, with up to sixteen notes."""
    choices = hashlib.sha256(seed.encode()).digest()
    middle = len(choices) // 2 if notes > NOTES else NOTES
    return b"".join(_note(choices[at] % 16, choices[at + middle] % 4) for at in range(notes))


def wav(frames: bytes, rate: int) -> bytes:
    """Wrap little-endian 16 bit mono frames into a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(_BYTES_PER_FRAME)
        out.setframerate(rate)
        out.writeframes(frames)
    return file.getvalue()


def sine(hertz: float, frames: int, rate: int, loudness: int) -> bytes:
    """Frames of one tone that fades out."""
    step = 2 * math.pi * hertz / rate
    samples = array.array(
        "h",
        (round(loudness * (1 - at / frames) * math.sin(step * at)) for at in range(frames)),
    )
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


@cache
def _note(degree: int, accent: int) -> bytes:
    octave, tone = divmod(degree, len(_PENTATONIC))
    hertz = 220 * 2 ** (octave + _PENTATONIC[tone] / 12)
    return sine(hertz, _NOTE_FRAMES, RATE, _LOUDNESS + 3000 * accent)
