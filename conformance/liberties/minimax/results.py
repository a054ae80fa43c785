"""Liberties in what is delivered: where it stands, in which form, and what is said of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.liberties.base import Taken
from conformance.reference.minimax.errors import GoneError
from conformance.reference.minimax.handlers.covers import CoverHandlers
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.handlers.media import MediaHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.services.features import FeatureStore
from conformance.reference.minimax.services.lyricist import Lyricist
from conformance.reference.minimax.services.songs import Songs
from conformance.reference.parts.encoding import AudioForm

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from conformance.reference.minimax.services.features import Features
    from conformance.reference.minimax.services.lyricist import Lyrics
    from conformance.reference.minimax.services.songs import Song
    from conformance.reference.parts.encoding import EncodedAudio

_GONE = 410
_OF_THE_CLIENT = {
    "music_duration": "audio_length",
    "music_sample_rate": "audio_sample_rate",
    "music_channel": "audio_channel",
    "music_size": "audio_size",
}


class UrlInItsOwnPlace(MusicHandlers):
    """Has a place for URLs."""

    def url_data(self, request: Request, song: Song) -> dict[str, Any]:
        """Put the URL there."""
        return {"audio_url": super().url_data(request, song)["audio"]}


class UrlInBothPlaces(MusicHandlers):
    """Has the URL where either client looks for it."""

    def url_data(self, request: Request, song: Song) -> dict[str, Any]:
        """Write it twice."""
        data = super().url_data(request, song)
        return {**data, "audio_url": data["audio"]}


class SignedUrls(MusicHandlers):
    """Signs URLs."""

    def url_data(self, request: Request, song: Song) -> dict[str, Any]:
        """Add a signature, and when it expires."""
        data = super().url_data(request, song)
        signature = hashlib.sha256(song.song_id.encode()).hexdigest()
        return {
            **data,
            "audio": f"{data['audio']}?Expires={song.created_at // 1_000_000 + 86_400}&Signature={signature}",
        }


class OfTheClient(MusicHandlers):
    """Names figures as the client of the vendor does."""

    def extra_info(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Change the names."""
        return {_OF_THE_CLIENT.get(name, name): value for name, value in super().extra_info(encoded).items()}


class SaysLess(MusicHandlers):
    """Says nothing of files that it answers at once."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Leave the figures out."""
        content = super().content(request, encoded, data)
        return {name: value for name, value in content.items() if name != "extra_info"}


class Analyses(MusicHandlers):
    """Says what it found in the music."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Add some figures of no meaning."""
        analysis = {"tempo": 92, "key": "A minor", "beats": [0.0, 0.65]}
        return {**super().content(request, encoded, data), "analysis_info": analysis}


class WithoutStatus(MusicHandlers):
    """Has no status where there is only one."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Leave it out of answers that are no stream."""
        content = super().content(request, encoded, data)
        return {**content, "data": {name: value for name, value in content["data"].items() if name != "status"}}


class WithoutBase(MusicHandlers):
    """Has nothing to say of a success."""

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """Leave `base_resp` out."""
        content = super().content(request, encoded, data)
        return {name: value for name, value in content.items() if name != "base_resp"}


class CapitalHex(MusicHandlers):
    """Writes hex in capitals."""

    def hex_data(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Change the letters."""
        return {**super().hex_data(encoded), "audio": encoded.content.hex().upper()}


class SaysWhatWasAsked(MusicHandlers):
    """Says of a file without a choice of bit rates the one that was asked for."""

    def extra_info(self, encoded: EncodedAudio) -> dict[str, Any]:
        """Say the default."""
        info = super().extra_info(encoded)
        return {**info, "bitrate": min(info["bitrate"], self._services.songs.default_form.bitrate)}


class SmallByDefault(Songs):
    """Makes small files of those for whom nothing is asked."""

    default_form = AudioForm("mp3", 32000, 128000)


class WavByDefault(Songs):
    """Makes WAV of those for whom nothing is asked."""

    default_form = AudioForm("wav", 24000, 64000)


class OneVoice(Songs):
    """Makes music with one channel."""

    channels = 1


class BigEnds(Songs):
    """Writes bare samples with their high byte first."""

    def compose(self, song: Song) -> EncodedAudio:
        """Swap the bytes of samples."""
        encoded = super().compose(song)
        if song.form.format != "pcm":
            return encoded
        swapped = bytearray(encoded.content)
        swapped[0::2], swapped[1::2] = encoded.content[1::2], encoded.content[0::2]
        return replace(encoded, content=bytes(swapped))


class LongerSongs(Songs):
    """Makes songs of several seconds."""

    notes = 12


class SaysGone(MediaHandlers):
    """Answers 410 when a URL has expired."""

    def find(self, name: str) -> Song:
        """Change the status."""
        try:
            return super().find(name)
        except GoneError as problem:
            raise GoneError(_GONE, problem.detail) from problem


class UntypedFiles(MediaHandlers):
    """Delivers files as bytes."""

    async def get(self, request: Request) -> Response:
        """Change the type."""
        answer = await super().get(request)
        answer.headers["content-type"] = "application/octet-stream"
        return answer


class LongIds(FeatureStore):
    """Has ids of another form."""

    def id_of(self, tenant_id: str, content: bytes) -> str:
        """Make it longer, with other characters."""
        return f"feat:{super().id_of(tenant_id, content)}/v2=="


class SharedIds(FeatureStore):
    """Has one id for the same audio of all accounts."""

    def id_of(self, tenant_id: str, content: bytes) -> str:
        """Leave the account out."""
        del tenant_id
        return super().id_of("", content)


class WholeSeconds(CoverHandlers):
    """Says durations in whole seconds, as the example does."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Round it."""
        return {**super().content(request, found), "audio_duration": round(found.seconds)}


class NumberedTags(CoverHandlers):
    """Numbers tags, as the example does."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Add numbers."""
        content = super().content(request, found)
        return {**content, "formatted_lyrics": content["formatted_lyrics"].replace("[Verse]", "[Verse 1]")}


class HearsNothing(CoverHandlers):
    """Hears neither words nor parts."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Answer with the id and the length alone."""
        content = super().content(request, found)
        return {name: value for name, value in content.items() if name not in ("formatted_lyrics", "structure_result")}


class TracedLyrics(LyricsHandlers):
    """Has an id for lyrics as for all others."""

    def content(self, lyrics: Lyrics) -> dict[str, Any]:
        """Add one."""
        return {**super().content(lyrics), "trace_id": hashlib.sha256(lyrics.text.encode()).hexdigest()[:32]}


class NumbersParts(Lyricist):
    """Numbers the parts of songs, as the example does."""

    def song(self, verse: str, chorus: str) -> str:
        """Add numbers."""
        return super().song(verse, chorus).replace("[Verse]", "[Verse 1]")


class OtherSpellings(Lyricist):
    """Has tags as music generation spells them beside its own."""

    def song(self, verse: str, chorus: str) -> str:
        """Add a part."""
        return f"{super().song(verse, chorus)}\n\n[Build Up]\nHigher\n\n[Inst]"


TAKEN = (
    Taken(id="url-in-a-place-of-its-own", front={"music": UrlInItsOwnPlace}),
    Taken(id="url-in-both-places", front={"music": UrlInBothPlaces}),
    Taken(id="urls-signed", front={"music": SignedUrls}),
    Taken(id="extra-info-of-the-client", front={"music": OfTheClient}),
    Taken(id="no-extra-info", front={"music": SaysLess}),
    Taken(id="analysis-info", front={"music": Analyses}),
    Taken(id="no-status-at-once", front={"music": WithoutStatus}),
    Taken(id="success-without-base-resp", front={"music": WithoutBase}),
    Taken(id="hex-in-capitals", front={"music": CapitalHex}),
    Taken(id="bitrate-as-asked", front={"music": SaysWhatWasAsked}),
    Taken(id="small-by-default", cast={"songs": SmallByDefault}),
    Taken(id="wav-by-default", cast={"songs": WavByDefault}),
    Taken(id="one-channel", cast={"songs": OneVoice}),
    Taken(id="pcm-high-byte-first", cast={"songs": BigEnds}),
    Taken(id="longer-songs", cast={"songs": LongerSongs}),
    Taken(id="expired-urls-as-410", front={"media": SaysGone}),
    Taken(id="files-without-a-type", front={"media": UntypedFiles}),
    Taken(id="feature-ids-of-another-form", cast={"features": LongIds}),
    Taken(id="feature-ids-for-all", cast={"features": SharedIds}),
    Taken(id="duration-in-whole-seconds", front={"covers": WholeSeconds}),
    Taken(id="heard-tags-numbered", front={"covers": NumberedTags}),
    Taken(id="nothing-heard", front={"covers": HearsNothing}),
    Taken(id="lyrics-with-trace-id", front={"lyrics": TracedLyrics}),
    Taken(id="written-tags-numbered", cast={"lyricist": NumbersParts}),
    Taken(id="written-tags-of-generation", cast={"lyricist": OtherSpellings}),
)
