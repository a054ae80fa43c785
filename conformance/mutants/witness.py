"""
The laboratory's pytest plugin: it takes what a run found from the run's own process, and has no reports written.

A run of the whole suite also shows what the document alone can prove, because drawn requests are sent by fixtures of
their own, for accounts of their own. So where that is asked for, their tests, and monitors over their traffic, are
judged a second time apart from everything that was written by hand.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from conformance.accounts.account import Account
from conformance.judging import monitored_by
from conformance.monitors.traffic import LEAST_WATCHED_SECONDS, Traffic
from conformance.mutants.findings import Findings
from conformance.plugin.finish import LEAST_WATCHED, UNREPORTED
from conformance.plugin.order import is_generated
from conformance.report.html import html_page
from conformance.report.machine import report_json
from conformance.report.write import write_file
from conformance.verdicts.compile import judge_requirement, without_echoes
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.contract.contract import Contract
    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.plugin.controller import Controller
    from conformance.verdicts.model import RequirementOutcome

_DRAWING: Final = pytest.StashKey[frozenset[str]]()
_CONTROLLER: Final = "conformance-run"
# Waiting for what arrives late is most of a run against a mutant that leaves it out. The reference's clock is advanced:
# what it does of its own accord takes it a fraction of the shortest pause.
_HASTE: Final = 0.1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Write reports all the same, or parts of them, or wait briefly, with an option each."""
    parser.addoption("--laboratory-reports", action="store_true", help="write reports as well")
    parser.addoption("--laboratory-failures", action="store_true", help="write of what fails what reports say of it")
    parser.addoption("--laboratory-document", action="store_true", help="judge drawn requests alone as well")
    parser.addoption("--laboratory-haste", action="store_true", help="wait briefly for what arrives late")


def pytest_configure(config: pytest.Config) -> None:
    """Leave out what only reports show."""
    if not config.getoption("laboratory_reports"):
        config.stash[UNREPORTED] = None
    if config.getoption("laboratory_haste"):
        config.stash[LEAST_WATCHED] = LEAST_WATCHED_SECONDS * _HASTE
        hasten()


def hasten() -> None:
    """Have every account of this process pause briefly."""
    usual = Account.pause

    def pause(account: Account, seconds: float) -> None:
        usual(account, seconds * _HASTE)

    setattr(Account, "pause", pause)  # noqa: B010 - a method is replaced


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the names of the fixtures that send drawn requests, and of those that these need."""
    drawn = [item for item in session.items if is_generated(item.nodeid)]
    session.config.stash[_DRAWING] = frozenset(name for item in drawn for name in getattr(item, "fixturenames", ()))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Write down what was found; nothing where the run ended without a verdict."""
    controller: Controller | None = config.pluginmanager.get_plugin(_CONTROLLER)
    if controller is None:
        return
    findings = findings_of(controller, config)
    if findings is not None:
        findings.write_into(controller.plan.folder)
    if findings is not None and config.getoption("laboratory_failures"):
        tell_failures(controller)


def findings_of(controller: Controller, config: pytest.Config) -> Findings | None:
    """What a run found; None when it has no verdict."""
    progress = controller.progress
    if progress.assessment is None or progress.recording is None:
        return None
    by_document: Mapping[str, str] = {}
    if config.getoption("laboratory_document"):
        contract = controller.plan.contract()
        recording = drawn_part(progress.recording, config.stash.get(_DRAWING, frozenset()))
        drawn = Traffic(recording, contract, config.stash.get(LEAST_WATCHED, LEAST_WATCHED_SECONDS))
        by_document = verdicts_by_document(contract, progress.outcomes, drawn)
    return Findings(
        overall=progress.assessment.overall,
        verdicts={judgement.requirement.id: judgement.verdict for judgement in progress.assessment.judgements},
        by_document=by_document,
    )


def tell_failures(controller: Controller) -> None:
    """Write report.json and the page of what failed and its evidence: all the rest takes most of their time."""
    assessment, recording = controller.progress.assessment, controller.progress.recording
    if assessment is None or recording is None:
        return
    failed = tuple(judged for judged in assessment.judgements if judged.verdict is Verdict.FAIL)
    shown = {item.exchange for judged in failed for item in judged.evidence}
    told, folder = replace(assessment, judgements=failed), controller.plan.folder
    recording = replace(recording, exchanges=tuple(e for e in recording.exchanges if e.id in shown), readings=())
    write_file(folder / "report.json", json.dumps(report_json(told, recording)).encode())
    write_file(folder / "index.html", html_page(told, recording).encode())


def drawn_part(recording: Recording, drawing: frozenset[str]) -> Recording:
    """What was recorded of drawn requests and before all tests, and the balances of the accounts that sent them."""
    exchanges = tuple(exchange for exchange in recording.exchanges if _is_drawn(exchange, drawing))
    accounts = {exchange.account for exchange in exchanges}
    readings = tuple(reading for reading in recording.readings if reading.account in accounts)
    return replace(recording, exchanges=exchanges, readings=readings)


def _is_drawn(exchange: Exchange, drawing: frozenset[str]) -> bool:
    # A fixture with a parameter names it in brackets.
    return exchange.cause is None or exchange.cause.partition("[")[0] in drawing


def verdicts_by_document(
    contract: Contract, outcomes: Iterable[RequirementOutcome], traffic: Traffic
) -> Mapping[str, str]:
    """The verdict of every requirement from tests of drawn requests, and monitors over their traffic, alone."""
    drawn = [outcome for outcome in outcomes if is_generated(outcome.judge)]
    monitored = monitored_by(contract, traffic)
    said: dict[str, list[RequirementOutcome]] = {requirement.id: [] for requirement in contract.registry}
    for outcome in without_echoes([*drawn, *monitored], contract.registry):
        said[outcome.requirement].append(outcome)
    return {name: judge_requirement(contract.registry[name], found).verdict for name, found in said.items()}
