"""Mutants that lose, change or confuse the ids of requests."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import in_errors, rewriting
from conformance.reference.parts.request_id import RequestIds

if TYPE_CHECKING:
    from typing import Any

    from starlette.types import Scope

    from conformance.mutants.rewriting import Answer

_STARTED = f"req_{secrets.token_hex(12)}"
_LONGEST = 36
_ERRORS = 400


def _without_id(answer: Answer) -> Answer:
    answer.headers.pop("x-request-id", None)
    return answer


def _only_on_success(_scope: Scope, answer: Answer) -> Answer:
    return _without_id(answer) if answer.status >= _ERRORS else answer


def _only_on_errors(_scope: Scope, answer: Answer) -> Answer:
    return answer if answer.status >= _ERRORS else _without_id(answer)


def _named_anew(_answer: Answer, error: dict[str, Any]) -> None:
    error["request_id"] = f"req_{secrets.token_hex(12)}"


def _unnamed_when_not_found(answer: Answer, error: dict[str, Any]) -> None:
    if answer.status == 404:  # noqa: PLR2004 - HTTP's own
        error["request_id"] = "unknown"


class MakesEveryId(RequestIds):
    """Does not trust ids from outside."""

    def choose(self, offered: str | None) -> str:
        """Make a new one for everybody."""
        del offered
        return super().choose(None)


class CutsIds(RequestIds):
    """Has a column for UUIDs."""

    def choose(self, offered: str | None) -> str:
        """Keep what fits."""
        return super().choose(offered)[:_LONGEST]


class OneIdForAll(RequestIds):
    """Makes the id where the module is loaded."""

    def choose(self, offered: str | None) -> str:
        """Give everybody the same."""
        return _STARTED if offered is None else super().choose(offered)


MUTANTS = (
    Mutant(
        id="request-id-on-success-only",
        breaks="BEATRA-REQUEST-ID-01",
        story="The header is added at the end of the handlers, which an exception skips.",
        wrap=rewriting(_only_on_success),
    ),
    Mutant(
        id="request-id-on-errors-only",
        breaks="BEATRA-REQUEST-ID-01",
        story="The header was added for support, who only ever look at errors.",
        wrap=rewriting(_only_on_errors),
    ),
    Mutant(
        id="request-id-never-echoed",
        breaks="BEATRA-REQUEST-ID-02",
        story="The middleware makes an id for every request and never looks for one.",
        front={"request_ids": MakesEveryId},
    ),
    Mutant(
        id="request-id-cut",
        breaks="BEATRA-REQUEST-ID-02",
        story="The id goes through a column that is as wide as a UUID.",
        front={"request_ids": CutsIds},
    ),
    Mutant(
        id="request-id-made-once",
        breaks="BEATRA-REQUEST-ID-03",
        story="The default value of the id is computed when the module is loaded.",
        front={"request_ids": OneIdForAll},
    ),
    Mutant(
        id="error-named-anew",
        breaks="BEATRA-REQUEST-ID-04",
        story="The error makes an id of its own because it can't reach that of the request.",
        wrap=in_errors(_named_anew),
    ),
    Mutant(
        id="error-named-unknown",
        breaks="BEATRA-REQUEST-ID-04",
        story="The router refuses before the id is known and writes a placeholder.",
        wrap=in_errors(_unnamed_when_not_found),
    ),
)
