"""Everything the API refuses, one class per code of the error table."""

from __future__ import annotations

from typing import Any, ClassVar


class ApiError(Exception):
    """A request is answered with the error envelope instead of what it asked for."""

    code: ClassVar[str]
    status: ClassVar[int]
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """`param` is a JSON Pointer into the request body, `details` says more in a form of the code."""
        super().__init__(message)
        self.message = message
        self.param = param
        self.details = details
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The error envelope."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "retryable": self.retryable,
            "request_id": request_id,
        }
        if self.param is not None:
            error["param"] = self.param
        if self.details is not None:
            error["details"] = self.details
        return {"error": error}


class UnauthorizedError(ApiError):
    """The request carries no bearer key."""

    code = "unauthorized"
    status = 401


class InvalidApiKeyError(ApiError):
    """The key opens no account."""

    code = "invalid_api_key"
    status = 401


class ForbiddenError(ApiError):
    """The key is known but not permitted to use the API."""

    code = "forbidden"
    status = 403


class InsufficientBalanceError(ApiError):
    """The wallet holds less than the price."""

    code = "insufficient_balance"
    status = 402


class InvalidRequestError(ApiError):
    """A body, a form or a parameter is not what the operation takes."""

    code = "invalid_request"
    status = 422


class UnsupportedModelError(ApiError):
    """No model of that name makes music."""

    code = "unsupported_model"
    status = 400


class UnsupportedOptionError(ApiError):
    """`model_options` names a namespace that no model has."""

    code = "unsupported_option"
    status = 422


class IdempotencyConflictError(ApiError):
    """An Idempotency-Key comes back with another body within its window."""

    code = "idempotency_conflict"
    status = 409


class NotFoundError(ApiError):
    """The account has no such resource, or the API no such endpoint."""

    code = "not_found"
    status = 404


class MethodNotAllowedError(ApiError):
    """The endpoint exists but not for this method."""

    code = "method_not_allowed"
    status = 405


class PayloadTooLargeError(ApiError):
    """The body has more bytes than the operation takes."""

    code = "payload_too_large"
    status = 413


class UnsupportedMediaTypeError(ApiError):
    """The body is of a type that the operation does not read."""

    code = "unsupported_media_type"
    status = 415


class RateLimitedError(ApiError):
    """The account has used up its budget of requests."""

    code = "rate_limited"
    status = 429
    retryable = True


class InternalError(ApiError):
    """The server itself failed."""

    code = "internal_error"
    status = 500
    retryable = True
