"""The routes of the server."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.others.minimax_server import bodies, words
from tests.others.minimax_server.audio import Song, compose
from tests.others.minimax_server.references import References
from tests.others.minimax_server.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.others.minimax_server.settings import Account, Settings

LARGEST_BODY = 80 * 1024 * 1024
DAY = 24 * 3600.0
PIECES = 5


class Server:
    """One server: its accounts, the songs that it keeps for download, and the features of references."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._references = References(settings)
        self._composing = asyncio.Semaphore(2)
        self._songs: dict[str, tuple[float, str, Song]] = {}
        self._kept_bytes = 0

    def application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._answer_errors])
        app.add_routes(
            [
                web.post("/v1/music_generation", self._music),
                web.post("/v1/music_cover_preprocess", self._preprocess),
                web.post("/v1/lyrics_generation", self._lyrics),
                web.get("/files/{name}", self._file),
            ]
        )
        return app

    @web.middleware
    async def _answer_errors(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except RefusedError as error:
            body: dict[str, Any] = {"base_resp": {"status_code": error.code, "status_msg": str(error)}}
            if request.path == "/v1/music_generation":
                body["data"] = None
            return _json(body, error.status)

    async def _music(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        order = bodies.order_of(await _body(request))
        self._check_words(order.prompt, order.lyrics)
        if order.is_paid and account.plan != "paid":
            raise RefusedError(2061)
        text = order.lyrics
        if order.source is not None:
            feature = await self._references.listen(account.name, order.source)
            text = order.lyrics or feature.lyrics
        price = self._settings.prices.get(order.model, Decimal(0))
        self._pay(account, price)
        try:
            async with self._composing:
                song = await asyncio.to_thread(
                    compose, f"{order.model} {order.prompt} {text} {uuid.uuid4()}", order.form
                )
        except BaseException:
            account.balance += price
            raise
        if order.stream:
            return await _stream(request, song)
        if order.as_url:
            url = f"{request.scheme}://{request.host}/files/{self._keep(song, order.form.format)}"
            return _json({"data": {"audio_url": url, "status": 2}, "extra_info": song.extra_info(), **_success()})
        return _json(
            {"data": {"audio": song.content.hex(), "status": 2}, "extra_info": song.extra_info(), **_success()}
        )

    async def _preprocess(self, request: web.Request) -> web.StreamResponse:
        account = self._account(request)
        source = bodies.preprocess_source(await _body(request))
        if account.plan != "paid":
            raise RefusedError(2061)
        feature = await self._references.listen(account.name, source)
        return _json({**feature.described(), **_success()})

    async def _lyrics(self, request: web.Request) -> web.StreamResponse:
        self._account(request)
        try:
            body = await _body(request)
        except RefusedError as error:
            error.status = 400
            raise
        bodies.check_lyrics_request(body)
        prompt, lyrics = body.get("prompt", ""), body.get("lyrics", "")
        self._check_words(prompt, lyrics)
        if body["mode"] == "edit":
            song = words.edit_song(lyrics, prompt, body.get("title"))
        else:
            song = words.write_song(prompt, body.get("title"))
        return _json({**song, **_success()})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        kept_at, kind, song = self._songs.get(request.match_info["name"], (float("-inf"), "", None))
        if song is None or time.monotonic() - kept_at >= DAY:
            raise web.HTTPNotFound
        return web.Response(body=song.content, content_type=kind)

    def _account(self, request: web.Request) -> Account:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise RefusedError(1004, status=401)
        account = self._settings.accounts.get(key.strip())
        if account is None:
            raise RefusedError(2049)
        now = time.monotonic()
        account.moments[:] = [moment for moment in account.moments if now - moment < 60]
        if len(account.moments) >= self._settings.requests_per_minute:
            raise RefusedError(1002)
        account.moments.append(now)
        return account

    def _check_words(self, *texts: str) -> None:
        if any(word in text.lower() for word in self._settings.sensitive_words for text in texts):
            raise RefusedError(1026)

    def _pay(self, account: Account, price: Decimal) -> None:
        if price > account.balance:
            raise RefusedError(1008)
        account.balance -= price

    def _keep(self, song: Song, form: str) -> str:
        """Keep a song for download; the oldest ones make room."""
        self._kept_bytes += len(song.content)
        while self._kept_bytes > self._settings.stored_bytes and self._songs:
            _, _, dropped = self._songs.pop(next(iter(self._songs)))
            self._kept_bytes -= len(dropped.content)
        name = f"{secrets.token_urlsafe(24)}.{form}"
        kinds = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "application/octet-stream"}
        self._songs[name] = (time.monotonic(), kinds[form], song)
        return name


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise RefusedError(2013, "invalid params, the content type must be application/json")
    return bodies.parse(await request.read())


async def _stream(request: web.Request, song: Song) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    await response.write(b": composing\n\n")
    size = len(song.content) // PIECES + 1
    for start in range(0, len(song.content), size):
        piece = song.content[start : start + size].hex()
        frame: dict[str, Any] = {"data": {"audio": piece, "status": 1}, **_success()}
        if start + size >= len(song.content):
            frame = {"data": {"audio": piece, "status": 2}, "extra_info": song.extra_info(), **_success()}
        await response.write(f"data: {json.dumps(frame)}\n\n".encode())
    await response.write_eof()
    return response


def _success() -> dict[str, Any]:
    return {"trace_id": uuid.uuid4().hex, "base_resp": {"status_code": 0, "status_msg": "success"}}


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    trace = body.setdefault("trace_id", uuid.uuid4().hex)
    return web.json_response(body, status=status, headers={"Trace-Id": trace})
