"""Reading request bodies without trusting them: bounded, strict JSON and forms streamed to disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from starlette.formparsers import MultiPartException, MultiPartParser

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.datastructures import FormData
    from starlette.requests import Request

Json: TypeAlias = Any
"""What JSON text says: anything, until a schema has judged it."""

_DEEPEST = 64
_DRAIN_FACTOR = 2


class BodyTooLargeError(MultiPartException):
    """The request body has more bytes than this operation takes."""

    def __init__(self, limit: int) -> None:
        """Remember the limit in bytes."""
        super().__init__(f"The request body is larger than {limit} bytes.")


class NotJsonError(ValueError):
    """The request body is not JSON as RFC 8259 has it, or nested deeper than any use."""


class NotAFormError(ValueError):
    """The request body is not a readable multipart form."""


class _FormParser(MultiPartParser):
    """Starlette's parser, which itself does not tell a form that breaks off from a whole one."""

    is_whole = False

    def on_end(self) -> None:
        self.is_whole = True


async def bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    """
    Yield the body in pieces, of `limit` bytes at most; raises BodyTooLargeError.

    What is too long is read on for a while and dropped: a client that is still sending would not see the
    answer.
    """
    seen = 0
    async for piece in request.stream():
        seen += len(piece)
        if seen <= limit:
            yield piece
        elif seen > limit * _DRAIN_FACTOR:
            break
    if seen > limit:
        raise BodyTooLargeError(limit)


async def read(request: Request, limit: int) -> bytes:
    """Return the whole body; raises BodyTooLargeError."""
    return b"".join([piece async for piece in bounded(request, limit)])


def parse_json(body: bytes) -> Json:
    """
    Read strict JSON: UTF-8, no NaN, no lone surrogates, finite numbers, at most 64 levels.

    Raises NotJsonError.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        _check_depth(value)
        canonical(value)
    except (ValueError, RecursionError) as problem:
        raise NotJsonError("The request body is not valid JSON.") from problem
    return value


def canonical(value: object) -> bytes:
    """Write JSON so that equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


async def parse_form(request: Request, limit: int) -> FormData:
    """
    Read a multipart form, large files to disk; the caller closes it.

    Raises BodyTooLargeError and NotAFormError.
    """
    parser = _FormParser(request.headers, bounded(request, limit), max_files=8, max_fields=64)
    try:
        form = await parser.parse()
    except BodyTooLargeError:
        raise
    except (MultiPartException, ValueError) as problem:
        raise NotAFormError("The request body is not a readable multipart form.") from problem
    if not parser.is_whole:
        await form.close()
        raise NotAFormError("The multipart form breaks off before its end.")
    return form


def media_type(request: Request) -> str:
    """Return the declared media type without parameters, in lower case, empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _refuse_constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no JSON.")


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise NotJsonError(f"JSON nested deeper than {_DEEPEST} levels.")


def _children(item: object) -> list[object]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []
