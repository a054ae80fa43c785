"""How a system writes its errors: the envelope of a refusal, and the table of documented codes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from conformance.contract.outcomes import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

# What conventions leave out.
_INVALID: Final = (400, 422)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the documented error table; `retryable` is None where the documents don't say."""

    code: str
    status: tuple[int, ...]
    retryable: bool | None

    def has(self, status: int) -> bool:
        """Whether the code is documented with this HTTP status."""
        return status in self.status


@dataclass(frozen=True, slots=True)
class Errors:
    """
    The envelope of a refusal as JSON pointers into the body, and the table of documented codes.

    `numeric` says that codes are numbers; they are kept as text all the same.
    """

    object: str
    code: str
    message: str
    retryable: str | None
    request_id: str | None
    param: str | None
    codes: Mapping[str, ErrorCode]
    validation_status: tuple[int, ...]
    numeric: bool = False


def parse_error_shapes(content: Mapping[str, Any] | list[Mapping[str, Any]] | None) -> tuple[Errors, ...]:
    """One shape, or several of which each is valid where its places are there."""
    if content is None:
        return ()
    return tuple(map(_errors, content if isinstance(content, list) else [content]))


def _errors(part: Mapping[str, Any]) -> Errors:
    rows = ((as_text(row["code"]), row) for row in part.get("codes", ()))
    codes = {code: ErrorCode(code, tuple(row["status"]), row.get("retryable")) for code, row in rows}
    return Errors(
        object=part["object"],
        code=part["code"],
        message=part["message"],
        retryable=part.get("retryable"),
        request_id=part.get("request_id"),
        param=part.get("param"),
        codes=MappingProxyType(codes),
        validation_status=tuple(part.get("validation_status", _INVALID)),
        numeric=part.get("numeric", False),
    )
