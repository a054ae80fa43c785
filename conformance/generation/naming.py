"""Names that a client gives what it makes at a path of its own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final
from uuid import UUID

from conformance.generation.freshening import of_its_kind
from conformance.generation.instances import main_type
from conformance.generation.walk_request import base_request_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.document import Document, Operation

_LEAST: Final = 1_000_000
_SHIFTS: Final = 8


def named_anew(document: Document, operation: Operation, token: str) -> Mapping[str, str]:
    """
    A name that was not used before, for the last parameter of a path; none where the document allows no other one.

    `token` decides which name it becomes.
    """
    last = next((p for p in operation.parameters if f"{{{p.name}}}" == operation.path.rpartition("/")[2]), None)
    if last is None:
        return {}
    base = base_request_of(document, operation)
    digest = hashlib.sha256(token.encode()).hexdigest()
    if main_type(base.schemas.merged(last.schema)) == "integer":
        number = _LEAST + int(digest[:7], 16)
        return {last.name: str(number)} if base.schemas.accepts(last.schema, number) else {}
    known = base.frame.path_values.get(last.name, "")
    alike = (of_its_kind(known, digest[shift:]) for shift in range(_SHIFTS))
    texts = (str(UUID(digest[:32], version=4)), f"n{digest[:12]}", *alike)
    fitting = (text for text in texts if text != known and base.schemas.accepts(last.schema, text))
    return next(({last.name: text} for text in fitting), {})
