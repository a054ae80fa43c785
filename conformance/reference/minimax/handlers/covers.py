"""POST /v1/music_cover_preprocess: what is in reference audio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.minimax.errors import SUCCESS, InvalidParamsError
from conformance.reference.minimax.services.features import as_text
from conformance.reference.minimax.shapes import PREPROCESS, REFERENCES, Shape, check

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.handlers.guard import Guard
    from conformance.reference.minimax.handlers.reading import BodyReader
    from conformance.reference.minimax.services.features import Features
    from conformance.reference.minimax.wiring import Services
    from conformance.reference.parts.bodies import Json


class CoverHandlers:
    """Looks at reference audio before it is covered."""

    shape = Shape(PREPROCESS)

    def __init__(self, services: Services, guard: Guard, reader: BodyReader) -> None:
        self._services = services
        self._guard = guard
        self._reader = reader

    async def preprocess(self, request: Request) -> JSONResponse:
        """POST /v1/music_cover_preprocess."""
        tenant_id = self._guard.admit(request)
        body = await self._reader.json(request)
        self.check(body)
        content, length = await self._services.references.bring(body)
        self._services.plans.check(tenant_id, body["model"])
        self._services.wallet.debit(tenant_id, self._services.catalogue.preprocessing)
        now = self._services.clock.now(tenant_id)
        return JSONResponse(self.content(request, self._services.features.find_in(tenant_id, content, length, now)))

    def check(self, body: Json) -> None:
        """Refuse a body without exactly one reference; raises InvalidParamsError."""
        check(self.shape, body)
        if sum(name in body for name in REFERENCES) != 1:
            raise InvalidParamsError("exactly one of audio_url and audio_base64 must be provided")

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """What was found."""
        return {
            "cover_feature_id": found.feature_id,
            "formatted_lyrics": found.lyrics,
            "structure_result": as_text(found.structure),
            "audio_duration": found.seconds,
            "trace_id": request.scope["trace_id"],
            "base_resp": SUCCESS,
        }
