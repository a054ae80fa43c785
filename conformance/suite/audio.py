"""Audio: whether delivered bytes play from the first frame to the last, and silence for targets that take audio."""

from __future__ import annotations

import io
import time
import wave
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import av
import av.error

from conformance.client.errors import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterator


# A hostile file may decode to hours of sound, or to nothing for hours; no documented song is longer than ten minutes.
_LONGEST_SECONDS: Final = 1200.0
_PATIENCE_SECONDS: Final = 20.0
# Other formats of FFmpeg are playlists and scripts, which would make it read files and URLs that the target names.
_FORMATS: Final = "wav,w64,aiff,caf,mp3,flac,ogg,aac,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf"
# Media types by the format that FFmpeg calls the container; a format that is not here is known by its own name.
_TYPES: Final = {
    "wav": ("wav", "wave", "x-wav", "vnd.wave", "x-pn-wav"),
    "mp3": ("mpeg", "mp3", "mpeg3", "x-mpeg-3", "x-mp3"),
    "flac": ("flac", "x-flac"),
    "ogg": ("ogg", "opus", "vorbis", "x-ogg"),
    "aac": ("aac", "aacp", "x-aac"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("mp4", "m4a", "x-m4a", "aac", "quicktime", "3gpp", "3gpp2"),
    "matroska,webm": ("webm", "x-matroska"),
    "aiff": ("aiff", "x-aiff"),
}
# Here the container says how long it is; of the others FFmpeg estimates it from the first frames, or does not know.
_SAY_LENGTH: Final = frozenset({"wav", "aiff", "flac", "mov,mp4,m4a,3gp,3g2,mj2"})
# Titles need not be UTF-8. PyAV 19 takes them as they are and knows this argument no more; it needs Python 3.12.
_TAKES_ANY_TITLE: Final = 19
_ANY_TITLE: Final[dict[str, Any]] = (
    {} if int(av.__version__.partition(".")[0]) >= _TAKES_ANY_TITLE else {"metadata_errors": "replace"}
)
_MISSING_SECONDS: Final = 0.5
_RIFF_HEADER: Final = 8
# A writer that did not know the length when it began leaves the greatest number, or nearly.
_UNKNOWN_LENGTH: Final = 0x7FFF_0000
# Frames of MPEG-2 audio, layer III, with one channel at 24 kHz: a header, and zeros: silence. By their bit rate.
_FRAMES: Final = {
    8_000: b"\xff\xf3\x14\xc4" + bytes(20),
    128_000: b"\xff\xf3\xc4\xc4" + bytes(380),
}
_FRAMES_PER_SECOND: Final = 24_000 / 576
_SAMPLE_RATE: Final = 8_000
_BYTES_PER_SAMPLE: Final = 2


class UnplayableError(Exception):
    """The bytes are not audio that decodes from start to end; the message says where it stopped."""


class EndlessAudioError(UndecidedError):
    """The audio goes on for longer than the suite listens, which no document forbids."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What was decoded: the container's names, the codec, how many seconds of sound came out, its rate and channels."""

    container: str
    codec: str
    seconds: float
    sample_rate: int = 0
    channels: int = 0

    def is_of(self, media_type: str) -> bool:
        """Whether a media type that was declared is one of this container."""
        kind, _, name = media_type.partition(";")[0].strip().lower().partition("/")
        return kind in ("audio", "video") and name in _TYPES.get(self.container, (self.container,))


def decode(content: bytes) -> Audio:
    """
    Decode all of `content`.

    Raises:
        UnplayableError: it is no audio, breaks off, or holds no sound.
        EndlessAudioError: there is more of it than any song has.
    """
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": ""}
    try:
        with av.open(io.BytesIO(content), mode="r", options=options, **_ANY_TITLE) as container:
            found, declared = _decoded(container)
    except (av.error.FFmpegError, EOFError, ValueError, ArithmeticError, LookupError) as error:
        raise UnplayableError(f"not decodable as audio: {error}") from error
    if not found.seconds:
        raise UnplayableError(f"a {found.container} file without any sound in it")
    if _breaks_off(content) or found.seconds < declared - _MISSING_SECONDS:
        raise UnplayableError(f"a {found.container} file that breaks off after {found.seconds:.1f} s")
    return found


def _decoded(container: av.container.InputContainer) -> tuple[Audio, float]:
    name = container.format.name
    if not container.streams.audio:
        raise UnplayableError(f"a {name} file without an audio stream")
    stream = container.streams.audio[0]
    declared = 0.0
    if name in _SAY_LENGTH and stream.duration is not None and stream.time_base is not None:
        declared = float(stream.duration * stream.time_base)
    seconds = sum(_lengths(container, stream))
    context = stream.codec_context
    return Audio(name, context.name, seconds, context.sample_rate or 0, context.channels or 0), declared


def _lengths(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[float]:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    left = _LONGEST_SECONDS
    for frame in container.decode(stream):
        length = frame.samples / frame.sample_rate
        left -= length
        if left < 0 or time.monotonic() > ends_at:
            raise EndlessAudioError(
                f"the audio has more than {_LONGEST_SECONDS:.0f} s of sound, or takes more than "
                f"{_PATIENCE_SECONDS:.0f} s to decode"
            )
        yield length


def _breaks_off(content: bytes) -> bool:
    """Whether a WAV file is shorter than its first bytes say, which FFmpeg passes over."""
    if content[:4] != b"RIFF":
        return False
    declared = int.from_bytes(content[4:_RIFF_HEADER], "little")
    return declared < _UNKNOWN_LENGTH and len(content) < _RIFF_HEADER + declared


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
