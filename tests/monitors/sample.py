"""A small contract that shares no name with any real system, so that monitors can't know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.contract.contract import Contract
from conformance.contract.conventions import parse_conventions
from conformance.contract.document import Document
from conformance.contract.requirements import Place, Registry, Requirement, derive_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable

TRACE = {"X-Trace": {"required": True, "schema": {"type": "string"}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "…", "headers": TRACE, "content": {"application/json": {"schema": schema}}}


AMOUNT = {"type": ["string", "null"]}
COST = {
    "type": "object",
    "properties": {"paid": AMOUNT, "back": AMOUNT, "paid_usd": AMOUNT, "back_usd": AMOUNT, "note": {"type": "string"}},
}
SONG = {
    "type": "object",
    "required": ["song", "state"],
    "properties": {
        "song": {"type": "string"},
        "state": {"enum": ["waiting", "working", "done", "broken", "stopped"]},
        "model": {"type": "string"},
        "result": {"type": ["object", "null"]},
        "reason": {"type": ["object", "null"]},
        "cost": {"anyOf": [COST, {"type": "null"}]},
    },
}
PAGE = {"type": "object", "required": ["songs"], "properties": {"songs": {"type": "array", "items": SONG}}}
FAULT = {
    "type": "object",
    "required": ["fault"],
    "properties": {
        "fault": {
            "type": "object",
            "required": ["kind", "text", "again"],
            "properties": {"kind": {"type": "string"}, "text": {"type": "string"}, "again": {"type": "boolean"}},
        },
        "hint": {"type": "string"},
    },
}
REFUSALS = {"429": _json(FAULT), "4XX": _json(FAULT), "5XX": _json(FAULT)}

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Songs", "version": "1"},
    "paths": {
        "/songs": {
            "post": {
                "operationId": "createSong",
                "requestBody": {
                    "content": {"application/json": {"schema": {"type": "object", "properties": {"model": {}}}}}
                },
                "responses": {"202": _json({"type": "object", "required": ["song"]}), **REFUSALS},
            },
            "get": {"operationId": "listSongs", "responses": {"200": _json(PAGE), **REFUSALS}},
        },
        "/songs/{song}": {"get": {"operationId": "getSong", "responses": {"200": _json(SONG), **REFUSALS}}},
        "/songs/{song}/stop": {
            "post": {"operationId": "stopSong", "responses": {"200": _json(SONG), "2XX": _json(SONG), **REFUSALS}},
        },
        "/songs/{song}/audio": {
            "get": {
                "operationId": "getAudio",
                "responses": {
                    "200": {"description": "…", "content": {"audio/*": {"schema": {}}}},
                    "204": {"description": "…"},
                },
            },
        },
    },
}

CONVENTIONS = {
    "system": "sample",
    "title": "Songs",
    "contract_version": "1.0",
    "document": "openapi.yaml",
    "surfaces": ["operations"],
    "request_id": {"header": "X-Trace", "echoed": "[a-z0-9]{1,8}"},
    "idempotency": {
        "header": "Once-Key",
        "window_seconds": 60,
        "operations": ["createSong"],
        "conflict_status": [409],
    },
    "errors": {
        "object": "/fault",
        "code": "/fault/kind",
        "message": "/fault/text",
        "retryable": "/fault/again",
        "request_id": "/fault/trace",
        "param": "/fault/at",
        "codes": [
            {"code": "broke", "status": [402], "retryable": False},
            {"code": "malformed", "status": [400, 422], "retryable": False},
            {"code": "away", "status": [503]},
        ],
        "validation_status": [400, 422],
    },
    "tasks": {
        "create": ["createSong", "copySong"],
        "get": "getSong",
        "list": "listSongs",
        "cancel": "stopSong",
        "id": "/song",
        "id_parameter": "song",
        "status": "/state",
        "states": {
            "waiting": {"phase": "waiting", "next": ["working", "stopped"]},
            "working": {"phase": "working", "next": ["done", "broken", "stopped"]},
            "done": {"phase": "succeeded", "next": []},
            "broken": {"phase": "failed", "next": []},
            "stopped": {"phase": "canceled", "next": []},
        },
        "output": "/result",
        "error": "/reason",
        "items": "/songs",
        "polling": {"first_seconds": 1, "growth": 2, "maximum_seconds": 4, "timeout_seconds": 600},
    },
    "money": {
        "unit": "coins",
        "credits_per_usd": "100",
        "charged": "/cost/paid",
        "refunded": "/cost/back",
        "charged_usd": "/cost/paid_usd",
        "refunded_usd": "/cost/back_usd",
        "priced_by": "/engine",
        "requested_by": "/model",
        "prices": {"loud": "30.00", "soft": "5.00"},
    },
    "generated": {"conforms": {"level": "MUST"}},
}


def rule(name: str, *owns: Place) -> Requirement:
    """A requirement that a monitor judges."""
    return Requirement(
        id=f"SAMPLE-{name.upper()}",
        title=name,
        level="MUST",
        surface="operations",
        release="available",
        statement=name,
        sources=(),
        judged_by=f"monitor:{name}",
        owns=owns,
    )


def contract(*requirements: Requirement, without: Iterable[str] = ()) -> Contract:
    """The sample contract with some requirements written, or with some parts of the conventions left out."""
    document = Document(DOCUMENT)
    conventions = parse_conventions({name: part for name, part in CONVENTIONS.items() if name not in without})
    return Contract(document, Registry((*requirements, *derive_requirements(document, conventions))), conventions)
