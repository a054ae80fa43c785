"""The verdicts on others' traffic: what monitors can say of it, and nothing that would need a scenario."""

from __future__ import annotations

import platform
import shlex
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformance import __version__
from conformance.journal.reader import read_recording
from conformance.judging import monitored_by
from conformance.monitors.second_opinion import second_opinion
from conformance.monitors.traffic import Traffic
from conformance.report.source_lines import lines_of
from conformance.report.write import write_reports
from conformance.verdicts.compile import assess, observations_of, provisional_in, without_echoes
from conformance.verdicts.model import RunFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.journal.reader import Recording
    from conformance.journal.records import Exchange
    from conformance.traffic.records import Records, Watched
    from conformance.verdicts.model import Assessment, RequirementOutcome

NOT_SEEN: Final = "nothing in this recording exercised it"


@dataclass(frozen=True, slots=True)
class JudgedTraffic:
    """The assessment of others' traffic, what it rests on, and the folder with the report."""

    assessment: Assessment
    recording: Recording
    folder: Path


def judge_traffic(records: Records, *, strict: bool) -> JudgedTraffic:
    """Judge everything that was kept and write the reports."""
    recording = read_recording(records.folder)
    contract = records.watched.contract
    traffic = Traffic(recording, contract)
    if traffic.answers:
        recording = replace(recording, observations=(*recording.observations, *second_opinion(traffic)))
    outcomes = without_echoes(monitored_by(contract, traffic), contract.registry)
    observed = provisional_in(contract.registry)
    seen = observations_of(outcomes, observed, contract.registry)
    recording = replace(recording, observations=(*recording.observations, *seen))
    assessment = assess(
        contract,
        outcomes,
        recording,
        _facts(records, len(recording.exchanges)),
        strict=strict,
        unexercised=lambda _requirement: NOT_SEEN,
        matrix=records.watched.matrix,
        observed=observed,
    )
    write_reports(assessment, recording, records.folder, lines_of(contract, records.watched.document, Path.cwd()))
    return JudgedTraffic(assessment, recording, records.folder)


def failing(exchanges: Iterable[Exchange], recording: Recording, watched: Watched) -> tuple[RequirementOutcome, ...]:
    """What monitors find wrong with exchanges; all else of `recording` is left as it is."""
    traffic = Traffic(replace(recording, exchanges=tuple(exchanges)), watched.contract)
    outcomes = without_echoes(monitored_by(watched.contract, traffic), watched.contract.registry)
    observed = provisional_in(watched.contract.registry)
    return tuple(outcome for outcome in outcomes if outcome.verdict == "fail" and outcome.requirement not in observed)


def _facts(records: Records, exchanges: int) -> RunFacts:
    contract = records.watched.contract
    return RunFacts(
        run_id=records.folder.name,
        system=contract.system,
        title=contract.conventions.title,
        contract_version=contract.conventions.contract_version,
        suite_version=__version__,
        target=records.base_url,
        started_at=records.started_at.isoformat(timespec="seconds"),
        duration_seconds=round((datetime.now(UTC) - records.started_at).total_seconds(), 3),
        seed=0,
        exchanges=exchanges,
        environment={"python": platform.python_version(), "platform": sys.platform},
        command=shlex.join(["conformance", *sys.argv[1:]]),
    )
