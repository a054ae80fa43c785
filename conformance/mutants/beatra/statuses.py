"""Mutants that answer a success with another status than the documents name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import BASE_PATH, rewriting

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer

_OK, _CREATED, _ACCEPTED, _PARTIAL = 200, 201, 202, 206
_FROM_TEXT, _FROM_REFERENCE = (f"{BASE_PATH}/music/{kind}" for kind in ("text-to-music", "reference-audio-to-music"))


def _success_of(path: str, status: int) -> Callable[[ASGIApp], ASGIApp]:
    return rewriting(
        lambda scope, answer: (
            replace(answer, status=status) if scope["path"] == path and answer.status == _ACCEPTED else answer
        )
    )


def _accepted_while_running(scope: Scope, answer: Answer) -> Answer:
    reads = scope["method"] == "GET" and scope["path"].startswith(f"{BASE_PATH}/tasks/") and answer.status == _OK
    return replace(answer, status=_ACCEPTED) if reads and b'"completed_at":null' in answer.body else answer


def _partial_while_there_is_more(scope: Scope, answer: Answer) -> Answer:
    is_page = scope["path"] == f"{BASE_PATH}/tasks" and answer.status == _OK
    return replace(answer, status=_PARTIAL) if is_page and b'"has_more":true' in answer.body else answer


MUTANTS = (
    Mutant(
        id="text-to-music-ok",
        breaks="BEATRA-STATUS-01",
        story="The handler returns the task, and the framework's default status goes with it.",
        wrap=_success_of(_FROM_TEXT, _OK),
    ),
    Mutant(
        id="text-to-music-created",
        breaks="BEATRA-STATUS-01",
        story="A POST that makes something is answered 201 by habit.",
        wrap=_success_of(_FROM_TEXT, _CREATED),
    ),
    Mutant(
        id="reference-audio-to-music-ok",
        breaks="BEATRA-STATUS-02",
        story="The second endpoint was copied without the line that sets the status.",
        wrap=_success_of(_FROM_REFERENCE, _OK),
    ),
    Mutant(
        id="reference-audio-to-music-created",
        breaks="BEATRA-STATUS-02",
        story="The re-hosted file is a new resource, so its status won.",
        wrap=_success_of(_FROM_REFERENCE, _CREATED),
    ),
    Mutant(
        id="running-task-accepted",
        breaks="BEATRA-STATUS-03",
        story="Reading a task that goes on repeats the status of its creation.",
        wrap=rewriting(_accepted_while_running),
    ),
    Mutant(
        id="page-partial",
        breaks="BEATRA-STATUS-04",
        story="A page that is not the last counts as partial content.",
        wrap=rewriting(_partial_while_there_is_more),
    ),
)
