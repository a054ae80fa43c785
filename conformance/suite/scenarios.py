"""Scenarios, what carries each out once, and how a test says which requirement it judges."""

from __future__ import annotations

import inspect
from collections import defaultdict
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import pytest

from conformance.client.identity import CAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from contextlib import AbstractContextManager

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.generation.cases import Drawing
    from conformance.money.budget import Budget


def requirement(requirement_id: str) -> pytest.MarkDecorator:
    """The test judges this requirement of the registry."""
    return pytest.mark.conformance_requirement(requirement_id)


def derived(kind: str) -> pytest.MarkDecorator:
    """The test judges, for every operation it is given, the requirement of this kind that the document implies."""
    return pytest.mark.conformance_derived(kind)


T = TypeVar("T")


class DuplicateScenarioError(Exception):
    """Two modules of a system give different scenarios the same name, so a test could get the wrong one."""


class UnknownScenarioError(Exception):
    """Something asks for a scenario that does not exist."""


class CircularScenariosError(Exception):
    """Scenarios wait for each other in a circle, so none of them would ever end."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    A function that causes traffic, and the names of what it is given: what a fixture factory opens, or other scenarios.

    `given` is what it gets beside these, by name: the `case` or the `operation`, where a fixture stands for several
    scenarios that differ in it. `budget` is what it may spend where money is real. A `provisional` one serves only
    rules that no normative document states.
    """

    id: str
    fixture: str
    drive: Callable[..., Any]
    gets: tuple[str, ...]
    budget: Budget
    given: Mapping[str, Any] = field(default_factory=dict)
    provisional: bool = False


class FixtureFactory(Protocol):
    """Makes what a system's scenarios are given out of the account pool."""

    def __call__(self, account_pool: AccountPool) -> object:
        """Open it."""


# By package, for the systems choose their names without knowing each other; within it by the scenario's id.
SCENARIOS: defaultdict[str, dict[str, Scenario]] = defaultdict(dict)
FIXTURE_FACTORIES: defaultdict[str, dict[str, FixtureFactory]] = defaultdict(dict)
# What is made once for all scenarios that a runner carries out, whatever their system.
SHARED_FACTORIES: dict[str, Callable[[], object]] = {}
ACCOUNT_POOL: Final = "account_pool"
CASE: Final = "case"


def scenario(budget: Budget, *, provisional: bool = False) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """
    Make a function a scenario: a session-scoped fixture of the same name that hands over what the function returns.

    `budget` is what it may spend where money is real. With real money a `provisional` one is carried out only where
    such rules are judged.

    Raises:
        DuplicateScenarioError: another module of the package has a scenario of that name.
    """

    def decorate(drive: Callable[..., T]) -> Callable[..., T]:
        made = _registered(drive, drive.__name__, budget, provisional=provisional)

        def hand_over(scenario_runner: ScenarioRunner) -> T:
            result: T = scenario_runner.result(made.id)
            return result

        return _fixture(drive, hand_over)

    return decorate


def scenario_for_each(
    cases: Mapping[str, Any], budget: Budget | Callable[[Any], Budget]
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """
    Make a function one scenario per case, by the name that test ids show; the function is given each as `case`.

    `budget` is what each of them may spend where money is real, or says it for a case.

    Raises:
        DuplicateScenarioError: another module of the package has a scenario of that name.
    """

    def decorate(drive: Callable[..., T]) -> Callable[..., T]:
        for name, case in cases.items():
            _registered(drive, f"{drive.__name__}[{name}]", budget(case) if callable(budget) else budget, {CASE: case})

        def hand_over(request: pytest.FixtureRequest, scenario_runner: ScenarioRunner) -> T:
            result: T = scenario_runner.result(f"{drive.__name__}[{request.param}]")
            return result

        return _fixture(drive, hand_over, params=list(cases))

    return decorate


def scenario_for_each_operation(
    budget: Budget | Callable[[Contract, Operation, Drawing], Budget],
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """
    Make a function one scenario for each operation of the contract under test.

    The function may ask for the `operation`, the `contract`, the `drawing` and its own `budget`. Each of its scenarios
    begins when the first test asks for it: most of them wait for nothing, and any worker may get any operation.
    """

    def decorate(drive: Callable[..., T]) -> Callable[..., T]:
        def hand_over(operation: Operation, contract: Contract, drawing: Drawing, scenario_runner: ScenarioRunner) -> T:
            spent = budget(contract, operation, drawing) if callable(budget) else budget
            made = scenario_of(operation, drive, spent, contract=contract, drawing=drawing)
            result: T = scenario_runner.carried_out(made)
            return result

        return _fixture(drive, hand_over)

    return decorate


def scenario_of(operation: Operation, drive: Callable[..., Any], budget: Budget, **given: object) -> Scenario:
    """The scenario that a function is for one operation."""
    gets = tuple(inspect.signature(drive).parameters)
    known = {"operation": operation, "budget": budget, **given}
    return Scenario(f"{drive.__name__}[{operation.id}]", drive.__name__, drive, gets, budget, known)


def _registered(
    drive: Callable[..., Any],
    scenario_id: str,
    budget: Budget,
    given: Mapping[str, Any] | None = None,
    *,
    provisional: bool = False,
) -> Scenario:
    gets = tuple(inspect.signature(drive).parameters)
    made = Scenario(scenario_id, drive.__name__, drive, gets, budget, given or {}, provisional)
    siblings = SCENARIOS[package_of(drive)]
    known = siblings.get(scenario_id)
    if known is not None and known.drive.__module__ != drive.__module__:
        modules = f"{known.drive.__module__} and {drive.__module__}"
        raise DuplicateScenarioError(f"Both {modules} have a scenario {scenario_id}.")
    siblings[scenario_id] = made
    return made


def package_of(function: Callable[..., Any]) -> str:
    """The package in which a function stands: one for each system."""
    return function.__module__.rpartition(".")[0]


def _fixture(drive: Callable[..., T], hand_over: Callable[..., T], **options: Any) -> Callable[..., T]:  # noqa: ANN401 - pytest's own
    hand_over.__doc__ = drive.__doc__
    fixture: Callable[..., T] = pytest.fixture(scope="session", name=drive.__name__, **options)(hand_over)
    return fixture


class ScenarioRunner:
    """Carries the scenarios of one package out, each once, each in its own thread."""

    def __init__(self, account_pool: AccountPool, package: str) -> None:
        self._account_pool = account_pool
        self.known = SCENARIOS[package]
        self._factories = FIXTURE_FACTORIES[package]
        self._shared: dict[str, object] = {}
        self._running: dict[str, Future[Any]] = {}
        self._starting = Lock()

    def start(self, fixtures: Collection[str]) -> None:
        """Begin those scenarios of the named fixtures that have not begun, beginning with what is bought for good."""
        wanted = [known for known in self.known.values() if known.fixture in fixtures]
        for known in sorted(wanted, key=lambda known: not known.budget.keeps):
            self._begun(known)

    def result(self, scenario_id: str) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """
        What a scenario returned, or raised; waits for its end.

        Raises:
            UnknownScenarioError: there is none of this id.
        """
        if scenario_id not in self.known:
            raise UnknownScenarioError(f"There is no scenario {scenario_id}.")
        return self.carried_out(self.known[scenario_id])

    def carried_out(self, wanted: Scenario) -> Any:  # noqa: ANN401 - whatever the scenario returns
        """What a scenario returned, or raised; waits for its end."""
        return self._begun(wanted).result()

    def _begun(self, wanted: Scenario) -> Future[Any]:
        with self._starting:
            known = self._running.get(wanted.id)
            if known is not None:
                return known
            future: Future[Any] = Future()
            self._running[wanted.id] = future
        # Not a pool: scenarios that wait for each other must not wait for a free place as well. As daemons they
        # don't keep an interrupted run alive.
        Thread(target=self._carry_out, args=(wanted, future), name=wanted.id, daemon=True).start()
        return future

    def _carry_out(self, wanted: Scenario, future: Future[Any]) -> None:
        CAUSE.set(wanted.id)
        try:
            given = self._given(wanted)
            with self._limited(wanted), self._account_pool.guard.admit(wanted.id, wanted.budget):
                future.set_result(wanted.drive(**given))
        except BaseException as error:  # noqa: BLE001 - handed on to every test that waits for the scenario
            future.set_exception(error)

    def _limited(self, wanted: Scenario) -> AbstractContextManager[None]:
        """The room that a scenario made from the document has under a limit of requests; others have no limit."""
        of_operation = "operation" in wanted.given
        return self._account_pool.client.allowance.admitted(wanted.budget.requests) if of_operation else nullcontext()

    def _given(self, wanted: Scenario) -> Mapping[str, Any]:
        if wanted.id in _all_needed(wanted, self.known):
            raise CircularScenariosError(f"The scenario {wanted.id} waits for itself.")
        return {name: self._one_given(name, wanted) for name in wanted.gets}

    def _one_given(self, name: str, wanted: Scenario) -> Any:  # noqa: ANN401 - whatever the scenario asks for
        if name in wanted.given:
            return wanted.given[name]
        if name == ACCOUNT_POOL:
            return self._account_pool
        if name in SHARED_FACTORIES:
            return self._shared.setdefault(name, SHARED_FACTORIES[name]())
        return self._factories[name](self._account_pool) if name in self._factories else self.result(name)


def _all_needed(wanted: Scenario, known: Mapping[str, Scenario]) -> Collection[str]:
    """The names of all that a scenario waits for, also through others."""
    found: set[str] = set()
    left = [*wanted.gets]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += known[name].gets if name in known else ()
    return found
