"""Scenarios: each is carried out once, all of them together, and every test gets what its scenario made or raised."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

from conformance.client.allowance import NoLimit
from conformance.client.errors import NotOfferedError
from conformance.client.identity import CAUSE
from conformance.money.budget import Tier, cancels, keeps, reads
from conformance.money.guard import PlayMoneyGuard
from conformance.suite import scenarios
from conformance.suite.scenarios import (
    CircularScenariosError,
    DuplicateScenarioError,
    ScenarioRunner,
    UnknownScenarioError,
    package_of,
    scenario,
    scenario_for_each,
    scenario_of,
)
from tests.client.bench import sample_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.contract.document import Operation
    from conformance.money.budget import Budget

PATIENCE_SECONDS = 5.0
UNLIMITED: Final = SimpleNamespace(allowance=NoLimit())
STAGE: Any = SimpleNamespace(guard=PlayMoneyGuard(), client=UNLIMITED)
SIZES = {"small": 1, "large": 100}
SONGS = sample_contract().document.operations


@pytest.fixture(scope="session")
def scenario_runner() -> ScenarioRunner:
    """Carries out the scenarios of this file that its tests ask for as fixtures."""
    return ScenarioRunner(STAGE, package_of(named))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> ScenarioRunner:
    """A conductor of scenarios that only one test knows."""
    monkeypatch.setattr(scenarios, "SCENARIOS", defaultdict(dict))
    return ScenarioRunner(STAGE, "songs")


@scenario(reads())
def a_stage_of_our_own(account_pool: object) -> list[object]:
    return [account_pool]


@scenario(reads())
def a_sequel(a_stage_of_our_own: list[object]) -> list[object]:
    return a_stage_of_our_own


@scenario_for_each(SIZES, reads())
def a_sized_story(case: int, account_pool: object) -> tuple[int, object]:
    return case, account_pool


def named(name: str, drive: Callable[..., object], module: str = "songs.one", budget: Budget | None = None) -> None:
    """Make a function a scenario of this name, as if it stood in that module."""
    drive.__name__, drive.__module__ = name, module
    scenario(budget or reads())(drive)


def test_a_scenario_is_a_fixture_that_hands_over_what_it_returned(a_stage_of_our_own: list[object]) -> None:
    assert a_stage_of_our_own == [STAGE]


def test_it_can_be_given_what_another_one_returned(a_sequel: list[object], a_stage_of_our_own: list[object]) -> None:
    assert a_sequel is a_stage_of_our_own


def test_a_fixture_can_stand_for_a_scenario_per_case(
    a_sized_story: tuple[int, object], request: pytest.FixtureRequest
) -> None:
    (name,) = (name for name in SIZES if f"[{name}]" in request.node.name)

    assert a_sized_story == (SIZES[name], STAGE)


def test_it_is_carried_out_once_however_many_ask_for_it(fresh: ScenarioRunner) -> None:
    carried_out: list[int] = []
    named("counted", lambda: carried_out.append(1))
    asking = [threading.Thread(target=fresh.result, args=("counted",)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(PATIENCE_SECONDS)
    fresh.start(["counted"])
    fresh.result("counted")

    assert carried_out == [1]


def test_all_that_are_started_go_on_at_the_same_time(fresh: ScenarioRunner) -> None:
    together = threading.Barrier(5)
    for number in range(5):
        named(f"waiting_{number}", lambda: together.wait(PATIENCE_SECONDS))
    fresh.start([f"waiting_{number}" for number in range(5)])

    assert {fresh.result(f"waiting_{number}") for number in range(5)} == set(range(5))


def test_only_those_that_are_named_are_started(fresh: ScenarioRunner) -> None:
    begun: list[str] = []
    named("wanted", lambda: begun.append("wanted"))
    named("unwanted", lambda: begun.append("unwanted"))
    fresh.start(["wanted", "a_fixture_of_another_kind"])
    fresh.result("wanted")

    assert begun == ["wanted"]


def test_every_case_of_a_fixture_is_started_with_it(fresh: ScenarioRunner) -> None:
    together = threading.Barrier(2)

    def sized(case: int) -> int:
        together.wait(PATIENCE_SECONDS)
        return case

    sized.__module__ = "songs.one"
    scenario_for_each(SIZES, reads())(sized)
    fresh.start(["sized"])

    assert [fresh.result("sized[small]"), fresh.result("sized[large]")] == [1, 100]


def test_however_many_wait_for_another_one_it_gets_its_turn(fresh: ScenarioRunner) -> None:
    names = [f"waiting_{number}" for number in range(40)]
    for name in names:
        named(name, lambda awaited: awaited)
    named("awaited", lambda: "here")
    fresh.start([*names, "awaited"])

    assert {fresh.result(name) for name in names} == {"here"}


def test_an_error_reaches_everybody_who_waits_for_the_scenario(fresh: ScenarioRunner) -> None:
    def broken() -> NoReturn:
        raise ZeroDivisionError("by hand")

    named("broken", broken)
    named("depends", lambda broken: broken)

    for name in ("broken", "broken", "depends"):
        with pytest.raises(ZeroDivisionError, match="by hand"):
            fresh.result(name)


def test_a_scenario_that_skips_lets_its_tests_be_skipped(fresh: ScenarioRunner) -> None:
    named("skipping", lambda: pytest.skip("nothing to see"))

    with pytest.raises(pytest.skip.Exception, match="nothing to see"):
        fresh.result("skipping")


def test_what_a_scenario_sends_has_its_name_as_the_cause(fresh: ScenarioRunner) -> None:
    named("inner", lambda: [CAUSE.get()])
    named("outer", lambda inner: [*inner, CAUSE.get()])

    assert fresh.result("outer") == ["inner", "outer"]
    assert CAUSE.get() is None


def test_openings_are_made_anew_for_each_scenario(fresh: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def open_gate(account_pool: object) -> int:
        opened.append(account_pool)
        return len(opened)

    monkeypatch.setitem(scenarios.FIXTURE_FACTORIES["songs"], "gate", open_gate)
    named("first", lambda gate: gate)
    named("second", lambda gate, first: (first, gate))

    assert fresh.result("second") in {(1, 2), (2, 1)}
    assert opened == [STAGE, STAGE]


def test_two_modules_of_a_system_can_not_have_a_scenario_of_the_same_name(fresh: ScenarioRunner) -> None:
    named("retry", lambda: 1, module="songs.one")

    with pytest.raises(DuplicateScenarioError, match=r"songs\.one and songs\.two have a scenario retry"):
        named("retry", lambda: 2, module="songs.two")
    assert fresh.result("retry") == 1


def test_two_systems_can_have_a_scenario_of_the_same_name(fresh: ScenarioRunner) -> None:
    named("voice", lambda: "sings", module="songs.one")
    named("voice", lambda: "speaks", module="speech.one")
    named("sequel", lambda voice: voice, module="speech.two")

    assert fresh.result("voice") == "sings"
    assert ScenarioRunner(STAGE, "speech").result("sequel") == "speaks"


def test_only_the_scenarios_of_the_system_in_question_are_started(fresh: ScenarioRunner) -> None:
    begun: list[str] = []
    named("voice", lambda: begun.append("sings"), module="songs.one")
    named("voice", lambda: begun.append("speaks"), module="speech.one")
    fresh.start(["voice"])
    fresh.result("voice")

    assert begun == ["sings"]


def test_two_systems_can_open_what_has_the_same_name(fresh: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(scenarios.FIXTURE_FACTORIES["songs"], "gate", lambda _: "songs")
    monkeypatch.setitem(scenarios.FIXTURE_FACTORIES["speech"], "gate", lambda _: "speech")
    named("seen", lambda gate: gate, module="songs.one")
    named("seen", lambda gate: gate, module="speech.one")

    assert fresh.result("seen") == "songs"
    assert ScenarioRunner(STAGE, "speech").result("seen") == "speech"


def test_a_module_that_is_imported_again_replaces_its_own(fresh: ScenarioRunner) -> None:
    named("retry", lambda: 1)
    named("retry", lambda: 2)

    assert fresh.result("retry") == 2


@pytest.mark.parametrize("asked", ["nothing", "asking"])
def test_a_scenario_that_does_not_exist_is_named(fresh: ScenarioRunner, asked: str) -> None:
    named("asking", lambda nothing: nothing)

    with pytest.raises(UnknownScenarioError, match="no scenario nothing"):
        fresh.result(asked)


@pytest.mark.parametrize("asked", ["egg", "hen", "breakfast"])
def test_a_circle_ends_at_once(fresh: ScenarioRunner, asked: str) -> None:
    named("egg", lambda hen: hen)
    named("hen", lambda egg: egg)
    named("breakfast", lambda egg: egg)

    with pytest.raises(CircularScenariosError, match=r"The scenario (egg|hen) waits for itself"):
        fresh.result(asked)


def test_a_scenario_can_not_wait_for_itself(fresh: ScenarioRunner) -> None:
    named("mirror", lambda mirror: mirror)

    with pytest.raises(CircularScenariosError):
        fresh.result("mirror")


class Doorkeeper(PlayMoneyGuard):
    """A guard that notes who is in."""

    def __init__(self, tier: Tier = Tier.PLAY) -> None:
        super().__init__(tier)
        self.seen: list[str] = []
        self.budgets: dict[str, Budget] = {}

    @contextmanager
    def admit(self, scenario: str, budget: Budget) -> Iterator[None]:
        self.budgets[scenario] = budget
        with super().admit(scenario, budget):
            self.seen.append(f"{scenario} in")
            yield
            self.seen.append(f"{scenario} out")


def guarded(guard: PlayMoneyGuard) -> ScenarioRunner:
    """A conductor whose scenarios are let in by a guard of ours."""
    account_pool: Any = SimpleNamespace(guard=guard, client=UNLIMITED)
    return ScenarioRunner(account_pool, "songs")


def test_each_is_carried_out_within_the_budget_that_it_declared(fresh: ScenarioRunner) -> None:
    keeper = Doorkeeper()
    named("first", lambda: keeper.seen.append("first"), budget=keeps("loud"))
    named("second", lambda first: keeper.seen.append(f"second after {first}"), budget=cancels("soft"))
    guarded(keeper).result("second")

    assert keeper.budgets == {"first": keeps("loud"), "second": cancels("soft")}
    # Nobody waits for others with money in hand.
    assert keeper.seen[:4] == ["first in", "first", "first out", "second in"]


def test_every_case_has_a_budget_of_its_own(fresh: ScenarioRunner) -> None:
    keeper = Doorkeeper()

    def sized(case: int) -> int:
        return case

    sized.__module__ = "songs.one"
    scenario_for_each(SIZES, cancels("loud"))(sized)
    scenario_runner = guarded(keeper)
    assert [scenario_runner.result(f"sized[{name}]") for name in SIZES] == [1, 100]

    assert keeper.budgets == {f"sized[{name}]": cancels("loud") for name in SIZES}


def test_a_function_can_be_a_scenario_for_each_operation(fresh: ScenarioRunner) -> None:
    keeper = Doorkeeper()
    scenario_runner = guarded(keeper)

    def asked(operation: Operation, budget: Budget, size: int) -> tuple[str, Budget, int, str | None]:
        return operation.id, budget, size, CAUSE.get()

    made = [scenario_of(SONGS[name], asked, cancels(name), size=1) for name in ("createSong", "getSong")]
    first, second = (scenario_runner.carried_out(each) for each in made)

    assert first == ("createSong", cancels("createSong"), 1, "asked[createSong]")
    assert second == ("getSong", cancels("getSong"), 1, "asked[getSong]")
    assert keeper.budgets == {"asked[createSong]": cancels("createSong"), "asked[getSong]": cancels("getSong")}
    assert scenario_runner.carried_out(made[0]) is first


def test_those_for_operations_begin_when_they_are_asked_for(fresh: ScenarioRunner) -> None:
    begun: list[str] = []
    made = scenario_of(SONGS["getSong"], lambda: begun.append("asked"), reads())
    fresh.start([made.fixture])
    before = list(begun)
    fresh.carried_out(made)

    assert (before, begun) == ([], ["asked"])


def test_one_that_the_run_does_not_reach_is_not_carried_out(fresh: ScenarioRunner) -> None:
    carried_out: list[int] = []
    named("dear", lambda: carried_out.append(1), budget=keeps("loud"))
    named("sequel", lambda dear: carried_out.append(len(dear)))
    scenario_runner = guarded(PlayMoneyGuard(Tier.FREE))

    for name in ("dear", "sequel"):
        with pytest.raises(NotOfferedError, match="needs the tier paid"):
            scenario_runner.result(name)
    assert carried_out == []


def test_what_is_bought_for_good_is_ordered_first(fresh: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the longest, and the others go on meanwhile."""
    begun: list[str] = []

    class AtOnce(threading.Thread):
        def start(self) -> None:
            begun.append(self.name)
            self.run()

    monkeypatch.setattr(scenarios, "Thread", AtOnce)
    for name, budget in (("cheap", cancels("soft")), ("kept", keeps("loud")), ("free", reads())):
        named(name, lambda: None, budget=budget)
    fresh.start(["cheap", "kept", "free"])

    assert begun == ["kept", "cheap", "free"]
