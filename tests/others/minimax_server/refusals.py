"""What the server refuses: the codes of the documents."""

from __future__ import annotations

MESSAGES = {
    1002: "rate limit",
    1004: "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
    1008: "insufficient balance",
    1026: "input new_sensitive",
    2049: "invalid api key",
    2061: "your current plan does not support this model",
}


class RefusedError(Exception):
    """A request that is answered with a business error."""

    def __init__(self, code: int, message: str = "", *, status: int = 200) -> None:
        super().__init__(message or MESSAGES[code])
        self.code = code
        self.status = status


def invalid(reason: str) -> RefusedError:
    return RefusedError(2013, f"invalid params, {reason}")
