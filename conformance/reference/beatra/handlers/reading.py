"""Reading what requests carry, common to all endpoints."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from conformance.reference.beatra.errors import InvalidRequestError, UnsupportedMediaTypeError
from conformance.reference.beatra.services.idempotency import Attempt
from conformance.reference.parts.bodies import canonical, media_type, parse_json, read

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.parts.bodies import Json

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_LONGEST_KEY = 255


async def read_json(request: Request, limit: int) -> Json:
    """The JSON body; raises UnsupportedMediaTypeError, BodyTooLargeError and NotJsonError."""
    require_media_type(request, "application/json")
    return parse_json(await read(request, limit))


async def read_optional_json(request: Request, limit: int) -> Json:
    """The JSON body of an operation that needs none, None when it is empty; raises as read_json."""
    body = await read(request, limit)
    if not body:
        return None
    require_media_type(request, "application/json")
    return parse_json(body)


def require_media_type(request: Request, wanted: str) -> None:
    """Refuse bodies of another type; raises UnsupportedMediaTypeError."""
    if media_type(request) != wanted:
        raise UnsupportedMediaTypeError(f"This operation takes {wanted}.")


def fingerprint(body: object) -> str:
    """A digest that two bodies share exactly when they say the same."""
    return hashlib.sha256(canonical(body)).hexdigest()


def attempt_of(request: Request, tenant_id: str, body_digest: str) -> Attempt | None:
    """The request as an idempotent attempt, None without a key; raises InvalidRequestError for a bad key."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not key.strip() or len(key) > _LONGEST_KEY:
        raise InvalidRequestError(f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters.")
    return Attempt(tenant_id=tenant_id, operation=request.scope["path"], key=key, fingerprint=body_digest)


def origin_of(request: Request) -> str:
    """Scheme, host and port that the client used, as far as its Host header makes sense."""
    scheme = request.scope.get("scheme", "http")
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        server = request.scope.get("server") or ("localhost", None)
        host = server[0] if server[1] is None else f"{server[0]}:{server[1]}"
    return f"{scheme}://{host}"
