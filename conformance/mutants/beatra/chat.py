"""Mutants whose chats are answered wrongly, by the wrong model, for the wrong price, or not at all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.keyless import Keyless
from conformance.reference.beatra.errors import ApiError, InvalidRequestError, NotFoundError, UnsupportedModelError
from conformance.reference.beatra.handlers.chat import ChatHandlers
from conformance.reference.beatra.services.catalogue import AUTO, Catalogue
from conformance.reference.beatra.services.chat import Chat
from conformance.reference.beatra.services.money import UNITS_PER_CREDIT

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.beatra.handlers.chat import Reply
    from conformance.reference.beatra.services.texts import Completion, Draft
    from conformance.reference.parts.bodies import Json


class SpeaksAsAModel(ChatHandlers):
    """Has the roles of another API."""

    def choice(self, number: int, draft: Draft) -> dict[str, Any]:
        """Let the model speak."""
        choice = super().choice(number, draft)
        return {**choice, "message": {**choice["message"], "role": "model"}}


class TextBesideTheMessage(ChatHandlers):
    """Knows completions of texts."""

    def choice(self, number: int, draft: Draft) -> dict[str, Any]:
        """Write the text where it stood then."""
        return {**super().choice(number, draft), "message": {"role": "assistant", "content": ""}, "text": draft.text}


class NeverSaysWhy(ChatHandlers):
    """Has no reason to end."""

    def choice(self, number: int, draft: Draft) -> dict[str, Any]:
        """Leave the reason open, as in a stream that goes on."""
        return {**super().choice(number, draft), "finish_reason": None}


class CountsFromOne(ChatHandlers):
    """Numbers answers as people do."""

    def choice(self, number: int, draft: Draft) -> dict[str, Any]:
        """Begin with 1."""
        return super().choice(number + 1, draft)


class NamesWhatWasAsked(ChatHandlers):
    """Gives back the model of the request."""

    def reply(self, tenant_id: str, body: dict[str, Any]) -> Reply:
        """Put it into the answer."""
        reply = super().reply(tenant_id, body)
        return replace(reply, completion=replace(reply.completion, model=body["model"]))


class ForgetsThePrompt(ChatHandlers):
    """Counts what it wrote."""

    def usage(self, reply: Reply, paid: int) -> dict[str, Any]:
        """Leave the prompt out of the sum."""
        usage = super().usage(reply, paid)
        return {**usage, "total_tokens": usage["completion_tokens"]}


class CountsAsText(ChatHandlers):
    """Takes usage from a table of texts."""

    def usage(self, reply: Reply, paid: int) -> dict[str, Any]:
        """Write the numbers as texts."""
        return {name: str(value) for name, value in super().usage(reply, paid).items()}


class IdsOfConversations(ChatHandlers):
    """Finds the same conversation again."""

    def reply(self, tenant_id: str, body: dict[str, Any]) -> Reply:
        """Make the id of what was said."""
        digest = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
        return replace(super().reply(tenant_id, body), id=f"chatcmpl_{digest[:24]}")


class ChoosesAModel(ChatHandlers):
    """Chooses where nothing is chosen."""

    def check(self, body: Json) -> None:
        """Take the model to be `auto` where there is none."""
        if isinstance(body, dict):
            body.setdefault("model", AUTO)
        super().check(body)


class GreetsFirst(ChatHandlers):
    """Begins a conversation itself."""

    def check(self, body: Json) -> None:
        """Say hello to itself where there are no messages."""
        if isinstance(body, dict):
            body.setdefault("messages", [{"role": "user", "content": "Hello."}])
        super().check(body)


class FallsBack(Catalogue):
    """Always finds a model."""

    def writer_of(self, requested: str) -> str:
        """Take the usual one for what does not exist."""
        return requested if requested in self.texts else super().writer_of(AUTO)


class ModelNotFound(Catalogue):
    """Does as its own supplier does."""

    def writer_of(self, requested: str) -> str:
        """Not find what does not exist."""
        try:
            return super().writer_of(requested)
        except UnsupportedModelError as error:
            raise NotFoundError("The model does not exist.") from error


class OnlyChooses(Catalogue):
    """Knows the aliases of its supplier alone."""

    def writer_of(self, requested: str) -> str:
        """Take `auto` and nothing else."""
        if requested != AUTO:
            raise UnsupportedModelError("The model does not exist.", param="/model")
        return super().writer_of(requested)


class WantsSomeHeat(ChatHandlers):
    """Tests a number as if it were a condition."""

    def check(self, body: Json) -> None:
        """Take 0 for nothing."""
        super().check(body)
        if "temperature" in body and not body["temperature"]:
            raise InvalidRequestError("The temperature is missing.", param="/temperature")


class ColderModels(ChatHandlers):
    """Has models that are not as free."""

    def check(self, body: Json) -> None:
        """Take a temperature up to 1."""
        super().check(body)
        if (body.get("temperature") or 0) > 1:
            raise InvalidRequestError("The temperature is too high.", param="/temperature")


class SystemApart(ChatHandlers):
    """Has a field of its own for what the system says."""

    def check(self, body: Json) -> None:
        """Refuse it among the messages."""
        super().check(body)
        if any(message["role"] == "system" for message in body["messages"][:-2]):
            raise InvalidRequestError("Use the field instructions.", param="/messages")


class AlwaysStreams(ChatHandlers):
    """Streams unless told not to."""

    def is_streamed(self, body: dict[str, Any]) -> bool:
        """Take a stream for the default."""
        return bool(body.get("stream", True))


class JsonAsText(ChatHandlers):
    """Writes JSON by hand."""

    def answer(self, reply: Reply) -> Response:
        """Forget what it is."""
        return Response(super().answer(reply).body, media_type="text/plain")


class RoundsUp(Chat):
    """Charges whole credits."""

    def charge(self, tenant_id: str, completion: Completion) -> int:
        """Take more than is told."""
        price = super().charge(tenant_id, completion)
        self.wallet.debit(tenant_id, -price % UNITS_PER_CREDIT)
        return price


class ChargesInTheEnd(Chat):
    """Has a worker that charges, which has stopped."""

    def charge(self, tenant_id: str, completion: Completion) -> int:
        """Tell the price, and take nothing."""
        del tenant_id
        return self.price(completion)


class ChargesForTrying(ChatHandlers):
    """Pays its supplier for every request."""

    async def create(self, request: Request) -> Response:
        """Charge for what was refused, too."""
        try:
            return await super().create(request)
        except ApiError as error:
            if error.status == InvalidRequestError.status:
                caller = self._guard.identify(request)
                self._services.wallet.debit(caller.tenant_id, UNITS_PER_CREDIT)
            raise


class WantsTheWholeNucleus(ChatHandlers):
    """Has models without a nucleus."""

    def check(self, body: Json) -> None:
        """Refuse a part of it."""
        super().check(body)
        if body.get("top_p") not in (None, 1):
            raise InvalidRequestError("This model takes no top_p.", param="/top_p")


class OpenChats(Keyless):
    """Lets the landing page talk."""

    ending = "/chat/completions"


class StreamsByAnything(ChatHandlers):
    """Reads switches as its language does."""

    def check(self, body: Json) -> None:
        """Take anything for a switch."""
        if isinstance(body, dict) and "stream" in body:
            body["stream"] = bool(body["stream"])
        super().check(body)


class DatedInWords(ChatHandlers):
    """Says when it wrote."""

    def head(self, reply: Reply) -> dict[str, Any]:
        """Write the date as people read it."""
        return {**super().head(reply), "created": "today"}


_DRAWN = 30
_BREAKS_THE_SHAPE = "the document describes numbers"

MUTANTS = (
    Mutant(
        id="chat-speaks-as-a-model",
        breaks="BEATRA-CHAT-01",
        story="The supplier calls this role model, and it is passed on as it comes.",
        front={"chat": SpeaksAsAModel},
    ),
    Mutant(
        id="chat-text-beside-the-message",
        breaks="BEATRA-CHAT-01",
        story="The adapter was made from the one for completions of texts.",
        front={"chat": TextBesideTheMessage},
    ),
    Mutant(
        id="chat-without-a-reason-to-end",
        breaks="BEATRA-CHAT-02",
        story="One function builds pieces and whole answers, and pieces have no reason to end.",
        front={"chat": NeverSaysWhy},
    ),
    Mutant(
        id="chat-numbered-from-one",
        breaks="BEATRA-CHAT-03",
        story="The number of an answer is shown in the playground, where people count from 1.",
        front={"chat": CountsFromOne},
    ),
    Mutant(
        id="chat-names-what-was-asked",
        breaks="BEATRA-CHAT-04",
        story="The answer is built from the request, before the gateway has chosen.",
        front={"chat": NamesWhatWasAsked},
    ),
    Mutant(
        id="chat-usage-without-the-prompt",
        breaks="BEATRA-CHAT-05",
        story="The total was added when only what the model wrote was charged.",
        front={"chat": ForgetsThePrompt},
    ),
    Mutant(
        id="chat-usage-as-text",
        breaks="BEATRA-CHAT-05",
        story="Amounts are texts, so all of the usage went through the same function.",
        front={"chat": CountsAsText},
        consequences={"BEATRA-createChatCompletion-CONFORMS": _BREAKS_THE_SHAPE},
    ),
    Mutant(
        id="chat-ids-of-conversations",
        breaks="BEATRA-CHAT-06",
        story="Equal conversations are found in a cache by a digest, which became the id.",
        front={"chat": IdsOfConversations},
    ),
    Mutant(
        id="chat-without-a-model",
        breaks="BEATRA-CHAT-07",
        story="The playground did not send a model, so one was assumed.",
        front={"chat": ChoosesAModel},
    ),
    Mutant(
        id="chat-without-messages",
        breaks="BEATRA-CHAT-07",
        story="A greeting made the demo look better.",
        front={"chat": GreetsFirst},
    ),
    Mutant(
        id="chat-with-any-model",
        breaks="BEATRA-CHAT-08",
        story="Models come and go, so what is gone is answered by another one.",
        cast={"catalogue": FallsBack},
    ),
    Mutant(
        id="chat-model-not-found",
        breaks="BEATRA-CHAT-08",
        story="The refusal of the supplier is passed on with its status.",
        cast={"catalogue": ModelNotFound},
    ),
    Mutant(
        id="chat-wants-some-heat",
        breaks="BEATRA-CHAT-09",
        story="Whether there is a temperature is asked as if it were no number.",
        front={"chat": WantsSomeHeat},
    ),
    Mutant(
        id="chat-up-to-a-temperature-of-one",
        breaks="BEATRA-CHAT-09",
        story="The second supplier takes no more than 1, and the check was moved in front of both.",
        front={"chat": ColderModels},
    ),
    Mutant(
        id="chat-system-apart",
        breaks="BEATRA-CHAT-10",
        story="Another API of the same supplier has a field for instructions.",
        front={"chat": SystemApart},
    ),
    Mutant(
        id="chat-always-streamed",
        breaks="BEATRA-CHAT-11",
        story="All clients of the console stream, so that became the default.",
        front={"chat": AlwaysStreams},
    ),
    Mutant(
        id="chat-json-as-text",
        breaks="BEATRA-CHAT-11",
        story="The answer of the supplier is passed on as bytes, without its header.",
        front={"chat": JsonAsText},
        consequences={"BEATRA-createChatCompletion-CONFORMS": "the document describes JSON or an event stream"},
    ),
    Mutant(
        id="chat-charged-in-whole-credits",
        breaks="BEATRA-CHAT-12",
        story="Amounts are rounded up where they are booked, and not where they are shown.",
        cast={"chat": RoundsUp},
        consequences={"BEATRA-MONEY-22": "no charge explains what was booked beside it"},
    ),
    Mutant(
        id="chat-never-charged",
        breaks="BEATRA-CHAT-12",
        story="Charges wait in a queue for a worker that was not started again.",
        cast={"chat": ChargesInTheEnd},
    ),
    Mutant(
        id="chat-charged-when-refused",
        breaks="BEATRA-MONEY-20",
        story="The supplier charges for each request, so the gateway does as well.",
        front={"chat": ChargesForTrying},
        generated=True,
    ),
    Mutant(
        id="chat-with-a-whole-nucleus",
        breaks="BEATRA-createChatCompletion-ACCEPTS",
        story="The newest model knows no top_p, and the check holds for all of them.",
        front={"chat": WantsTheWholeNucleus},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="chats-without-key",
        breaks="BEATRA-createChatCompletion-CREDENTIALS",
        story="The assistant on the landing page talks to the API itself, so without a key its account pays.",
        front={"guard": OpenChats},
        generated=True,
    ),
    Mutant(
        id="chat-streamed-by-anything",
        breaks="BEATRA-createChatCompletion-REFUSES",
        story="The playground sends its form as JSON, with texts and numbers for its switches.",
        front={"chat": StreamsByAnything},
        generated=True,
        examples=_DRAWN,
    ),
    Mutant(
        id="chat-dated-in-words",
        breaks="BEATRA-createChatCompletion-CONFORMS",
        story="The date goes through the formatter of the console.",
        front={"chat": DatedInWords},
    ),
    Mutant(
        id="models-only-chosen",
        breaks="BEATRA-MODELS-04",
        story="Names of models are looked up in a table that knows aliases only.",
        cast={"catalogue": OnlyChooses},
    ),
)
