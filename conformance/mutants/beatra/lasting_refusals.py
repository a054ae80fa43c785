"""Mutants that call worth a retry what no retry mends, under codes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import in_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from conformance.mutants.rewriting import Answer


def _renamed(code: str, new: str, words: str = "") -> Callable[[ASGIApp], ASGIApp]:
    """Give the errors of one code whose message has some words a code of their own, and call them worth a retry."""

    def change(_answer: Answer, error: dict[str, Any]) -> None:
        if error["code"] == code and words in error["message"]:
            error["code"], error["retryable"] = new, True

    return in_errors(change)


MUTANTS = (
    Mutant(
        id="unreadable-body-retryable",
        breaks="BEATRA-ERROR-13",
        story="A body that can't be read counts as damaged on its way.",
        wrap=_renamed("invalid_request", "unreadable_body", "not valid JSON"),
    ),
    Mutant(
        id="missing-permission-retryable",
        breaks="BEATRA-ERROR-13",
        story="A permission may be granted at any time, so a client had better try again.",
        wrap=_renamed("forbidden", "scope_missing"),
    ),
)
