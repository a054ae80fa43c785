"""The hooks and fixtures of a process that runs tests: the controller itself without workers, else each worker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.client import CAUSE
from conformance.generation.cases import Drawing
from conformance.plugin.assembly import equip
from conformance.plugin.entry import SUITE_FOLDER
from conformance.plugin.outcomes import PROPERTY, outcomes_of, requirement_ids, to_plain
from conformance.plugin.partition import is_generated, owners, scope_of, worker_number
from conformance.suite.scenarios import Conductor
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from conformance.client.stage import Stage
    from conformance.contract.contract import Contract
    from conformance.plugin.assembly import Equipment
    from conformance.plugin.repeating import Earlier
    from conformance.plugin.settings import RunSettings

PACKAGE_ROOT = SUITE_FOLDER.parent.parent


class Driver:
    """Collects and runs the suite's tests in one process."""

    def __init__(self, settings: RunSettings, worker: str) -> None:
        self.settings = settings
        self.worker = worker
        self.known = settings.contract()
        self._equipment: Equipment | None = None
        self._planned: tuple[str, ...] = ()

    @pytest.fixture(scope="session")
    def drawing(self) -> Drawing:
        """How requests are drawn from the document."""
        return Drawing(self.settings.seed, self.settings.examples)

    @pytest.fixture(scope="session")
    def contract(self) -> Contract:
        """The contract of the system under test."""
        return self.known

    @pytest.fixture(scope="session")
    def stage(self) -> Stage:
        """Where scenarios get their accounts."""
        if self._equipment is None:
            self._equipment = equip(self.settings, self.worker)
        return self._equipment.stage

    @pytest.fixture(scope="session")
    def conductor(self, stage: Stage) -> Conductor:
        """Carries scenarios out; begins all that this process needs."""
        conductor = Conductor(stage)
        conductor.start(self._planned)
        return conductor

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the folders of other systems."""
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
            metafunc.parametrize("operation", list(self.known.document.operations), indirect=True, scope="session")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests whose requirements are not in question, and let those go first that wait for nothing."""
        earlier = self.settings.earlier()
        wanted = [item for item in items if self._is_wanted(item, earlier)]
        items[:] = sorted(wanted, key=lambda item: not is_generated(item.nodeid))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep which test judges what: a worker that crashes can't say it any more. Plan which scenarios to begin."""
        if session.config.option.collectonly:
            return
        self._planned = self._scenarios_of(session)
        tests = {item.nodeid: requirement_ids(item, self.known) for item in session.items}
        (self.settings.path / f"tests-{self.worker}.json").write_text(json.dumps(tests), "utf-8")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Name the scenario as the cause of what it sends."""
        token = CAUSE.set(fixturedef.argname)
        try:
            return (yield)
        finally:
            CAUSE.reset(token)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach what the test says about its requirements, and let the console agree with it."""
        report = yield
        if call.when == "call" or call.excinfo is not None:
            outcomes = outcomes_of(item, call, requirement_ids(item, self.known))
            report.user_properties.append((PROPERTY, to_plain(outcomes)))
            if outcomes:
                self._agree(report, outcomes[0].verdict, outcomes[0].reason, outcomes[0].requirement)
        return report

    def _is_wanted(self, item: pytest.Item, earlier: Earlier | None) -> bool:
        judged = requirement_ids(item, self.known)
        if not any(map(self._in_question, judged)):
            return False
        return earlier is None or earlier.concerns(judged, getattr(item, "fixturenames", ()))

    def _in_question(self, requirement_id: str) -> bool:
        offered = self.settings.surfaces
        known = self.known.registry
        return requirement_id in known and (not offered or known[requirement_id].surface in offered)

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
            path, line, _ = report.location
            report.outcome, report.longrepr = "skipped", (path, line or 0, f"{verdict}: {reason}")
        elif verdict is Verdict.FAIL and self._level(requirement_id) != "MUST":
            report.outcome, report.wasxfail = "skipped", f"{self._level(requirement_id)} not met: {reason}"

    def _level(self, requirement_id: str) -> str:
        return self.known.registry[requirement_id].level if requirement_id in self.known.registry else "MUST"
