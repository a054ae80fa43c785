"""Mutants that mistake keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from conformance.mutants.base import Mutant
from conformance.reference.minimax.errors import (
    ApiError,
    InsufficientBalanceError,
    InvalidKeyError,
    InvalidParamsError,
    NotAuthorizedError,
)
from conformance.reference.minimax.handlers.covers import CoverHandlers
from conformance.reference.minimax.handlers.guard import Guard
from conformance.reference.minimax.services.features import Features

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.services.accounts import Caller


class ValidatesTheHeader(Guard):
    """Validates the header like a part of the body."""

    def identify(self, request: Request) -> Caller:
        """Call a missing header an invalid parameter."""
        if "authorization" not in request.headers:
            raise InvalidParamsError("Authorization is required")
        return super().identify(request)


class LooksKeysUp(Guard):
    """Has one error for every lookup that finds nothing."""

    def identify(self, request: Request) -> Caller:
        """Call an unknown key an invalid parameter."""
        try:
            return super().identify(request)
        except InvalidKeyError as problem:
            raise InvalidParamsError("no such key") from problem


class LooksBalancesUp(Guard):
    """Looks for the balance of a key."""

    def identify(self, request: Request) -> Caller:
        """Find none for an unknown key."""
        try:
            return super().identify(request)
        except InvalidKeyError as problem:
            raise InsufficientBalanceError from problem


class TakesAnyScheme(Guard):
    """Looks for the key where it always stands."""

    def identify(self, request: Request) -> Caller:
        """Take the second word for the key, whatever the first one says."""
        key = request.headers.get("authorization", "").partition(" ")[2].strip()
        return self._services.accounts.by_key(key) or super().identify(request)


class ValidatesTheScheme(Guard):
    """Takes another scheme for a fault of the request."""

    def identify(self, request: Request) -> Caller:
        """Refuse it as an invalid parameter."""
        header = request.headers.get("authorization", "").lower()
        if header and not header.startswith("bearer"):
            raise InvalidParamsError("the Authorization header is malformed")
        return super().identify(request)


class LetsLyricsIn(Guard):
    """Has lyrics open to everyone, as they cost nearly nothing."""

    def identify(self, request: Request) -> Caller:
        """Take any key for that of the first account."""
        try:
            return super().identify(request)
        except ApiError:
            if not request.scope["path"].endswith("/lyrics_generation"):
                raise
            found = self._services.accounts.by_key(self._services.settings.main_key)
            if found is None:
                raise
            return found


class AnswersFromACache(CoverHandlers):
    """Has a cache in front of preprocessing."""

    async def preprocess(self, request: Request) -> JSONResponse:
        """Answer with what is there, before the key is looked at."""
        try:
            return await super().preprocess(request)
        except (NotAuthorizedError, InvalidKeyError):
            return JSONResponse(self.content(request, Features("0" * 32, 8.0)))


class SharesAKey(Guard):
    """Has a key for the playground of the documentation."""

    def identify(self, request: Request) -> Caller:
        """Let music be made with no key."""
        try:
            return super().identify(request)
        except NotAuthorizedError:
            found = self._services.accounts.by_key(self._services.settings.main_key)
            if (
                found is None
                or "authorization" in request.headers
                or not request.scope["path"].endswith("/music_generation")
            ):
                raise
            return found


MUTANTS = (
    Mutant(
        id="missing-key-an-invalid-parameter",
        breaks="MINIMAX-AUTH-01",
        story="The header is validated like a part of the body.",
        front={"guard": ValidatesTheHeader},
    ),
    Mutant(
        id="unknown-key-an-invalid-parameter",
        breaks="MINIMAX-AUTH-02",
        story="There is one exception for every lookup that finds nothing.",
        front={"guard": LooksKeysUp},
    ),
    Mutant(
        id="unknown-key-without-balance",
        breaks="MINIMAX-AUTH-02",
        story="The balance of a key is looked up before the key.",
        front={"guard": LooksBalancesUp},
    ),
    Mutant(
        id="any-scheme-taken",
        breaks="MINIMAX-AUTH-03",
        story="The word before the key is skipped and never looked at.",
        front={"guard": TakesAnyScheme},
    ),
    Mutant(
        id="other-scheme-an-invalid-parameter",
        breaks="MINIMAX-AUTH-03",
        story="A header of another form is taken for a fault of the request.",
        front={"guard": ValidatesTheScheme},
    ),
    Mutant(
        id="lyrics-without-a-key",
        breaks="MINIMAX-generateLyrics-CREDENTIALS",
        story="Lyrics are so cheap that their middleware was not missed.",
        front={"guard": LetsLyricsIn},
    ),
    Mutant(
        id="preprocessing-from-a-cache",
        breaks="MINIMAX-preprocessCover-CREDENTIALS",
        story="A cache in front of preprocessing answers before the key is looked at.",
        front={"covers": AnswersFromACache},
    ),
    Mutant(
        id="music-without-a-key",
        breaks="MINIMAX-generateMusic-CREDENTIALS",
        story="The playground of the documentation needed a way in, and it was left open.",
        front={"guard": SharesAKey},
    ),
)
