"""Mutants that let in whom they should not, or keep out whom they should let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.reference.beatoven.errors import UnauthorizedError, UnsupportedMediaTypeError
from conformance.reference.beatoven.handlers.guard import Guard
from conformance.reference.beatoven.handlers.tasks import TaskHandlers
from conformance.reference.beatoven.handlers.tracks import TrackHandlers
from conformance.reference.parts.bodies import media_type

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    from conformance.reference.beatoven.accounts import Account


class FormerScheme(TaskHandlers):
    """Knows the scheme of the former API where tasks are read."""

    async def get(self, request: Request) -> JSONResponse:
        """Wait for `api_key`."""
        if not request.headers.get("authorization", "").lower().startswith("api_key "):
            raise UnauthorizedError("No such key.")
        return await super().get(request)


class SessionForReading(TaskHandlers):
    """Shows tasks to people who are logged in."""

    async def get(self, request: Request) -> JSONResponse:
        """Look for the cookie of the dashboard."""
        if "cookie" not in request.headers:
            raise UnauthorizedError("Log in first.")
        return await super().get(request)


class TrialAccounts(Guard):
    """Gives strangers an account to try things out."""

    def admit(self, request: Request) -> Account:
        """Open one where the token is missing, but only to compose."""
        if not request.headers.get("authorization") and request.method == "POST":
            self._accounts.open_with("trial")
            account = self._accounts.by_token("trial")
            if account is not None:
                return account
        return super().admit(request)


class EagerAccounts(Guard):
    """Opens an account for each token that it does not know."""

    def known(self, scheme: str, token: str) -> Account | None:
        """Wait for the payment to say otherwise."""
        found = super().known(scheme, token)
        if found is None and scheme.lower() == "bearer" and token:
            self._accounts.open_with(token)
            return self._accounts.by_token(token)
        return found


class AnyScheme(Guard):
    """Cuts the scheme off and never looks at it."""

    def known(self, scheme: str, token: str) -> Account | None:
        """Take what has no blank in it for the token."""
        if not token and scheme.lower() != "bearer":
            self._accounts.open_with(scheme)
            return self._accounts.by_token(scheme)
        return super().known(scheme, token)


class OpenReading(Guard):
    """Thinks that the id of a task is secret enough."""

    def admit(self, request: Request) -> Account:
        """Let the reader of a task in as its owner, whatever the token."""
        task_id = request.path_params.get("task_id")
        owner = self.owner(task_id) if task_id and self.is_open(request) else None
        return owner or super().admit(request)

    def is_open(self, request: Request) -> bool:
        """Look for no header at all."""
        return "authorization" not in request.headers

    def owner(self, task_id: str) -> Account | None:
        """The account with this task."""
        accounts = self._accounts._by_digest.values()  # noqa: SLF001 - the fault is to look where it should not
        return next((account for account in accounts if task_id in account.tasks), None)


class UncheckedReading(OpenReading):
    """Checks that there is a token, and not whose it is."""

    def is_open(self, request: Request) -> bool:
        """Look for the scheme alone."""
        return request.headers.get("authorization", "").lower().startswith("bearer ")


class WantsCharset(TrackHandlers):
    """Compares the header as a whole."""

    async def compose(self, request: Request) -> JSONResponse:
        """Take what the own client sends."""
        if request.headers.get("content-type") != "application/json; charset=utf-8":
            raise UnsupportedMediaTypeError("The body is not JSON in UTF-8.")
        return await super().compose(request)


class WantsForms(TrackHandlers):
    """Takes what the page of the dashboard sends."""

    async def compose(self, request: Request) -> JSONResponse:
        """Refuse JSON."""
        if media_type(request) == "application/json":
            raise UnsupportedMediaTypeError("The body is no form.")
        return await super().compose(request)


MUTANTS = (
    Mutant(
        id="former-scheme",
        breaks="BEATOVEN-AUTH-01",
        story="Reading tasks still has the check of the former API, whose scheme was api_key.",
        front={"tasks": FormerScheme},
    ),
    Mutant(
        id="cookie-to-read",
        breaks="BEATOVEN-AUTH-01",
        story="Tasks are shown on the dashboard, so reading them goes by its session.",
        front={"tasks": SessionForReading},
    ),
    Mutant(
        id="trial-accounts",
        breaks="BEATOVEN-composeTrack-CREDENTIALS",
        story="Marketing wants people to try it without a token.",
        front={"guard": TrialAccounts},
    ),
    Mutant(
        id="account-for-each-token",
        breaks="BEATOVEN-composeTrack-CREDENTIALS",
        story="The cache of tokens makes an entry for what it does not find.",
        front={"guard": EagerAccounts},
    ),
    Mutant(
        id="token-without-scheme",
        breaks="BEATOVEN-composeTrack-CREDENTIALS",
        story="A header without a blank is taken for a token of the internal service.",
        front={"guard": AnyScheme},
    ),
    Mutant(
        id="reading-without-token",
        breaks="BEATOVEN-getTask-CREDENTIALS",
        story="The page that plays a track has no token, so tasks were opened for it.",
        front={"guard": OpenReading},
    ),
    Mutant(
        id="reading-with-any-token",
        breaks="BEATOVEN-getTask-CREDENTIALS",
        story="The gateway checks that there is a token, and the service relies on the gateway.",
        front={"guard": UncheckedReading},
    ),
    Mutant(
        id="charset-wanted",
        breaks="BEATOVEN-TYPE-01",
        story="The content type is compared with the one that the own client sends.",
        front={"tracks": WantsCharset},
    ),
    Mutant(
        id="json-refused",
        breaks="BEATOVEN-TYPE-01",
        story="The route was copied from the page, which sends a form.",
        front={"tracks": WantsForms},
    ),
)
