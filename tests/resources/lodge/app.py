"""The lodge: what its document says, and those faults of `FAULTS` that the environment names."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
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
    from collections.abc import Callable

    from starlette.requests import Request

FAULTS_VARIABLE: Final = "LODGE_FAULTS"
STORED_TEXT, STORED_ORDER, STORED_ROUNDED, DEFAULT_MISSING = "text", "order", "rounded", "default"
PUT_MERGES, PUT_IGNORED, PATCH_RESETS, REFUSED_CHANGES = "put-merges", "put-ignored", "patch-resets", "refused-changes"
DELETE_KEEPS, DELETE_LISTS, DELETE_TOO_MUCH = "delete-keeps", "delete-lists", "delete-more"
FILTER_IGNORED, FILTER_LOSES, SORT_IGNORED, PAGE_GAP, PAGE_REPEATS, LIST_LACKS = (
    "filter-ignored",
    "filter-loses",
    "sort-ignored",
    "page-gap",
    "page-repeats",
    "list-lacks",
)
TOTAL_WRONG, LOCATION_WRONG, ETAG_CONSTANT, ALLOW_MISSING, HEAD_DIFFERS, OTHERS_LISTED = (
    "total",
    "location",
    "etag",
    "allow",
    "head",
    "others-listed",
)
SAME_TWICE: Final = "same-twice"
HEAD_FINDS, HEAD_REFUSED, ALLOW_LIES, OFFSET_SORTED = "head-finds", "head-refused", "allow-lies", "offset-sorted"
# It shows only in a request whose name is not in use, as a name that is in use is refused first.
FLOOR_UNBOUNDED: Final = "floor"
# What a server may do: its list, and what reads of a room, follow a change half a second later.
LAGGING: Final = "lagging"
_LAG_SECONDS: Final = 0.5
FAULTS: Final = (
    STORED_TEXT,
    STORED_ORDER,
    STORED_ROUNDED,
    DEFAULT_MISSING,
    PUT_MERGES,
    PUT_IGNORED,
    PATCH_RESETS,
    REFUSED_CHANGES,
    DELETE_KEEPS,
    DELETE_LISTS,
    DELETE_TOO_MUCH,
    FILTER_IGNORED,
    FILTER_LOSES,
    SORT_IGNORED,
    PAGE_GAP,
    PAGE_REPEATS,
    LIST_LACKS,
    TOTAL_WRONG,
    LOCATION_WRONG,
    ETAG_CONSTANT,
    ALLOW_MISSING,
    HEAD_DIFFERS,
    OTHERS_LISTED,
    SAME_TWICE,
    HEAD_FINDS,
    HEAD_REFUSED,
    ALLOW_LIES,
    OFFSET_SORTED,
    FLOOR_UNBOUNDED,
)
DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text("utf-8"))
_LARGEST: Final = 2**63


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def body_schema(path: str, method: str) -> dict[str, Any]:
    schema: dict[str, Any] = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return schema


NEW_ROOM = validator(body_schema("/rooms", "post"))
ROOM_CHANGE = validator(body_schema("/rooms/{room_id}", "patch"))
NEW_BOOKING = validator(body_schema("/rooms/{room_id}/bookings", "post"))


class Lodge:
    """What the lodge holds, and how it answers."""

    def __init__(self, faults: frozenset[str]) -> None:
        self.faults = faults
        self.rooms: dict[int, dict[str, Any]] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    async def rooms_at(self, request: Request) -> Response:
        return await self._add(request) if request.method == "POST" else self._list(request)

    async def _add(self, request: Request) -> Response:
        body = await valid(request, NEW_ROOM, but="maximum" if FLOOR_UNBOUNDED in self.faults else "")
        self._unique(body["name"])
        room = {"id": next(self.numbers), "colour": "white", "tags": [], **body}
        if STORED_TEXT in self.faults:
            room["name"] = room["name"].encode("ascii", "replace").decode()
        if STORED_ORDER in self.faults:
            room["tags"] = sorted(room["tags"], reverse=True)
        if DEFAULT_MISSING in self.faults and "colour" not in body:
            room["colour"] = "red"
        self.rooms[room["id"]] = {**room, "made": time.monotonic()}
        other = "/api/rooms/999999" if LOCATION_WRONG in self.faults else f"/api/rooms/{room['id']}"
        return JSONResponse(room, 201, {"Location": other})

    def _has_passed(self, moment: float) -> bool:
        """Whether what happened then shows by now."""
        return LAGGING not in self.faults or time.monotonic() - moment >= _LAG_SECONDS

    def _is_gone(self, room: dict[str, Any]) -> bool:
        return "gone" in room and self._has_passed(room["gone"])

    def _unique(self, name: str, but: int | None = None) -> None:
        if SAME_TWICE not in self.faults and any(
            room["name"] == name and room["id"] != but for room in self.rooms.values()
        ):
            raise HTTPException(409, "there is a room of this name")

    def _list(self, request: Request) -> Response:
        asked = request.query_params
        floor, limit = number(asked.get("floor"), 0, 20), number(asked.get("limit"), 1, 100)
        offset, sort, colour = number(asked.get("offset"), 0, _LARGEST), asked.get("sort"), asked.get("colour")
        if colour not in (None, "white", "green", "red") or sort not in (None, "name", "-name", "floor", "-floor"):
            raise HTTPException(422, "no such colour or order")
        found = [room for room in self.rooms.values() if not self._is_gone(room) or DELETE_LISTS in self.faults]
        found = [room for room in found if self._has_passed(room["made"])]
        if LIST_LACKS in self.faults:
            found = found[:-1]
        if floor is not None and FILTER_IGNORED not in self.faults:
            found = [room for room in found if room["floor"] == floor]
            found = found[1:] if FILTER_LOSES in self.faults else found
        if colour is not None:
            found = [room for room in found if room["colour"] == colour]
        if sort is not None and SORT_IGNORED not in self.faults:
            found = sorted(found, key=lambda room: room[sort.lstrip("-")], reverse=sort.startswith("-"))
        first = 0 if sort and OFFSET_SORTED in self.faults else offset or 0
        skipped = first + 1 if PAGE_GAP in self.faults and first else first
        skipped = max(first - 1, 0) if PAGE_REPEATS in self.faults else skipped
        page = found[skipped : skipped + (limit or 50)]
        total = len(page) if TOTAL_WRONG in self.faults else len(found)
        return JSONResponse({"items": [shown(room) for room in page], "total": total})

    def _room(self, request: Request) -> dict[str, Any]:
        known = number(request.path_params["room_id"], 1, _LARGEST)
        room = self.rooms.get(known or 0)
        if room is None or (self._is_gone(room) and DELETE_KEEPS not in self.faults):
            raise HTTPException(404, "no such room")
        return room

    async def room(self, request: Request) -> Response:
        if request.method == "HEAD" and HEAD_REFUSED in self.faults:
            raise HTTPException(405, "no such method", {"Allow": "GET, PUT, PATCH, DELETE"})
        if request.method == "HEAD" and HEAD_FINDS in self.faults:
            return JSONResponse({})
        room = self._room(request)
        if request.method == "HEAD" and HEAD_DIFFERS in self.faults:
            return Response(status_code=404)
        if request.method == "DELETE":
            room["gone"] = time.monotonic()
            if DELETE_TOO_MUCH in self.faults:
                for other in self.rooms.values():
                    other["gone"] = time.monotonic()
            self.bookings = {k: b for k, b in self.bookings.items() if b["room_id"] != room["id"]}
            return Response(status_code=204)
        if request.method in ("PUT", "PATCH"):
            await self._change(request, room)
        content = json.dumps(shown(room), sort_keys=True)
        tag = "constant" if ETAG_CONSTANT in self.faults else hashlib.sha256(content.encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"'}
        if request.method == "GET" and request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return JSONResponse(shown(room), headers=headers)

    async def _change(self, request: Request, room: dict[str, Any]) -> None:
        whole = request.method == "PUT"
        try:
            body = await valid(request, NEW_ROOM if whole else ROOM_CHANGE)
        except HTTPException:
            if REFUSED_CHANGES in self.faults:
                room["floor"] = (room["floor"] + 1) % 20
            raise
        if "name" in body:
            self._unique(body["name"], but=room["id"])
        if whole and PUT_IGNORED in self.faults:
            return
        if (whole and PUT_MERGES not in self.faults) or PATCH_RESETS in self.faults:
            defaults = {"colour": "white", "tags": []}
            kept = {} if whole else {"name": room["name"], "floor": 0}
            room.update({**defaults, **kept, **body})
        else:
            room.update(body)

    async def room_bookings(self, request: Request) -> Response:
        room = self._room(request)
        if request.method != "POST":
            mine = [b for b in self.bookings.values() if b["room_id"] == room["id"] or OTHERS_LISTED in self.faults]
            return JSONResponse(mine)
        body = await valid(request, NEW_BOOKING)
        booking = {"booking_id": str(uuid.uuid4()), "room_id": room["id"], "price": None, **body}
        if STORED_ROUNDED in self.faults and booking["price"] is not None:
            booking["price"] = float(int(booking["price"]))
        self.bookings[booking["booking_id"]] = booking
        return JSONResponse(booking, 201)

    async def booking(self, request: Request) -> Response:
        known = request.path_params["booking_id"]
        if known not in self.bookings:
            raise HTTPException(404, "no such booking")
        if request.method == "DELETE":
            del self.bookings[known]
            return Response(status_code=204)
        return JSONResponse(self.bookings[known])


def shown(room: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in room.items() if name not in ("gone", "made")}


async def valid(request: Request, schema: jsonschema_rs.Draft202012Validator, but: str = "") -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(422, "the body is to be JSON")
    try:
        body: dict[str, Any] = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "the body is not JSON") from error
    for problem in schema.iter_errors(body):
        if not but or problem.schema_path[-1] != but:
            raise HTTPException(422, problem.message[:200])
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise HTTPException(422, "the body is no Unicode") from error
    return {name: int(value) if isinstance(value, float) and name != "price" else value for name, value in body.items()}


def number(text: str | None, least: int, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise HTTPException(422, "no such number")
    return int(text)


def create_app() -> Starlette:
    lodge = Lodge(frozenset(filter(None, os.environ.get(FAULTS_VARIABLE, "").split(","))))

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if ALLOW_MISSING in lodge.faults:
            headers = {}
        elif ALLOW_LIES in lodge.faults and "Allow" in headers:
            headers["Allow"] += ", PUT"
        return JSONResponse({"detail": error.detail}, error.status_code, headers)

    handlers: dict[Any, Callable[..., Any]] = {HTTPException: refuse}
    routes = [
        Route("/api/rooms", lodge.rooms_at, methods=["GET", "POST"]),
        Route("/api/rooms/{room_id}", lodge.room, methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/api/rooms/{room_id}/bookings", lodge.room_bookings, methods=["GET", "POST"]),
        Route("/api/bookings/{booking_id}", lodge.booking, methods=["GET", "DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)
