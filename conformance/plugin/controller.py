"""The process that starts a run and ends it: target, settings for workers, verdicts, reports, exit status."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from conformance.client.probes import ProbeFile, UnreadableProbesError
from conformance.contract.contract import load_contract
from conformance.contract.errors import ContractError
from conformance.plugin.driving import Driver
from conformance.plugin.entry import HEAVY
from conformance.plugin.finish import finish, recorded
from conformance.plugin.markers import register_markers
from conformance.plugin.outcomes import from_report
from conformance.plugin.preflight import look_first
from conformance.plugin.settings import RunSettings
from conformance.report.console import summary_lines
from conformance.target.errors import TargetError
from conformance.target.file import read_target_file
from conformance.target.launch import EMBEDDED_KEYS, launch, provide_embedded_keys
from conformance.target.settings import FORBIDDEN_KEY, MAIN_KEY, SECOND_KEY, TargetOptions, resolve_settings

if TYPE_CHECKING:
    from conformance.target.launch import RunningTarget
    from conformance.target.settings import TargetSettings
    from conformance.target.statement import TargetFile
    from conformance.verdicts.model import Assessment, Outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for, before the target is running."""

    run_id: str
    folder: Path
    target: TargetSettings
    stated: TargetFile | None
    seed: int
    examples: int
    strict: bool
    ca_file: Path | None
    probes_file: Path | None


@dataclass(slots=True)
class Progress:
    """What became known while the run went on."""

    started: float = field(default_factory=time.monotonic)
    outcomes: list[Outcome] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    settings: RunSettings | None = None
    stopped: str | None = None
    assessment: Assessment | None = None


def start_controller(config: pytest.Config) -> None:
    """
    Read what was asked for and take control of the pytest run.

    Raises:
        pytest.UsageError: something that was asked for can't be used.
    """
    try:
        plan = _plan(config)
        load_contract(plan.target.system)
    except (TargetError, ContractError, UnreadableProbesError) as error:
        raise pytest.UsageError(str(error)) from error
    register_markers(config)
    config.pluginmanager.register(Controller(config, plan), "conformance-run")


class Controller:
    """The conformance run as a pytest plugin of the controlling process."""

    def __init__(self, config: pytest.Config, plan: Plan) -> None:
        self.config = config
        self.plan = plan
        self.progress = Progress()
        self._resources = ExitStack()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start the target and look at it before any worker does."""
        if self.config.option.collectonly:
            self._drive_here(self._settings(None))
            return
        self._make_folder()
        settings = self._settings(self._launched())
        first_look = look_first(settings, self.plan.target)
        self.progress.settings = settings = first_look.settings
        if first_look.problem is not None:
            self._stop(first_look.problem)
        self._drive_here(settings)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist exports no type of a node
        """Hand a worker its settings."""
        settings = self.progress.settings or self._settings(None)
        node.workerinput["conformance"] = {
            "settings": settings.to_plain(),
            "arguments": [str(argument) for argument in self.config.args],
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:  # noqa: ANN401 - xdist's logger
        """Keep tests that share a scenario on one worker."""
        from conformance.plugin.scheduling import ByScenario

        return ByScenario(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Remember which test was running when a worker died."""
        self.progress.crashed.append(crashitem)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what the tests say, whichever process ran them."""
        self.progress.outcomes.extend(from_report(report))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:  # noqa: ANN401 - a hook wrapper hands on any result
        """Judge, write the reports and set the exit status before the console prints its summary."""
        if self.progress.settings is not None and not self.config.option.collectonly:
            self._finish(session)
        try:
            return (yield)
        finally:
            self._resources.close()

    def pytest_unconfigure(self) -> None:
        """Stop what was started, also when the session broke before its first test."""
        self._resources.close()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:  # noqa: ANN401 - pytest exports no type
        """Print the result in the reader's words."""
        if self.progress.assessment is not None:
            terminalreporter.section("conformance")
            for line in self._summary():
                terminalreporter.write_line(line)

    def _make_folder(self) -> None:
        try:
            self.plan.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sentence = f"The folder of this run can't be made: {self.plan.folder}: {error.strerror}."
            raise pytest.UsageError(sentence) from error

    def _launched(self) -> RunningTarget:
        conventions = load_contract(self.plan.target.system).conventions
        if self.plan.target.embedded:
            provide_embedded_keys()
        try:
            return self._resources.enter_context(launch(self.plan.target, conventions, self.plan.folder))
        except TargetError as error:
            self._stop(str(error))

    def _finish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.progress.stopped = "no test was selected"
        self.progress.assessment = finish(self.plan, self.progress, self.config)
        if session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = self.progress.assessment.exit_status

    def _stop(self, sentence: str) -> NoReturn:
        """End the run before any test, with a report of what was judged so far."""
        self.progress.stopped = sentence
        self.progress.settings = self.progress.settings or self._settings(None)
        self.progress.assessment = finish(self.plan, self.progress, self.config)
        self._resources.close()
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            for line in self._summary():
                reporter.write_line(line)
            # pytest prints the sentence; its reporter would frame the name of an internal exception as well.
            self.config.pluginmanager.unregister(reporter)
        pytest.exit(sentence, returncode=self.progress.assessment.exit_status)

    def _summary(self) -> tuple[str, ...]:
        assessment = self.progress.assessment
        if assessment is None:
            return ()
        return summary_lines(assessment, recorded(self.plan.folder), self.plan.folder / "index.html")

    def _drive_here(self, settings: RunSettings) -> None:
        if not self._distributed:
            self.config.pluginmanager.register(Driver(settings, "main"), "conformance-driver")

    @property
    def _distributed(self) -> bool:
        # xdist starts no workers where tests are only listed.
        return bool(getattr(self.config.option, "tx", None)) and not self.config.option.collectonly

    def _settings(self, running: RunningTarget | None) -> RunSettings:
        target = self.plan.target
        rate, at_once = target.limits.rate_per_second, target.limits.concurrency
        # What the target can bear is for the run as a whole.
        processes = len(self.config.option.tx) if self._distributed else 1
        return RunSettings(
            run_id=self.plan.run_id,
            folder=str(self.plan.folder),
            system=target.system,
            base_url=running.base_url if running else (target.base_url or ""),
            play=target.money == "play",
            seed=self.plan.seed,
            examples=self.plan.examples,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            surfaces=target.surfaces,
            key_variables=_key_variables(self.config, self.plan),
            control_url=running.control_url if running else None,
            prices=tuple((model, f"{price:f}") for model, price in target.prices.items()),
            openapi_url=target.openapi_url,
            failing_request=None if target.failing_request is None else dict(target.failing_request),
            reference_audio_url=running.reference_audio_url if running else None,
            ca_file=str(running.ca_file) if running and running.ca_file else _text(self.plan.ca_file),
            poll_timeout_seconds=target.limits.poll_timeout_seconds,
            rate_per_second=rate and rate / processes,
            concurrency=at_once and max(1, at_once // processes),
            probes_file=_text(self.plan.probes_file),
            heavy=HEAVY[self.config.getoption("conformance_heavy")],
        )


def _plan(config: pytest.Config) -> Plan:
    option = config.getoption
    stated = read_target_file(Path(option("conformance_target"))) if option("conformance_target") else None
    options = TargetOptions(
        base_url=option("base_url", None) or None,
        app=option("conformance_app"),
        factory=option("conformance_factory"),
        system=option("conformance_system"),
        control_url=option("conformance_control_url"),
        api_key_env=option("conformance_api_key_env"),
    )
    now = datetime.now(UTC)
    seed = option("conformance_seed")
    # The id goes into every request, so that what a run leaves behind at a target can be traced to it.
    run_id = f"run-{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    return Plan(
        run_id=run_id,
        folder=(config.invocation_params.dir / (option("conformance_report_dir") or "reports") / run_id).resolve(),
        target=resolve_settings(options, stated, os.environ),
        stated=stated,
        seed=int.from_bytes(os.urandom(4), "big") if seed is None else seed,
        examples=option("conformance_examples"),
        strict=option("conformance_strict"),
        ca_file=Path(option("conformance_ca_file")).resolve() if option("conformance_ca_file") else None,
        probes_file=_probes_file(option("conformance_probes")),
    )


def _key_variables(config: pytest.Config, plan: Plan) -> tuple[tuple[str, str], ...]:
    if plan.target.embedded:
        return tuple(EMBEDDED_KEYS.items())
    named = plan.stated.keys if plan.stated else None
    return (
        ("main", config.getoption("conformance_api_key_env") or (named and named.main_env) or MAIN_KEY),
        ("second", (named and named.second_env) or SECOND_KEY),
        ("forbidden", (named and named.forbidden_env) or FORBIDDEN_KEY),
    )


def _probes_file(given: str | None) -> Path | None:
    if not given:
        return None
    path = Path(given).resolve()
    # A run may take long: that the file is of no use should be said before it.
    ProbeFile(path).read()
    if not path.parent.is_dir():
        raise UnreadableProbesError(f"The folder of {path}, where planted keys are to be kept, does not exist.")
    return path


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
