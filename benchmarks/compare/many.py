"""A server with as many operations as anybody asks for: it takes what fits their one schema, and refuses the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

_LONGEST, _LARGEST = 40, 9


async def _thing(request: Request) -> Response:
    json_sent = request.headers.get("content-type", "").partition(";")[0] == "application/json"
    try:
        thing = json.loads(await request.body())
    except ValueError:
        thing = None
    return Response(status_code=200 if json_sent and _fits(thing) else 400)


def _fits(thing: object) -> bool:
    if not isinstance(thing, dict) or not {"name"} <= set(thing) <= {"name", "size"}:
        return False
    name, size = thing["name"], thing.get("size", 1)
    number = isinstance(size, int | float) and not isinstance(size, bool) and size == int(size)
    return isinstance(name, str) and 1 <= len(name) <= _LONGEST and number and 1 <= size <= _LARGEST


def create_app() -> Starlette:
    """The server."""
    return Starlette(routes=[Route("/{thing}", _thing, methods=["POST"])])
