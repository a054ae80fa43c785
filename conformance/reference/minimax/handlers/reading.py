"""Reading what requests carry, common to all endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.parts.bodies import BodyTooLargeError, NotJsonError, media_type, parse_json, read

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.parts.bodies import Json


class BodyReader:
    """Reads bodies of at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    async def json(self, request: Request) -> Json:
        """The JSON body; raises InvalidParamsError."""
        self.check_media_type(request)
        return parse(await self.content(request))

    async def content(self, request: Request) -> bytes:
        """The body as it came; raises InvalidParamsError."""
        try:
            return await read(request, self._limit)
        except BodyTooLargeError as problem:
            raise InvalidParamsError(problem.message) from problem

    def check_media_type(self, request: Request) -> None:
        """Refuse bodies of another type; raises InvalidParamsError."""
        if media_type(request) != "application/json":
            raise InvalidParamsError("Content-Type must be application/json")


def parse(content: bytes) -> Json:
    """A body as JSON; raises InvalidParamsError."""
    try:
        return parse_json(content)
    except NotJsonError as problem:
        raise InvalidParamsError("the body is no valid JSON") from problem
