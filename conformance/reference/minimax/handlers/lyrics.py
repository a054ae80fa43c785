"""POST /v1/lyrics_generation: lyrics, new or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.minimax.errors import SUCCESS
from conformance.reference.minimax.shapes import LYRICS, Shape, check

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.handlers.guard import Guard
    from conformance.reference.minimax.handlers.reading import BodyReader
    from conformance.reference.minimax.services.lyricist import Lyrics
    from conformance.reference.minimax.wiring import Services
    from conformance.reference.parts.bodies import Json


class LyricsHandlers:
    """Writes lyrics."""

    shape = Shape(LYRICS)

    def __init__(self, services: Services, guard: Guard, reader: BodyReader) -> None:
        self._services = services
        self._guard = guard
        self._reader = reader

    async def create(self, request: Request) -> JSONResponse:
        """POST /v1/lyrics_generation."""
        tenant_id = self._guard.admit(request)
        body = await self._reader.json(request)
        self.check(body)
        self._services.moderation.check(body.get("prompt"), body.get("lyrics"), body.get("title"))
        self._services.wallet.debit(tenant_id, self._services.catalogue.lyrics)
        return JSONResponse(self.content(self._services.lyricist.answer(body)))

    def check(self, body: Json) -> None:
        """Refuse a body that asks for nothing that exists; raises InvalidParamsError."""
        check(self.shape, body)

    def content(self, lyrics: Lyrics) -> dict[str, Any]:
        """The song in words."""
        return {
            "song_title": lyrics.title,
            "style_tags": lyrics.style_tags,
            "lyrics": lyrics.text,
            "base_resp": SUCCESS,
        }
