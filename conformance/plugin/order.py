"""Which tests share scenarios, which worker they belong to, and how they are handed out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xdist.workermanage import WorkerController


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

    Known in advance, so that each worker can begin all scenarios of its tests at once. Generated tests need no
    scenario; they go to any worker that is free.
    """
    files = dict.fromkeys(scope_of(nodeid) for nodeid in nodeids if not is_generated(nodeid))
    return {scope: position % workers for position, scope in enumerate(files)}


def worker_number(worker_id: str) -> int:
    """The number in the id that xdist gives a worker (gw0, gw1, …)."""
    return int(worker_id.removeprefix("gw"))


_LEAST_PENDING: Final = 2


class ByScenario(LoadScopeScheduling):  # type: ignore[misc] # xdist carries no types
    """Sends tests that share a scenario to one worker; a second worker would carry the scenario out again."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """
        Take a worker out of the run; returns the test that it ran when it crashed.

        That test counts as run: xdist would hand it, with the rest of its group, to one replacement after the other.
        """
        groups = self.assigned_work[node].values()
        unfinished = ((group, name) for group in groups for name, completed in group.items() if not completed)
        running = next(unfinished, None)
        if running is not None:
            group, name = running
            group[name] = True
        # xdist would hand groups that are done on with the others: a worker that got only these would wait forever.
        self.assigned_work[node] = type(self.assigned_work[node])(
            (scope, group) for scope, group in self.assigned_work[node].items() if not all(group.values())
        )
        super().remove_node(node)
        return None if running is None else str(running[1])

    def _reschedule(self, node: WorkerController) -> None:
        # A replacement may not have reported its tests yet; xdist calls this again when it has.
        if node in self.registered_collections:
            super()._reschedule(node)
            # A worker begins a test only when it knows the one after it, or that there is none.
            while not node.shutting_down and self._pending_of(self.assigned_work[node]) < _LEAST_PENDING:
                super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope = self._next_scope(node)
        if scope is None:
            node.shutdown()
        else:
            self.workqueue.move_to_end(scope, last=False)
            super()._assign_work_unit(node)

    def _next_scope(self, node: WorkerController) -> str | None:
        owned = owners(self.collection, self.numnodes)
        own = worker_number(node.gateway.id)
        alive = {worker_number(active.gateway.id) for active in self.nodes}
        # Tests of a worker that crashed go to any other.
        free = [scope for scope in self.workqueue if owned.get(scope) not in alive]
        mine = [scope for scope in self.workqueue if owned.get(scope) == own]
        # Generated tests first: they begin the scenarios of this worker and use the time in which those wait.
        return next(iter([*free, *mine]), None)
