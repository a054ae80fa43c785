"""Values that were not used before: a name that must be unique is taken as soon as a first request has it."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from conformance.generation.instances import schemas_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from conformance.contract.document import Document
    from conformance.generation.cases import Case

# Few enough to leave the beginning of a text alone, many enough to be in no use.
_CHANGED: Final = 8
# So many texts of the same form are tried, as a pattern may allow few.
_SHIFTS: Final = 8
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
# Of "2026-03-01", and of a date and a time without an offset.
_SHORTEST_DATE, _LONGEST_WITHOUT_OFFSET = 10, 19
_MOST_DAYS: Final = 3_000
_KINDS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_JSON: Final = "/json"


def freshened(
    document: Document, case: Case, token: str, *, longer: bool = False, kept: Collection[str] = ()
) -> Case | None:
    """
    The same JSON request with other texts of the same length in the members of its body, as the document allows.

    With `longer` they may be longer, so that a short one becomes one of a kind. `token` decides what the texts
    become, and how far the times of the body are moved, all alike. What stands at the JSON pointers that are `kept`
    names something that is there, and stays. None where nothing of the body can be another one.
    """
    media = next((m for m in document.operations[case.operation].body.values() if m.name.endswith(_JSON)), None)
    body = _object_of(case)
    if media is None or body is None:
        return None
    schemas, changed = schemas_of(document), dict(body)
    names = {pointer.split("/")[1] for pointer in kept if pointer.startswith("/")}
    for name, value in body.items():
        if name in names or _moment(value) is not None:
            continue
        for other in _others(value, f"{token} {name}", longer=longer):
            if other != value and schemas.accepts(media.schema, {**changed, name: other}):
                changed[name] = other
                break
    moved = _moved(changed, names, token)
    changed = moved if schemas.accepts(media.schema, moved) else changed
    return None if changed == body else replace(case, content=json.dumps(changed).encode())


def _object_of(case: Case) -> Mapping[str, Any] | None:
    try:
        body = json.loads(case.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _others(value: object, token: str, *, longer: bool) -> Iterator[str]:
    """Other texts than a text, the best first: a name in an address, a UUID, a new end, a new beginning."""
    if not isinstance(value, str) or not value:
        return
    digest = hashlib.sha256(token.encode()).hexdigest()
    letters = "".join(_DIGITS[int(digest[2 * n : 2 * n + 2], 16) % len(_DIGITS)] for n in range(_CHANGED))
    local, at, domain = value.partition("@")
    if at:
        kept = letters if longer else letters[: max(len(local), 1)]
        yield f"{kept}{local[_CHANGED:]}{at}{domain}"
    try:
        UUID(value)
    except ValueError:
        if longer:
            yield f"{value}-{letters}"
        size = min(_CHANGED, len(value))
        yield value[: len(value) - size] + letters[:size]
        yield letters[:size] + value[size:]
        yield from (of_its_kind(value, digest[shift:]) for shift in range(_SHIFTS))
    else:
        yield str(UUID(digest[:32], version=4))


def _moved(body: Mapping[str, Any], kept: Collection[str], token: str) -> dict[str, Any]:
    """The body with all of its times so many days later, so that what lies between them stays as it is."""
    days = timedelta(days=1 + int(hashlib.sha256(token.encode()).hexdigest()[:4], 16) % _MOST_DAYS)
    moved = dict(body)
    for name, value in body.items():
        moment = _moment(value)
        if moment is not None and name not in kept:
            with suppress(OverflowError):
                moved[name] = rewritten_time(str(value), moment + days)
    return moved


def _moment(value: object) -> datetime | None:
    """The instant that a text with a date in it says; None for anything else."""
    if not isinstance(value, str) or len(value) < _SHORTEST_DATE:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def rewritten_time(value: str, moment: datetime) -> str:
    """Another instant in the form of one that is written down: a date, with seconds or without, with Z or not."""
    if len(value) == _SHORTEST_DATE:
        return moment.date().isoformat()
    seconds = value.count(":", 0, _LONGEST_WITHOUT_OFFSET) > 1
    written = moment.isoformat(timespec="seconds" if seconds else "minutes")
    return written.replace("+00:00", "Z") if value.endswith("Z") else written


def of_its_kind(value: str, digest: str) -> str:
    """The text with other digits for digits and other letters for letters at its end, as a pattern may demand."""
    made, left = [], _CHANGED
    for character in reversed(value):
        alphabet = next((known for known in _KINDS if character in known), "")
        if alphabet and left:
            made.append(alphabet[int(digest[left % len(digest)], 16) * (left + 1) % len(alphabet)])
            left -= 1
        else:
            made.append(character)
    return "".join(reversed(made))
