"""The hooks and fixtures of a process that runs tests: the controller itself without workers, else each worker."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from conformance.client.identity import CAUSE
from conformance.generation.cases import MOST_DRAWN, Drawing
from conformance.journal.records import LocationRead, forget_reads, locations_read
from conformance.plugin.gating import is_only_provisional, left_out, observed_only
from conformance.plugin.manifest import deselected_in, is_left_out, keep_deselected, written_down
from conformance.plugin.order import is_generated, owners, scope_of, worker_number
from conformance.plugin.outcomes import (
    PROPERTY,
    has_nothing_to_add,
    make_inert,
    outcomes_of,
    register_markers,
    requirement_ids,
    to_plain,
)
from conformance.plugin.repeating import repeated
from conformance.plugin.replay import open_replay_session
from conformance.plugin.session import open_process_session
from conformance.plugin.settings import RunSettings
from conformance.plugin.signals import Interrupts
from conformance.suite import SUITE_FOLDER
from conformance.suite.stateful_model.model import ModelSettings
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from conformance.accounts.account_pool import AccountPool
    from conformance.contract.contract import Contract
    from conformance.plugin.session import ProcessSession
    from conformance.suite.scenarios import ScenarioRunner


PACKAGE_ROOT = SUITE_FOLDER.parent.parent
ROUNDS_FILE: Final = "test_timed_fuzzing.py"
_LOCATIONS_READ: Final = pytest.StashKey[Iterable[LocationRead]]()


class Driver:
    """Collects and runs the suite's tests in one process."""

    def __init__(self, settings: RunSettings, worker: str) -> None:
        forget_reads()
        self.settings = settings
        self.worker = worker
        self.known = settings.contract()
        self._process_session: ProcessSession | None = None
        self._planned: tuple[str, ...] = ()
        self._deselected: dict[str, tuple[str, ...]] = {}

    @pytest.fixture(scope="session")
    def drawing(self, process_session: ProcessSession) -> Drawing:
        """How requests are drawn from the document."""
        given = self.settings.examples
        return Drawing(
            self.settings.seed,
            given or MOST_DRAWN,
            process_session.case_store,
            sparing=given is None,
            seconds=self.settings.max_seconds,
            left_out=left_out(self.settings, self.known),
        )

    @pytest.fixture(scope="session")
    def model_settings(self) -> ModelSettings:
        """How histories are drawn, and how many of them."""
        return ModelSettings(self.settings.seed, self.settings.histories)

    @pytest.fixture(scope="session")
    def contract(self) -> Contract:
        """The contract of the system under test."""
        return self.known

    @pytest.fixture(scope="session")
    def surfaces(self) -> frozenset[str]:
        """The surfaces that are judged: those that the user states, else all of the system."""
        return frozenset(self.settings.surfaces or self.known.conventions.surfaces)

    @pytest.fixture(scope="session")
    def process_session(self) -> ProcessSession:
        """What this process works with."""
        if self._process_session is None:
            made = open_process_session if self.settings.recorded is None else open_replay_session
            self._process_session = made(self.settings, self.worker)
        return self._process_session

    @pytest.fixture(scope="session")
    def account_pool(self, process_session: ProcessSession) -> AccountPool:
        """Where scenarios get their accounts."""
        return process_session.account_pool

    @pytest.fixture(scope="session")
    def scenario_runner(self, process_session: ProcessSession) -> ScenarioRunner:
        """Carries scenarios out; begins all that this process needs."""
        scenario_runner = process_session.scenario_runner(process_session.account_pool, self.settings.suite_package)
        scenario_runner.start(self._planned)
        return scenario_runner

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the folders of other systems, and timed fuzzing where no time is given for it."""
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
            # Timed fuzzing covers all operations before the first of its tests, so these need not be grouped.
            scope: Literal["function", "session"] = "function" if "rounds" in metafunc.fixturenames else "session"
            metafunc.parametrize("operation", list(self.known.document.operations), indirect=True, scope=scope)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out tests whose requirements are not judged, and put those first that need no scenario."""
        earlier = self.settings.earlier()
        left_out = deselected_in(self.settings)
        wanted = [item for item in items if item.nodeid not in left_out and self._is_wanted(item)]
        if earlier is not None:
            wanted = list(repeated(wanted, earlier, partial(requirement_ids, contract=self.known)))
        if not self.settings.spends_on_provisional:
            wanted = [item for item in wanted if not is_only_provisional(item, self.known)]
        items[:] = sorted(wanted, key=lambda item: not is_generated(item.nodeid))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember the tests that the user deselected: judging the recording again leaves them out as well."""
        self._deselected.update({item.nodeid: tuple(requirement_ids(item, self.known)) for item in items})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write down which test judges what, for the case that this worker crashes. Plan which scenarios to begin."""
        if session.config.option.collectonly:
            return
        self._planned = self._scenarios_of(session)
        tests = {item.nodeid: requirement_ids(item, self.known) for item in session.items}
        with written_down():
            (self.settings.path / f"tests-{self.worker}.json").write_text(json.dumps(tests), "utf-8")
            keep_deselected(self.settings, self.worker, self._deselected)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Stop where the run has ended, or has found what it looked for."""
        if is_left_out(self.settings, scope_of(item.nodeid)):
            pytest.skip("the run stopped at the first broken MUST (--next)")
        if self._process_session is not None:
            self._process_session.client.stopping.check()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Name the fixture as the cause of what it sends itself; scenarios name themselves."""
        token = CAUSE.set(fixturedef.argname)
        try:
            return (yield)
        finally:
            CAUSE.reset(token)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Remember which locations of answers the test reads."""
        with locations_read() as reads:
            item.stash[_LOCATIONS_READ] = reads
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the outcomes of the test's requirements, and let pytest's own result agree with them."""
        report = yield
        if call.when == "call" or call.excinfo is not None:
            outcomes = outcomes_of(item, call, requirement_ids(item, self.known), item.stash.get(_LOCATIONS_READ, ()))
            report.user_properties.append((PROPERTY, to_plain(outcomes)))
            if outcomes:
                self._agree(report, outcomes[0].verdict, outcomes[0].reason, outcomes[0].requirement)
            elif has_nothing_to_add(call):
                _skip(report, "others judge it")
        make_inert(report)
        return report

    def _is_wanted(self, item: pytest.Item) -> bool:
        judged = requirement_ids(item, self.known)
        return any(map(self._in_question, judged)) or self._feeds_monitors(judged)

    def _feeds_monitors(self, judged: tuple[str, ...]) -> bool:
        """Whether a test causes traffic of an operation that a rule judges which is asked for by its id."""
        known = self.known.registry
        asked = [known[name] for name in self.settings.only if name in known and known[name].monitor is not None]
        if not asked:
            return False
        operations = {requirement.operation for requirement in asked}
        return None in operations or any(known[name].operation in operations for name in judged if name in known)

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

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Any:  # noqa: ANN401 - a hook wrapper hands on any result
        """Look once more at what has ended, after the last test and before anything is judged."""
        result = yield
        if self._process_session is not None:
            self._process_session.read_ended()
        return result

    def pytest_sessionfinish(self) -> None:
        """Close connections and the journal."""
        if self._process_session is not None:
            self._process_session.close()

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


_CHECK_SECONDS: Final = 0.25


def start_worker(config: pytest.Config, from_controller: dict[str, Any]) -> None:
    """Take part in the run with the settings that the controller sent."""
    settings = RunSettings.from_plain(from_controller["settings"])
    register_markers(config)
    config.pluginmanager.register(Interrupts(config), "conformance-interrupts")
    Thread(target=_end_with_controller, args=(os.getppid(),), name="controller", daemon=True).start()
    config.pluginmanager.register(Driver(settings, config.workerinput["workerid"]), "conformance-run")  # type: ignore[attr-defined] # xdist sets it


def _end_with_controller(controller: int) -> None:
    """End at once when the controller was killed: xdist would let the worker go on sending for some seconds."""
    while os.getppid() == controller:
        time.sleep(_CHECK_SECONDS)
    os._exit(1)
