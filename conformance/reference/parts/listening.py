"""What is true of audio that a client sends: whether it plays, and for how long."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av

# Nothing that leads to other files, or to servers.
_FORMATS = "mp3,wav,flac,ogg,aac,mov,matroska,aiff"
_OPTIONS: dict[str, Any] = {"format_whitelist": _FORMATS, "protocol_whitelist": ""}


_PADDING_SECONDS = 0.1


class NotAudioError(ValueError):
    """The bytes are no audio file that can be read."""


def seconds_of(content: bytes) -> float:
    """How long an audio file plays, counted over its packets; raises NotAudioError."""
    try:
        with av.open(io.BytesIO(content), mode="r", options=_OPTIONS) as container:
            seconds = _seconds(container)
    except (av.error.FFmpegError, EOFError, ValueError, ArithmeticError, LookupError) as problem:
        raise NotAudioError("The file can't be read as audio.") from problem
    if not seconds:
        raise NotAudioError("There is no sound in the file.")
    return seconds


def _seconds(container: av.container.InputContainer) -> float:
    if not container.streams.audio:
        raise NotAudioError("There is no audio in the file.")
    stream = container.streams.audio[0]
    unit = stream.time_base or Fraction(1)
    counted = float(unit * sum(packet.duration or 0 for packet in container.demux(stream)))
    declared = float(unit * (stream.duration or 0))
    # Encoders fill the last packet up, and declare how much of it is to be heard.
    return declared if abs(counted - declared) < _PADDING_SECONDS else counted
