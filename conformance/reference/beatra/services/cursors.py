"""Opaque cursors of the task list: a position, signed so that a client can't make one up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from conformance.reference.beatra.errors import InvalidRequestError

_SIGNATURE_BYTES = 12


class Cursors:
    """Writes and reads cursors; each is good for the account it was given to."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def write(self, tenant_id: str, position: int) -> str:
        """The cursor that stands for a position."""
        plain = str(position).encode()
        return base64.urlsafe_b64encode(self._sign(tenant_id, plain) + plain).decode().rstrip("=")

    def read(self, tenant_id: str, cursor: str) -> int:
        """The position of a cursor; raises InvalidRequestError when it is not one of ours."""
        try:
            signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            position = int(signed[_SIGNATURE_BYTES:])
        except ValueError as problem:
            raise _unknown() from problem
        if not hmac.compare_digest(self.write(tenant_id, position).encode(), cursor.encode()):
            raise _unknown()
        return position

    def _sign(self, tenant_id: str, plain: bytes) -> bytes:
        message = tenant_id.encode() + b":" + plain
        return hmac.digest(self._secret, message, hashlib.sha256)[:_SIGNATURE_BYTES]


def _unknown() -> InvalidRequestError:
    return InvalidRequestError(
        "The cursor is not one that this list gave out.",
        details={"errors": [{"path": "cursor", "message": "is not a known cursor"}]},
    )
