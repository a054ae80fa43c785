"""
Scenarios: functions that cause traffic, each carried out once per process, all of them at the same time.

A scenario waits for tasks most of its life. So all that are needed are started when the first test begins, each in a
thread of its own, and a test waits only for the one that it judges: a run against a slow target takes about as long
as its slowest scenario, not as long as all of them together.
"""

from __future__ import annotations

import inspect
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from conformance.client.client import CAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from conformance.client.stage import Stage

T = TypeVar("T")


class DuplicateScenarioError(Exception):
    """Two modules give different scenarios the same name, so a test could get the wrong one."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A function that causes traffic, and the names of what it is given: `gateway`-like openings or other scenarios."""

    name: str
    module: str
    drive: Callable[..., Any]
    gets: tuple[str, ...]


class Opening(Protocol):
    """Makes what a system's scenarios are given out of the stage."""

    def __call__(self, stage: Stage) -> object:
        """Open it."""


SCENARIOS: dict[str, Scenario] = {}
OPENINGS: dict[str, Opening] = {"stage": lambda stage: stage}


def scenario(drive: Callable[..., T]) -> Callable[..., T]:
    """
    Make a function a scenario: a session-scoped fixture of the same name that hands over what the function returns.

    Raises:
        DuplicateScenarioError: another module has a scenario of that name.
    """
    made = Scenario(drive.__name__, drive.__module__, drive, tuple(inspect.signature(drive).parameters))
    known = SCENARIOS.setdefault(made.name, made)
    if known.module != made.module:
        raise DuplicateScenarioError(f"Both {known.module} and {made.module} have a scenario {made.name}.")
    SCENARIOS[made.name] = made

    def hand_over(conductor: Conductor) -> T:
        result: T = conductor.result(made.name)
        return result

    hand_over.__doc__ = drive.__doc__
    fixture: Callable[..., T] = pytest.fixture(scope="session", name=made.name)(hand_over)
    return fixture


class Conductor:
    """Carries scenarios out, each once, each in its own thread."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._running: dict[str, Future[Any]] = {}
        self._starting = Lock()

    def start(self, names: Iterable[str]) -> None:
        """Begin those of the named scenarios that have not begun; other names are passed over."""
        for name in names:
            if name in SCENARIOS:
                self._begun(SCENARIOS[name])

    def result(self, name: str) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """What a scenario returned, or raised; waits for its end."""
        return self._begun(SCENARIOS[name]).result()

    def _begun(self, wanted: Scenario) -> Future[Any]:
        with self._starting:
            known = self._running.get(wanted.name)
            if known is not None:
                return known
            future: Future[Any] = Future()
            self._running[wanted.name] = future
        # Not a pool: scenarios that wait for each other must not wait for a free place as well. As daemons they
        # don't keep an interrupted run alive.
        Thread(target=self._carry_out, args=(wanted, future), name=wanted.name, daemon=True).start()
        return future

    def _carry_out(self, wanted: Scenario, future: Future[Any]) -> None:
        CAUSE.set(wanted.name)
        try:
            future.set_result(wanted.drive(**self._given(wanted)))
        except BaseException as error:  # noqa: BLE001 - handed on to every test that waits for the scenario
            future.set_exception(error)

    def _given(self, wanted: Scenario) -> Mapping[str, Any]:
        return {name: OPENINGS[name](self._stage) if name in OPENINGS else self.result(name) for name in wanted.gets}
