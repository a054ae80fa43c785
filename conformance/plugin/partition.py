"""Which tests share scenarios, and which worker they belong to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PARAMETER = re.compile(r"\[(?P<parameter>[^\]]+)\]$")
_GENERATED = "test_generated.py::"


def is_generated(nodeid: str) -> bool:
    """Whether the test sends requests drawn from the document, rather than judging a scenario."""
    return _GENERATED in nodeid


def scope_of(nodeid: str) -> str:
    """
    The group of tests that must run in one process because they share scenarios.

    Generated tests share those of their operation, all others those of their file.
    """
    parameter = _PARAMETER.search(nodeid)
    return parameter["parameter"] if parameter and is_generated(nodeid) else nodeid.partition("::")[0]


def owners(nodeids: Iterable[str], workers: int) -> Mapping[str, int]:
    """
    For every file of hand-written tests the number of the worker that it belongs to.

    Known in advance, so that each worker can begin all scenarios of its tests at once. Generated tests wait for
    nothing; they go to whoever has time.
    """
    files = dict.fromkeys(scope_of(nodeid) for nodeid in nodeids if not is_generated(nodeid))
    return {scope: position % workers for position, scope in enumerate(files)}


def worker_number(worker_id: str) -> int:
    """The number in the id that xdist gives a worker (gw0, gw1, …)."""
    return int(worker_id.removeprefix("gw"))
