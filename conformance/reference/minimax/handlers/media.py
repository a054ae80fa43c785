"""GET /media/…: the files of songs, for clients that know the URL, until it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from conformance.reference.minimax.errors import GoneError
from conformance.reference.minimax.services.songs import MEDIA_TYPES

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.services.songs import Song
    from conformance.reference.minimax.wiring import Services

_FORBIDDEN = 403
_NOT_FOUND = 404


class MediaHandlers:
    """Delivers songs."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, request: Request) -> Response:
        """GET /media/{name}."""
        song = self.find(request.path_params["name"])
        return Response(self.file(song), media_type=MEDIA_TYPES[song.form.format])

    def find(self, name: str) -> Song:
        """The song whose URL ends in this name; raises GoneError."""
        song_id, _, extension = name.partition(".")
        song = self._services.songs.find(song_id)
        if song is None or song.form.format != extension:
            raise GoneError(_NOT_FOUND, "there is no such file")
        if self._services.songs.has_expired(song, self._services.clock.now(song.tenant_id)):
            raise GoneError(_FORBIDDEN, "the URL has expired")
        return song

    def file(self, song: Song) -> bytes:
        """The bytes of a song."""
        return self._services.songs.compose(song).content
