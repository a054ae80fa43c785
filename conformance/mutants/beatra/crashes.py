"""Mutants that certain requests bring down, every time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.accounts import Caller


class RedactsEverything(MusicHandlers):
    """Writes a log line without secrets before anything else."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Walk through the body first."""
        body = await request.body()
        if body.strip().startswith((b"[", b"{")):
            self._walk(body)
        return await super().from_text(request)

    def _walk(self, body: bytes) -> None:
        try:
            value = json.loads(body)
        except ValueError:
            return
        self._redact(value)

    def _redact(self, value: object) -> object:
        if isinstance(value, list):
            return [self._redact(item) for item in value]
        if isinstance(value, dict):
            return {name: self._redact(item) for name, item in value.items()}
        return value


class ExpectsAnObject(MusicHandlers):
    """Looks for the model before the body was validated."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Read one field too early."""
        body = await request.body()
        if body in (b"null", b"[]"):
            json.loads(body)["model"]
        return await super().from_text(request)


class SplitsTheHeader(Guard):
    """Takes the header apart without a look."""

    def identify(self, request: Request) -> Caller:
        """Expect two parts."""
        header = request.headers.get("authorization")
        if header is not None:
            _scheme, _key = header.split(" ")
        return super().identify(request)


MUTANTS = (
    Mutant(
        id="deep-body-crashes",
        breaks="BEATRA-ERROR-06",
        story="The log redacts bodies recursively, and nobody thought of ten thousand levels.",
        front={"music": RedactsEverything},
    ),
    Mutant(
        id="null-body-crashes",
        breaks="BEATRA-ERROR-06",
        story="A metric counts requests per model before the body is validated.",
        front={"music": ExpectsAnObject},
    ),
    Mutant(
        id="bare-scheme-crashes",
        breaks="BEATRA-ERROR-06",
        story="The header is split in two without a check whether there are two parts.",
        front={"guard": SplitsTheHeader},
    ),
)
