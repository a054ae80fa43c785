"""
Which requirement made from the document alone states what a hand-written one states: where it fails, so does that.

What schemas of the document state of a shape, a refusal or an acceptance is CONFORMS, REFUSES or ACCEPTS there.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREATES: Final = ("createTextToMusic", "createReferenceAudioToMusic")


def _of(kind: str, *operations: str) -> tuple[str, ...]:
    return tuple(f"BEATRA-{operation}-{kind}" for operation in operations)


STATED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "BEATRA-AUTH-05": _of("CREDENTIALS", "createTextToMusic"),
        "BEATRA-CANCEL-04": (*_of("MOVES", "cancelTask"), *_of("STAYS", "getTask"), *_of("FINAL", "getTask")),
        "BEATRA-CANCEL-05": _of("ABSENT", "cancelTask"),
        "BEATRA-CANCEL-06": _of("ISOLATED", "getTask"),
        "BEATRA-CHAT-05": _of("CONFORMS", "createChatCompletion"),
        "BEATRA-CHAT-07": _of("REFUSES", "createChatCompletion"),
        "BEATRA-CHAT-09": _of("ACCEPTS", "createChatCompletion"),
        "BEATRA-CHAT-11": _of("CONFORMS", "createChatCompletion"),
        "BEATRA-HEALTH-01": _of("CONFORMS", "getHealth"),
        "BEATRA-IDEMPOTENCY-01": _of("REPEATS", "createTextToMusic"),
        "BEATRA-IDEMPOTENCY-02": _of("REPEATS", "createReferenceAudioToMusic"),
        "BEATRA-IDEMPOTENCY-03": _of("REPEATS-AT-ONCE", "createTextToMusic"),
        "BEATRA-IDEMPOTENCY-05": (*_of("REUSED", *_CREATES), *_of("DISTINCT-BODIES", *_CREATES)),
        "BEATRA-IDEMPOTENCY-06": (
            *_of("REUSED", "createReferenceAudioToMusic"),
            *_of("DISTINCT-BODIES", "createReferenceAudioToMusic"),
        ),
        "BEATRA-IDEMPOTENCY-09": _of("DISTINCT-KEYS", *_CREATES),
        "BEATRA-IDEMPOTENCY-15": _of("REPEATS-AT-ONCE", *_CREATES),
        "BEATRA-IDEMPOTENCY-16": _of("FOREIGN-KEYS", *_CREATES),
        "BEATRA-IDEMPOTENCY-17": _of("DISTINCT-BODIES", *_CREATES),
        "BEATRA-IDEMPOTENCY-18": _of("SAME-BODIES", "createTextToMusic"),
        "BEATRA-IDEMPOTENCY-19": _of("DISTINCT-KEYS", *_CREATES),
        "BEATRA-LIST-02": _of("LISTS", "listTasks"),
        "BEATRA-LIST-03": _of("ISOLATED", "getTask"),
        "BEATRA-LIST-04": _of("PAGES", "listTasks"),
        "BEATRA-LIST-05": _of("LIST-DEFAULTS", "listTasks"),
        "BEATRA-LIST-06": (*_of("PAGES", "listTasks"), *_of("PAGED-QUERIES", "listTasks")),
        "BEATRA-LIST-08": _of("PAGES", "listTasks"),
        "BEATRA-LIST-09": (*_of("SORTS", "listTasks"), *_of("PAGED-QUERIES", "listTasks")),
        "BEATRA-LIST-10": (*_of("LIST-DEFAULTS", "listTasks"), *_of("PAGED-QUERIES", "listTasks")),
        "BEATRA-LIST-11": _of("SORTS", "listTasks"),
        "BEATRA-LIST-12": _of("FILTERS", "listTasks"),
        "BEATRA-LIST-13": _of("FILTERS", "listTasks"),
        "BEATRA-LIST-14": _of("FILTERS", "listTasks"),
        "BEATRA-LIST-15": _of("FILTERS", "listTasks"),
        "BEATRA-LIST-19": _of("PAGED-QUERIES", "listTasks"),
        "BEATRA-MODELS-01": _of("CONFORMS", "listModels"),
        "BEATRA-MODELS-03": _of("CONFORMS", "listModels"),
        "BEATRA-MONEY-23": _of("UNMADE", "createTextToMusic"),
        "BEATRA-MUSIC-09": _of("REFUSES", "createTextToMusic"),
        "BEATRA-MUSIC-12": _of("ACCEPTS", "createTextToMusic"),
        "BEATRA-MUSIC-15": _of("ACCEPTS", "createReferenceAudioToMusic"),
        "BEATRA-MUSIC-19": _of("STORED", "getTask"),
        "BEATRA-MUSIC-20": _of("STORED", "getTask"),
        "BEATRA-STREAM-01": _of("CONFORMS", "createChatCompletion"),
        "BEATRA-STREAM-02": _of("CONFORMS", "createChatCompletion"),
        "BEATRA-TASK-02": _of("PROGRESS", "getTask"),
        "BEATRA-TASK-03": (*_of("FINAL", "getTask"), *_of("PROGRESS", "getTask"), *_of("STAYS", "getTask")),
        "BEATRA-TASK-06": _of("RESULTS-STAY", "getTask"),
        "BEATRA-TASK-07": _of("PROGRESS", "getTask"),
        "BEATRA-TASK-09": _of("TIMES-IN-ORDER", "getTask"),
        "BEATRA-TASK-12": _of("ISOLATED", "getTask"),
        "BEATRA-UPLOAD-04": _of("ACCEPTS", "createUpload"),
        "BEATRA-UPLOAD-06": _of("ACCEPTS", "createUpload"),
        "BEATRA-UPLOAD-08": _of("REFUSES", "createUpload"),
        "BEATRA-UPLOAD-13": (*_of("REPEATS", "createUpload"), *_of("REUSED", "createUpload")),
    }
)
"""By the hand-written requirement, the ids that requirements made from the document alone have."""
