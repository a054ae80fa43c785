"""Who may come in: the bearer key, its permission, and the rate limit, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import (
    ForbiddenError,
    InvalidApiKeyError,
    RateLimitedError,
    UnauthorizedError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.beatra.wiring import Services

_CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Guard:
    """Admits requests."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def admit(self, request: Request) -> str:
        """
        The account that a request to the API acts for.

        Raises UnauthorizedError, InvalidApiKeyError, ForbiddenError and RateLimitedError.
        """
        caller = self.identify(request)
        self.check_permission(caller)
        self.check_rate(caller)
        self._services.lifecycle.settle(caller.tenant_id)
        return caller.tenant_id

    def identify(self, request: Request) -> Caller:
        """Whose key the request carries; raises UnauthorizedError and InvalidApiKeyError."""
        scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise UnauthorizedError("The request carries no bearer key.", headers=_CHALLENGE)
        caller = self._services.accounts.by_key(key.strip())
        if caller is None:
            raise InvalidApiKeyError("The API key is not known.", headers=_CHALLENGE)
        return caller

    def check_permission(self, caller: Caller) -> None:
        """Refuse a key without rights; raises ForbiddenError."""
        if not caller.permitted:
            raise ForbiddenError("The API key is not permitted to do this.")

    def check_rate(self, caller: Caller) -> None:
        """Refuse a request beyond the limit; raises RateLimitedError."""
        retry_after = self._services.overrides.take_request(caller.tenant_id)
        if retry_after is not None:
            raise RateLimitedError("Too many requests; retry later.", headers={"Retry-After": str(retry_after)})
