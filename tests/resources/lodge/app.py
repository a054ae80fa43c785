"""The lodge: what its document says, and one fault of those in `FAULTS` where the environment names it."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
import yaml
from pathlib import Path
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

FAULT: Final = "LODGE_FAULT"
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

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.rooms: dict[int, dict[str, Any]] = {}
        self.bookings: dict[str, dict[str, Any]] = {}
        self.numbers = count(1)

    async def rooms_at(self, request: Request) -> Response:
        return await self._add(request) if request.method == "POST" else self._list(request)

    async def _add(self, request: Request) -> Response:
        body = await valid(request, NEW_ROOM)
        self._unique(body["name"])
        room = {"id": next(self.numbers), "colour": "white", "tags": [], **body}
        if self.fault == STORED_TEXT:
            room["name"] = room["name"].encode("ascii", "replace").decode()
        if self.fault == STORED_ORDER:
            room["tags"] = sorted(room["tags"], reverse=True)
        if self.fault == DEFAULT_MISSING and "colour" not in body:
            room["colour"] = "red"
        self.rooms[room["id"]] = room
        other = "/api/rooms/999999" if self.fault == LOCATION_WRONG else f"/api/rooms/{room['id']}"
        return JSONResponse(room, 201, {"Location": other})

    def _unique(self, name: str, but: int | None = None) -> None:
        if any(room["name"] == name and room["id"] != but for room in self.rooms.values()):
            raise HTTPException(409, "there is a room of this name")

    def _list(self, request: Request) -> Response:
        asked = request.query_params
        floor, limit = number(asked.get("floor"), 0, 20), number(asked.get("limit"), 1, 100)
        offset, sort, colour = number(asked.get("offset"), 0, _LARGEST), asked.get("sort"), asked.get("colour")
        if colour not in (None, "white", "green", "red") or sort not in (None, "name", "-name", "floor", "-floor"):
            raise HTTPException(422, "no such colour or order")
        found = [room for room in self.rooms.values() if not room.get("gone") or self.fault == DELETE_LISTS]
        if self.fault == LIST_LACKS:
            found = found[:-1]
        if floor is not None and self.fault != FILTER_IGNORED:
            found = [room for room in found if room["floor"] == floor]
            found = found[1:] if self.fault == FILTER_LOSES else found
        if colour is not None:
            found = [room for room in found if room["colour"] == colour]
        if sort is not None and self.fault != SORT_IGNORED:
            found = sorted(found, key=lambda room: room[sort.lstrip("-")], reverse=sort.startswith("-"))
        first = offset or 0
        skipped = first + 1 if self.fault == PAGE_GAP and first else first
        skipped = max(first - 1, 0) if self.fault == PAGE_REPEATS else skipped
        page = found[skipped : skipped + (limit or 50)]
        total = len(page) if self.fault == TOTAL_WRONG else len(found)
        return JSONResponse({"items": [shown(room) for room in page], "total": total})

    def _room(self, request: Request) -> dict[str, Any]:
        known = number(request.path_params["room_id"], 1, _LARGEST)
        room = self.rooms.get(known or 0)
        if room is None or (room.get("gone") and self.fault != DELETE_KEEPS):
            raise HTTPException(404, "no such room")
        return room

    async def room(self, request: Request) -> Response:
        room = self._room(request)
        if request.method == "HEAD" and self.fault == HEAD_DIFFERS:
            return Response(status_code=404)
        if request.method == "DELETE":
            room["gone"] = True
            if self.fault == DELETE_TOO_MUCH:
                for other in self.rooms.values():
                    other["gone"] = True
            self.bookings = {k: b for k, b in self.bookings.items() if b["room_id"] != room["id"]}
            return Response(status_code=204)
        if request.method in ("PUT", "PATCH"):
            await self._change(request, room)
        content = json.dumps(shown(room), sort_keys=True)
        tag = "constant" if self.fault == ETAG_CONSTANT else hashlib.sha256(content.encode()).hexdigest()[:16]
        headers = {"ETag": f'"{tag}"'}
        if request.method == "GET" and request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return JSONResponse(shown(room), headers=headers)

    async def _change(self, request: Request, room: dict[str, Any]) -> None:
        whole = request.method == "PUT"
        try:
            body = await valid(request, NEW_ROOM if whole else ROOM_CHANGE)
        except HTTPException:
            if self.fault == REFUSED_CHANGES:
                room["floor"] = (room["floor"] + 1) % 20
            raise
        if "name" in body:
            self._unique(body["name"], but=room["id"])
        if whole and self.fault == PUT_IGNORED:
            return
        if (whole and self.fault != PUT_MERGES) or self.fault == PATCH_RESETS:
            defaults = {"colour": "white", "tags": []}
            kept = {} if whole else {"name": room["name"], "floor": 0}
            for name, value in {**defaults, **kept, **body}.items():
                room[name] = value
        else:
            room.update(body)

    async def room_bookings(self, request: Request) -> Response:
        room = self._room(request)
        if request.method != "POST":
            mine = [b for b in self.bookings.values() if b["room_id"] == room["id"] or self.fault == OTHERS_LISTED]
            return JSONResponse(mine)
        body = await valid(request, NEW_BOOKING)
        booking = {"booking_id": str(uuid.uuid4()), "room_id": room["id"], "price": None, **body}
        if self.fault == STORED_ROUNDED and booking["price"] is not None:
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
    return {name: value for name, value in room.items() if name != "gone"}


async def valid(request: Request, schema: jsonschema_rs.Draft202012Validator) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(422, "the body is to be JSON")
    try:
        body: dict[str, Any] = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "the body is not JSON") from error
    for problem in schema.iter_errors(body):
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
    lodge = Lodge(os.environ.get(FAULT, ""))

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers or {})
        if lodge.fault == ALLOW_MISSING:
            headers = {}
        return JSONResponse({"detail": error.detail}, error.status_code, headers)

    handlers: dict[Any, Callable[..., Any]] = {HTTPException: refuse}
    routes = [
        Route("/api/rooms", lodge.rooms_at, methods=["GET", "POST"]),
        Route("/api/rooms/{room_id}", lodge.room, methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/api/rooms/{room_id}/bookings", lodge.room_bookings, methods=["GET", "POST"]),
        Route("/api/bookings/{booking_id}", lodge.booking, methods=["GET", "DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)
