"""Refusals. No document shows one: status and body are this implementation's own choice."""

from __future__ import annotations


class ApiError(Exception):
    """A request is refused; the message goes to the client."""

    status = 400


class BadRequestError(ApiError):
    """The body is not what the operation takes."""


class UnauthorizedError(ApiError):
    """The request carries no usable token."""

    status = 401


class NotFoundError(ApiError):
    """The path, the task or the track does not exist."""

    status = 404


class UnsupportedMediaTypeError(ApiError):
    """The body is declared as something else than JSON."""

    status = 415
