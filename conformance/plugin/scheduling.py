"""Which tests stay together when a run is distributed: those that share a scenario."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

_PARAMETER = re.compile(r"\[(?P<parameter>[^\]]+)\]$")


class ByScenario(LoadScopeScheduling):  # type: ignore[misc] # xdist carries no types
    """
    Sends all tests of a file to one worker, but tests that are given an operation by the operation.

    Scenarios are session-scoped: each worker that runs one of its tests would cause its traffic once more.
    """

    def _split_scope(self, nodeid: str) -> str:
        parameter = _PARAMETER.search(nodeid)
        return parameter["parameter"] if parameter else nodeid.partition("::")[0]
