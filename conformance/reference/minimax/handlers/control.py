"""The control interface: time, money, plans and limits in the hands of a test."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from conformance.reference.beatra.services.money import credits_text, units
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.reading import parse
from conformance.reference.minimax.services.moderation import SENSITIVE_TEXT
from conformance.reference.minimax.shapes import Shape, check
from conformance.reference.parts.clock import LATEST, seconds, to_text
from conformance.reference.parts.control import CLOCK, PLAN, RATE_LIMIT, WALLET

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.handlers.guard import Guard
    from conformance.reference.minimax.handlers.reading import BodyReader
    from conformance.reference.minimax.wiring import Services

OFFERS = ("clock", "wallet", "rate-limit", "plan", "reset", "tenants", "tenants/balance")

_CREATED = 201
_CLOCK, _WALLET, _RATE_LIMIT, _PLAN = map(Shape, (CLOCK, WALLET, RATE_LIMIT, PLAN))


class ControlHandlers:
    """Answers calls to the control interface."""

    def __init__(self, services: Services, guard: Guard, reader: BodyReader) -> None:
        self._services = services
        self._guard = guard
        self._reader = reader

    async def describe(self, request: Request) -> JSONResponse:
        """GET {control}: what is offered, and the caller's time, or without a key the machine's."""
        known = "authorization" in request.headers
        clock = self._services.clock
        now = clock.now(self._guard.identify(request).tenant_id) if known else clock.machine()
        settings = self._services.settings
        description = {"offers": OFFERS, "now": to_text(now), "scope": settings.scope, "sensitive_text": SENSITIVE_TEXT}
        if settings.audio_url is not None:
            description["reference_audio_url"] = settings.audio_url
        return JSONResponse(description)

    async def clock(self, request: Request) -> JSONResponse:
        """POST {control}/clock."""
        tenant_id, body = await self._read(request, _CLOCK)
        advance = seconds(body["advance_seconds"])
        if self._services.clock.now(tenant_id) + advance >= LATEST:
            raise InvalidParamsError("advance_seconds leads past the year 9998")
        self._services.overrides.advance_clock(tenant_id, advance)
        return JSONResponse({"now": to_text(self._services.clock.now(tenant_id))})

    async def wallet(self, request: Request) -> JSONResponse:
        """GET and PUT {control}/wallet."""
        if request.method == "PUT":
            tenant_id, body = await self._read(request, _WALLET)
            self._services.wallet.set_balance(tenant_id, units(Decimal(body["balance_credits"])))
        else:
            tenant_id = self._guard.identify(request).tenant_id
        return JSONResponse(self._balance(tenant_id))

    async def plan(self, request: Request) -> JSONResponse:
        """PUT {control}/plan."""
        tenant_id, body = await self._read(request, _PLAN)
        self._services.plans.limit(tenant_id, body["models"])
        return JSONResponse({"models": body["models"]})

    async def rate_limit(self, request: Request) -> JSONResponse:
        """POST {control}/rate-limit."""
        tenant_id, body = await self._read(request, _RATE_LIMIT)
        limit = {"allow": None, "retry_after_seconds": 1, **(body or {})}
        allow = None if limit["allow"] is None else int(limit["allow"])
        retry_after = int(limit["retry_after_seconds"])
        self._services.overrides.limit_rate(tenant_id, allow, retry_after)
        return JSONResponse({"allow": allow, "retry_after_seconds": retry_after})

    async def reset(self, request: Request) -> JSONResponse:
        """POST {control}/reset."""
        tenant_id = self._guard.identify(request).tenant_id
        self._services.control.reset(tenant_id)
        return JSONResponse(self._balance(tenant_id))

    async def tenants(self, request: Request) -> JSONResponse:
        """POST {control}/tenants, which needs no key."""
        content = await self._reader.content(request)
        body = parse(content) if content else None
        if body is not None:
            check(_WALLET, body)
        tenant_id, keys = self._services.accounts.open_fresh()
        if body is not None:
            self._services.wallet.set_balance(tenant_id, units(Decimal(body["balance_credits"])))
        return JSONResponse({"keys": asdict(keys), **self._balance(tenant_id)}, status_code=_CREATED)

    def _balance(self, tenant_id: str) -> dict[str, str]:
        return {"balance_credits": credits_text(self._services.wallet.balance(tenant_id))}

    async def _read(self, request: Request, shape: Shape) -> tuple[str, Any]:
        tenant_id = self._guard.identify(request).tenant_id
        body = await self._reader.json(request)
        check(shape, body)
        return tenant_id, body
