"""Songs: what is composed for a request, and what can be downloaded later."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.reference.parts.clock import seconds
from conformance.reference.parts.encoding import STEREO, AudioForm, encoded_melody

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database
    from conformance.reference.parts.encoding import EncodedAudio

MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "application/octet-stream"}

# As many songs there are; composing one takes longer than all other work of a request.
_SONGS = 4
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Song:
    """A song that can be composed again and again."""

    song_id: str
    tenant_id: str
    seed: str
    form: AudioForm
    created_at: int

    @property
    def path(self) -> str:
        """The absolute path of the song's URL, which can't be guessed."""
        return f"/media/{self.song_id}.{self.form.format}"


class Songs:
    """Composes songs, and keeps what is needed to compose them once more."""

    url_seconds: float = _DAY_SECONDS
    default_form = AudioForm("mp3", 44100, 256000)
    notes = 4
    channels = STEREO

    def __init__(self, database: Database) -> None:
        self._database = database

    def order(self, tenant_id: str, body: dict[str, Any], now: int) -> Song:
        """The song that a request asks for."""
        form = self.form_of(body.get("audio_setting", {}))
        return Song(f"song_{secrets.token_hex(16)}", tenant_id, self.seed_of(body), form, now)

    def form_of(self, setting: dict[str, Any]) -> AudioForm:
        """The form that the settings of a request ask for."""
        default = self.default_form
        return AudioForm(
            setting.get("format", default.format),
            int(setting.get("sample_rate", default.sample_rate)),
            int(setting.get("bitrate", default.bitrate)),
        )

    def seed_of(self, body: dict[str, Any]) -> str:
        """What decides about the notes: the texts of the request."""
        texts = "\n".join(str(body.get(name, "")) for name in ("prompt", "lyrics"))
        return str(hashlib.sha256(texts.encode()).digest()[0] % _SONGS)

    def compose(self, song: Song) -> EncodedAudio:
        """The song as a file."""
        return encoded_melody(song.seed, song.form, self.notes, self.channels)

    def keep(self, song: Song) -> None:
        """Let the song be downloaded."""
        self._database.insert(
            "songs",
            {
                "song_id": song.song_id,
                "tenant_id": song.tenant_id,
                "seed": song.seed,
                "format": song.form.format,
                "sample_rate": song.form.sample_rate,
                "bitrate": song.form.bitrate,
                "created_at": song.created_at,
            },
        )

    def find(self, song_id: str) -> Song | None:
        """The song of that id."""
        row = self._database.row("SELECT * FROM songs WHERE song_id = ?", (song_id,))
        if row is None:
            return None
        form = AudioForm(row["format"], row["sample_rate"], row["bitrate"])
        return Song(row["song_id"], row["tenant_id"], row["seed"], form, row["created_at"])

    def has_expired(self, song: Song, now: int) -> bool:
        """Whether the song's URL has ended by now."""
        return now >= song.created_at + seconds(self.url_seconds)

    def forget(self, tenant_id: str) -> None:
        """Delete all songs of an account."""
        self._database.change("DELETE FROM songs WHERE tenant_id = ?", (tenant_id,))
