"""
A small API that nobody but its document describes, with one fault if the environment names one.

It has nothing in common with the systems of the suite: other paths, other names of headers and members, an API key
instead of a bearer token. A loop goes one step further each time that it is read.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

FAULT = "STUDIO_FAULT"
KEY = "studio-key-0123456789"
# One of each kind of fault that tools for testing APIs are compared by.
COMPARED = (
    "another success status",
    "refusals lack a member",
    "unknown nested member accepted",
    "missing key accepted",
    "number as a text",
    "crash on an empty text",
    "JSON as plain text",
    "trace not echoed",
    "retry makes another loop",
    "unknown loop found",
    "trace missing",
)
# What only conventions can say.
OF_CONVENTIONS = (
    "key of another request accepted",
    "new loop unknown",
    "loop is never done",
    "stop forgotten",
    "new loop not listed",
)
# What only a wallet shows.
OF_MONEY = ("retry is charged again", "stopped loop is not refunded")
# No document excludes it, and it hides whether the key is looked at.
BALANCE_FIRST = "balance before the key"
PRICE = Decimal("2.50")
TRACE = re.compile("[A-Za-z0-9-]{1,64}")
LOOP = re.compile("loop-[0-9a-f]{12}")
NEXT = {"waiting": "playing", "playing": "done"}


class Studio:
    """The loops that were made, and the keys of the requests that made them."""

    def __init__(self, fault: str, known: Iterable[str]) -> None:
        self.fault = fault
        self.loops: dict[str, str] = dict.fromkeys(known, "waiting")
        self.keys: dict[str, tuple[bytes, str]] = {}
        self.voices_of: dict[str, str] = dict.fromkeys(self.loops, "piano")
        self.balance = Decimal(100)

    def answer(self, request: Request, body: object, status: int = 200) -> Response:
        headers = {} if self.fault == "trace missing" else {"X-Trace": self.trace(request)}
        if self.fault == "JSON as plain text" and request.url.path.endswith("/voices") and status == 200:
            return PlainTextResponse(json.dumps(body), status, headers)
        return JSONResponse(body, status, headers)

    def refusal(self, request: Request, status: int, code: str) -> Response:
        problem = {"code": code, "text": f"No: {code}.", "again": False, "trace": self.trace(request)}
        if self.fault == "refusals lack a member":
            del problem["again"]
        return self.answer(request, {"problem": problem}, status)

    def trace(self, request: Request) -> str:
        if not hasattr(request.state, "trace"):
            given = request.headers.get("x-trace", "")
            echoed = TRACE.fullmatch(given) and self.fault != "trace not echoed"
            request.state.trace = given if echoed else uuid.uuid4().hex
        return str(request.state.trace)

    def shown(self, name: str) -> dict[str, Any]:
        state = self.loops[name]
        percent = {"waiting": 0, "playing": 50, "done": 100, "stopped": 50}[state]
        url = f"https://studio.example/{name}.mp3" if state == "done" else None
        refunded = PRICE if state == "stopped" and self.fault != "stopped loop is not refunded" else 0
        money = {"charged": f"{PRICE:f}", "refunded": f"{refunded:f}", "voice": self.voices_of[name]}
        return {"loop": name, "state": state, "percent": self.number(percent), "url": url, **money}

    def number(self, value: int) -> object:
        return str(value) if self.fault == "number as a text" else value

    async def guarded(self, request: Request) -> Response | None:
        key = request.headers.get("x-studio-key")
        if key == KEY or (key is None and self.fault == "missing key accepted"):
            return None
        if self.fault == BALANCE_FIRST and request.method == "POST":
            return self.refusal(request, 402, "balance")
        return self.refusal(request, 401, "key")

    async def make_or_list(self, request: Request) -> Response:
        return await (self.make if request.method == "POST" else self.list_loops)(request)

    async def make(self, request: Request) -> Response:
        refused = await self.guarded(request)
        if refused is not None:
            return refused
        if media_type(request) != "application/json":
            return self.refusal(request, 415, "media type")
        content = await request.body()
        try:
            wanted = json.loads(content, parse_constant=no_constant)
        except (ValueError, RecursionError):
            return self.refusal(request, 400, "JSON")
        if self.fault == "crash on an empty text" and isinstance(wanted, dict) and wanted.get("prompt") == "":
            return self.refusal(request, 500, "crash")
        if not self.fits(wanted):
            return self.refusal(request, 400, "body")
        return self.made(request, json.dumps(wanted, sort_keys=True).encode(), wanted["voice"])

    def made(self, request: Request, wanted: bytes, voice: str) -> Response:
        status = 200 if self.fault == "another success status" else 202
        once = request.headers.get("once-key")
        before, name = self.keys.get(once or "", (wanted, None))
        if before != wanted and self.fault != "key of another request accepted":
            return self.refusal(request, 409, "key of another request")
        if name is None or self.fault == "retry makes another loop":
            name = f"loop-{uuid.uuid4().hex[:12]}"
            self.loops[name] = "waiting"
            self.voices_of[name] = voice
            self.balance -= PRICE
        elif self.fault == "retry is charged again":
            self.balance -= PRICE
        if once is not None:
            self.keys[once] = (wanted, name)
        return self.answer(request, self.shown(name), status)

    def fits(self, wanted: object) -> bool:
        if not isinstance(wanted, dict) or set(wanted) - {"voice", "prompt", "tempo", "mood", "effects"}:
            return False
        prompt, tempo, mood = wanted.get("prompt"), wanted.get("tempo", 1), wanted.get("mood")
        return (
            wanted.get("voice") in ("piano", "drum")
            and isinstance(prompt, str)
            and 1 <= len(prompt) <= 200
            and is_number(tempo)
            and 0 < tempo <= 300
            and mood in (None, "calm", "wild")
            and self.fit_effects(wanted.get("effects", {}))
        )

    def fit_effects(self, effects: object) -> bool:
        if not isinstance(effects, dict) or set(effects) - {"tape"}:
            return False
        tape = effects.get("tape", {})
        if not isinstance(tape, dict) or (set(tape) - {"wow"} and self.fault != "unknown nested member accepted"):
            return False
        wow = tape.get("wow", 0)
        return is_number(wow) and 0 <= wow <= 10 and wow == int(wow)

    async def show(self, request: Request) -> Response:
        name = str(request.path_params["loop"])
        refused = await self.guarded(request)
        if refused is not None:
            return refused
        if name not in self.loops:
            if self.fault != "unknown loop found":
                return self.refusal(request, 404, "loop")
            found = name if LOOP.fullmatch(name) else "loop-000000000000"
            return self.answer(
                request, {"loop": found, "state": "done", "percent": 100, "url": "https://studio.example"}
            )
        if self.fault == "new loop unknown" and self.loops[name] == "waiting":
            self.loops[name] = "playing"
            return self.refusal(request, 404, "loop")
        if self.fault != "loop is never done" or self.loops[name] == "waiting":
            self.loops[name] = NEXT.get(self.loops[name], self.loops[name])
        return self.answer(request, self.shown(name))

    async def stop(self, request: Request) -> Response:
        name = str(request.path_params["loop"])
        refused = await self.guarded(request)
        if refused is not None:
            return refused
        if name not in self.loops:
            return self.refusal(request, 404, "loop")
        if self.loops[name] in NEXT and self.fault != "stop forgotten":
            self.loops[name] = "stopped"
            self.balance += 0 if self.fault == "stopped loop is not refunded" else PRICE
        return self.answer(request, self.shown(name))

    async def list_loops(self, request: Request) -> Response:
        refused = await self.guarded(request)
        newest = list(reversed(self.loops))
        listed = newest[1:] if self.fault == "new loop not listed" else newest
        return refused or self.answer(request, {"loops": [self.shown(name) for name in listed]})

    async def sample(self, request: Request) -> Response:
        refused = await self.guarded(request)
        if refused is not None:
            return refused
        if media_type(request) != "multipart/form-data":
            return self.refusal(request, 415, "media type")
        try:
            form = await request.form()
        except (HTTPException, KeyError):
            return self.refusal(request, 400, "form")
        sound, kind = form.get("sound"), form.get("kind")
        if sound is None or kind not in ("drum", "voice"):
            return self.refusal(request, 400, "form")
        data = sound.encode() if isinstance(sound, str) else await sound.read()
        return self.answer(request, {"sample": f"sample-{uuid.uuid4().hex}", "size": len(data)}, 201)

    async def voices(self, request: Request) -> Response:
        refused = await self.guarded(request)
        return refused or self.answer(request, [{"name": "piano", "note": None}, {"name": "drum"}])

    async def control(self, _request: Request) -> Response:
        return JSONResponse({"offers": ["wallet"], "scope": "target"})

    async def wallet(self, request: Request) -> Response:
        if request.method == "PUT":
            self.balance = Decimal((await request.json())["balance_credits"])
        return JSONResponse({"balance_credits": f"{self.balance:f}"})

    async def no_path(self, request: Request, error: Exception) -> Response:
        refused = self.refusal(request, error.status_code if isinstance(error, HTTPException) else 500, "path")
        refused.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return refused


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def no_constant(name: str) -> object:
    raise ValueError(name)


def create_app(known: Iterable[str] = ()) -> Starlette:
    """The studio, with the fault that the environment names and some loops that are there from the start."""
    studio = Studio(os.environ.get(FAULT, ""), known)
    routes = [
        Route("/v2/loops", studio.make_or_list, methods=["GET", "POST"]),
        Route("/v2/loops/{loop}", studio.show, methods=["GET"]),
        Route("/v2/loops/{loop}/stop", studio.stop, methods=["POST"]),
        Route("/v2/samples", studio.sample, methods=["POST"]),
        Route("/v2/voices", studio.voices, methods=["GET"]),
        Route("/control", studio.control, methods=["GET"]),
        Route("/control/wallet", studio.wallet, methods=["GET", "PUT"]),
    ]
    app = Starlette(routes=routes, exception_handlers={404: studio.no_path, 405: studio.no_path})
    app.router.redirect_slashes = False
    return app
