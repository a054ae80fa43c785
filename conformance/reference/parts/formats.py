"""Sound in the formats that music APIs deliver, encoded by FFmpeg's libraries."""

from __future__ import annotations

import io
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import av
from av.audio.resampler import AudioResampler

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every encoder takes this rate, and files stay small.
_RATE: Final = 16_000


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A format by its usual name: the container and codec that FFmpeg writes, its media type and file extension."""

    name: str
    container: str
    codec: str
    media_type: str
    extension: str
    sample_format: str


FORMATS: Final[Mapping[str, AudioFormat]] = MappingProxyType(
    {
        one.name: one
        for one in (
            AudioFormat("wav", "wav", "pcm_s16le", "audio/wav", ".wav", "s16"),
            AudioFormat("mp3", "mp3", "libmp3lame", "audio/mpeg", ".mp3", "s16p"),
            AudioFormat("aac", "adts", "aac", "audio/aac", ".aac", "fltp"),
            AudioFormat("m4a", "ipod", "aac", "audio/mp4", ".m4a", "fltp"),
            AudioFormat("flac", "flac", "flac", "audio/flac", ".flac", "s16"),
        )
    }
)


def encoded(wav: bytes, name: str) -> bytes:
    """A WAV file in a format of `FORMATS`: as it is, or encoded with one channel."""
    wanted = FORMATS[name]
    if wanted.container == "wav":
        return wav
    file = io.BytesIO()
    with av.open(io.BytesIO(wav), "r") as source, av.open(file, "w", format=wanted.container) as target:
        stream = target.add_stream(wanted.codec, rate=_RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - every codec of FORMATS is one of sound
        resampler = AudioResampler(
            format=wanted.sample_format, layout="mono", rate=_RATE, frame_size=stream.codec_context.frame_size or 0
        )
        for decoded in (*source.decode(audio=0), None):
            for frame in resampler.resample(decoded):
                frame.pts = None
                target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return file.getvalue()
