"""The end of a run: monitors over the merged journal, one verdict per requirement, reports."""

from __future__ import annotations

import json
import platform
import shlex
import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from conformance import __version__
from conformance.contract.contract import load_contract
from conformance.journal.reader import read_recording
from conformance.monitors.registry import is_monitored, judge
from conformance.monitors.traffic import Traffic
from conformance.report.write import write_reports
from conformance.verdicts.compile import assess
from conformance.verdicts.model import Evidence, Outcome, RunFacts, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.registry import Requirement
    from conformance.plugin.controller import Plan, Progress
    from conformance.plugin.settings import RunSettings
    from conformance.verdicts.model import Assessment

MONITORS_FILE: Final = "conformance/monitors"
_SHOWN_FINDINGS: Final = 3


def finish(plan: Plan, progress: Progress, config: pytest.Config) -> Assessment:
    """Judge everything that was recorded, write the reports and return the assessment."""
    settings = progress.settings
    assert settings is not None  # noqa: S101 - the caller made them; mypy can't know
    contract = load_contract(settings.system)
    recording = read_recording(plan.folder)
    traffic = Traffic(recording, contract)
    progress.outcomes.extend(_crashes(plan, progress.crashed))
    for requirement in contract.registry:
        if is_monitored(requirement):
            outcome = _monitored(requirement, traffic)
            if outcome is not None:
                progress.outcomes.append(outcome)
                config.hook.pytest_runtest_logreport(report=_synthetic_report(requirement, outcome))
    assessment = assess(
        contract,
        progress.outcomes,
        recording,
        _facts(progress, settings, config, len(recording.exchanges)),
        play=settings.play,
        strict=plan.strict,
        unjudged=progress.stopped or "",
    )
    write_reports(assessment, recording, plan.folder)
    return assessment


def _monitored(requirement: Requirement, traffic: Traffic) -> Outcome | None:
    judged = judge(requirement, traffic)
    name = f"{MONITORS_FILE}::{requirement.id}"
    if judged.findings:
        shown = judged.findings[:_SHOWN_FINDINGS]
        more = len(judged.findings) - len(shown)
        reason = "; ".join(finding.sentence for finding in shown) + (f"; and {more} more" if more else "")
        evidence = tuple(Evidence(exchange) for finding in shown for exchange in finding.exchanges)
        return Outcome(requirement.id, Verdict.FAIL, name, reason, evidence)
    if judged.exercised:
        return Outcome(
            requirement.id, Verdict.PASS, name, "", tuple(Evidence(exchange) for exchange in judged.witnesses)
        )
    return None


def _synthetic_report(requirement: Requirement, outcome: Outcome) -> pytest.TestReport:
    failed = outcome.verdict is Verdict.FAIL
    report = pytest.TestReport(
        nodeid=outcome.judge,
        location=(MONITORS_FILE, None, requirement.id),
        keywords={},
        outcome="failed" if failed else "passed",
        longrepr=f"{requirement.statement}\n{outcome.reason}" if failed else None,
        when="call",
    )
    if failed and requirement.level != "MUST":
        report.outcome, report.wasxfail = "skipped", f"{requirement.level} not met: {outcome.reason}"
    return report


def _crashes(plan: Plan, crashed: list[str]) -> Iterator[Outcome]:
    tests: dict[str, list[str]] = {}
    for path in plan.folder.glob("tests-*.json"):
        tests.update(json.loads(path.read_text("utf-8")))
    for nodeid in crashed:
        for requirement in tests.get(nodeid, ()):
            yield Outcome(requirement, Verdict.ERROR, nodeid, "the process that ran this test died")


def _facts(progress: Progress, settings: RunSettings, config: pytest.Config, exchanges: int) -> RunFacts:
    contract = load_contract(settings.system)
    return RunFacts(
        run_id=settings.run_id,
        system=settings.system,
        title=contract.conventions.title,
        contract_version=contract.conventions.contract_version,
        suite_version=__version__,
        target=settings.base_url,
        started_at=settings.started_at,
        duration_seconds=round(time.monotonic() - progress.started, 3),
        seed=settings.seed,
        exchanges=exchanges,
        environment={
            "python": platform.python_version(),
            "platform": sys.platform,
            "pytest": pytest.__version__,
        },
        command=_command(config, settings.seed),
    )


def _command(config: pytest.Config, seed: int) -> str:
    """The command that runs the same again, with the seed that was used."""
    given = [str(argument) for argument in config.invocation_params.args]
    seeded = any(argument.startswith("--conformance-seed") for argument in given)
    return shlex.join(["pytest", *given, *([] if seeded else [f"--conformance-seed={seed}"])])
