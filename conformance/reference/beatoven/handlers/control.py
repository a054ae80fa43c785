"""The control interface: time, holds and outcomes in the hands of a test. There is no wallet: no document has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema_rs
from starlette.responses import JSONResponse

from conformance.reference.beatoven.errors import BadRequestError
from conformance.reference.beatoven.handlers.reading import read_body
from conformance.reference.beatoven.records import COMPOSING, RUNNING
from conformance.reference.parts.clock import LATEST, seconds, to_text

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.accounts import Account, Accounts
    from conformance.reference.beatoven.compositions import Compositions
    from conformance.reference.beatoven.handlers.guard import Guard

OFFERS = ("clock", "tasks/outcome", "tasks/hold", "reset", "tenants")

_CREATED = 201
_CENTURY = 3_155_760_000
_BYTES = 65_536
_CLOCK = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["advance_seconds"],
        "properties": {"advance_seconds": {"type": "number", "minimum": 0, "maximum": _CENTURY}},
    }
)
_OUTCOME = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": {"enum": ["failed", "succeeded"]},
            "count": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        },
    }
)
# The control interface has its own names for the states in which tasks stop.
_HELD = {"queued": COMPOSING, "running": RUNNING, None: None}
_HOLD = jsonschema_rs.Draft202012Validator(
    {"type": "object", "required": ["state"], "properties": {"state": {"enum": list(_HELD)}}}
)


class ControlHandlers:
    """Answers calls to the control interface, each in the name of the account of its token."""

    def __init__(self, accounts: Accounts, compositions: Compositions, guard: Guard) -> None:
        self._accounts = accounts
        self._compositions = compositions
        self._guard = guard

    async def describe(self, request: Request) -> JSONResponse:
        """GET {control}: what is offered, and the caller's time, or without a token the machine's."""
        known = "authorization" in request.headers
        now = self._accounts.now(self._guard.admit(request)) if known else self._accounts.machine()
        return JSONResponse({"offers": OFFERS, "now": to_text(now), "scope": "tenant"})

    async def clock(self, request: Request) -> JSONResponse:
        """POST {control}/clock."""
        account, body = await self._read(request, _CLOCK)
        if self._accounts.now(account) + seconds(body["advance_seconds"]) >= LATEST:
            raise BadRequestError("The clock would be put past the year 9998.")
        self._accounts.advance(account, body["advance_seconds"])
        return JSONResponse({"now": to_text(self._accounts.now(account))})

    async def outcome(self, request: Request) -> JSONResponse:
        """POST {control}/tasks/outcome."""
        account, body = await self._read(request, _OUTCOME)
        count = int(body.get("count", 1))
        account.failing = count if body["outcome"] == "failed" else 0
        return JSONResponse({"outcome": body["outcome"], "count": count, "error_code": None})

    async def hold(self, request: Request) -> JSONResponse:
        """POST {control}/tasks/hold."""
        account, body = await self._read(request, _HOLD)
        self._compositions.hold(account, _HELD[body["state"]])
        return JSONResponse({"state": body["state"]})

    async def reset(self, request: Request) -> JSONResponse:
        """POST {control}/reset."""
        self._guard.admit(request).clear()
        return JSONResponse({})

    async def tenants(self, request: Request) -> JSONResponse:
        """POST {control}/tenants, which needs no token."""
        del request
        return JSONResponse({"keys": self._accounts.open_fresh()}, status_code=_CREATED)

    async def _read(
        self, request: Request, shape: jsonschema_rs.Draft202012Validator
    ) -> tuple[Account, dict[str, Any]]:
        account = self._guard.admit(request)
        return account, await read_body(request, shape, _BYTES)
