"""Reading what requests carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.beatoven.errors import BadRequestError, UnsupportedMediaTypeError
from conformance.reference.parts.bodies import BodyTooLargeError, NotJsonError, media_type, parse_json, read

if TYPE_CHECKING:
    import jsonschema_rs
    from starlette.requests import Request


async def read_body(request: Request, shape: jsonschema_rs.Draft202012Validator, limit: int) -> dict[str, Any]:
    """The JSON object of a request; raises UnsupportedMediaTypeError and BadRequestError."""
    if media_type(request) != "application/json":
        raise UnsupportedMediaTypeError("The body must be declared as application/json.")
    try:
        body = parse_json(await read(request, limit))
    except (BodyTooLargeError, NotJsonError) as problem:
        raise BadRequestError(str(problem)) from problem
    error = next(iter(shape.iter_errors(body)), None)
    if error is not None:
        place = "/".join(map(str, error.instance_path))
        raise BadRequestError(f"The body is not valid{f' at {place}' if place else ''}.")
    found: dict[str, Any] = body
    return found
