"""How far a run with real money has to go until tests can judge, and which requests are known to cost nothing."""

from __future__ import annotations

import inspect
import pkgutil
from collections import defaultdict
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from conformance.contract.files import known_systems
from conformance.contract.requirements import derived_id
from conformance.generation.resources import sources_of
from conformance.money.budget import Tier
from conformance.suite.any_api.creating import SCENARIO_BUDGETS
from conformance.suite.scenarios import ACCOUNT_POOL, CASE, FIXTURE_FACTORIES, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    import pytest

    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.requirements import Requirement

    Test = Callable[..., object]

# What a test or a scenario is given that causes no traffic of its own.
_GIVEN: Final = frozenset({CASE, ACCOUNT_POOL, "contract", "request", "surfaces"})


def tier_of_drawn_requests(contract: Contract, operation: Operation, kind: str) -> Tier:
    """The lowest tier in which requests of a kind can be made: those that need a task need one that is paid for."""
    tasks, pricing = contract.conventions.tasks, contract.conventions.pricing
    priced = pricing.operations if pricing else {}
    creates = {*(tasks.create if tasks else ()), *priced}
    sources = sources_of(contract.document, operation)
    fed = any(source in creates for source in sources)
    if kind == "conforms" and operation.reads_only and operation.id not in priced:
        return Tier.READ
    if fed or (operation.id in creates and kind == "accepts" and not certainly_free(contract, operation)):
        return Tier.PAID
    alone = all(contract.document.operations[source].reads_only for source in sources)
    return Tier.READ if operation.reads_only and alone else Tier.FREE


def tier_of_any_api(requirement: Requirement, contract: Contract) -> Tier:
    """The tier of the scenarios that are carried out for operations of any API."""
    served = (
        scenario.budget.tier
        for scenario in SCENARIO_BUDGETS.values()
        for kind in scenario.serves
        if requirement.id == derived_id(contract.system, requirement.operation or "", kind)
    )
    return _with_real_money(max(served, default=Tier.PAID))


@cache
def tiers_of_tests(system: str) -> Mapping[str, Tier]:
    """The tiers of the requirements that the tests written for a system judge: all of these tests must be possible."""
    tiers: defaultdict[str, Tier] = defaultdict(lambda: Tier.READ)
    if system not in known_systems():
        return tiers
    package = f"conformance.suite.{system}"
    fetched = getattr(import_module(package), "FETCHED", {})
    # What scenarios are given is named there.
    import_module(f"{package}.conftest")
    for test, marks in written_for(system):
        reached = _highest(inspect.signature(test).parameters.keys() - _parametrized(marks), fetched, package)
        for requirement_id in judged_by(marks):
            tiers[requirement_id] = max(tiers[requirement_id], _with_real_money(reached))
    return tiers


@cache
def spending_of_tests(system: str) -> Mapping[str, frozenset[str]]:
    """What the scenarios spend on, by the requirements that the tests written for a system judge with them."""
    spent: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    if system not in known_systems():
        return spent
    package = f"conformance.suite.{system}"
    for test, marks in written_for(system):
        named = frozenset(inspect.signature(test).parameters)
        spends = {model for one in SCENARIOS[package].values() if one.fixture in named for model in one.budget.spends}
        for requirement_id in judged_by(marks):
            spent[requirement_id] |= spends
    return spent


def _with_real_money(tier: Tier) -> Tier:
    """What needs play money is reached by no run with real money; `paid` goes farthest."""
    return min(tier, Tier.PAID)


def written_for(system: str) -> Iterator[tuple[Test, tuple[pytest.Mark, ...]]]:
    """Every test that is written for the system, with its marks."""
    package = import_module(f"conformance.suite.{system}")
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("test_"):
            continue
        members = vars(import_module(f"{package.__name__}.{found.name}"))
        for name, member in members.items():
            if name.startswith("test_") and inspect.isfunction(member):
                yield member, tuple(getattr(member, "pytestmark", ()))


def judged_by(marks: Iterable[pytest.Mark]) -> Iterator[str]:
    """The requirements that a test with these marks judges, in any of its cases."""
    for mark in marks:
        if mark.name == "conformance_requirement":
            yield from mark.args
        elif mark.name == "parametrize":
            yield from judged_by(tuple(inner for case in mark.args[1] for inner in getattr(case, "marks", ())))


def _parametrized(marks: Iterable[pytest.Mark]) -> AbstractSet[str]:
    """The names of the arguments that a test gets from its own cases."""
    return {name.strip() for mark in marks if mark.name == "parametrize" for name in mark.args[0].split(",")}


def _highest(names: AbstractSet[str], fetched: Mapping[str, tuple[str, ...]], package: str) -> Tier:
    """The highest tier among all scenarios that hand over something under these names."""
    tiers = [Tier.READ]
    for name in sorted(names - _GIVEN - FIXTURE_FACTORIES[package].keys()):
        if name in fetched:
            tiers.append(_highest(frozenset(fetched[name]), fetched, package))
            continue
        known = [one for one in SCENARIOS[package].values() if one.fixture == name]
        if not known:
            raise UnknownFixtureError(f"{name} is no scenario: FETCHED of the system's tests must name what it needs.")
        tiers += [one.budget.tier for one in known]
        tiers += [_highest(frozenset(one.gets), fetched, package) for one in known]
    return max(tiers)


class UnknownFixtureError(Exception):
    """A test takes something of which neither scenarios nor FETCHED say where it comes from."""


def certainly_free(contract: Contract, operation: Operation) -> bool:
    """Whether each request that is certain to be accepted names a value, such as a model, whose price is nothing."""
    pricing = contract.conventions.pricing
    price = pricing.operations.get(operation.id) if pricing else None
    if price is None:
        return False
    if price.by is None:
        return price.free(None)
    member = price.by.removeprefix("/")
    narrowed = [media.certain for media in operation.body.values()]
    values = [value for schema in narrowed for value in _pinned(schema or {}, member)]
    return bool(values) and all(price.free(value) for value in values)


def _pinned(schema: Mapping[str, object], member: str) -> Iterator[object]:
    """The values that a schema lets a member have; None where it does not list them."""
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        for alternative in alternatives:
            yield from _pinned(alternative, member)
        return
    properties = schema.get("properties")
    listed = properties.get(member, {}) if isinstance(properties, dict) else {}
    yield from [listed["const"]] if "const" in listed else listed.get("enum", [None])
