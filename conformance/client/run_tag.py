"""The mark that tells what a run created from what others did: its id, in the metadata of every task."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.request import encode

if TYPE_CHECKING:
    from conformance.client.request import PreparedRequest
    from conformance.contract.conventions import Tasks

# The key of the metadata under which the mark stands.
RUN_TAG: Final = "conformance_run"


def marked(body: object, operation: str | None, tasks: Tasks | None, mark: str | None) -> object:
    """The body of a request for a task with the mark, unless it has one already or its metadata is no object."""
    if mark is None or tasks is None or tasks.marks is None or operation not in tasks.create:
        return body
    name = tasks.marks.strip("/")
    if not isinstance(body, dict) or not isinstance(body.get(name, {}), dict) or RUN_TAG in body.get(name, {}):
        return body
    return {**body, name: {**body.get(name, {}), RUN_TAG: mark}}


def with_mark(prepared: PreparedRequest, tasks: Tasks | None, mark: str | None) -> PreparedRequest:
    """
    A request that was prepared elsewhere, with the mark.

    What is drawn to be invalid stays as it is, and so does what is written as nobody else would write it.
    """
    if mark is None or prepared.generated == "invalid" or isinstance(prepared.content, Path):
        return prepared
    try:
        body = json.loads(prepared.content)
    except (ValueError, RecursionError):
        return prepared
    changed = marked(body, prepared.operation, tasks, mark)
    if changed is body or (prepared.generated is None and encode(body, None)[0] != prepared.content):
        return prepared
    return replace(prepared, content=encode(changed, None)[0])
