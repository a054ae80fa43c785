"""POST /v1/chat/completions: one answer at once, or token by token as server-sent events."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from conformance.reference.beatra.handlers.reading import read_json
from conformance.reference.beatra.services.money import credits_text, usd_text
from conformance.reference.beatra.services.texts import Question
from conformance.reference.beatra.validation import CHAT, check
from conformance.reference.parts.clock import SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request

    from conformance.reference.beatra.handlers.guard import Guard
    from conformance.reference.beatra.services.texts import Completion, Draft
    from conformance.reference.beatra.wiring import Services
    from conformance.reference.parts.bodies import Json

DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Reply:
    """A completion with what its answer shows of it, and whether a stream tells its usage."""

    tenant_id: str
    completion: Completion
    id: str
    created: int
    tells_usage: bool = False


class ChatHandlers:
    """Answers chats."""

    def __init__(self, services: Services, guard: Guard) -> None:
        self._services = services
        self._guard = guard

    async def create(self, request: Request) -> Response:
        """POST /v1/chat/completions."""
        tenant_id = self._guard.admit(request)
        body = await read_json(request, self._services.settings.json_bytes)
        self.check(body)
        reply = self.reply(tenant_id, body)
        if self.is_streamed(body):
            return self.stream(reply)
        return self.answer(reply)

    def check(self, body: Json) -> None:
        """Refuse a body that asks for nothing that exists; raises InvalidRequestError."""
        check(CHAT, body)

    def is_streamed(self, body: dict[str, Any]) -> bool:
        """Whether a stream is asked for."""
        return bool(body.get("stream"))

    def reply(self, tenant_id: str, body: dict[str, Any]) -> Reply:
        """Have the question answered; raises UnsupportedModelError and InsufficientBalanceError."""
        completion = self._services.chat.answer(self.question(tenant_id, body))
        options = body.get("stream_options") or {}
        return Reply(
            tenant_id,
            completion,
            id=f"chatcmpl_{secrets.token_hex(12)}",
            created=self._services.clock.now(tenant_id) // SECOND,
            tells_usage=bool(options.get("include_usage")),
        )

    def question(self, tenant_id: str, body: dict[str, Any]) -> Question:
        """What is asked; raises UnsupportedModelError."""
        limits = [body[name] for name in ("max_completion_tokens", "max_tokens") if body.get(name) is not None]
        return Question(
            tenant_id,
            self._services.catalogue.writer_of(body["model"]),
            body["messages"],
            count=body.get("n") or 1,
            limit=min(limits, default=None),
        )

    def answer(self, reply: Reply) -> Response:
        """The whole answer at once."""
        choices = [self.choice(number, draft) for number, draft in enumerate(reply.completion.drafts)]
        paid = self._services.chat.charge(reply.tenant_id, reply.completion)
        return JSONResponse(
            {**self.head(reply), "object": "chat.completion", "choices": choices, "usage": self.usage(reply, paid)}
        )

    def head(self, reply: Reply) -> dict[str, Any]:
        """What an answer and every piece of a stream show of the completion."""
        return {"id": reply.id, "created": reply.created, "model": reply.completion.model}

    def choice(self, number: int, draft: Draft) -> dict[str, Any]:
        """One of the answers."""
        message = {"role": "assistant", "content": draft.text}
        return {"index": number, "message": message, "finish_reason": draft.ended_by}

    def usage(self, reply: Reply, paid: int) -> dict[str, Any]:
        """What the completion took, and what it was charged."""
        completion = reply.completion
        return {
            "prompt_tokens": completion.prompt_tokens,
            "completion_tokens": completion.completion_tokens,
            "total_tokens": completion.prompt_tokens + completion.completion_tokens,
            "credits": credits_text(paid),
            "credits_usd_reference": usd_text(paid),
        }

    def stream(self, reply: Reply) -> Response:
        """The answer as a stream."""
        return StreamingResponse(self.events(reply), media_type="text/event-stream")

    async def events(self, reply: Reply) -> AsyncIterator[str]:
        """Every event of a stream; what breaks off is not charged."""
        for chunk in self.chunks(reply):
            yield self.event(json.dumps(chunk))
            await asyncio.sleep(0)
        paid = self._services.chat.charge(reply.tenant_id, reply.completion)
        if reply.tells_usage:
            yield self.event(json.dumps({**self.piece(reply, []), "usage": self.usage(reply, paid)}))
        yield self.event(DONE)

    def chunks(self, reply: Reply) -> Iterator[dict[str, Any]]:
        """The pieces of every answer: who speaks, each token, and why it ended."""
        for number, draft in enumerate(reply.completion.drafts):
            yield self.piece(reply, [self.delta(number, {"role": "assistant", "content": ""})])
            for token in draft.tokens:
                yield self.piece(reply, [self.delta(number, {"content": token})])
            yield self.piece(reply, [self.delta(number, {}, draft.ended_by)])

    def piece(self, reply: Reply, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """One piece of a stream."""
        return {**self.head(reply), "object": "chat.completion.chunk", "choices": choices}

    def delta(self, number: int, more: dict[str, Any], ended_by: str | None = None) -> dict[str, Any]:
        """What a piece adds to one of the answers."""
        return {"index": number, "delta": more, "finish_reason": ended_by}

    def event(self, data: str) -> str:
        """One event."""
        return f"data: {data}\n\n"
