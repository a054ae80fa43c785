"""The depot: what its document says, and those faults of `FAULTS` that the environment names."""

from __future__ import annotations

import json
import os
import re
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

FAULTS_VARIABLE: Final = "DEPOT_FAULTS"
NULL_STAYS, KEYS_LOWERED, PARTS_SORTED, LINES_JOINED = "null", "keys", "sorted", "lines"
MARKS_SURVIVE, GONE_LISTED, PART_FOUND, BOUND_LEFT_OUT, TRUTH_READ = "survive", "gone", "part", "bound", "truth"
FAULTS: Final = (
    NULL_STAYS,
    KEYS_LOWERED,
    PARTS_SORTED,
    LINES_JOINED,
    MARKS_SURVIVE,
    GONE_LISTED,
    PART_FOUND,
    BOUND_LEFT_OUT,
    TRUTH_READ,
)
DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text("utf-8"))
_CODE: Final = re.compile(r"[A-Z]{2}[0-9]{5}")
_TRUTHS: Final = {"yes": True, "no": False}


def validator(path: str, method: str, media: str = "application/json") -> jsonschema_rs.Draft202012Validator:
    schema = DOCUMENT["paths"][path][method]["requestBody"]["content"][media]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}, validate_formats=True)


NEW_BIN = validator("/bins/{code}", "put")
BIN_PATCH = validator("/bins/{code}", "patch", "application/merge-patch+json")
NEW_MARK = validator("/bins/{code}/marks", "post")


class Depot:
    """What the depot holds, and how it answers."""

    def __init__(self, faults: frozenset[str]) -> None:
        self.faults = faults
        self.bins: dict[str, dict[str, Any]] = {}
        self.marks: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()

    async def list_bins(self, request: Request) -> Response:
        label, most = request.query_params.get("label"), number(request, "size_to", 1, 99)
        limit, offset = number(request, "limit", 1, 20), number(request, "offset", 0, 9999)
        if label is not None and len(label) > 60:
            raise HTTPException(422, "label is too long")
        found = list(self.bins.values())
        if label is not None:
            part = PART_FOUND in self.faults
            found = [one for one in found if one["label"] == label or (part and label in one["label"])]
        if most is not None:
            beyond = most if BOUND_LEFT_OUT in self.faults else most + 1
            found = [one for one in found if one["size"] < beyond]
        first = offset or 0
        return JSONResponse(found[first : first + (limit or 20)])

    def _bin(self, request: Request) -> dict[str, Any]:
        known = self.bins.get(request.path_params["code"])
        if known is None:
            raise HTTPException(404, "no such bin")
        return known

    async def bin(self, request: Request) -> Response:
        code = request.path_params["code"]
        if request.method == "PUT":
            return await self._put(request, code)
        known = self._bin(request)
        if request.method == "DELETE":
            del self.bins[code]
            self.gone.add(code)
            if MARKS_SURVIVE not in self.faults:
                del self.marks[code]
            return Response(status_code=204)
        if request.method == "PATCH":
            body = self._spoilt(await valid(request, BIN_PATCH))
            known["label"] = body.get("label", known["label"])
            notes = body.get("notes", {})
            if NULL_STAYS in self.faults:
                notes = {name: value for name, value in notes.items() if value is not None}
            merged = {**known["notes"], **notes}
            known["notes"] = {name: value for name, value in merged.items() if value is not None}
        return JSONResponse(known)

    async def _put(self, request: Request, code: str) -> Response:
        if not _CODE.fullmatch(code):
            raise HTTPException(422, "no code of a bin")
        body = self._spoilt(await valid(request, NEW_BIN, read=TRUTH_READ in self.faults))
        status = 200 if code in self.bins else 201
        self.bins[code] = {"code": code, "sealed": False, "parts": [], "notes": {}, **body}
        self.marks.setdefault(code, [])
        return JSONResponse(self.bins[code], status)

    def _spoilt(self, body: dict[str, Any]) -> dict[str, Any]:
        if PARTS_SORTED in self.faults and "parts" in body:
            body["parts"] = sorted(body["parts"], key=lambda part: part["name"])
        if KEYS_LOWERED in self.faults and "notes" in body:
            body["notes"] = {name.lower(): value for name, value in body["notes"].items()}
        return body

    async def all_marks(self, request: Request) -> Response:
        code = request.path_params["code"]
        if request.method != "POST":
            if GONE_LISTED in self.faults and code in self.gone:
                return JSONResponse([])
            return JSONResponse(self.marks[self._bin(request)["code"]])
        marks = self.marks[self._bin(request)["code"]]
        text = (await valid(request, NEW_MARK))["text"]
        text = text.replace("\r\n", "\n") if LINES_JOINED in self.faults else text
        marks.append({"number": len(marks) + 1, "text": text})
        return JSONResponse(marks[-1], 201)

    async def mark(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = [mark for mark in self.marks[self._bin(request)["code"]] if str(mark["number"]) == number]
        if not found:
            raise HTTPException(404, "no such mark")
        return JSONResponse(found[0])


def number(request: Request, name: str, least: int, most: int) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise HTTPException(422, f"no such {name}")
    return int(text)


async def valid(request: Request, schema: jsonschema_rs.Draft202012Validator, *, read: bool = False) -> dict[str, Any]:
    if not request.headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json"):
        raise HTTPException(422, "the body is to be JSON")
    try:
        body = json.loads(await request.body())
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPException(422, "the body is no JSON") from error
    if read and isinstance(body, dict) and body.get("sealed") in _TRUTHS:
        body["sealed"] = _TRUTHS[body["sealed"]]
    for problem in schema.iter_errors(body):
        raise HTTPException(422, problem.message[:200])
    return {name: int(value) if isinstance(value, float) else value for name, value in body.items()}


def create_app() -> Starlette:
    depot = Depot(frozenset(filter(None, os.environ.get(FAULTS_VARIABLE, "").split(","))))

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)

    handlers: dict[Any, Callable[..., Any]] = {HTTPException: refuse}
    routes = [
        Route("/v1/bins", depot.list_bins, methods=["GET"]),
        Route("/v1/bins/{code}", depot.bin, methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/v1/bins/{code}/marks", depot.all_marks, methods=["GET", "POST"]),
        Route("/v1/bins/{code}/marks/{number}", depot.mark, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)
