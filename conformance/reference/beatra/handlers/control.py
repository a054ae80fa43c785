"""The control interface: time, money, outcomes and limits in the hands of a test."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from starlette.responses import JSONResponse

from conformance.reference.beatra.handlers.reading import read_json, read_optional_json
from conformance.reference.beatra.services.money import credits_text, units
from conformance.reference.beatra.validation import Complaint, check, refusal
from conformance.reference.parts.clock import LATEST, seconds, to_text

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.wiring import Services

OFFERS: tuple[str, ...] = (
    "clock",
    "wallet",
    "tasks/outcome",
    "tasks/hold",
    "rate-limit",
    "reset",
    "tenants",
    "tenants/balance",
)
DEFAULT_FAILURE = "provider_error"

_CREATED = 201
_CENTURY = 3_155_760_000
_MILLION = 1_000_000

_CLOCK = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["advance_seconds"],
        "properties": {"advance_seconds": {"type": "number", "minimum": 0, "maximum": _CENTURY}},
    }
)
_WALLET = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["balance_credits"],
        "properties": {"balance_credits": {"type": "string", "pattern": r"^[0-9]{1,12}([.][0-9]{1,4})?$"}},
    }
)
_OUTCOME = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": {"enum": ["failed", "succeeded"]},
            "count": {"type": "integer", "minimum": 0, "maximum": _MILLION},
            "error_code": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
        },
    }
)
_HOLD = jsonschema_rs.Draft202012Validator(
    {"type": "object", "required": ["state"], "properties": {"state": {"enum": ["queued", "running", None]}}}
)
_RATE = jsonschema_rs.Draft202012Validator(
    {
        "type": ["object", "null"],
        "required": ["allow"],
        "properties": {
            "allow": {"type": ["integer", "null"], "minimum": 0, "maximum": _MILLION},
            "retry_after_seconds": {"type": "integer", "minimum": 0, "maximum": _MILLION},
        },
    }
)


class ControlHandlers:
    """Answers calls to the control interface, for which every key of an account is good enough."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    async def describe(self, request: Request) -> JSONResponse:
        """GET {control}: what is offered, and the caller's time, or without a key the machine's."""
        known = "authorization" in request.headers
        clock = self._services.clock
        now = clock.now(self._guard.identify(request).tenant_id) if known else clock.machine()
        settings = self._services.settings
        description = {"offers": OFFERS, "now": to_text(now), "scope": settings.scope}
        if settings.audio_url is not None:
            description["reference_audio_url"] = settings.audio_url
        return JSONResponse(description)

    async def clock(self, request: Request) -> JSONResponse:
        """POST {control}/clock."""
        tenant_id, body = await self._read(request, _CLOCK)
        advance = seconds(body["advance_seconds"])
        if self._services.clock.now(tenant_id) + advance >= LATEST:
            raise refusal([Complaint("/advance_seconds", "leads past the year 9998")])
        await self._services.control.advance(tenant_id, advance)
        return JSONResponse({"now": to_text(self._services.clock.now(tenant_id))})

    async def wallet(self, request: Request) -> JSONResponse:
        """GET and PUT {control}/wallet."""
        if request.method == "PUT":
            tenant_id, body = await self._read(request, _WALLET)
            self._services.wallet.set_balance(tenant_id, units(Decimal(body["balance_credits"])))
        else:
            tenant_id = self._guard.identify(request).tenant_id
            self._services.lifecycle.settle(tenant_id)
        return JSONResponse(self._balance(tenant_id))

    async def outcome(self, request: Request) -> JSONResponse:
        """POST {control}/tasks/outcome."""
        tenant_id, body = await self._read(request, _OUTCOME)
        count = int(body.get("count", 1))
        failure = body.get("error_code", DEFAULT_FAILURE) if body["outcome"] == "failed" else None
        self._services.overrides.plan_outcomes(tenant_id, failure, count)
        return JSONResponse({"outcome": body["outcome"], "count": count, "error_code": failure})

    async def hold(self, request: Request) -> JSONResponse:
        """POST {control}/tasks/hold."""
        tenant_id, body = await self._read(request, _HOLD)
        self._services.control.hold(tenant_id, body["state"])
        return JSONResponse({"state": body["state"]})

    async def rate_limit(self, request: Request) -> JSONResponse:
        """POST {control}/rate-limit."""
        tenant_id, body = await self._read(request, _RATE)
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
        """POST {control}/tenants, which takes no key."""
        body = await read_optional_json(request, self._services.settings.json_bytes)
        if body is not None:
            check(_WALLET, body)
        tenant_id, keys = self._services.accounts.open_fresh()
        if body is not None:
            self._services.wallet.set_balance(tenant_id, units(Decimal(body["balance_credits"])))
        return JSONResponse({"keys": asdict(keys), **self._balance(tenant_id)}, status_code=_CREATED)

    def _balance(self, tenant_id: str) -> dict[str, str]:
        return {"balance_credits": credits_text(self._services.wallet.balance(tenant_id))}

    async def _read(self, request: Request, shape: jsonschema_rs.Draft202012Validator) -> tuple[str, Any]:
        tenant_id = self._guard.identify(request).tenant_id
        body = await read_json(request, self._services.settings.json_bytes)
        check(shape, body)
        return tenant_id, body
