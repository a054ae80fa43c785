"""How tests are handed to workers when a run is distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadScopeScheduling

from conformance.plugin.partition import owners, scope_of, worker_number

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


_LEAST_PENDING: Final = 2


class ByScenario(LoadScopeScheduling):  # type: ignore[misc] # xdist carries no types
    """Sends tests that share a scenario to one worker: each that runs one of them would cause its traffic again."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """
        Take a worker out of the run; returns the test that it ran when it died.

        That test counts as run: xdist would hand it, with the rest of its group, to one replacement after the other.
        """
        groups = self.assigned_work[node].values()
        unfinished = ((group, name) for group in groups for name, completed in group.items() if not completed)
        running = next(unfinished, None)
        if running is not None:
            group, name = running
            group[name] = True
        # Groups that are done would be handed on with the others: a worker that got nothing else would wait forever.
        self.assigned_work[node] = type(self.assigned_work[node])(
            (scope, group) for scope, group in self.assigned_work[node].items() if not all(group.values())
        )
        super().remove_node(node)
        return None if running is None else str(running[1])

    def _reschedule(self, node: WorkerController) -> None:
        # xdist forgets that a second replacement may not have said yet which tests it has; it is asked again then.
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
        # What belongs to a worker that died is anybody's.
        free = [scope for scope in self.workqueue if owned.get(scope) not in alive]
        mine = [scope for scope in self.workqueue if owned.get(scope) == own]
        # Generated tests first: they begin the scenarios of this worker and use the time in which those wait.
        return next(iter([*free, *mine]), None)
