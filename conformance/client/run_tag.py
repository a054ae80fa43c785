"""The run tag: the run's id, in the metadata of every task that the run creates, to tell them from others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance.client.request import encode

if TYPE_CHECKING:
    from conformance.client.request import PreparedRequest
    from conformance.contract.conventions import Tasks

# The key of the metadata under which the run tag stands.
RUN_TAG: Final = "conformance_run"


def tagged(body: object, operation: str | None, tasks: Tasks | None, run_tag: str | None) -> object:
    """The body of a request for a task with the tag, unless it has one already or its metadata is no object."""
    if run_tag is None or tasks is None or tasks.marks is None or operation not in tasks.create:
        return body
    name = tasks.marks.strip("/")
    if not isinstance(body, dict) or not isinstance(body.get(name, {}), dict) or RUN_TAG in body.get(name, {}):
        return body
    return {**body, name: {**body.get(name, {}), RUN_TAG: run_tag}}


def with_run_tag(prepared: PreparedRequest, tasks: Tasks | None, run_tag: str | None) -> PreparedRequest:
    """
    A request that was prepared elsewhere, with the run tag.

    A request that is drawn to be invalid stays as it is, and so does a body that is not written as `encode` writes it.
    """
    if run_tag is None or prepared.generated == "invalid" or isinstance(prepared.content, Path):
        return prepared
    try:
        body = json.loads(prepared.content)
    except (ValueError, RecursionError):
        return prepared
    changed = tagged(body, prepared.operation, tasks, run_tag)
    if changed is body or (prepared.generated is None and encode(body, None)[0] != prepared.content):
        return prepared
    return replace(prepared, content=encode(changed, None)[0])
