"""Everything the API refuses, one class per code of `base_resp`."""

from __future__ import annotations

from typing import Any, ClassVar

SUCCESS = {"status_code": 0, "status_msg": "success"}


class ApiError(Exception):
    """A request is answered with a code in `base_resp` instead of what it asked for."""

    code: ClassVar[int]
    text: ClassVar[str]
    status: int = 200
    control_status: ClassVar[int] = 422
    """The HTTP status of the same refusal at the control interface."""

    def __init__(self, detail: str = "") -> None:
        """`detail` says what is wrong with this request."""
        super().__init__(detail)
        self.detail = detail

    def base_resp(self) -> dict[str, Any]:
        """The code, and what it means here."""
        message = f"{self.text}, {self.detail}" if self.detail else self.text
        return {"status_code": self.code, "status_msg": message}


class RateLimitedError(ApiError):
    """The account has made too many requests."""

    code, text = 1002, "rate limit"


class NotAuthorizedError(ApiError):
    """The request carries no bearer key."""

    code, text = 1004, "login fail: Please carry the API secret key in the 'Authorization' field of the request header"
    control_status = 401


class InsufficientBalanceError(ApiError):
    """The account holds less than the price."""

    code, text = 1008, "insufficient balance"


class SensitiveInputError(ApiError):
    """The content of the request is flagged as sensitive."""

    code, text = 1026, "input new_sensitive"


class InvalidParamsError(ApiError):
    """A body, or a part of it, is not what the operation takes."""

    code, text = 2013, "invalid params"


class InvalidKeyError(ApiError):
    """The key opens no account."""

    code, text = 2049, "invalid api key"
    control_status = 401


class ModelNotInPlanError(ApiError):
    """The account's plan does not include the model."""

    code, text = 2061, "your current plan does not support the model"


class NoSuchEndpointError(ApiError):
    """The API has no such path, or no such method there; no document says how it tells so."""

    code, text = 2013, "invalid params"

    def __init__(self, status: int, detail: str) -> None:
        """`status` is 404 or 405."""
        super().__init__(detail)
        self.status = status


class GoneError(ApiError):
    """A file is not, or no longer, to be had."""

    code, text = 2013, "invalid params"

    def __init__(self, status: int, detail: str) -> None:
        """`status` is what file servers answer."""
        super().__init__(detail)
        self.status = status
