"""JSON that some readers take and others don't: documents leave it open, so it is observed and not judged."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any

from conformance.journal.records import Observation
from conformance.monitors.monitor import ABSENT, MAX_EVIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.monitors.answer import Answered
    from conformance.monitors.traffic import Traffic


class _TwiceError(Exception):
    """An object has two members of one name."""


def unusual_json(traffic: Traffic) -> tuple[Observation, ...]:
    """What is unusual about the JSON of the answers: a byte order mark, members of one name (RFC 8259, 4 and 8.1)."""
    answers = [answered for answered in traffic.settled if answered.json is not ABSENT]
    kinds: tuple[tuple[str, Callable[[Answered], bool]], ...] = (
        ("JSON that begins with a byte order mark, which senders must not add and readers may refuse", _has_mark),
        ("JSON objects with two members of one name, of which readers see either", _says_twice),
    )
    name = f"{traffic.contract.system.upper()}-OBS-JSON"
    found = ((text, [answered.id for answered in answers if is_so(answered)]) for text, is_so in kinds)
    return tuple(
        Observation(name, f"{len(ids)} of {len(answers)} answers hold {text}", tuple(ids[:MAX_EVIDENCE]))
        for text, ids in found
        if ids
    )


def _has_mark(answered: Answered) -> bool:
    return answered.response.body.content.startswith(codecs.BOM_UTF8)


def _says_twice(answered: Answered) -> bool:
    try:
        json.loads(answered.response.body.content, object_pairs_hook=_once)
    except _TwiceError:
        return True
    return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _TwiceError
    return members
