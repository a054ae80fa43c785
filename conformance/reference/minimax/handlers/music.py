"""POST /v1/music_generation: a song at once, by URL, or as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from conformance.reference.beatra.handlers.reading import origin_of
from conformance.reference.minimax.errors import SUCCESS
from conformance.reference.minimax.handlers.streams import COMPLETED, Streams
from conformance.reference.minimax.rules import MusicRules
from conformance.reference.minimax.shapes import MUSIC, Shape, check, is_cover

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.handlers.guard import Guard
    from conformance.reference.minimax.handlers.reading import BodyReader
    from conformance.reference.minimax.services.songs import Song
    from conformance.reference.minimax.wiring import Services
    from conformance.reference.parts.bodies import Json
    from conformance.reference.parts.encoding import EncodedAudio


class MusicHandlers:
    """Makes songs; `shape` and `rules` say what it takes, `streams` how a song is streamed."""

    shape = Shape(MUSIC)
    rules: MusicRules = MusicRules()
    streams: type[Streams] = Streams
    default_output = "hex"

    def __init__(self, services: Services, guard: Guard, reader: BodyReader) -> None:
        self._services = services
        self._guard = guard
        self._reader = reader

    async def create(self, request: Request) -> Response:
        """POST /v1/music_generation."""
        tenant_id = self._guard.admit(request)
        body = await self._reader.json(request)
        self.check(body)
        if is_cover(body):
            await self.check_reference(tenant_id, body)
        self._services.moderation.check(body.get("prompt"), body.get("lyrics"))
        self._services.plans.check(tenant_id, body["model"])
        self._services.wallet.debit(tenant_id, self._services.catalogue.price_of(body["model"]))
        song = self._services.songs.order(tenant_id, body, self._services.clock.now(tenant_id))
        return self.answer(request, body, song)

    def check(self, body: Json) -> None:
        """Refuse a body that asks for nothing that exists; raises InvalidParamsError."""
        check(self.shape, body)
        self.rules.check(body, cover=is_cover(body))

    async def check_reference(self, tenant_id: str, body: dict[str, Any]) -> None:
        """Refuse references that can't be used; raises InvalidParamsError."""
        if "cover_feature_id" in body:
            now = self._services.clock.now(tenant_id)
            self._services.features.check(tenant_id, body["cover_feature_id"], now)
        else:
            await self._services.references.bring(body)

    def answer(self, request: Request, body: dict[str, Any], song: Song) -> Response:
        """The song in the way that the request asks for."""
        encoded = self._services.songs.compose(song)
        if body.get("stream"):
            return self.streamed(request, encoded)
        if body.get("output_format", self.default_output) == "url":
            return JSONResponse(self.content(request, encoded, self.url_data(request, song)))
        return JSONResponse(self.content(request, encoded, self.hex_data(encoded)))

    def streamed(self, request: Request, encoded: EncodedAudio) -> Response:
        """The song as server-sent events."""
        last = self.content(request, encoded, {})
        events = self.streams().events(encoded.content, last)
        return StreamingResponse(events, media_type="text/event-stream")

    def content(self, request: Request, encoded: EncodedAudio, data: dict[str, Any]) -> dict[str, Any]:
        """A successful answer around what it delivers."""
        return {
            "data": {**data, "status": COMPLETED},
            "trace_id": request.scope["trace_id"],
            "extra_info": self.extra_info(encoded),
            "analysis_info": None,
            "base_resp": SUCCESS,
        }

    def hex_data(self, encoded: EncodedAudio) -> dict[str, Any]:
        """The song itself."""
        return {"audio": encoded.content.hex()}

    def url_data(self, request: Request, song: Song) -> dict[str, Any]:
        """Where the song can be downloaded."""
        self._services.songs.keep(song)
        return {"audio": origin_of(request) + song.path}

    def extra_info(self, encoded: EncodedAudio) -> dict[str, Any]:
        """What is true of the file: milliseconds, samples in a second, channels, bits in a second and bytes."""
        return {
            "music_duration": encoded.milliseconds,
            "music_sample_rate": encoded.sample_rate,
            "music_channel": encoded.channels,
            "bitrate": encoded.bitrate,
            "music_size": len(encoded.content),
        }
