"""The registry says how far a run has to go with somebody's money until a rule is judged; the budgets decide it."""

from __future__ import annotations

import inspect
import pkgutil
from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Final

import pytest

from conformance.contract.contract import load_contract
from conformance.contract.files import known_systems
from conformance.money.budget import Tier
from conformance.plugin.markers import register_markers
from conformance.suite.scenarios import CASE, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    Test = Callable[..., object]

# What plain fixtures ask for by name; pages are read of whatever is there, where none of a shelf can be had, and the
# rules of histories and of siblings are judged without them where none can be played and there is no task to be had.
FETCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "any_race": ("race", "reference_race"),
    "song": ("documented_example", "minimax_song"),
    "pages": (),
    "histories": (),
    "sibling": (),
}
# What a test or a scenario is given that causes no traffic of its own.
EQUIPMENT: Final = frozenset({CASE, "account_pool", "contract", "gateway", "request", "surfaces"})


def written_for(system: str) -> Iterator[tuple[Test, tuple[pytest.Mark, ...]]]:
    """Every hand-written test of the system, with its marks."""
    package = import_module(f"conformance.suite.{system}")
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("test_"):
            continue
        members = vars(import_module(f"{package.__name__}.{found.name}"))
        for name, member in members.items():
            if name.startswith("test_") and inspect.isfunction(member):
                yield member, tuple(getattr(member, "pytestmark", ()))


def judged_by(marks: tuple[pytest.Mark, ...]) -> Iterator[str]:
    """The requirements that a test with these marks judges, in any of its cases."""
    for mark in marks:
        if mark.name == "conformance_requirement":
            yield from mark.args
        elif mark.name == "parametrize":
            yield from judged_by(tuple(inner for case in mark.args[1] for inner in getattr(case, "marks", ())))


def parametrized(marks: tuple[pytest.Mark, ...]) -> AbstractSet[str]:
    """The names of the arguments that a test gets from its own cases."""
    return {name.strip() for mark in marks if mark.name == "parametrize" for name in mark.args[0].split(",")}


def highest(names: AbstractSet[str]) -> Tier:
    """The highest tier among all scenarios that hand over something under these names."""
    tiers = [Tier.READ]
    for name in sorted(names - EQUIPMENT):
        if name in FETCHED:
            tiers.append(highest(frozenset(FETCHED[name])))
            continue
        known = [one for one in SCENARIOS.values() if one.fixture == name]
        assert known, f"{name} is no scenario: say in FETCHED which scenarios it asks for"
        tiers += [one.budget.tier for one in known]
        tiers += [highest(frozenset(one.gets)) for one in known]
    return max(tiers)


def derived_tiers(system: str) -> Mapping[str, Tier]:
    """The tier of every requirement that hand-written tests judge: all of them must have been carried out."""
    tiers: defaultdict[str, Tier] = defaultdict(lambda: Tier.READ)
    for test, marks in written_for(system):
        reached = highest(inspect.signature(test).parameters.keys() - parametrized(marks))
        for requirement_id in judged_by(marks):
            tiers[requirement_id] = max(tiers[requirement_id], reached)
    return tiers


def as_registered(tier: Tier) -> str:
    """What a registry can say of it: it knows the tiers of real money only, of which `paid` goes farthest."""
    return str(min(tier, Tier.PAID))


@pytest.fixture(scope="module", autouse=True)
def marks_are_known(request: pytest.FixtureRequest) -> None:
    """Let the modules of the suite be imported outside of a conformance run."""
    register_markers(request.config)


@pytest.mark.parametrize("system", known_systems())
def test_the_registry_names_the_tier_in_which_the_tests_of_a_requirement_are_carried_out(system: str) -> None:
    by_tests = {name: as_registered(tier) for name, tier in derived_tiers(system).items()}
    stated = {entry.id: entry.tier for entry in load_contract(system).registry if entry.judged_by == "test"}

    assert {name: by_tests.get(name, "no test judges it") for name in stated} == stated
