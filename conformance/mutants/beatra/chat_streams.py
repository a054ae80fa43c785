"""Mutants whose streams of a chat have the wrong form, do not end, or begin where they should not."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import rewriting
from conformance.reference.beatra.errors import UnsupportedModelError
from conformance.reference.beatra.handlers.chat import DONE, ChatHandlers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request
    from starlette.types import Scope

    from conformance.mutants.rewriting import Answer
    from conformance.reference.beatra.handlers.chat import Reply

_EVENTS = "text/event-stream"


class StreamsText(ChatHandlers):
    """Has a framework that knows no events."""

    def stream(self, reply: Reply) -> Response:
        """Call the stream text."""
        response = super().stream(reply)
        response.headers["content-type"] = "text/plain; charset=utf-8"
        return response


class AnswersAtOnce(ChatHandlers):
    """Was to stream one day."""

    def is_streamed(self, body: dict[str, Any]) -> bool:
        """Stream nothing."""
        del body
        return False


class Heartbeats(ChatHandlers):
    """Shows that it is there."""

    def chunks(self, reply: Reply) -> Iterator[dict[str, Any]]:
        """Send something before the first piece."""
        yield {"type": "ping"}
        yield from super().chunks(reply)


class WholeObjects(ChatHandlers):
    """Builds pieces as it builds answers."""

    def piece(self, reply: Reply, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """Call a piece a completion."""
        return {**super().piece(reply, choices), "object": "chat.completion"}


class NobodySpeaks(ChatHandlers):
    """Begins with the first word."""

    def delta(self, number: int, more: dict[str, Any], ended_by: str | None = None) -> dict[str, Any]:
        """Leave out who speaks."""
        said = {name: value for name, value in more.items() if name != "role"}
        return super().delta(number, said, ended_by)


class SpeaksInTheEnd(ChatHandlers):
    """Says last who has spoken."""

    def chunks(self, reply: Reply) -> Iterator[dict[str, Any]]:
        """Send the first piece last but one."""
        first, *others, last = super().chunks(reply)
        yield from (*others, first, last)


class OtherName(ChatHandlers):
    """Calls content text."""

    def delta(self, number: int, more: dict[str, Any], ended_by: str | None = None) -> dict[str, Any]:
        """Rename it."""
        said = {("text" if name == "content" else name): value for name, value in more.items()}
        return super().delta(number, said, ended_by)


class StopsSilently(ChatHandlers):
    """Stops when there is nothing left."""

    def delta(self, number: int, more: dict[str, Any], ended_by: str | None = None) -> dict[str, Any]:
        """Leave out why it ended."""
        del ended_by
        return super().delta(number, more)


class EndsEveryPiece(ChatHandlers):
    """Has a reason to end from the start."""

    def delta(self, number: int, more: dict[str, Any], ended_by: str | None = None) -> dict[str, Any]:
        """Say it each time."""
        return super().delta(number, more, ended_by or "stop")


class NeverDone(ChatHandlers):
    """Closes the connection when it is done."""

    def event(self, data: str) -> str:
        """Leave out the last event."""
        return "" if data == DONE else super().event(data)


class BillsAfterwards(ChatHandlers):
    """Sends the bill when all is done."""

    async def events(self, reply: Reply) -> AsyncIterator[str]:
        """Add the usage at the very end."""
        async for event in super().events(reply):
            yield event
        yield self.event(json.dumps({**self.piece(reply, []), "usage": None}))


class StreamRefusedError(Exception):
    """What was refused after its stream was opened, as the error envelope."""


class RefusesWithin(ChatHandlers):
    """Opens the stream before it looks at the model."""

    async def create(self, request: Request) -> Response:
        """Put the refusal into the stream."""
        try:
            return await super().create(request)
        except StreamRefusedError as refused:
            error = UnsupportedModelError(str(refused)).body(request.scope["request_id"])
            return Response(self.event(json.dumps(error)) + self.event(DONE), media_type=_EVENTS)

    def reply(self, tenant_id: str, body: dict[str, Any]) -> Reply:
        """Refuse a model when it is too late."""
        try:
            return super().reply(tenant_id, body)
        except UnsupportedModelError as error:
            if self.is_streamed(body):
                raise StreamRefusedError(error.message) from error
            raise


class IdsOfPieces(ChatHandlers):
    """Makes an id where it makes an object."""

    def piece(self, reply: Reply, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """Give each piece one of its own."""
        return super().piece(replace(reply, id=f"chatcmpl_{secrets.token_hex(12)}"), choices)


def _unnamed_stream(_scope: Scope, answer: Answer) -> Answer:
    if answer.headers.get("content-type", "").startswith(_EVENTS):
        answer.headers.pop("x-request-id", None)
    return answer


MUTANTS = (
    Mutant(
        id="chat-stream-as-text",
        breaks="BEATRA-STREAM-01",
        story="The response class of the framework has a default that was never looked at.",
        front={"chat": StreamsText},
        consequences={"BEATRA-createChatCompletion-CONFORMS": "the document describes an event stream"},
    ),
    Mutant(
        id="chat-stream-at-once",
        breaks="BEATRA-STREAM-01",
        story="The new supplier can't stream, and the flag is ignored until it can.",
        front={"chat": AnswersAtOnce},
    ),
    Mutant(
        id="chat-stream-with-heartbeats",
        breaks="BEATRA-STREAM-02",
        story="A proxy closed quiet connections, so an event was added that says nothing.",
        front={"chat": Heartbeats},
        consequences={"BEATRA-createChatCompletion-CONFORMS": "the document describes choices in every event"},
    ),
    Mutant(
        id="chat-stream-of-completions",
        breaks="BEATRA-STREAM-03",
        story="The name of the object is a constant of the module.",
        front={"chat": WholeObjects},
    ),
    Mutant(
        id="chat-stream-of-nobody",
        breaks="BEATRA-STREAM-04",
        story="The first piece of the supplier is empty but for its role, so it was dropped.",
        front={"chat": NobodySpeaks},
    ),
    Mutant(
        id="chat-stream-role-in-the-end",
        breaks="BEATRA-STREAM-04",
        story="The pieces go through a queue with priorities, and the empty ones come last.",
        front={"chat": SpeaksInTheEnd},
    ),
    Mutant(
        id="chat-stream-under-another-name",
        breaks="BEATRA-STREAM-05",
        story="The supplier calls it text, and only whole answers are translated.",
        front={"chat": OtherName},
    ),
    Mutant(
        id="chat-stream-stops-silently",
        breaks="BEATRA-STREAM-06",
        story="What has no content is dropped, and the last piece has none.",
        front={"chat": StopsSilently},
    ),
    Mutant(
        id="chat-stream-ends-with-every-piece",
        breaks="BEATRA-STREAM-06",
        story="The reason to end has a default value.",
        front={"chat": EndsEveryPiece},
    ),
    Mutant(
        id="chat-stream-never-done",
        breaks="BEATRA-STREAM-07",
        story="The connection is closed at the end, which seemed to say enough.",
        front={"chat": NeverDone},
    ),
    Mutant(
        id="chat-stream-goes-on-when-done",
        breaks="BEATRA-STREAM-07",
        story="The bill is written when the stream is over, and sent because there is a connection.",
        front={"chat": BillsAfterwards},
    ),
    Mutant(
        id="chat-refused-within-the-stream",
        breaks="BEATRA-STREAM-08",
        story="The stream is opened first, so that clients wait less.",
        front={"chat": RefusesWithin},
        consequences={"BEATRA-ERROR-06": "an error within a stream is read as a fault of the service, which lasts"},
    ),
    Mutant(
        id="chat-stream-of-many-ids",
        breaks="BEATRA-STREAM-09",
        story="Each piece is an object, and objects get their id when they are made.",
        front={"chat": IdsOfPieces},
    ),
    Mutant(
        id="chat-stream-without-request-id",
        breaks="BEATRA-REQUEST-ID-01",
        story="Streams bypass the middleware that adds the header.",
        wrap=rewriting(_unnamed_stream),
    ),
)
