"""Values that were not used before: a name that must be unique is taken as soon as a first request has it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from conformance.generation.instances import Schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.contract.document import Document
    from conformance.generation.cases import Case

# Few enough to leave the beginning of a text alone, many enough to be in no use.
_CHANGED: Final = 8
# So many texts of the same form are tried, as a pattern may allow few.
_SHIFTS: Final = 8
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_KINDS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_JSON: Final = "/json"


def freshened(document: Document, case: Case, token: str, *, longer: bool = False) -> Case | None:
    """
    The same JSON request with other texts of the same length in the members of its body, as the document allows.

    With `longer` they may be longer, so that a short one becomes one of a kind. `token` decides what the texts
    become. None where no text of the body can be another one.
    """
    media = next((m for m in document.operations[case.operation].body.values() if m.name.endswith(_JSON)), None)
    body = _object_of(case)
    if media is None or body is None:
        return None
    schemas, changed = _schemas(document), dict(body)
    for name, value in body.items():
        for other in _others(value, f"{token} {name}", longer=longer):
            if schemas.accepts(media.schema, {**changed, name: other}):
                changed[name] = other
                break
    return None if changed == body else replace(case, content=json.dumps(changed).encode())


@cache
def _schemas(document: Document) -> Schemas:
    return Schemas(document.content)


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
