"""The error envelope on everything that is no success."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from conformance.reference.beatra.errors import (
    ApiError,
    InternalError,
    InvalidRequestError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
)
from conformance.reference.parts.bodies import BodyTooLargeError, NotAFormError, NotJsonError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

_logger = logging.getLogger(__name__)


class Failures:
    """Turns exceptions into answers."""

    def handlers(self) -> Mapping[type[Exception], ExceptionHandler]:
        """Which method answers which exception."""
        return {
            ApiError: self.refused,
            HTTPException: self.not_routed,
            BodyTooLargeError: self.too_large,
            NotJsonError: self.unreadable,
            NotAFormError: self.unreadable,
        }

    async def refused(self, request: Request, problem: Exception) -> JSONResponse:
        """What the API refuses."""
        if not isinstance(problem, ApiError):
            raise problem
        return envelope(problem, request.scope["request_id"])

    async def not_routed(self, request: Request, problem: Exception) -> JSONResponse:
        """Unknown paths, and methods that a path does not have."""
        if isinstance(problem, HTTPException) and problem.status_code == MethodNotAllowedError.status:
            headers = dict(problem.headers or {})
            return await self.refused(
                request, MethodNotAllowedError("The endpoint does not have this method.", headers=headers)
            )
        return await self.refused(request, NotFoundError("There is no such endpoint."))

    async def too_large(self, request: Request, problem: Exception) -> JSONResponse:
        """Bodies beyond the limit."""
        return await self.refused(request, PayloadTooLargeError(str(problem)))

    async def unreadable(self, request: Request, problem: Exception) -> JSONResponse:
        """Bodies that are not what their type says."""
        return await self.refused(request, InvalidRequestError(str(problem)))


class LastResort:
    """ASGI middleware that answers 500 with the envelope when the server itself fails."""

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
            answer = envelope(InternalError("The server failed; retry later."), scope["request_id"])
            await answer(scope, receive, send)


def envelope(problem: ApiError, request_id: str) -> JSONResponse:
    """An error as it is answered."""
    return JSONResponse(problem.body(request_id), status_code=problem.status, headers=problem.headers)
