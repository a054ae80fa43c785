"""Earlier runs: those that a page shows a run beside, and those of the same judged set whose verdicts differ."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conformance.journal.errors import JournalError, MissingJournalError
from conformance.journal.reader import Recording, read_recording
from conformance.plugin.errors import NoSuchRecordingError, UnreadableRunError
from conformance.plugin.manifest import described
from conformance.report.compare.read import read_run
from conformance.report.errors import UnreadableReportError
from conformance.report.page.trend import PublishedRun
from conformance.verdicts.compile import PRECEDENCE, judge_requirement
from conformance.verdicts.model import Evidence, RequirementOutcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.contract.contract import Contract
    from conformance.plugin.settings import RunSettings


# Reading a report takes milliseconds, and a run must not wait for those of a year.
_MOST_RUNS: Final = 11
_MOST_LOOKED_AT: Final = 60
_EVIDENCE_KEPT = 3


def runs_before(settings: RunSettings) -> tuple[PublishedRun, ...]:
    """
    The last runs in the same report folder that judged the same target as a whole, the oldest first.

    A run whose files are damaged, or that never got to a report, is passed over.
    """
    folders = sorted(settings.path.parent.glob("run-*"), reverse=True)
    earlier = (folder for folder in folders if folder.name < settings.path.name)
    found = islice(_read(islice(earlier, _MOST_LOOKED_AT), settings), _MOST_RUNS)
    return tuple(reversed(list(found)))


def _read(folders: Iterator[Path], settings: RunSettings) -> Iterator[PublishedRun]:
    for folder in folders:
        try:
            if _is_alike(described(folder).settings, settings):
                run = read_run(folder)
                verdicts = {name: entry.verdict for name, entry in run.entries.items()}
                yield PublishedRun(run.started_at, run.overall, verdicts, run.page_from(settings.path))
        except (NoSuchRecordingError, UnreadableRunError, UnreadableReportError):
            continue


def _is_alike(earlier: RunSettings, settings: RunSettings) -> bool:
    """Whether an earlier run judged the same target as this one, and not only a part of its requirements."""
    partial = earlier.only or earlier.repeats or earlier.next_cause
    return not partial and _subject(earlier) == _subject(settings)


def _subject(settings: RunSettings) -> tuple[object, ...]:
    # An application is served on another port in each run.
    place = settings.app or settings.base_url
    return settings.system, settings.spec, settings.conventions, place


@dataclass(frozen=True, slots=True)
class EarlierVerdict:
    """What an earlier run said of a requirement; `evidence` are ids of its exchanges."""

    verdict: Verdict
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """An earlier run of the same judged set."""

    run_id: str
    verdicts: Mapping[str, EarlierVerdict]
    recording: Recording


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcomes of a run with those of earlier runs that differ, and its recording with their exchanges."""

    outcomes: tuple[RequirementOutcome, ...]
    recording: Recording
    remarks: tuple[str, ...] = ()


def read_runs(path: Path) -> tuple[EarlierRun, ...]:
    """
    The runs that a file names, in their order.

    Raises:
        UnreadableRunError: the file, or the report or the recording of one of the runs, can't be read.
    """
    try:
        return tuple(_run(Path(folder)) for folder in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, JournalError) as error:
        raise UnreadableRunError(f"{path} does not name runs that can be compared with: {error}.") from error


def _run(folder: Path) -> EarlierRun:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    try:
        recording = read_recording(folder)
    except MissingJournalError:
        recording = Recording()
    verdicts = {entry["id"]: _verdict(entry, recording) for entry in report["requirements"]}
    return EarlierRun(str(report["run"]), verdicts, recording)


def _verdict(entry: Mapping[str, Any], recording: Recording) -> EarlierVerdict:
    """What the run itself said of a requirement, without what it had from runs before it."""
    shown = [item["exchange"] for item in entry["evidence"] if recording.exchange(item["exchange"]) is not None]
    verdict, reason = Verdict(entry["verdict"]), str(entry["reason"])
    if entry["flaky"]:
        own = [test for test in entry["tests"] if test["run"] is None]
        decisive = min(own, key=lambda test: PRECEDENCE.index(Verdict(test["verdict"])))
        verdict, reason = Verdict(decisive["verdict"]), str(decisive["reason"])
    return EarlierVerdict(verdict, reason, tuple(shown[:_EVIDENCE_KEPT]))


def compared(
    outcomes: Sequence[RequirementOutcome], recording: Recording, contract: Contract, earlier: Sequence[EarlierRun]
) -> Compared:
    """A run with what earlier runs said otherwise: a requirement that failed in one of them has failed."""
    if not earlier:
        return Compared(tuple(outcomes), recording)
    added = tuple(_differing(outcomes, contract, earlier))
    runs = len(earlier) + 1
    flaky = sorted({outcome.requirement for outcome in added})
    listed = f"{len(flaky)} not constant: {', '.join(flaky)}" if flaky else "all verdicts were the same"
    return Compared((*outcomes, *added), _with_evidence(recording, added, earlier), (f"{runs} runs, {listed}.",))


def _differing(
    outcomes: Sequence[RequirementOutcome], contract: Contract, earlier: Sequence[EarlierRun]
) -> Iterator[RequirementOutcome]:
    for requirement in contract.registry:
        own = [outcome for outcome in outcomes if outcome.requirement == requirement.id]
        now = judge_requirement(requirement, own).verdict
        said = [(run, run.verdicts[requirement.id]) for run in earlier if requirement.id in run.verdicts]
        if all(before.verdict is now for _, before in said):
            continue
        if not own:
            yield RequirementOutcome(requirement.id, now, "this run", "nothing in this run exercised it")
        for run, before in said:
            shown = tuple(Evidence(_renamed(run, name), f"in {run.run_id}") for name in before.evidence)
            yield RequirementOutcome(requirement.id, before.verdict, run.run_id, before.reason, shown, run=run.run_id)


def _with_evidence(
    recording: Recording, outcomes: Iterable[RequirementOutcome], earlier: Sequence[EarlierRun]
) -> Recording:
    """The recording with the exchanges of earlier runs that these outcomes rest on."""
    wanted = {item.exchange for outcome in outcomes for item in outcome.evidence}
    shown = [
        replace(exchange, id=_renamed(run, exchange.id))
        for run in earlier
        for exchange in run.recording.exchanges
        if _renamed(run, exchange.id) in wanted
    ]
    return replace(recording, exchanges=(*recording.exchanges, *shown)) if shown else recording


def _renamed(run: EarlierRun, exchange: str) -> str:
    """The id of an exchange where those of several runs stand together."""
    return f"{run.run_id}-{exchange}"
