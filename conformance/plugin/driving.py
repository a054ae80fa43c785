"""The hooks and fixtures of a process that runs tests: the controller itself without workers, else each worker."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from conformance.client.identity import CAUSE
from conformance.generation.cases import MOST_DRAWN, Drawing
from conformance.journal.spots import Look, looking
from conformance.plugin.assembly import equip
from conformance.plugin.inert import make_inert
from conformance.plugin.keeping import deselected_in, keep_deselected
from conformance.plugin.outcomes import PROPERTY, has_nothing_to_add, outcomes_of, requirement_ids, to_plain
from conformance.plugin.partition import is_generated, owners, scope_of, worker_number
from conformance.plugin.provisional import is_only_provisional, observed_only
from conformance.plugin.recordkeeping import written_down
from conformance.plugin.replaying import equip_again
from conformance.suite.folder import SUITE_FOLDER
from conformance.suite.playing.book import Repertoire
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.plugin.assembly import Equipment
    from conformance.plugin.repeating import Earlier
    from conformance.plugin.settings import RunSettings
    from conformance.suite.scenarios import Conductor

PACKAGE_ROOT = SUITE_FOLDER.parent.parent
ROUNDS_FILE: Final = "test_rounds.py"
_LOOKS: Final = pytest.StashKey[Iterable[Look]]()


class Driver:
    """Collects and runs the suite's tests in one process."""

    def __init__(self, settings: RunSettings, worker: str) -> None:
        self.settings = settings
        self.worker = worker
        self.known = settings.contract()
        self._equipment: Equipment | None = None
        self._planned: tuple[str, ...] = ()
        self._operation: str | None = None
        self._deselected: dict[str, tuple[str, ...]] = {}

    @pytest.fixture(scope="session")
    def drawing(self, equipment: Equipment) -> Drawing:
        """How requests are drawn from the document."""
        given = self.settings.examples
        return Drawing(
            self.settings.seed,
            given or MOST_DRAWN,
            equipment.book,
            sparing=given is None,
            seconds=self.settings.max_seconds,
        )

    @pytest.fixture(scope="session")
    def repertoire(self) -> Repertoire:
        """How histories are drawn, and how many of them."""
        return Repertoire(self.settings.seed, self.settings.histories)

    @pytest.fixture(scope="session")
    def contract(self) -> Contract:
        """The contract of the system under test."""
        return self.known

    @pytest.fixture(scope="session")
    def surfaces(self) -> frozenset[str]:
        """The surfaces in question: those that the target offers, or the user asks for."""
        return frozenset(self.settings.surfaces or self.known.conventions.surfaces)

    @pytest.fixture(scope="session")
    def equipment(self) -> Equipment:
        """What this process works with."""
        if self._equipment is None:
            made = equip if self.settings.recorded is None else equip_again
            self._equipment = made(self.settings, self.worker)
        return self._equipment

    @pytest.fixture(scope="session")
    def stage(self, equipment: Equipment) -> Stage:
        """Where scenarios get their accounts."""
        return equipment.stage

    @pytest.fixture(scope="session")
    def conductor(self, equipment: Equipment) -> Conductor:
        """Carries scenarios out; begins all that this process needs."""
        conductor = equipment.conductor(equipment.stage)
        conductor.start(self._planned)
        return conductor

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the folders of other systems, and rounds for which no time is given."""
        if collection_path.parent == SUITE_FOLDER and collection_path.name == ROUNDS_FILE:
            return None if self.settings.max_seconds else True
        if collection_path.parent == SUITE_FOLDER and collection_path.is_dir():
            return None if collection_path.name == self.settings.suite_folder else True
        return None

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Give every test the same id, wherever the suite is installed and from wherever it is started."""
        if not module_path.is_relative_to(SUITE_FOLDER):
            return None
        stable = module_path.relative_to(PACKAGE_ROOT).as_posix()
        module: pytest.Module = pytest.Module.from_parent(parent, path=module_path, nodeid=stable)
        return module

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """
        Hand every derived test every operation; those for which its requirement does not exist are left out later.

        pytest keeps tests together that share a session-scoped parameter, but knows it by its position only: lists of
        different lengths would let scenarios be carried out twice.
        """
        if metafunc.definition.get_closest_marker("conformance_derived") is not None:
            # Rounds go over all operations before the first of their tests, so these need not stand with the others.
            scope: Literal["function", "session"] = "function" if "rounds" in metafunc.fixturenames else "session"
            metafunc.parametrize("operation", list(self.known.document.operations), indirect=True, scope=scope)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests whose requirements are not in question, and let those go first that wait for nothing."""
        earlier = self.settings.earlier()
        left_out = deselected_in(self.settings)
        wanted = [item for item in items if item.nodeid not in left_out and self._is_wanted(item, earlier)]
        if not self.settings.spends_on_provisional:
            wanted = [item for item in wanted if not is_only_provisional(item, self.known)]
        items[:] = sorted(wanted, key=lambda item: not is_generated(item.nodeid))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember what somebody left out on purpose: judging the recording again leaves it out as well."""
        self._deselected.update({item.nodeid: tuple(requirement_ids(item, self.known)) for item in items})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep which test judges what: a worker that crashes can't say it any more. Plan which scenarios to begin."""
        if session.config.option.collectonly:
            return
        self._planned = self._scenarios_of(session)
        tests = {item.nodeid: requirement_ids(item, self.known) for item in session.items}
        with written_down():
            (self.settings.path / f"tests-{self.worker}.json").write_text(json.dumps(tests), "utf-8")
            keep_deselected(self.settings, self.worker, self._deselected)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Go on only while the run does; remember for which operation of the document fixtures are made."""
        if self._equipment is not None:
            self._equipment.client.stopping.check()
        callspec = getattr(item, "callspec", None)
        self._operation = None if callspec is None else callspec.params.get("operation")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Name the scenario as the cause of what it sends, with the operation where there is one for each."""
        each = self._operation is not None and "operation" in fixturedef.argnames
        token = CAUSE.set(f"{fixturedef.argname}[{self._operation}]" if each else fixturedef.argname)
        try:
            return (yield)
        finally:
            CAUSE.reset(token)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Remember which places of answers the test looks at."""
        with looking() as looks:
            item.stash[_LOOKS] = looks
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach what the test says about its requirements, and let the console agree with it."""
        report = yield
        if call.when == "call" or call.excinfo is not None:
            outcomes = outcomes_of(item, call, requirement_ids(item, self.known), item.stash.get(_LOOKS, ()))
            report.user_properties.append((PROPERTY, to_plain(outcomes)))
            if outcomes:
                self._agree(report, outcomes[0].verdict, outcomes[0].reason, outcomes[0].requirement)
            elif has_nothing_to_add(call):
                _skip(report, "others judge it")
        make_inert(report)
        return report

    def _is_wanted(self, item: pytest.Item, earlier: Earlier | None) -> bool:
        judged = requirement_ids(item, self.known)
        if not any(map(self._in_question, judged)):
            return False
        return earlier is None or earlier.concerns(judged, getattr(item, "fixturenames", ()))

    def _in_question(self, requirement_id: str) -> bool:
        known = self.known.registry
        return requirement_id in known and self.settings.asks_for(known[requirement_id])

    def _scenarios_of(self, session: pytest.Session) -> tuple[str, ...]:
        """The fixtures of the tests that this process will run, among them the scenarios."""
        given: dict[str, Any] = getattr(session.config, "workerinput", {})
        workers = int(given.get("workercount", 1))
        own = worker_number(str(given.get("workerid", "gw0")))
        owned = owners((item.nodeid for item in session.items), workers)
        mine = [item for item in session.items if owned.get(scope_of(item.nodeid)) == own]
        return tuple(dict.fromkeys(name for item in mine for name in getattr(item, "fixturenames", ())))

    def pytest_sessionfinish(self) -> None:
        """Close connections and the journal."""
        if self._equipment is not None:
            self._equipment.close()

    def _agree(self, report: pytest.TestReport, verdict: Verdict, reason: str, requirement_id: str) -> None:
        if verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE):
            _skip(report, f"{verdict}: {reason}")
        elif verdict is Verdict.FAIL and requirement_id in observed_only(self.settings, self.known):
            _skip(report, f"observed: {reason}")
        elif verdict is Verdict.FAIL and self._level(requirement_id) != "MUST":
            report.outcome, report.wasxfail = "skipped", f"{self._level(requirement_id)} not met: {reason}"

    def _level(self, requirement_id: str) -> str:
        return self.known.registry[requirement_id].level if requirement_id in self.known.registry else "MUST"


def _skip(report: pytest.TestReport, why: str) -> None:
    path, line, _ = report.location
    report.outcome, report.longrepr = "skipped", (path, line or 0, why)
