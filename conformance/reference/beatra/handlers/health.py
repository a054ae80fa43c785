"""GET /v1/health: whether the service is well, for which no key is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request


class HealthHandlers:
    """Says that the service answers."""

    async def get(self, request: Request) -> JSONResponse:
        """GET /v1/health."""
        del request
        return JSONResponse({"status": "ok"})
