"""Mutants whose answers break the document at a place that no other requirement owns."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.beatra.answers import BASE_PATH, rewriting
from conformance.reference.beatra.handlers.uploads import DEFAULT_PURPOSE
from conformance.reference.beatra.services.artifacts import REFERENCE_AUDIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

    from conformance.mutants.rewriting import Answer

_SUCCESS = range(200, 300)
_SEE_OTHER = 303
_PURPOSES = (DEFAULT_PURPOSE, REFERENCE_AUDIO)


def _in_answers_to(method: str, path: str, change: Callable[[dict[str, Any]], None]) -> Callable[[ASGIApp], ASGIApp]:
    """Wrap an application so that `change` may alter the body of every success of an operation in place."""

    def changed(scope: Scope, answer: Answer) -> Answer:
        asked = re.fullmatch(f"{method} {re.escape(BASE_PATH)}{path}", f"{scope['method']} {scope['path']}")
        if not asked or answer.status not in _SUCCESS:
            return answer
        content = json.loads(answer.body)
        change(content)
        return replace(answer, body=json.dumps(content).encode())

    return rewriting(changed)


def _stage_only(task: dict[str, Any]) -> None:
    task["progress"] = task["status"]


def _warnings_in_one_text(task: dict[str, Any]) -> None:
    task["warnings"] = "; ".join(task["warnings"])


def _zero_at_the_end(page: dict[str, Any]) -> None:
    page["next_cursor"] = page["next_cursor"] or 0


def _percent_sign(task: dict[str, Any]) -> None:
    if task["completed_at"] is None:
        task["progress"]["percent"] = f"{task['progress']['percent']}%"


def _no_callback_in_words(task: dict[str, Any]) -> None:
    task["callback"] = "none"


def _explains_purposes(scope: Scope, answer: Answer) -> Answer:
    if scope["path"] != f"{BASE_PATH}/uploads" or answer.status not in _SUCCESS:
        return answer
    if json.loads(answer.body)["purpose"] in _PURPOSES:
        return answer
    return replace(answer, status=_SEE_OTHER, body=b"").with_header("location", f"{BASE_PATH}/purposes")


MUTANTS = (
    Mutant(
        id="progress-of-new-songs-as-text",
        breaks="BEATRA-createTextToMusic-CONFORMS",
        story="A task that was just created has no percentage yet, so its progress is the name of its state.",
        wrap=_in_answers_to("POST", "/music/text-to-music", _stage_only),
    ),
    Mutant(
        id="warnings-of-new-covers-as-text",
        breaks="BEATRA-createReferenceAudioToMusic-CONFORMS",
        story="The warnings are joined for the log, and the same variable goes into the answer.",
        wrap=_in_answers_to("POST", "/music/reference-audio-to-music", _warnings_in_one_text),
    ),
    Mutant(
        id="last-cursor-zero",
        breaks="BEATRA-listTasks-CONFORMS",
        story="The cursor after the last page is 0, as it was when cursors were numbers.",
        wrap=_in_answers_to("GET", "/tasks", _zero_at_the_end),
    ),
    Mutant(
        id="percent-as-text",
        breaks="BEATRA-getTask-CONFORMS",
        story="The developers watch tasks in a terminal, so the percentage of one at work got a sign.",
        wrap=_in_answers_to("GET", "/tasks/[^/]+", _percent_sign),
    ),
    Mutant(
        id="callback-of-canceled-in-words",
        breaks="BEATRA-cancelTask-CONFORMS",
        story="A cancelled task says in words that no client will be called back.",
        wrap=_in_answers_to("POST", "/tasks/[^/]+/cancel", _no_callback_in_words),
    ),
    Mutant(
        id="unknown-purposes-explained",
        breaks="BEATRA-createUpload-CONFORMS",
        story="The upload page for people sends them to an explanation when it does not know the purpose.",
        wrap=rewriting(_explains_purposes),
        generated=True,
        examples=30,
    ),
)
