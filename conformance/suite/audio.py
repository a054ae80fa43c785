"""Whether delivered bytes are audio that plays: decoded by FFmpeg's libraries, from the first frame to the last."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import av
import av.error

# A hostile file may decode to hours of sound; no documented song is longer than ten minutes.
_LONGEST_SECONDS: Final = 1200.0


class UnplayableError(Exception):
    """The bytes are not audio that decodes from start to end; the message says where it stopped."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What was decoded: the container's names, the codec, and how many seconds of sound came out."""

    container: str
    codec: str
    seconds: float


def decode(content: bytes) -> Audio:
    """
    Decode all of `content`.

    Raises:
        UnplayableError: it is no audio, breaks off, or holds no sound.
    """
    try:
        with av.open(io.BytesIO(content), mode="r", metadata_errors="replace") as container:
            if not container.streams.audio:
                raise UnplayableError(f"a {container.format.name} file without an audio stream")
            stream = container.streams.audio[0]
            seconds = _decoded_seconds(container, stream)
            found = Audio(container.format.name, stream.codec_context.name, seconds)
    except (av.error.FFmpegError, EOFError, ValueError) as error:
        raise UnplayableError(f"not decodable as audio: {error}") from error
    if not found.seconds:
        raise UnplayableError(f"a {found.container} file without any sound in it")
    return found


def _decoded_seconds(container: av.container.InputContainer, stream: av.AudioStream) -> float:
    seconds = 0.0
    for frame in container.decode(stream):
        seconds += frame.samples / frame.sample_rate
        if seconds > _LONGEST_SECONDS:
            raise UnplayableError(f"more than {_LONGEST_SECONDS:.0f} s of sound")
    return seconds
