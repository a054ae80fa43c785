"""What the deployment refuses, as one exception with the error envelope of the documents."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """A request that is answered with the error envelope; `headers` are added to the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        param: str | None = None,
        details: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retryable = retryable
        self.param = param
        self.details = details
        self.headers = headers or {}

    def envelope(self, request_id: str) -> dict[str, Any]:
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


def invalid(message: str, pointer: str | None = None) -> RefusedError:
    details = {"errors": [{"path": pointer, "message": message}]} if pointer is not None else None
    return RefusedError(400, "invalid_request", message, param=pointer, details=details)


def unsupported_option(message: str, *fields: str) -> RefusedError:
    return RefusedError(
        422,
        "unsupported_option",
        message,
        param=f"/model_options/{fields[0]}",
        details={"unsupported_fields": [f"model_options.{field}" for field in fields]},
    )


def missing(what: str) -> RefusedError:
    return RefusedError(404, "not_found", f"There is no such {what}.")
