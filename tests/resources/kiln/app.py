"""The kiln: what its document says, and those faults of `FAULTS` that the environment names."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import yaml
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

FAULTS_VARIABLE: Final = "KILN_FAULTS"
KEYS: Final = {"key-of-ada-0123456789": "ada", "key-of-ben-9876543210": "ben"}
ORDER_IGNORED, GLAZE_IGNORED, PAGES_UNFILTERED, RISING_BY_DEFAULT = "order", "glaze", "unfiltered", "rising"
PAGES_BY_NUMBER, REVIVED, RESULT_ONCE, FINISHED_FIRST = "by-number", "revived", "once", "finished-first"
STRANGERS_CANCELLED, ENDED_UNKNOWN, BODY_IN_SMALL_LETTERS, KEY_CUT = "strangers", "unknown", "small", "cut"
KEYS_OF_ALL, RISING_OF_ALL, KEY_BY_PREFIX = "keys-of-all", "rising-of-all", "prefix"
SPELLING_COUNTS, REFUSED_STAYS = "spelling", "refused-stays"
FAULTS: Final = (
    *(ORDER_IGNORED, GLAZE_IGNORED, PAGES_UNFILTERED, RISING_BY_DEFAULT, PAGES_BY_NUMBER, REVIVED, RESULT_ONCE),
    *(FINISHED_FIRST, STRANGERS_CANCELLED, ENDED_UNKNOWN, BODY_IN_SMALL_LETTERS, KEY_CUT, KEYS_OF_ALL),
    *(RISING_OF_ALL, KEY_BY_PREFIX, SPELLING_COUNTS, REFUSED_STAYS),
)
DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text("utf-8"))
ORDER: Final = jsonschema_rs.Draft202012Validator(
    {"$ref": "#/components/schemas/Order", "components": DOCUMENT["components"]}
)
_BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
_STATES: Final = ("queued", "running", "done")
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "status": (*_STATES, "cancelled"),
    "glaze": ("blue", "green", "clear"),
    "order": ("asc", "desc"),
}
_COLUMN: Final = 36


class Kiln:
    """What is in the kiln, and how it answers."""

    def __init__(self, faults: frozenset[str]) -> None:
        self.faults = faults
        self.firings: dict[str, dict[str, Any]] = {}
        self.kept: dict[tuple[str, str], tuple[str, str]] = {}
        self.numbers = count(1)

    async def fire(self, request: Request) -> Response:
        user = self._user(request)
        try:
            body = json.loads(await request.body())
            json.dumps(body, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise HTTPException(422, "the body is no JSON") from error
        if request.headers.get("content-type") != "application/json" or not ORDER.is_valid(body):
            if REFUSED_STAYS in self.faults and isinstance(body, dict) and isinstance(body.get("title"), str):
                self._stored(user, {"title": body["title"], "glaze": "clear"})
            raise HTTPException(422, "the body is no order")
        key = request.headers.get("idempotency-key")
        owner = "" if KEYS_OF_ALL in self.faults else user
        place = owner, (key or "")[: _COLUMN if KEY_CUT in self.faults else None]
        if SPELLING_COUNTS in self.faults and b"\n" in await request.body():
            key = None
        said = json.dumps(body)
        said = said.lower() if BODY_IN_SMALL_LETTERS in self.faults else said
        known, made = self.kept.get(place, (said, "")) if key is not None else (said, "")
        if known != said:
            raise HTTPException(409, "the key came with another request")
        if made:
            return JSONResponse(self._shown(self.firings[made]), 202)
        firing = self._stored(user, body)
        if key is not None:
            self.kept[place] = said, firing["firing_id"]
        return JSONResponse(self._shown(firing), 202)

    def _stored(self, user: str, body: dict[str, Any]) -> dict[str, Any]:
        number = next(self.numbers)
        firing = {"firing_id": f"f{number:06}", "number": number, "user": user, "looks": 0, "heat": None, **body}
        self.firings[firing["firing_id"]] = firing
        return firing

    async def list_firings(self, request: Request) -> Response:
        user, asked = self._user(request), request.query_params
        for name, allowed in _ASKED.items():
            if asked.get(name, allowed[0]) not in allowed:
                raise HTTPException(422, f"no such {name}")
        text, cursor = asked.get("limit", "20"), asked.get("cursor", "")
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
            raise HTTPException(422, "no such limit")
        if cursor and not (cursor.isascii() and cursor[1:].isdigit() and len(cursor) < 9):
            raise HTTPException(422, "no such cursor")
        way = asked.get("order", "asc" if RISING_BY_DEFAULT in self.faults else "desc")
        everyone = RISING_OF_ALL in self.faults and asked.get("order") == "asc"
        found = [one for one in self.firings.values() if one["user"] == user or everyone]
        found.sort(key=lambda one: one["number"], reverse=way == "desc" or ORDER_IGNORED in self.faults)
        ignored = {"glaze"} if GLAZE_IGNORED in self.faults else set()
        ignored |= {"status", "glaze"} if cursor and PAGES_UNFILTERED in self.faults else set()
        for name in ({"status", "glaze"} - ignored) & asked.keys():
            found = [one for one in found if self._shown(one)[name] == asked[name]]
        by_number = PAGES_BY_NUMBER in self.faults
        if cursor and not by_number:
            last = int(cursor[1:])
            found = [one for one in found if (one["number"] < last) == (way == "desc") and one["number"] != last]
        start = int(cursor[1:]) if cursor and by_number else 0
        page = found[start : start + int(text)]
        more = len(found) > start + len(page)
        following = f"c{start + len(page)}" if by_number else f"c{page[-1]['number']}" if page else None
        return JSONResponse({"items": [self._shown(one) for one in page], "next": following if more else None})

    def _firing(self, request: Request) -> dict[str, Any]:
        firing = self.firings.get(request.path_params["firing_id"])
        if firing is None or firing["user"] != self._user(request):
            raise HTTPException(404, "no such firing")
        return firing

    async def firing(self, request: Request) -> Response:
        firing = self._firing(request)
        firing["looks"] += 1
        return JSONResponse(self._shown(firing))

    async def cancel(self, request: Request) -> Response:
        self._user(request)
        if STRANGERS_CANCELLED in self.faults and request.path_params["firing_id"] not in self.firings:
            return JSONResponse(
                self._shown({"firing_id": "f0", "number": 0, "looks": 0, "glaze": "blue", "title": "?"})
            )
        firing = self._firing(request)
        if ENDED_UNKNOWN in self.faults and self._shown(firing)["status"] in ("done", "cancelled"):
            raise HTTPException(404, "no such firing is under way")
        if self._shown(firing)["status"] in ("queued", "running"):
            firing["cancelled"] = firing["looks"]
        return JSONResponse(self._shown(firing))

    def _shown(self, firing: dict[str, Any]) -> dict[str, Any]:
        looks = firing["looks"]
        status = _STATES[min(looks // 2, len(_STATES) - 1)]
        cancelled = firing.get("cancelled")
        if cancelled is not None and not (REVIVED in self.faults and looks > cancelled + 2):
            status = "cancelled"
        made = _BEGIN + timedelta(seconds=firing["number"])
        started = made + timedelta(seconds=5) if status in ("running", "done") else None
        finished = made + timedelta(seconds=2 if FINISHED_FIRST in self.faults else 9) if status == "done" else None
        shown_once = RESULT_ONCE in self.faults and looks > 2 * len(_STATES) - 2
        members = {name: firing.get(name) for name in ("firing_id", "glaze", "title", "heat")}
        return {
            **members,
            "status": status,
            "created_at": made.isoformat(),
            "started_at": started and started.isoformat(),
            "finished_at": finished and finished.isoformat(),
            "result": f"/pots/{firing['number']}" if status == "done" and not shown_once else None,
        }

    def _user(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        alike = [user for known, user in KEYS.items() if known == key or (known[:10] == key[:10] and self._by_prefix)]
        if scheme != "Bearer" or not alike:
            raise HTTPException(401, "no such key")
        return alike[0]

    @property
    def _by_prefix(self) -> bool:
        return KEY_BY_PREFIX in self.faults


def create_app() -> Starlette:
    kiln = Kiln(frozenset(filter(None, os.environ.get(FAULTS_VARIABLE, "").split(","))))

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)

    handlers: dict[Any, Callable[..., Any]] = {HTTPException: refuse}
    routes = [
        Route("/v1/pots/fire", kiln.fire, methods=["POST"]),
        Route("/v1/firings", kiln.list_firings, methods=["GET"]),
        Route("/v1/firings/{firing_id}", kiln.firing, methods=["GET"]),
        Route("/v1/firings/{firing_id}/cancel", kiln.cancel, methods=["POST"]),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)
