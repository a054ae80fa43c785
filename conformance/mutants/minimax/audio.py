"""Mutants whose files are of another kind than asked for, or than what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.services.songs import Songs
from conformance.reference.minimax.shapes import MUSIC, Shape

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.parts.bodies import Json
    from conformance.reference.parts.encoding import AudioForm, EncodedAudio

_LOWEST_RATE, _MIDDLE_RATE, _LOWEST_BITRATE, _MIDDLE_BITRATE = 16000, 24000, 32000, 128000


class Changes(Songs):
    """Makes another form than it was asked for."""

    def form_of(self, setting: dict[str, Any]) -> AudioForm:
        """Change the form."""
        return self.changed(super().form_of(setting))

    def changed(self, form: AudioForm) -> AudioForm:
        """What is made in place of a form."""
        raise NotImplementedError


class Mp3ForAll(Changes):
    """Knows one encoder."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make MP3 of WAV."""
        return replace(form, format="mp3") if form.format == "wav" else form


class WavForPcm(MusicHandlers):
    """Has no bare samples."""

    def check(self, body: Json) -> None:
        """Refuse to make them."""
        super().check(body)
        if body.get("audio_setting", {}).get("format") == "pcm":
            raise InvalidParamsError("audio_setting.format is not supported")


class WavForMp3(Changes):
    """Saves the time of the encoder at a bit rate that is said to be never asked for."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make WAV of MP3 in the middle."""
        return replace(form, format="wav") if (form.format, form.bitrate) == ("mp3", _MIDDLE_BITRATE) else form


_ANY_FORMAT = {
    **MUSIC["properties"]["audio_setting"],
    "properties": {**MUSIC["properties"]["audio_setting"]["properties"], "format": {"type": "string"}},
}


class TakesAnyFormat(MusicHandlers):
    """Makes MP3 for formats that it does not know."""

    shape = Shape({**MUSIC, "properties": {**MUSIC["properties"], "audio_setting": _ANY_FORMAT}})

    def check(self, body: Json) -> None:
        """Replace what is not known."""
        super().check(body)
        setting = body.get("audio_setting", {})
        if setting.get("format", "mp3") not in ("mp3", "wav", "pcm"):
            setting["format"] = "mp3"


class OneRate(Changes):
    """Has one sample rate for all."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make all at 44,100."""
        return replace(form, sample_rate=44100)


class RatesOfSpeech(Changes):
    """Makes the lowest sample rate better than it was asked for."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make 24,000 of 16,000."""
        return replace(form, sample_rate=24000) if form.sample_rate == _LOWEST_RATE else form


class RatesOfDiscs(MusicHandlers):
    """Has the rates of discs."""

    def check(self, body: Json) -> None:
        """Refuse one of the others."""
        super().check(body)
        if body.get("audio_setting", {}).get("sample_rate") == _MIDDLE_RATE:
            raise InvalidParamsError("audio_setting.sample_rate is not supported")


class OneBitrate(Changes):
    """Has one bit rate for all."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make all of 128,000."""
        return replace(form, bitrate=128000)


class BitratesHalved(Changes):
    """Takes the bit rate for that of both channels, and the encoder that of one."""

    def changed(self, form: AudioForm) -> AudioForm:
        """Make half of what was asked for."""
        return replace(form, bitrate=max(32000, form.bitrate // 2))


class BitratesRefused(MusicHandlers):
    """Knows the bit rates of songs that are listened to."""

    def check(self, body: Json) -> None:
        """Refuse the lowest."""
        super().check(body)
        if body.get("audio_setting", {}).get("bitrate") == _LOWEST_BITRATE:
            raise InvalidParamsError("audio_setting.bitrate is not supported")


class OtherAudioInfo(MusicHandlers):
    """Tells something else of a file than what is true of it."""

    def extra_info(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Change what is told."""
        return {**super().extra_info(encoded), **self.told(encoded)}

    def told(self, encoded: EncodedAudio) -> dict[str, Any]:
        """What is told in place of the truth."""
        raise NotImplementedError


class TellsOneRate(OtherAudioInfo):
    """Tells the sample rate of the engine."""

    def told(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Name it."""
        return {"music_sample_rate": encoded.sample_rate + 1000}


class TellsOneChannel(OtherAudioInfo):
    """Tells the channels of the engine."""

    def told(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Name one."""
        return {"music_channel": encoded.channels - 1}


class TellsHexLength(OtherAudioInfo):
    """Measures the text in place of the file."""

    def told(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Name twice the size."""
        return {"music_size": 2 * len(encoded.content)}


class TellsSeconds(OtherAudioInfo):
    """Tells seconds where milliseconds are told."""

    def told(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Name them."""
        return {"music_duration": max(1, encoded.milliseconds // 1000)}


class OneTrace(MusicHandlers):
    """Has one trace for each process."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Name the same one each time."""
        return {**super().content(request, encoded, data), "trace_id": "0" * 32}


class NoTrace(MusicHandlers):
    """Leaves tracing to the header."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Name none."""
        content = super().content(request, encoded, data)
        del content["trace_id"]
        return content


MUTANTS = (
    Mutant(
        id="mp3-for-wav",
        breaks="MINIMAX-AUDIO-01",
        story="There is one encoder, and the name of the file changes.",
        cast={"songs": Mp3ForAll},
    ),
    Mutant(
        id="wav-for-mp3",
        breaks="MINIMAX-AUDIO-01",
        story="For one of the bit rates the encoder is left out.",
        cast={"songs": WavForMp3},
    ),
    Mutant(
        id="pcm-refused",
        breaks="MINIMAX-AUDIO-01",
        story="Bare samples were dropped, and stayed in the documents.",
        front={"music": WavForPcm},
    ),
    Mutant(
        id="any-audio-format",
        breaks="MINIMAX-AUDIO-01",
        story="A format that is not known becomes MP3.",
        front={"music": TakesAnyFormat},
    ),
    Mutant(
        id="sample-rate-ignored",
        breaks="MINIMAX-AUDIO-02",
        story="The sample rate is that of the engine.",
        cast={"songs": OneRate},
    ),
    Mutant(
        id="lowest-sample-rate-raised",
        breaks="MINIMAX-AUDIO-02",
        story="The lowest sample rate sounds bad and is raised.",
        cast={"songs": RatesOfSpeech},
    ),
    Mutant(
        id="sample-rate-refused",
        breaks="MINIMAX-AUDIO-02",
        story="One of the four sample rates is missing from the list.",
        front={"music": RatesOfDiscs},
    ),
    Mutant(
        id="bitrate-ignored",
        breaks="MINIMAX-AUDIO-03",
        story="The bit rate is that of the encoder's preset.",
        cast={"songs": OneBitrate},
    ),
    Mutant(
        id="bitrate-halved",
        breaks="MINIMAX-AUDIO-03",
        story="The bit rate of both channels is given to each.",
        cast={"songs": BitratesHalved},
    ),
    Mutant(
        id="bitrate-refused",
        breaks="MINIMAX-AUDIO-03",
        story="One of the four bit rates is missing from the list.",
        front={"music": BitratesRefused},
    ),
    Mutant(
        id="told-another-sample-rate",
        breaks="MINIMAX-RESULT-01",
        story="What is told is the sample rate before the file was encoded.",
        front={"music": TellsOneRate},
    ),
    Mutant(
        id="told-one-channel",
        breaks="MINIMAX-RESULT-02",
        story="What is told is the number of voices.",
        front={"music": TellsOneChannel},
    ),
    Mutant(
        id="told-the-size-of-hex",
        breaks="MINIMAX-RESULT-03",
        story="The text is measured in place of the file.",
        front={"music": TellsHexLength},
    ),
    Mutant(
        id="told-seconds",
        breaks="MINIMAX-RESULT-04",
        story="Seconds are told where milliseconds should be.",
        front={"music": TellsSeconds},
    ),
    Mutant(
        id="one-trace-id",
        breaks="MINIMAX-RESULT-05",
        story="The trace is that of the process.",
        front={"music": OneTrace},
    ),
    Mutant(
        id="no-trace-id",
        breaks="MINIMAX-RESULT-05",
        story="The trace moved to a header.",
        front={"music": NoTrace},
    ),
)
