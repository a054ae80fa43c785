"""Who may come in: the holder of a bearer token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.beatoven.errors import UnauthorizedError

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatoven.accounts import Account, Accounts


class Guard:
    """Admits requests."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def admit(self, request: Request) -> Account:
        """The account that a request acts for; raises UnauthorizedError."""
        scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
        account = self.known(scheme, token.strip())
        if account is None:
            raise UnauthorizedError("The request carries no valid API token.")
        return account

    def known(self, scheme: str, token: str) -> Account | None:
        """The account of a token under a scheme, None when it opens nothing."""
        return self._accounts.by_token(token) if scheme.lower() == "bearer" and token else None
