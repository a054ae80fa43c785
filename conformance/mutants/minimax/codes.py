"""Mutants that refuse with another code, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.reference.minimax.errors import ApiError, InvalidParamsError
from conformance.reference.minimax.handlers.failures import Failures
from conformance.reference.minimax.handlers.lyrics import LyricsHandlers
from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.handlers.reading import BodyReader
from conformance.reference.minimax.services.moderation import Moderation

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response

    from conformance.reference.parts.bodies import Json


class OtherCodes(Failures):
    """Says one code in place of another."""

    said: int
    instead_of: int

    def body(self, problem: ApiError, request: Request) -> dict[str, Any]:
        """Change the code."""
        content = super().body(problem, request)
        if problem.code == self.instead_of:
            content["base_resp"]["status_code"] = self.said
        return content


class CallsAllSensitive(OtherCodes):
    """Has the filter's code for every refusal of a body."""

    instead_of, said = 2013, 1026


class CallsAllInvisible(OtherCodes):
    """Has the code of bad characters for every refusal of a body."""

    instead_of, said = 2013, 1042


class CountsConnections(OtherCodes):
    """Counts connections where requests are meant."""

    instead_of, said = 1002, 1041


class CallsItGrowth(OtherCodes):
    """Takes many requests for a fast growth of their number."""

    instead_of, said = 1002, 2045


class CallsItAQuota(OtherCodes):
    """Has the code of a used-up plan for an empty balance."""

    instead_of, said = 1008, 2056


class CallsItCredit(OtherCodes):
    """Has a code of the client's own table for an empty balance."""

    instead_of, said = 1008, 1028


class CallsItInvalid(OtherCodes):
    """Refuses sensitive texts like any bad parameter."""

    instead_of, said = 1026, 2013


class BlamesTheLetters(OtherCodes):
    """Says that characters are the matter."""

    instead_of, said = 1026, 1042


class PromptsOnly(Moderation):
    """Reads the first text only."""

    def check(self, *texts: str | None) -> None:
        """Let lyrics pass."""
        super().check(*texts[:1])


class ReadsNothing(Moderation):
    """Has its list of words from a file that is missing."""

    def check(self, *texts: str | None) -> None:
        """Let all pass."""


class CrashesOnLists(MusicHandlers):
    """Trusts that a body is an object with texts."""

    def check(self, body: Json) -> None:
        """Count characters before types are looked at."""
        len(body.get("prompt", ""))
        super().check(body)


class CrashesOnNull(LyricsHandlers):
    """Trusts that a title is a text."""

    def check(self, body: Json) -> None:
        """Trim it before types are looked at."""
        if isinstance(body, dict) and "title" in body:
            body["title"].strip()
        super().check(body)


class ReadsAnyType(BodyReader):
    """Reads whatever looks like JSON."""

    def check_media_type(self, request: Request) -> None:
        """Look at no header."""


class PaysFirst(MusicHandlers):
    """Takes the price, and then a look at the body."""

    async def create(self, request: Request) -> Response:
        """Charge what is refused."""
        try:
            return await super().create(request)
        except InvalidParamsError:
            self._services.wallet.debit(self._guard.identify(request).tenant_id, 100)
            raise


class PaysForSensitiveLyrics(LyricsHandlers):
    """Takes the price before the filter, which costs money as well."""

    async def create(self, request: Request) -> JSONResponse:
        """Charge what is refused."""
        try:
            return await super().create(request)
        except ApiError:
            tenant_id = self._guard.identify(request).tenant_id
            self._services.wallet.set_balance(tenant_id, max(0, self._services.wallet.balance(tenant_id) - 100))
            raise


MUTANTS = (
    Mutant(
        id="invalid-called-sensitive",
        breaks="MINIMAX-ERROR-01",
        story="All refusals of a body go through the filter, which knows one code.",
        front={"failures": CallsAllSensitive},
    ),
    Mutant(
        id="invalid-called-invisible",
        breaks="MINIMAX-ERROR-01",
        story="The code of bad characters was copied to every check of a body.",
        front={"failures": CallsAllInvisible},
    ),
    Mutant(
        id="throttled-called-connections",
        breaks="MINIMAX-ERROR-02",
        story="The limiter counts connections, and says so.",
        front={"failures": CountsConnections},
    ),
    Mutant(
        id="throttled-called-growth",
        breaks="MINIMAX-ERROR-02",
        story="Many requests are taken for a fast growth of their number.",
        front={"failures": CallsItGrowth},
    ),
    Mutant(
        id="unpaid-called-quota",
        breaks="MINIMAX-ERROR-03",
        story="An empty balance is answered like a plan that is used up.",
        front={"failures": CallsItAQuota},
    ),
    Mutant(
        id="unpaid-called-credit",
        breaks="MINIMAX-ERROR-03",
        story="An empty balance has a code that only the client's own table has.",
        front={"failures": CallsItCredit},
    ),
    Mutant(
        id="sensitive-called-invalid",
        breaks="MINIMAX-ERROR-04",
        story="The filter raises the exception that all checks raise.",
        front={"failures": CallsItInvalid},
    ),
    Mutant(
        id="sensitive-called-invisible",
        breaks="MINIMAX-ERROR-04",
        story="The filter counts what it can not read as characters that can not be seen.",
        front={"failures": BlamesTheLetters},
    ),
    Mutant(
        id="sensitive-lyrics-sung",
        breaks="MINIMAX-ERROR-04",
        story="The filter reads prompts; lyrics came later.",
        cast={"moderation": PromptsOnly},
    ),
    Mutant(
        id="nothing-sensitive",
        breaks="MINIMAX-ERROR-04",
        story="The filter's list of words is a file that is missing where this runs.",
        cast={"moderation": ReadsNothing},
    ),
    Mutant(
        id="crash-on-a-list",
        breaks="MINIMAX-ERROR-05",
        story="The length of the prompt is taken before its type is looked at.",
        front={"music": CrashesOnLists},
        generated=True,
    ),
    Mutant(
        id="crash-on-a-title",
        breaks="MINIMAX-ERROR-05",
        story="The title is trimmed before its type is looked at.",
        front={"lyrics": CrashesOnNull},
        generated=True,
    ),
    Mutant(
        id="any-media-type-read",
        breaks="MINIMAX-CONTENT-01",
        story="The framework reads JSON without a look at the header.",
        front={"reader": ReadsAnyType},
    ),
    Mutant(
        id="refusals-charged",
        breaks="MINIMAX-MONEY-01",
        story="The price is taken first, and given back only when the engine fails.",
        front={"music": PaysFirst},
    ),
    Mutant(
        id="refused-lyrics-charged",
        breaks="MINIMAX-MONEY-01",
        story="What is refused is paid for as well, because the filter costs money.",
        front={"lyrics": PaysForSensitiveLyrics},
    ),
)
