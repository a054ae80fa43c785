"""Liberties with chats, models and health: which members there are, how a stream is cut, and who pays when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse

from conformance.liberties.base import Taken
from conformance.mutants.beatra.answers import BASE_PATH
from conformance.reference.beatra.errors import UnsupportedOptionError
from conformance.reference.beatra.handlers.chat import ChatHandlers
from conformance.reference.beatra.handlers.health import HealthHandlers
from conformance.reference.beatra.handlers.models import ModelHandlers
from conformance.reference.beatra.services.catalogue import Catalogue
from conformance.reference.beatra.services.chat import Chat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from conformance.reference.beatra.handlers.chat import Reply
    from conformance.reference.beatra.services.catalogue import Offer
    from conformance.reference.beatra.services.texts import Completion, Question
    from conformance.reference.parts.bodies import Json

    Content: TypeAlias = dict[str, Any]

_TEXT_SURFACES: Final = ("chat", "models", "catalog", "health")
_MADE = 1_767_607_200


class AsDocumented(ChatHandlers):
    """Shows of a completion what the example shows."""

    def head(self, reply: Reply) -> Content:
        """Leave out when it was made."""
        return {name: value for name, value in super().head(reply).items() if name != "created"}

    def usage(self, reply: Reply, paid: int) -> Content:
        """Leave out what it cost."""
        return {name: value for name, value in super().usage(reply, paid).items() if not name.startswith("credits")}


class BareEvents(ChatHandlers):
    """Shows of a piece what the example shows."""

    def piece(self, reply: Reply, choices: list[Content]) -> Content:
        """Leave out which completion it belongs to."""
        del reply
        return {"choices": choices}

    def delta(self, number: int, more: Content, ended_by: str | None = None) -> Content:
        """Leave out what is usual."""
        shown = super().delta(number, more, ended_by)
        return {name: value for name, value in shown.items() if value is not None and name != "index"}


class SpeaksAtOnce(ChatHandlers):
    """Names the role with the first word, and with each that follows."""

    def chunks(self, reply: Reply) -> Iterator[Content]:
        """Leave out the first piece, which says nothing."""
        _, *others = super().chunks(reply)
        yield from others

    def delta(self, number: int, more: Content, ended_by: str | None = None) -> Content:
        """Say who speaks."""
        return super().delta(number, {"role": "assistant", **more}, ended_by)


class EndsWithTheLastWord(ChatHandlers):
    """Says with the last word that it was the last one."""

    def chunks(self, reply: Reply) -> Iterator[Content]:
        """Put the reason to end into the piece before."""
        *others, last_word, end = super().chunks(reply)
        last_word["choices"][0]["finish_reason"] = end["choices"][0]["finish_reason"]
        yield from (*others, last_word)


class KeepsAlive(ChatHandlers):
    """Sends comments, and ends its lines as other systems do."""

    def event(self, data: str) -> str:
        """Put a comment before each event."""
        return f": keep-alive\r\n\r\n{super().event(data).rstrip()}\r\n\r\n"


class AlwaysTellsUsage(ChatHandlers):
    """Ends every stream with what it took."""

    def reply(self, tenant_id: str, body: Content) -> Reply:
        """Take it for asked for."""
        options = {**(body.get("stream_options") or {}), "include_usage": True}
        return super().reply(tenant_id, {**body, "stream_options": options})


class OtherReasons(ChatHandlers):
    """Has reasons to end of its own."""

    def choice(self, number: int, draft: Any) -> Content:  # noqa: ANN401 - as the method that it replaces
        """Call the end of a turn so."""
        return {**super().choice(number, draft), "finish_reason": "end_turn"}

    def delta(self, number: int, more: Content, ended_by: str | None = None) -> Content:
        """Call it so in a stream as well."""
        return super().delta(number, more, ended_by and "end_turn")


class NoShortAnswers(ChatHandlers):
    """Has models that reason as long as they have to."""

    def check(self, body: Json) -> None:
        """Refuse the field that bounds them."""
        super().check(body)
        if body.get("max_tokens") is not None:
            raise UnsupportedOptionError(
                "This model does not take max_tokens.",
                param="/max_tokens",
                details={"unsupported_fields": ["max_tokens"]},
            )


class OnCredit(Chat):
    """Lets an account owe what it could not know."""

    def answer(self, question: Question) -> Completion:
        """Answer whatever the balance is."""
        return self.writer.write(question)

    def charge(self, tenant_id: str, completion: Completion) -> int:
        """Take it below zero."""
        price = self.price(completion)
        self.wallet.refund(tenant_id, -price)
        return price


class DatedModels(ModelHandlers):
    """Says when a model was made, and by which company."""

    def model(self, offer: Offer) -> Content:
        """Add what OpenAI has."""
        return {**super().model(offer), "created": _MADE, "owned_by": "provider"}


class PlainCatalog(ModelHandlers):
    """Has one list, in two places."""

    def entry(self, offer: Offer) -> Content:
        """Tell no more."""
        return self.model(offer)


class ListsTextsAlone(Catalogue):
    """Keeps its music out of lists of models."""

    def offers(self) -> list[Offer]:
        """List what writes text."""
        return [offer for offer in super().offers() if offer.modality == "text"]


class HealthInDetail(HealthHandlers):
    """Says how its parts are."""

    async def get(self, request: Request) -> JSONResponse:
        """Add them."""
        del request
        return JSONResponse({"status": "ok", "version": "1.2.0", "parts": {"queue": "ok"}})


def _music_alone(app: ASGIApp) -> ASGIApp:
    """Have music, tasks and uploads, and nothing else."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].removeprefix(f"{BASE_PATH}/").partition("/")[0] in _TEXT_SURFACES:
            scope = {**scope, "path": f"{BASE_PATH}/nothing", "raw_path": f"{BASE_PATH}/nothing".encode()}
        await app(scope, receive, send)

    return served


def _health_with_a_key(app: ASGIApp) -> ASGIApp:
    """Have a key asked for in front of everything."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        keyed = any(name == b"authorization" for name, _ in scope.get("headers", ()))
        if scope["type"] == "http" and scope["path"] == f"{BASE_PATH}/health" and not keyed:
            # The list of tasks refuses as every operation does.
            scope = {**scope, "path": f"{BASE_PATH}/tasks", "raw_path": f"{BASE_PATH}/tasks".encode()}
        await app(scope, receive, send)

    return served


TAKEN = (
    Taken(id="completions-as-documented", front={"chat": AsDocumented}),
    Taken(id="bare-events", front={"chat": BareEvents}),
    Taken(id="role-in-every-delta", front={"chat": SpeaksAtOnce}),
    Taken(id="last-word-with-its-reason", front={"chat": EndsWithTheLastWord}),
    Taken(id="comments-between-events", front={"chat": KeepsAlive}),
    Taken(id="usage-always-streamed", front={"chat": AlwaysTellsUsage}),
    Taken(id="other-reasons-to-end", front={"chat": OtherReasons}),
    Taken(id="no-max-tokens", front={"chat": NoShortAnswers}),
    Taken(id="chats-on-credit", cast={"chat": OnCredit}),
    Taken(id="dated-models", front={"models": DatedModels}),
    Taken(id="plain-catalog", front={"models": PlainCatalog}),
    Taken(id="music-models-not-listed", cast={"catalogue": ListsTextsAlone}),
    Taken(id="health-in-detail", front={"health": HealthInDetail}),
    Taken(id="health-with-a-key", wrap=_health_with_a_key),
    Taken(id="music-alone", wrap=_music_alone),
)
