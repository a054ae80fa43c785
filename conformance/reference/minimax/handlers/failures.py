"""`base_resp` on everything that is no success."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from conformance.reference.minimax.errors import ApiError, NoSuchEndpointError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

CONTROL = "/_control"

_METHOD_NOT_ALLOWED = 405
_NOT_FOUND = 404
_UNKNOWN_ERROR = {"status_code": 1000, "status_msg": "unknown error"}
_logger = logging.getLogger(__name__)


class Failures:
    """Turns exceptions into answers."""

    def handlers(self) -> Mapping[type[Exception], ExceptionHandler]:
        """Which method answers which exception."""
        return {ApiError: self.refused, HTTPException: self.not_routed}

    async def refused(self, request: Request, problem: Exception) -> JSONResponse:
        """What the API refuses: with HTTP 200, but at the control interface with a status that says so."""
        if not isinstance(problem, ApiError):
            raise problem
        of_control = request.scope["path"].startswith(CONTROL)
        status = problem.control_status if of_control else self.status_of(problem)
        return JSONResponse(self.body(problem, request), status_code=status)

    def status_of(self, problem: ApiError) -> int:
        """The HTTP status of a refusal."""
        return problem.status

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """A refusal as it is answered."""
        return {"trace_id": request.scope["trace_id"], "base_resp": problem.base_resp()}

    async def not_routed(self, request: Request, problem: Exception) -> JSONResponse:
        """Unknown paths, and methods that a path does not have."""
        if isinstance(problem, HTTPException) and problem.status_code == _METHOD_NOT_ALLOWED:
            return await self.refused(request, NoSuchEndpointError(_METHOD_NOT_ALLOWED, "no such method"))
        return await self.refused(request, NoSuchEndpointError(_NOT_FOUND, "no such endpoint"))


class LastResort:
    """ASGI middleware that answers 500 with `base_resp` when the server itself fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            _logger.info("A client went away before its request was read.")
        except Exception:
            if scope["type"] != "http":
                raise
            _logger.exception("The reference failed to answer %s %s", scope["method"], scope["path"])
            answer = JSONResponse({"trace_id": scope["trace_id"], "base_resp": _UNKNOWN_ERROR}, status_code=500)
            await answer(scope, receive, send)
