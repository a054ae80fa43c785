"""An API behind a load balancer that now and then does not reach it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from tests.liberties.applications import reference

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_EVERY = 40
_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def bad_gateway_now_and_then() -> ASGIApp:
    """The reference, where one request in forty gets the page of a load balancer instead of an answer."""
    return reference(wrap=_behind_a_load_balancer)


def _behind_a_load_balancer(app: ASGIApp) -> ASGIApp:
    numbers = count(1)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        of_the_api = scope["type"] == "http" and scope["path"].startswith("/v1")
        if of_the_api and next(numbers) % _EVERY == 0:
            await HTMLResponse(_PAGE, 502)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return answer
