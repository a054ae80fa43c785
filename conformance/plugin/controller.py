"""The process that starts a run and ends it: target, settings for workers, verdicts, reports, exit status."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

from conformance.accounts.planted_keys import UnreadableProbesError
from conformance.contract.errors import ContractError
from conformance.contract.selection import matrix_of, tolerance_of
from conformance.plugin.cleanup import clean_up, clean_up_after_crashes
from conformance.plugin.errors import OptionError
from conformance.plugin.finish import finish, is_monitors
from conformance.plugin.gating import excuse
from conformance.plugin.manifest import keep, prepare, stop_at, written_down
from conformance.plugin.order import scope_of
from conformance.plugin.outcomes import from_report, register_markers
from conformance.plugin.plan import RunState, plan_of
from conformance.plugin.preflight import look_first
from conformance.plugin.progress import MARKUP, progress_display_of
from conformance.plugin.signals import Interrupts
from conformance.plugin.withheld import withheld
from conformance.plugin.worker import Driver
from conformance.report.console import Telling, Tone, summary, tally_line, tone_of
from conformance.report.errors import ReportError
from conformance.report.text import one_line
from conformance.target.errors import TargetError
from conformance.target.launch import launch, provide_embedded_keys
from conformance.verdicts.compile import EXIT_ERROR
from conformance.verdicts.errors import GateError
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from conformance.plugin.plan import Plan
    from conformance.plugin.settings import RunSettings
    from conformance.target.launch import RunningTarget
    from conformance.verdicts.model import Assessment, RequirementOutcome

_LINE_LIMIT: Final = 300
_SENTENCE_LIMIT: Final = 800
_TO_ITS_END: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)


def start_controller(config: pytest.Config) -> None:
    """
    Read the options and take control of the pytest run.

    Raises:
        pytest.UsageError: an option, a file or the contract can't be used.
    """
    try:
        plan = plan_of(config)
        plan.contract()
        # Read now: at the end of the run an unreadable matrix would cost it its report.
        matrix_of(plan.target.system, plan.brought)
        tolerance_of(plan.target.system, plan.brought)
    except (TargetError, ContractError, UnreadableProbesError, OptionError, GateError) as error:
        raise pytest.UsageError(str(error)) from error
    register_markers(config)
    config.pluginmanager.register(Interrupts(config), "conformance-interrupts")
    config.pluginmanager.register(Controller(config, plan), "conformance-run")


class Controller:
    """The conformance run as a pytest plugin of the controlling process."""

    def __init__(self, config: pytest.Config, plan: Plan) -> None:
        self.config = config
        self.plan = plan
        self.progress = RunState()
        self._progress_display = progress_display_of(config, plan.folder)
        if self._progress_display is not None:
            config.pluginmanager.register(self._progress_display, "conformance-progress")
        self._resources = ExitStack()
        self._target: RunningTarget | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start the target and look at it before any worker does."""
        if self.config.option.collectonly:
            self._drive_here(self._settings())
            return
        with written_down():
            self._begin()

    def _begin(self) -> None:
        self._make_folder()
        if self.plan.recorded is not None:
            self.progress.settings = settings = self._settings()
            prepare(settings)
            if self.plan.recorded.stopped is not None:
                self._stop(self.plan.recorded.stopped)
            self._drive_here(settings)
            return
        settings = self._settings(self._launched())
        first_look = look_first(settings, self.plan.target)
        self.progress.settings = settings = first_look.settings
        keep(settings, strict=self.plan.strict, stopped=first_look.problem)
        if first_look.problem is not None:
            self._stop(first_look.problem)
        self.progress.left += clean_up_after_crashes(settings)
        self._say_first(withheld(settings, settings.contract()))
        self._drive_here(settings)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist exports no type of a node
        """Hand a worker its settings."""
        settings = self.progress.settings or self._settings()
        node.workerinput["conformance"] = {
            "settings": settings.to_plain(),
            "arguments": [str(argument) for argument in self.config.args],
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:  # noqa: ANN401 - xdist's logger
        """Keep tests that share a scenario on one worker."""
        from conformance.plugin.order import ByScenario

        return ByScenario(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Remember which test was running when a worker crashed."""
        self.progress.crashed.append(crashitem)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the outcomes of a test, from any process, before pytest counts it."""
        said = tuple(from_report(report))
        self.progress.outcomes.extend(said)
        if self.plan.options.next_cause and self.progress.settings is not None and self._stops_at(said):
            stop_at(self.progress.settings, scope_of(report.nodeid))
        excuse(report, [outcome.requirement for outcome in said], self.plan.gate)

    def _stops_at(self, said: tuple[RequirementOutcome, ...]) -> bool:
        """Whether an outcome breaks a MUST that the run judges, and that is no rule on refusals or on form."""
        registry, settings = self.plan.contract().registry, self.progress.settings
        broken = [registry[one.requirement] for one in said if one.verdict is Verdict.FAIL]
        judged = [one for one in broken if settings is not None and not (one.provisional and not settings.provisional)]
        weighty = [one for one in judged if one.level == "MUST" and one.concern == "purpose"]
        return any(self.plan.gate.excuse_of(one.id) is None for one in weighty)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: Any, config: pytest.Config) -> Any:  # noqa: ANN401 - as pytest has them
        """Print no character for monitors on a line that is at 100 % already, unless each test is named."""
        status = yield
        return (status[0], "", "") if status and config.option.verbose <= 0 and is_monitors(report) else status

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:  # noqa: ANN401 - a hook wrapper hands on any result
        """Judge, write the reports and set the exit status before the console prints its summary."""
        if self.progress.settings is not None and not self.config.option.collectonly:
            with written_down():
                self._finish(session)
        try:
            return (yield)
        finally:
            self._resources.close()

    def pytest_unconfigure(self) -> None:
        """Stop what was started, also when the session broke before its first test."""
        self._end_progress()
        self._resources.close()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:  # noqa: ANN401 - pytest exports no type
        """Print the summary of the run."""
        if self.progress.assessment is not None:
            if not self._quiet:
                terminalreporter.section("conformance")
            self._write_summary(terminalreporter)
            # pytest counts tests, of which several judge one requirement, and calls most of what fails passed.
            terminalreporter.summary_stats = partial(self._write_tally, terminalreporter)

    def _write_tally(self, reporter: Any) -> None:  # noqa: ANN401 - pytest exports no type
        """Print how many requirements have which verdict, in place of pytest's count of tests."""
        assessment = self.progress.assessment
        if assessment is not None and not self._quiet:
            reporter.write_line(tally_line(assessment), **MARKUP[tone_of(assessment)])

    def _make_folder(self) -> None:
        try:
            self.plan.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sentence = f"The folder of this run can't be made: {self.plan.folder}: {error.strerror}."
            raise pytest.UsageError(sentence) from error

    def _launched(self) -> RunningTarget:
        conventions = self.plan.contract().conventions
        if self.plan.target.embedded:
            provide_embedded_keys()
        try:
            self._target = self._resources.enter_context(launch(self.plan.target, conventions, self.plan.folder))
        except TargetError as error:
            self._stop(str(error))
        return self._target

    def _finish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.progress.stopped = "no test was selected"
        if session.exitstatus not in _TO_ITS_END:
            self.progress.broken_off = "The run was interrupted before its end."
        self._enter("cleaning up")
        if self.progress.settings is not None and self.plan.recorded is None:
            interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
            self.progress.left += clean_up(self.progress.settings, interrupted=interrupted)
        if self._target is not None and session.exitstatus in _TO_ITS_END:
            # It goes down while the run is judged; after an interruption a worker may still be asking it.
            self._target.request_stop()
        self._enter("judging")
        self.progress.assessment = self._judged()
        self._end_progress()
        if session.exitstatus in _TO_ITS_END:
            session.exitstatus = self.progress.assessment.exit_status

    def _judged(self) -> Assessment:
        """The assessment of what was recorded, with its reports; ends the session where these can't be written."""
        try:
            return finish(self.plan, self.progress, self.config)
        except ReportError as error:
            self._end_progress()
            pytest.exit(f"{error}{self._left_in_words()}", returncode=EXIT_ERROR)

    def _left_in_words(self) -> str:
        """A sentence on the tasks that could not be ended and may cost, for the case that no report can be written."""
        left = ", ".join(one_line(task.task_id, _LINE_LIMIT) for task in self.progress.left)
        return f" These tasks could not be ended and may cost: {left}." if left else ""

    def _stop(self, sentence: str) -> NoReturn:
        """End the run before any test, with a report of what was judged so far."""
        self._end_progress()
        self.progress.stopped = sentence
        self.progress.settings = self.progress.settings or self._settings()
        self.progress.assessment = self._judged()
        self._resources.close()
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            self._write_summary(reporter, told=True)
            # pytest prints the sentence; its reporter would frame the name of an internal exception as well.
            self.config.pluginmanager.unregister(reporter)
        pytest.exit(sentence, returncode=self.progress.assessment.exit_status)

    def _write_summary(self, reporter: Any, *, told: bool = False) -> None:  # noqa: ANN401 - pytest exports no type
        assessment, recording = self.progress.assessment, self.progress.recording
        if assessment is None or recording is None:
            return
        for part, sentence in (self.progress.settings.pretended if self.progress.settings else {}).items():
            text = f"The control interface offers {part}, but {sentence}."
            reporter.write_line(one_line(text, _LINE_LIMIT), **MARKUP[Tone.DOUBTFUL])
        first = self.plan.options.next_cause
        told_as = Telling(quiet=self._quiet, told=told, first_cause=first, naming=self.plan.naming)
        for line in summary(assessment, recording, self.plan.folder / "index.html", told_as):
            reporter.write_line(line.text, **MARKUP[line.tone])
        if self.progress.overlay and not self._quiet:
            reporter.write_line(f"Overlay: {one_line(self.progress.overlay, _LINE_LIMIT)}")

    def _say_first(self, sentence: str) -> None:
        """Print a sentence before the first test."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if sentence and reporter is not None and not self._quiet:
            if self._progress_display is not None:
                self._progress_display.clear()
            reporter.write_line(one_line(sentence, _SENTENCE_LIMIT), **MARKUP[Tone.DOUBTFUL])

    def _enter(self, phase: str) -> None:
        if self._progress_display is not None:
            self._progress_display.enter(phase)

    def _end_progress(self) -> None:
        if self._progress_display is not None:
            self._progress_display.end()

    @property
    def _quiet(self) -> bool:
        return bool(self.config.getoption("conformance_quiet"))

    def _drive_here(self, settings: RunSettings) -> None:
        if not self._distributed:
            self.config.pluginmanager.register(Driver(settings, "main"), "conformance-driver")

    @property
    def _distributed(self) -> bool:
        # xdist starts no workers where tests are only listed.
        return bool(getattr(self.config.option, "tx", None)) and not self.config.option.collectonly

    def _settings(self, running: RunningTarget | None = None) -> RunSettings:
        settings = self.plan.settings(running, processes=len(self.config.option.tx) if self._distributed else 1)
        if settings.recorded is not None:
            return settings
        # The clock of `time.monotonic` is that of the machine, the same in all processes.
        return replace(settings, ends_at=self.progress.started + settings.wall_seconds)
