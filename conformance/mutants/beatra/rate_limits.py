"""Mutants that tell of too many requests in their own way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import in_errors, rewriting

if TYPE_CHECKING:
    from starlette.types import Scope

    from conformance.mutants.rewriting import Answer

_TOO_MANY, _UNAVAILABLE = 429, 503


def _another_code(answer: Answer, error: dict[str, Any]) -> None:
    if answer.status == _TOO_MANY:
        error["code"] = "too_many_requests"


def _as_unavailable(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != _TOO_MANY:
        return answer
    return replace(answer, status=_UNAVAILABLE, body=answer.body.replace(b'"rate_limited"', b'"overloaded"'))


def _with_unit(_scope: Scope, answer: Answer) -> Answer:
    given = answer.headers.get("retry-after")
    return answer if given is None else answer.with_header("retry-after", f"{given}s")


def _as_timestamp(_scope: Scope, answer: Answer) -> Answer:
    if "retry-after" not in answer.headers:
        return answer
    return answer.with_header("retry-after", "2026-01-01T00:00:00Z")


MUTANTS = (
    Mutant(
        id="limit-under-another-code",
        breaks="BEATRA-ERROR-11",
        story="The limiter is a library with codes of its own.",
        wrap=in_errors(_another_code),
    ),
    Mutant(
        id="limit-as-unavailable",
        breaks="BEATRA-ERROR-11",
        story="The load balancer sheds load with 503 before the limiter is asked.",
        wrap=rewriting(_as_unavailable),
    ),
    Mutant(
        id="retry-after-with-unit",
        breaks="BEATRA-ERROR-12",
        story="The pause is formatted for people.",
        wrap=rewriting(_with_unit),
    ),
    Mutant(
        id="retry-after-as-timestamp",
        breaks="BEATRA-ERROR-12",
        story="The moment is written like every other time stamp of the API.",
        wrap=rewriting(_as_timestamp),
    ),
)
