"""
A translation desk: it answers at once, says its errors in numbers inside HTTP 200, and charges what it accepts.

There are no tasks, no idempotency keys, no wallet and no request ids. A summary is streamed as server-sent events, of
which the last one says that it is the last. The suite knows this API by its document and conventions alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import uuid
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tests.synchronous.desk import faults
from tests.synchronous.desk.books import Entry, MoneyTotals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    Handler = Callable[[Request, str], Awaitable[Response]]

BOOKS: Final = "DESK_BOOKS"
CREDIT: Final = "DESK_CREDIT"
# Every so many requests with a key are told to come back later.
BUSY_EVERY: Final = "DESK_BUSY_EVERY"
# So long it takes until a priced request is looked at, and from its charge to the answer.
WORK_SECONDS: Final = "DESK_WORK_SECONDS"
MAIN_KEY, SECOND_KEY = "desk-key-main-0123456789", "desk-key-second-0123456789"
KEYS: Final = {MAIN_KEY: "main", SECOND_KEY: "second"}
PRICES: Final = {"draft": Decimal("0.50"), "reviewed": Decimal("2.00")}
SUMMARY_PRICE: Final = Decimal("1.25")
DONE, BAD_KEY, BUSY, NO_CREDIT, INVALID, NOT_FOUND, BROKEN = 0, 1001, 1002, 1003, 2001, 2004, 5000
UNDOCUMENTED: Final = 7777
LONGEST: Final = 500
LANGUAGES: Final = {"de": "German", "en": "English", "fr": "French", "eo": "Esperanto"}
_TEXTS: Final = {
    BAD_KEY: "This key opens nothing.",
    BUSY: "Come back in a moment.",
    NO_CREDIT: "There is not enough credit.",
    INVALID: "The request does not fit the documentation.",
    NOT_FOUND: "There is no such thing.",
    BROKEN: "This is our fault.",
    UNDOCUMENTED: "Who knows.",
}
_WORD: Final = re.compile(r"\S+")


class RefusedError(Exception):
    """A request is not carried out, and should cost nothing."""

    def __init__(self, code: int, charged: Decimal = Decimal("0.00")) -> None:
        super().__init__(code)
        self.code = code
        self.charged = charged


class Desk:
    """What was made for each key, what each key has left, and the books."""

    def __init__(
        self, faulty: frozenset[str], books: MoneyTotals, credit: Decimal, *, busy_every: int, work_seconds: float
    ) -> None:
        self.faults = faulty
        self.books = books
        self.left = dict.fromkeys(KEYS.values(), credit)
        self.glossaries: dict[tuple[str, str], dict[str, Any]] = {}
        self.translations: dict[tuple[str, str], dict[str, Any]] = {}
        self.under_way = 0
        self._busy_every = busy_every
        self._work_seconds = work_seconds
        self._seen = 0

    def route(self, method: str, path: str, handler: Handler, *, priced: bool = False) -> Route:
        """A route whose handler gets the name of the key, and may refuse by an exception."""

        async def answered(request: Request) -> Response:
            self.under_way += 1
            try:
                return await handler(request, self._lease(request))
            except RefusedError as error:
                return self.refusal(error.code, charged=error.charged if priced else None)
            finally:
                self.under_way -= 1

        return Route(path, answered, methods=[method])

    def _lease(self, request: Request) -> str:
        name = KEYS.get(request.headers.get("desk-key", ""))
        if name is None and faults.KEY_IGNORED in self.faults:
            name = "main"
        if name is None:
            raise RefusedError(BAD_KEY)
        self._seen += 1
        if self._busy_every and self._seen % self._busy_every == 0:
            raise RefusedError(BUSY)
        return name

    def answer(self, content: Mapping[str, object]) -> Response:
        return answer({"status": self.status(DONE, "Done."), **content})

    def refusal(self, code: int, http_status: int = 200, charged: Decimal | None = None) -> Response:
        if code == INVALID and faults.UNDOCUMENTED_CODE in self.faults:
            code = UNDOCUMENTED
        shown = {} if charged is None else {"charged": f"{charged:f}"}
        return answer({"status": self.status(code, _TEXTS[code]), **shown}, http_status)

    def status(self, code: int, text: str) -> dict[str, object]:
        shown: dict[str, object] = {"code": str(code) if faults.CODE_AS_TEXT in self.faults else code, "text": text}
        if code != DONE and faults.MESSAGE_MISSING in self.faults:
            del shown["text"]
        return shown

    async def list_languages(self, _request: Request, _key: str) -> Response:
        return self.answer({"languages": [{"language": tag, "name": name} for tag, name in LANGUAGES.items()]})

    async def detect_language(self, request: Request, _key: str) -> Response:
        text = text_of(await members_of(request, required={"text"}))
        return self.answer({"language": sorted(LANGUAGES)[len(text) % len(LANGUAGES)], "certainty": 0.5})

    async def create_glossary(self, request: Request, key: str) -> Response:
        wanted = await members_of(request, required={"name", "terms"})
        name, terms = wanted["name"], wanted["terms"]
        demand(isinstance(name, str) and 1 <= len(name) <= 40)
        demand(isinstance(terms, list) and 1 <= len(terms) <= 20)
        demand(all(isinstance(term, dict) and set(term) == {"source", "target"} for term in terms))
        words = [word for term in terms for word in term.values()]
        demand(all(isinstance(word, str) and 1 <= len(word) <= 60 for word in words))
        made = {"glossary_id": f"gl{uuid.uuid4().hex[:16]}", "name": name, "terms": terms}
        if faults.GLOSSARY_LOST not in self.faults:
            self.glossaries[key, made["glossary_id"]] = made
        return self.answer(made)

    async def read_glossary(self, request: Request, key: str) -> Response:
        return self.answer(known(self.glossaries, key, request.path_params["glossary_id"]))

    async def delete_glossary(self, request: Request, key: str) -> Response:
        found = known(self.glossaries, key, request.path_params["glossary_id"])
        del self.glossaries[key, found["glossary_id"]]
        return self.answer({"glossary_id": found["glossary_id"]})

    async def translate_text(self, request: Request, key: str) -> Response:
        await self._arrived(request, key, "translateText")
        wanted = await self._wanted(request, key, "translateText")
        text, quality = wanted["text"], wanted["quality"]
        if faults.VALID_REQUEST_REFUSED in self.faults and quality == "reviewed":
            raise RefusedError(INVALID)
        price = PRICES[quality] * (2 if faults.DOUBLE_CHARGE in self.faults else 1)
        await self._charge(request, key, "translateText", price)
        if faults.CRASH_AFTER_CHARGE in self.faults:
            return self.refusal(BROKEN, 500, price)
        if faults.ANSWER_LOST in self.faults:
            return Lost(b'{"status":')
        made = {"translation_id": f"tr{uuid.uuid4().hex[:16]}", "text": translated(text), "charged": f"{price:f}"}
        if faults.TRANSLATION_LOST not in self.faults:
            self.translations[key, made["translation_id"]] = made
        return self.answer(made)

    async def _wanted(self, request: Request, key: str, operation: str) -> dict[str, Any]:
        """The members of a translation that can be made, or a refusal."""
        lenient = faults.UNKNOWN_MEMBER_ACCEPTED in self.faults
        longest = 10 * LONGEST if faults.LONG_TEXT_ACCEPTED in self.faults else LONGEST
        try:
            wanted = await members_of(
                request, required={"text", "target", "quality"}, optional={"formal"}, lenient=lenient
            )
            text_of(wanted, longest)
            demand(wanted["target"] in list(LANGUAGES))
            demand(wanted["quality"] in list(PRICES))
            demand(isinstance(wanted.get("formal", False), bool))
        except RefusedError as error:
            if faults.REFUSAL_CHARGED in self.faults:
                await self._charge(request, key, operation, PRICES["draft"])
                error.charged = PRICES["draft"]
            raise
        return wanted

    async def read_translation(self, request: Request, key: str) -> Response:
        return self.answer(known(self.translations, key, request.path_params["translation_id"]))

    async def summarize_text(self, request: Request, key: str) -> Response:
        await self._arrived(request, key, "summarizeText")
        wanted = await members_of(request, required={"text"}, optional={"sentences"})
        if faults.CRASH_ON_EMPTY in self.faults and wanted["text"] == "":
            return self.refusal(BROKEN, 500)
        text, sentences = text_of(wanted), wanted.get("sentences", 1)
        demand(isinstance(sentences, int | float) and not isinstance(sentences, bool))
        demand(sentences == int(sentences) and 1 <= sentences <= 5)
        price = SUMMARY_PRICE * (int(sentences) + 1 if faults.STREAM_CHARGE in self.faults else 1)
        await self._charge(request, key, "summarizeText", price)
        return StreamingResponse(self._frames(text, int(sentences), price), media_type="text/event-stream")

    async def _frames(self, text: str, sentences: int, price: Decimal) -> AsyncIterator[bytes]:
        pieces = [f"{word} " for word in _WORD.findall(text)[: 3 * sentences]] or ["… "]
        for number, piece in enumerate(pieces):
            if faults.STREAM_CUT_OFF in self.faults and number == len(pieces) - 1:
                yield b'data: {"status": {"co'
                raise ConnectionResetError
            if faults.FRAME_IS_NO_JSON in self.faults and number == 0:
                yield f"data: {piece.encode('ascii', 'replace').decode()}\n\n".encode()
                continue
            yield self._frame({"piece": piece, "finished": False})
        if faults.STREAM_WITHOUT_END not in self.faults:
            yield self._frame({"piece": "", "finished": True, "charged": f"{price:f}"})
        if faults.STREAM_GOES_ON in self.faults:
            yield self._frame({"piece": "and so on", "finished": False})

    def _frame(self, content: Mapping[str, object]) -> bytes:
        return f"data: {json.dumps({'status': self.status(DONE, 'Done.'), **content})}\n\n".encode()

    async def _arrived(self, request: Request, key: str, operation: str) -> None:
        self.books.enter(Entry(key, operation, await digest_of(request), None))
        await asyncio.sleep(self._work_seconds)

    async def _charge(self, request: Request, key: str, operation: str, price: Decimal) -> None:
        if self.left[key] < price:
            raise RefusedError(NO_CREDIT)
        self.left[key] -= price
        self.books.enter(Entry(key, operation, await digest_of(request), price))
        await asyncio.sleep(self._work_seconds)

    async def show_under_way(self, _request: Request) -> Response:
        """How many requests are being dealt with: for tests, no document has it."""
        return answer(self.under_way)

    async def no_path(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        refused = self.refusal(NOT_FOUND, status)
        refused.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return refused


class Lost(Response):
    """An answer of which the connection brings a part only."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        raise ConnectionResetError


def answer(content: object, http_status: int = 200) -> Response:
    # Escaped: what a caller sends may hold characters that no encoding has.
    return Response(json.dumps(content), http_status, media_type="application/json")


async def members_of(
    request: Request, *, required: set[str], optional: frozenset[str] | set[str] = frozenset(), lenient: bool = False
) -> dict[str, Any]:
    """The JSON object of a request, with the members that it must and may have."""
    demand(request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json")
    try:
        content = json.loads(await request.body(), parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise RefusedError(INVALID) from None
    demand(isinstance(content, dict) and required <= set(content))
    demand(lenient or set(content) <= required | optional)
    found: dict[str, Any] = content
    return found


async def digest_of(request: Request) -> str:
    return hashlib.sha256(await request.body()).hexdigest()[:16]


def text_of(members: Mapping[str, Any], longest: int = LONGEST) -> str:
    text = members["text"]
    demand(isinstance(text, str) and 1 <= len(text) <= longest)
    return str(text)


def known(things: Mapping[tuple[str, str], dict[str, Any]], key: str, name: str) -> dict[str, Any]:
    found = things.get((key, name))
    if found is None:
        raise RefusedError(NOT_FOUND)
    return found


def demand(holds: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise RefusedError(INVALID)


def translated(text: str) -> str:
    return text[::-1]


def no_constant(name: str) -> object:
    raise ValueError(name)


def create_app() -> Starlette:
    """The desk, with the faults, the books and the credit that the environment names."""
    desk = Desk(
        faulty=frozenset(os.environ.get(faults.FAULTS, "").split(",")),
        books=MoneyTotals(Path(os.environ.get(BOOKS, os.devnull))),
        credit=Decimal(os.environ.get(CREDIT, "1000000")),
        busy_every=int(os.environ.get(BUSY_EVERY, "0")),
        work_seconds=float(os.environ.get(WORK_SECONDS, "0")),
    )
    routes = [
        desk.route("GET", "/desk/languages", desk.list_languages),
        desk.route("POST", "/desk/detections", desk.detect_language),
        desk.route("POST", "/desk/glossaries", desk.create_glossary),
        desk.route("GET", "/desk/glossaries/{glossary_id}", desk.read_glossary),
        desk.route("DELETE", "/desk/glossaries/{glossary_id}", desk.delete_glossary),
        desk.route("POST", "/desk/translations", desk.translate_text, priced=True),
        desk.route("GET", "/desk/translations/{translation_id}", desk.read_translation),
        desk.route("POST", "/desk/summaries", desk.summarize_text, priced=True),
    ]
    routes.append(Route("/under-way", desk.show_under_way))
    app = Starlette(routes=routes, exception_handlers={404: desk.no_path, 405: desk.no_path})
    app.router.redirect_slashes = False
    return app
