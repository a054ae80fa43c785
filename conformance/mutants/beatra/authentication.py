"""Mutants that mistake one kind of key for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatra.errors import (
    ForbiddenError,
    InvalidApiKeyError,
    InvalidRequestError,
    NotFoundError,
    UnauthorizedError,
)
from conformance.reference.beatra.handlers.guard import Guard
from conformance.reference.beatra.handlers.music import MusicHandlers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatra.services.accounts import Caller
    from conformance.reference.beatra.services.creation import Creation


class OneCodeForAll(Guard):
    """Knows one way in which a key can be wrong."""

    def identify(self, request: Request) -> Caller:
        """Call a missing key invalid."""
        try:
            return super().identify(request)
        except UnauthorizedError as problem:
            raise InvalidApiKeyError(problem.message) from problem


class ForbidsTheNameless(Guard):
    """Answers as a well-known framework does when the header is missing."""

    def identify(self, request: Request) -> Caller:
        """Take a client without a key for one without permission."""
        if "authorization" not in request.headers:
            raise ForbiddenError("Not authenticated.")
        return super().identify(request)


class UnknownIsMissing(Guard):
    """Treats a key that it does not know as if there were none."""

    def identify(self, request: Request) -> Caller:
        """Call an unknown key missing."""
        try:
            return super().identify(request)
        except InvalidApiKeyError as problem:
            raise UnauthorizedError(problem.message) from problem


class LooksKeysUp(Guard):
    """Answers with what the table of keys says."""

    def identify(self, request: Request) -> Caller:
        """Say that there is no such row."""
        try:
            return super().identify(request)
        except InvalidApiKeyError as problem:
            raise NotFoundError("There is no such key.") from problem


class ValidatesTheHeader(Guard):
    """Takes a header of another form for a fault of the request."""

    def identify(self, request: Request) -> Caller:
        """Refuse other schemes as invalid requests."""
        header = request.headers.get("authorization")
        if header is not None and not header.lower().startswith("bearer"):
            raise InvalidRequestError("The Authorization header is malformed.", details={"errors": ["Authorization"]})
        return super().identify(request)


class ForbidsBareSchemes(Guard):
    """Takes a scheme without a key for a key without permission."""

    def identify(self, request: Request) -> Caller:
        """Refuse the scheme alone with 403."""
        if request.headers.get("authorization", "").strip().lower() == "bearer":
            raise ForbiddenError("The key is empty.")
        return super().identify(request)


class CallsItInvalid(Guard):
    """Looks for permitted keys only."""

    def check_permission(self, caller: Caller) -> None:
        """Not find a key without permission."""
        if not caller.permitted:
            raise InvalidApiKeyError("There is no such key with this permission.")


class ChecksLater(Guard):
    """Leaves permissions to the handlers."""

    def admit(self, request: Request) -> str:
        """Remember who may not."""
        request.state.permitted = self.identify(request).permitted
        return super().admit(request)

    def check_permission(self, caller: Caller) -> None:
        """Let everybody in."""


class CreatesThenRefuses(MusicHandlers):
    """Looks at the permission when the answer is written."""

    def answer(self, request: Request, creation: Creation) -> JSONResponse:
        """Refuse what is already done."""
        if not request.state.permitted:
            raise ForbiddenError("The API key is not permitted to do this.")
        return super().answer(request, creation)


class RefusesSongsOnly(MusicHandlers):
    """Looks at the permission where songs are made from text, and forgets the other way."""

    async def from_text(self, request: Request) -> JSONResponse:
        """Refuse a key that may not."""
        if not self._guard.identify(request).permitted:
            raise ForbiddenError("The API key is not permitted to do this.")
        return await super().from_text(request)


class TakesAnyScheme(Guard):
    """Looks for the key where it always stands."""

    def identify(self, request: Request) -> Caller:
        """Take the second word for the key, whatever the first one says."""
        key = request.headers.get("authorization", "").partition(" ")[2].strip()
        return self._services.accounts.by_key(key) or super().identify(request)


MUTANTS = (
    Mutant(
        id="missing-key-called-invalid",
        breaks="BEATRA-AUTH-01",
        story="There is one exception for everything that is wrong with a key.",
        front={"guard": OneCodeForAll},
    ),
    Mutant(
        id="missing-key-forbidden",
        breaks="BEATRA-AUTH-01",
        story="The framework's own bearer dependency answers 403 when the header is missing.",
        front={"guard": ForbidsTheNameless},
    ),
    Mutant(
        id="unknown-key-called-missing",
        breaks="BEATRA-AUTH-02",
        story="A lookup that finds nothing falls through to the case without a header.",
        front={"guard": UnknownIsMissing},
    ),
    Mutant(
        id="unknown-key-not-found",
        breaks="BEATRA-AUTH-02",
        story="The lookup of the key raises the same exception as every other lookup.",
        front={"guard": LooksKeysUp},
    ),
    Mutant(
        id="other-scheme-invalid-request",
        breaks="BEATRA-AUTH-03",
        story="The header is validated like a field of the body.",
        front={"guard": ValidatesTheHeader},
    ),
    Mutant(
        id="bare-scheme-forbidden",
        breaks="BEATRA-AUTH-03",
        story="An empty key counts as a key that may do nothing.",
        front={"guard": ForbidsBareSchemes},
    ),
    Mutant(
        id="forbidden-key-called-invalid",
        breaks="BEATRA-AUTH-04",
        story="The query for a key asks for its permission as well, so a key without it is not found.",
        front={"guard": CallsItInvalid},
    ),
    Mutant(
        id="forbidden-key-creates",
        breaks="BEATRA-AUTH-04",
        story="The permission is checked after the work, when the answer is written.",
        front={"guard": ChecksLater, "music": CreatesThenRefuses},
        consequences={
            "BEATRA-MONEY-22": "A task that is created is paid for, and here its creation counts as refused."
        },
    ),
    Mutant(
        id="covers-for-forbidden-keys",
        breaks="BEATRA-AUTH-04",
        story="Permissions came with songs from text, and covers were added by another team.",
        front={"guard": ChecksLater, "music": RefusesSongsOnly},
    ),
    Mutant(
        id="any-scheme-taken",
        breaks="BEATRA-AUTH-03",
        story="The word before the key is skipped and never looked at.",
        front={"guard": TakesAnyScheme},
    ),
)
