"""The press: what its document says, and those faults of `FAULTS` that the environment names."""

from __future__ import annotations

import hashlib
import json
import os
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

FAULTS_VARIABLE: Final = "PRESS_FAULTS"
KEYS: Final = {"Bearer key-of-ada": "ada", "Bearer key-of-ben": "ben"}
KEYLESS_DELETES, OTHERS_READ, OTHERS_CANCEL, OTHERS_DELETE = "keyless", "others-read", "others-cancel", "others-delete"
PLACED_TWICE, PLACED_AFTER_END, STATE_UNSAID = "placed-twice", "placed-after-end", "state-unsaid"
PROOF_GOES_ON, PROGRESS_FALLS, RESULT_EARLY, RESULT_READ_EARLY = "goes-on", "falls", "early", "read-early"
RESULT_CRASHES: Final = "result-crashes"
NEVER_304, MATCHES_ANY, RETRY_MAKES_TWO, KEY_REUSED, TWICE_TAKEN, TRACES, REVIVED = (
    "never-304",
    "matches-any",
    "retry",
    "reused",
    "twice",
    "traces",
    "revived",
)
RANGE_IGNORED, SEARCH_IGNORED, HEADER_SPOILT, LISTED_OTHERWISE = "range", "search", "header", "listed-otherwise"
TOLD_OTHERWISE, CHILD_LIVES, LONG_CUT, EMPTIED, ASSIGNED, HEAD_OTHERWISE, CRASHES = (
    "told-otherwise",
    "child",
    "cut",
    "emptied",
    "assigned",
    "head",
    "crashes",
)
FAULTS: Final = (
    RANGE_IGNORED,
    SEARCH_IGNORED,
    HEADER_SPOILT,
    LISTED_OTHERWISE,
    TOLD_OTHERWISE,
    CHILD_LIVES,
    LONG_CUT,
    EMPTIED,
    ASSIGNED,
    HEAD_OTHERWISE,
    CRASHES,
    KEYLESS_DELETES,
    OTHERS_READ,
    OTHERS_CANCEL,
    OTHERS_DELETE,
    PLACED_TWICE,
    PLACED_AFTER_END,
    STATE_UNSAID,
    PROOF_GOES_ON,
    PROGRESS_FALLS,
    RESULT_EARLY,
    RESULT_READ_EARLY,
    NEVER_304,
    MATCHES_ANY,
    RETRY_MAKES_TWO,
    KEY_REUSED,
    TWICE_TAKEN,
    TRACES,
    REVIVED,
    RESULT_CRASHES,
)
# What a server may do: every user sees and changes all orders.
SHARED: Final = "shared"
# No order is found by the id that it has: nothing else can be said of orders then.
LOST: Final = "lost"
DOCUMENT: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text("utf-8"))
# What a proof is at each look at it.
_MOST_COPIES, _LONGEST_TITLE = 1000, 40
_LIFE: Final = (("queued", 0), ("running", 40), ("running", 80), ("done", 100))


def validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}, validate_formats=True)


def body_schema(path: str, method: str) -> dict[str, Any]:
    schema: dict[str, Any] = DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
    return schema


NEW_ORDER = validator(body_schema("/orders", "post"))
ORDER_CHANGE = validator(body_schema("/orders/{order_id}", "patch"))
NEW_NOTE = validator(body_schema("/orders/{order_id}/notes", "post"))
NEW_PROOF = validator(body_schema("/proofs", "post"))


class Press:
    """What the press holds, and how it answers."""

    def __init__(self, faults: frozenset[str]) -> None:
        self.faults = faults
        self.orders: dict[str, dict[str, Any]] = {}
        self.proofs: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.ended: set[str] = set()
        self.kept: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.numbers = count(1)

    async def orders_at(self, request: Request) -> Response:
        user = user_of(request)
        if request.method != "POST":
            mine = [order for order in self.orders.values() if order["user"] == user or SHARED in self.faults]
            return self._list(request, mine)
        body = await self._new_order(request)
        key, sent = request.headers.get("idempotency-key"), await request.body()
        known, made = self.kept.get((user, key or ""), (sent, ""))
        if known != sent and KEY_REUSED not in self.faults:
            raise HTTPException(409, "the key belongs to another request")
        if made and RETRY_MAKES_TWO not in self.faults:
            return JSONResponse(shown(self.orders[made]), 201)
        order = {"id": str(uuid.uuid4()), "colours": [], "status": "draft", "user": user, **body}
        if LONG_CUT in self.faults:
            order["title"] = order["title"][:32]
        self.orders[order["id"]] = order
        if key is not None:
            self.kept[user, key] = (sent, order["id"])
        told = {"title": order["title"].upper()} if TOLD_OTHERWISE in self.faults else {}
        return JSONResponse({**shown(order), **told}, 201)

    def _list(self, request: Request, orders: list[dict[str, Any]]) -> Response:
        sought, most = request.query_params.get("q"), request.query_params.get("copies_max_to")
        if most is not None and not (most.isascii() and most.isdigit() and 1 <= int(most) <= _MOST_COPIES):
            raise HTTPException(422, "no such number")
        if sought is not None and len(sought) > _LONGEST_TITLE:
            raise HTTPException(422, "q is too long")
        if sought and "%" in sought and CRASHES in self.faults:
            raise ZeroDivisionError
        if sought and SEARCH_IGNORED not in self.faults:
            orders = [order for order in orders if sought.casefold() in order["title"].casefold()]
        if most and RANGE_IGNORED not in self.faults:
            orders = [order for order in orders if order["copies_max"] <= int(most)]
        total = "many" if HEADER_SPOILT in self.faults else str(len(orders))
        items = [shown(order) for order in orders]
        if LISTED_OTHERWISE in self.faults:
            items = [{**item, "copies_max": item["copies_max"] // 10} for item in items]
        return JSONResponse(items, headers={"X-Total": total})

    async def _new_order(self, request: Request) -> dict[str, Any]:
        body = await valid(request, NEW_ORDER, but="uniqueItems" if TWICE_TAKEN in self.faults else "")
        if body["copies_min"] > body["copies_max"]:
            raise HTTPException(422, "copies_min is above copies_max")
        return body

    def _order(self, request: Request, *, writes: str = "") -> dict[str, Any]:
        keyless = (
            KEYLESS_DELETES in self.faults and request.method == "DELETE" and not request.headers.get("authorization")
        )
        user = None if keyless else user_of(request)
        order = self.orders.get(request.path_params["order_id"])
        free = (writes or OTHERS_READ) in self.faults or SHARED in self.faults
        if order is None or LOST in self.faults or not (keyless or free or order["user"] == user):
            raise HTTPException(404, "no such order")
        return order

    async def order(self, request: Request) -> Response:
        order = self._order(request, writes={"DELETE": OTHERS_DELETE, "PATCH": "none"}.get(request.method, ""))
        tag = f'"{hashlib.sha256(json.dumps(shown(order)).encode()).hexdigest()[:16]}"'
        if request.method == "DELETE":
            del self.orders[order["id"]]
            self.ended.add(order["id"])
            self.kept = {key: kept for key, kept in self.kept.items() if kept[1] != order["id"]}
            return Response(status_code=204)
        if request.method == "PATCH":
            body = await valid(request, ORDER_CHANGE)
            if request.headers.get("if-match", tag) not in (tag, "*") and MATCHES_ANY not in self.faults:
                raise HTTPException(412, "the order has changed")
            order.update(body, **({"status": "draft"} if REVIVED in self.faults else {}))
            return JSONResponse(shown(order))
        if request.method == "HEAD" and HEAD_OTHERWISE in self.faults:
            return Response(headers={"ETag": tag}, media_type="text/plain")
        if request.headers.get("if-none-match") == tag and NEVER_304 not in self.faults:
            return Response(status_code=304, headers={"ETag": tag})
        return JSONResponse(shown(order), headers={"ETag": tag})

    async def add_note(self, request: Request) -> Response:
        gone = CHILD_LIVES in self.faults and request.path_params["order_id"] in self.ended
        order = {"id": request.path_params["order_id"]} if gone else self._order(request, writes="none")
        user_of(request)
        body = await valid(request, NEW_NOTE)
        text = body["text"] or (None if EMPTIED in self.faults else "")
        note = {"id": f"n{next(self.numbers)}", "text": "-" if text is None else text, "order": order["id"]}
        self.notes[note["id"]] = note
        return JSONResponse({"id": note["id"], "text": note["text"]}, 201)

    async def note(self, request: Request) -> Response:
        order = self._order(request)
        note = self.notes.get(request.path_params["note_id"])
        if note is None or note["order"] != order["id"]:
            raise HTTPException(404, "no such note")
        return JSONResponse({"id": note["id"], "text": note["text"]})

    async def place(self, request: Request) -> Response:
        order = self._order(request, writes="none")
        again = PLACED_TWICE in self.faults and order["status"] == "placed"
        late = PLACED_AFTER_END in self.faults and order["status"] == "cancelled"
        if order["status"] != "draft" and not (again or late):
            raise HTTPException(409, "the order is not a draft")
        order["status"] = "draft" if STATE_UNSAID in self.faults else "placed"
        return JSONResponse({**shown(order), "status": "placed"})

    async def cancel(self, request: Request) -> Response:
        order = self._order(request, writes=OTHERS_CANCEL)
        if order["status"] == "cancelled":
            raise HTTPException(409, "the order is cancelled already")
        order["status"] = "cancelled"
        return JSONResponse(shown(order))

    async def add_proof(self, request: Request) -> Response:
        user = user_of(request)
        body = await valid(request, NEW_PROOF)
        own = {"progress": body["progress"]} if ASSIGNED in self.faults and "progress" in body else {}
        proof = {"proof_id": f"p{next(self.numbers)}", "pages": body["pages"], "user": user, "looks": 0, **own}
        self.proofs[proof["proof_id"]] = proof
        return JSONResponse(self._seen(proof), 202, {"Location": f"/v2/proofs/{proof['proof_id']}"})

    def _proof(self, request: Request) -> dict[str, Any]:
        proof = self.proofs.get(request.path_params["proof_id"])
        if proof is None or proof["user"] != user_of(request):
            raise HTTPException(404, "no such proof")
        return proof

    async def proof(self, request: Request) -> Response:
        proof = self._proof(request)
        proof["looks"] += 1
        return JSONResponse(self._seen(proof))

    async def result(self, request: Request) -> Response:
        proof = self._proof(request)
        if RESULT_CRASHES in self.faults and not proof.setdefault("asked", False):
            proof["asked"] = True
            raise ZeroDivisionError
        if proof["looks"] < len(_LIFE) and RESULT_READ_EARLY not in self.faults:
            raise HTTPException(409, "it is not done")
        return JSONResponse({"url": f"/files/{proof['proof_id']}"})

    def _seen(self, proof: dict[str, Any]) -> dict[str, Any]:
        looks = proof["looks"]
        status, progress = _LIFE[min(max(looks - 1, 0), len(_LIFE) - 1)]
        if PROOF_GOES_ON in self.faults and looks > len(_LIFE):
            status = "running"
        if PROGRESS_FALLS in self.faults and looks == len(_LIFE) - 1:
            progress = 20
        done = status == "done" or RESULT_EARLY in self.faults
        result = f"/files/{proof['proof_id']}" if done else None
        known = {"proof_id": proof["proof_id"], "pages": proof["pages"]}
        progress = proof.get("progress", progress)
        return {**known, "status": status, "progress": progress, "result": result}


def shown(order: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name != "user"}


def user_of(request: Request) -> str:
    user = KEYS.get(request.headers.get("authorization", ""))
    if user is None:
        raise HTTPException(401, "no such key")
    return user


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
    return {name: int(value) if isinstance(value, float) else value for name, value in body.items()}


def create_app() -> Starlette:
    press = Press(frozenset(filter(None, os.environ.get(FAULTS_VARIABLE, "").split(","))))

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)

    handlers: dict[Any, Callable[..., Any]] = {HTTPException: refuse}
    others = ["PUT", "TRACE"] if TRACES in press.faults else []
    routes = [
        Route("/v2/orders", press.orders_at, methods=["GET", "POST"]),
        Route("/v2/orders/{order_id}", press.order, methods=["GET", "PATCH", "DELETE", *others]),
        Route("/v2/orders/{order_id}/place", press.place, methods=["POST"]),
        Route("/v2/orders/{order_id}/cancel", press.cancel, methods=["POST"]),
        Route("/v2/orders/{order_id}/notes", press.add_note, methods=["POST"]),
        Route("/v2/orders/{order_id}/notes/{note_id}", press.note, methods=["GET"]),
        Route("/v2/proofs", press.add_proof, methods=["POST"]),
        Route("/v2/proofs/{proof_id}", press.proof, methods=["GET"]),
        Route("/v2/proofs/{proof_id}/result", press.result, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers=handlers)
