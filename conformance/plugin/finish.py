"""The end of a run: monitors over the merged journal, one verdict per requirement, reports."""

from __future__ import annotations

import json
import platform
import shlex
import sys
import time
from collections import defaultdict
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from conformance import __version__
from conformance.accounts.account_pool import SHARED_ACCOUNT
from conformance.accounts.control import key_variables
from conformance.client.stop_signal import STOPPED
from conformance.journal.reader import WALKED, Recording, recorded
from conformance.judging import MONITORS_FILE, monitored_by, spend_of
from conformance.money.budget import Tier, out_of_reach
from conformance.monitors.responses import observed_outages, trouble, unusual_json
from conformance.monitors.traffic import LEAST_WATCHED_SECONDS, Traffic
from conformance.plugin.cleanup import accepted_all_the_same, counted
from conformance.plugin.earlier_runs import compared, read_runs, runs_before
from conformance.plugin.gating import excuse, observed_only
from conformance.plugin.manifest import requirements_deselected
from conformance.plugin.outcomes import make_inert
from conformance.report.source_lines import lines_of
from conformance.report.write import write_reports
from conformance.target.launch import EMBEDDED_KEYS
from conformance.verdicts.causes import missing_operations
from conformance.verdicts.compile import assess, observations_of, remarks_on, remarks_on_coming, without_echoes
from conformance.verdicts.model import RequirementOutcome, RunFacts, Verdict
from conformance.verdicts.reach import (
    FEWEST_LOST,
    MOST_LOST,
    Reach,
    never_reached,
    remarks_on_unoffered,
    unreadable,
    within_reach,
)
from conformance.verdicts.reach_map import reach_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.requirements import Requirement
    from conformance.generation.walk import OperationCoverage
    from conformance.journal.records import Observation
    from conformance.plugin.plan import Plan, RunState
    from conformance.plugin.repeating import Earlier
    from conformance.plugin.settings import RunSettings
    from conformance.report.source_lines import ContractLines
    from conformance.verdicts.model import Assessment

# Set by a plugin that takes the verdicts itself: what only reports show is left out then.
UNREPORTED: Final = pytest.StashKey[None]()
# Set by a plugin of a run whose target does at once what it does of its own accord.
LEAST_WATCHED: Final = pytest.StashKey[float]()
# Those that decide what is drawn, how it is sent, and what fits the document.
_LIBRARIES: Final = ("schemathesis", "hypothesis", "httpx", "jsonschema-rs")


def finish(plan: Plan, progress: RunState, config: pytest.Config) -> Assessment:
    """Judge everything that was recorded, write the reports and return the assessment."""
    settings = progress.settings
    assert settings is not None  # noqa: S101 - the caller made them; mypy can't know
    contract = settings.contract()
    recording = recorded_by(settings)
    traffic = Traffic(recording, contract, config.stash.get(LEAST_WATCHED, LEAST_WATCHED_SECONDS))
    progress.outcomes.extend(_crashes(plan, progress.crashed))
    earlier = settings.earlier()
    deselected = requirements_deselected(settings)
    judged = (*monitored_by(contract, traffic), *accepted_all_the_same(settings, contract))
    monitored = [outcome for outcome in judged if _is_asked(outcome, earlier, settings, contract)]
    asked = [outcome for outcome in progress.outcomes if _is_asked(outcome, earlier, settings, contract)]
    progress.outcomes[:] = asked
    reach = Reach(contract, recording, settings.surfaces)
    reached = within_reach([*progress.outcomes, *monitored], reach)
    outcomes = without_echoes(_asked_for(reached, settings, contract), contract.registry)
    ended = _ended(recording)
    # A run that ended before its first test has no console to report to yet.
    unjudged = observed_only(settings, contract)
    if progress.stopped is None:
        session = config.pluginmanager.get_plugin("session")
        if session is not None:
            reported_late = [each for each in outcomes[len(progress.outcomes) :] if each.requirement not in unjudged]
            session.testscollected += len(reported_late)  # pytest computes its percentage from this
        for outcome in outcomes[len(progress.outcomes) :]:
            if outcome.requirement in unjudged:
                continue
            report = _synthetic_report(contract.registry[outcome.requirement], outcome)
            excuse(report, [outcome.requirement], plan.gate)
            config.hook.pytest_runtest_logreport(report=report)
    reported = UNREPORTED not in config.stash
    if reported:
        recording = replace(recording, observations=(*recording.observations, *_second_opinion(traffic)))
        seen = (*observations_of(outcomes, unjudged, contract.registry), *observed_outages(traffic))
        recording = replace(recording, observations=(*recording.observations, *seen))
    between = compared(
        outcomes, recording, contract, read_runs(Path(plan.options.compared)) if plan.options.compared else ()
    )
    recording = between.recording
    assessment = assess(
        contract,
        between.outcomes,
        recording,
        _facts(progress, settings, config, len(recording.exchanges)),
        spend=spend_of(settings.priced_contract(), traffic, play=settings.play),
        strict=plan.strict,
        unjudged=progress.stopped or ended,
        broken_off=progress.broken_off or ended,
        unexercised=lambda requirement: _left_out(requirement, earlier, settings, deselected),
        surfaces=settings.surfaces,
        unoffered=reach.unoffered,
        matrix=settings.matrix(),
        gate=plan.gate,
        observed=unjudged,
        remarks=(
            *between.remarks,
            *remarks_on_unoffered(reach),
            *trouble(traffic, fewest=FEWEST_LOST, share=MOST_LOST),
            *_on_money(settings, recording),
            # A run that ended before its first test has observed nothing.
            *(() if progress.stopped else remarks_on(unjudged - contract.coming)),
            *remarks_on_coming(outcomes, contract),
        ),
    )
    assessment = replace(
        assessment,
        remarks=(
            *never_reached(reach),
            *missing_operations(assessment),
            *contract.left_out,
            *assessment.remarks,
        ),
        spend=counted(assessment.spend, settings, progress.left),
        constraints=_constraints(contract, recording),
        reach=reach_map(contract, recording) if reported else None,
        tolerance=settings.tolerance(),
    )
    progress.recording = recording
    if reported:
        lines = _lines(contract, settings, config)
        write_reports(assessment, recording, plan.folder, lines, runs_before(settings))
    if plan.options.overlay is not None:
        progress.overlay = _write_overlay(plan, traffic, reach, config)
    if config.option.conformance_alluredir is not None:
        _write_allure(assessment, recording, config)
    return assessment


def _on_money(settings: RunSettings, recording: Recording) -> tuple[str, ...]:
    """A remark on the rules of money, where others may have moved the money of the account."""
    shared = any(exchange.account == SHARED_ACCOUNT for exchange in recording.exchanges)
    if not shared or settings.exclusive_account or settings.contract().conventions.money is None:
        return ()
    return ("The account is shared: money rules were judged from task billing alone.",)


def _ended(recording: Recording) -> str:
    """Why a run that had begun judges nothing: it was ended early, or too few answers can be read; empty: neither."""
    reasons = [str(note.fields["reason"]) for note in recording.notes if note.kind == STOPPED]
    return next(iter(reasons), "") or unreadable(recording)


def _lines(contract: Contract, settings: RunSettings, config: pytest.Config) -> ContractLines:
    """The lines of files in which the contract states its requirements, relative to the folder of the invocation."""
    external = None if settings.brought is None else Path(settings.brought.document)
    return lines_of(contract, external, config.invocation_params.dir)


def _write_overlay(plan: Plan, traffic: Traffic, reach: Reach, config: pytest.Config) -> str:
    """Propose changes of the user's document; returns what was done."""
    # Imported here: few runs ask for it.
    from conformance.report.overlay.document import write_overlay

    assert plan.brought is not None  # noqa: S101 - the plan refuses the option otherwise
    assert plan.options.overlay is not None  # noqa: S101 - the caller looked
    path = config.invocation_params.dir / plan.options.overlay
    return write_overlay(Path(plan.brought.document), str(plan.said.get("spec", "")), path, traffic, reach.missing)


def _write_allure(assessment: Assessment, recording: Recording, config: pytest.Config) -> None:
    # Imported here: few runs ask for it.
    from conformance.report.allure import write_allure

    folder = config.invocation_params.dir / config.option.conformance_alluredir
    write_allure(assessment, recording, folder, clean=getattr(config.option, "clean_alluredir", False))


def _left_out(
    requirement: Requirement, earlier: Earlier | None, settings: RunSettings, deselected: frozenset[str]
) -> str:
    """Why the run left a requirement out on purpose; empty where it did not."""
    if earlier is not None and requirement.id not in earlier.requirements:
        return f"only what failed in {earlier.run_id} is judged again"
    if requirement.level not in settings.levels:
        return f"only {' and '.join(settings.levels)} requirements are judged in this run"
    if settings.only and requirement.id not in settings.only:
        return "other requirements are asked for (--only)"
    if settings.tier < Tier.PAID:
        # Imported here: it looks through all tests of the system, and few runs ask for it.
        from conformance.tiers import tier_of

        needed = tier_of(requirement, settings.contract())
        if needed > settings.tier:
            return out_of_reach(needed, settings.tier)
    if requirement.id in deselected:
        return "deselected: the tests that judge it were left out of this run"
    return "nothing in the tests that were selected exercised it" if deselected else ""


def _asked_for(
    outcomes: tuple[RequirementOutcome, ...], settings: RunSettings, contract: Contract
) -> list[RequirementOutcome]:
    earlier = settings.earlier()
    return [outcome for outcome in outcomes if _is_asked(outcome, earlier, settings, contract)]


def _is_asked(outcome: RequirementOutcome, earlier: Earlier | None, settings: RunSettings, contract: Contract) -> bool:
    known = contract.registry
    if outcome.requirement in known and known[outcome.requirement].level not in settings.levels:
        return False
    if settings.only and outcome.requirement not in settings.only:
        return False
    return earlier is None or outcome.requirement in earlier.requirements


def _constraints(contract: Contract, recording: Recording) -> tuple[OperationCoverage, ...] | None:
    if not any(note.kind == WALKED for note in recording.notes):
        return None
    # Imported here, because a run without drawn requests does not pay for what draws them.
    from conformance.generation.walk import coverage_of

    tried: defaultdict[str, list[str]] = defaultdict(list)
    for note in recording.notes:
        if note.kind == WALKED:
            tried[note.fields["operation"]] += note.fields["tries"]
    return coverage_of(contract, tried)


def recorded_by(settings: RunSettings) -> Recording:
    """The recording of this run, or the one that it judges again with this run's observations."""
    made = recorded(settings.path)
    # Keys of an embedded implementation are made for the run: no shell of a user has them.
    roles = [(role, variable) for role, variable in settings.key_variables if variable not in EMBEDDED_KEYS.values()]
    named = key_variables(roles, settings.headers, settings.scheme_keys)
    if settings.recorded is None:
        return replace(made, variables=named)
    return replace(recorded(Path(settings.recorded)), observations=made.observations, variables=named)


def _second_opinion(traffic: Traffic) -> tuple[Observation, ...]:
    if not traffic.answers:
        return ()
    # Imported here: the import takes longer than its work, and a run without answers does not need it.
    from conformance.monitors.second_opinion import second_opinion

    return (*second_opinion(traffic), *unusual_json(traffic))


def is_monitors(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Whether a report is of a monitor, not of a test."""
    return report.nodeid.startswith(f"{MONITORS_FILE}::")


def _synthetic_report(requirement: Requirement, outcome: RequirementOutcome) -> pytest.TestReport:
    failed = outcome.verdict is Verdict.FAIL
    report = pytest.TestReport(
        nodeid=outcome.judge,
        location=(MONITORS_FILE, None, requirement.id),
        keywords={},
        outcome="failed" if failed else "passed",
        longrepr=f"{requirement.statement}\n{outcome.reason}" if failed else None,
        when="call",
    )
    if outcome.verdict is Verdict.INCONCLUSIVE:
        report.outcome, report.longrepr = "skipped", (MONITORS_FILE, 0, f"Skipped: {outcome.reason}")
    if failed and requirement.level != "MUST":
        report.outcome, report.wasxfail = "skipped", f"{requirement.level} not met: {outcome.reason}"
    make_inert(report)
    return report


def _crashes(plan: Plan, crashed: list[str]) -> Iterator[RequirementOutcome]:
    tests: dict[str, list[str]] = {}
    for path in plan.folder.glob("tests-*.json"):
        tests.update(json.loads(path.read_text("utf-8")))
    for nodeid in crashed:
        for requirement in tests.get(nodeid, ()):
            yield RequirementOutcome(requirement, Verdict.ERROR, nodeid, "the process that ran this test died")


def _facts(progress: RunState, settings: RunSettings, config: pytest.Config, exchanges: int) -> RunFacts:
    contract = settings.contract()
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
            **{name: version(name) for name in _LIBRARIES},
            **({} if settings.recorded is None else {"judged again": settings.recorded}),
        },
        command=_command(config, settings.seed),
    )


def _command(config: pytest.Config, seed: int) -> str:
    """The command that repeats the run, with the seed that was used."""
    said = config.getoption("conformance_said")
    if said is not None:
        command, run, *words = shlex.split(said)
        seeded = any(word == "--seed" or word.startswith("--seed=") for word in words)
        return shlex.join([command, run, *([] if seeded else [f"--seed={seed}"]), *words])
    given = [str(argument) for argument in config.invocation_params.args]
    seeded = any(argument.startswith("--conformance-seed") for argument in given)
    return shlex.join(["pytest", *given, *([] if seeded else [f"--conformance-seed={seed}"])])
