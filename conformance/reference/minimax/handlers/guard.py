"""Who may come in: the bearer key, then the rate limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.minimax.errors import InvalidKeyError, NotAuthorizedError, RateLimitedError

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.minimax.wiring import Services


class Guard:
    """Admits requests."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def admit(self, request: Request) -> str:
        """
        The account that a request to the API acts for.

        Raises NotAuthorizedError, InvalidKeyError and RateLimitedError.
        """
        caller = self.identify(request)
        self.check_rate(caller)
        return caller.tenant_id

    def identify(self, request: Request) -> Caller:
        """Whose key the request carries; raises NotAuthorizedError and InvalidKeyError."""
        scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise NotAuthorizedError
        caller = self._services.accounts.by_key(key.strip())
        if caller is None or not caller.permitted:
            raise InvalidKeyError
        return caller

    def check_rate(self, caller: Caller) -> None:
        """Refuse a request beyond the limit; raises RateLimitedError."""
        if self._services.overrides.take_request(caller.tenant_id) is not None:
            raise RateLimitedError
