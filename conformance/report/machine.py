"""The report for machines: `report.json`, as `specs/schemas/report.schema.json` describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from conformance.journal.reader import NEEDLESS, ROUNDS
from conformance.report.text import unicode_text
from conformance.verdicts.gate import LEVELS
from conformance.verdicts.model import Verdict
from conformance.verdicts.reach_map import ThingAsked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from conformance.generation.walk import OperationCoverage
    from conformance.journal.reader import Recording
    from conformance.journal.records import Observation
    from conformance.verdicts.expectations import Expectation
    from conformance.verdicts.model import Assessment, Evidence, Judgement, RequirementOutcome, Spend, Tally
    from conformance.verdicts.reach_map import OperationReach


def generated_json(recording: Recording) -> dict[str, Any] | None:
    """The section of the machine-readable report; None where the run sent no such request."""
    drawn = [exchange.generated for exchange in recording.exchanges if exchange.generated is not None]
    if not drawn:
        return None
    return {
        "valid": drawn.count("valid"),
        "invalid": drawn.count("invalid"),
        "needless": sum(note.fields["requests"] for note in recording.notes if note.kind == NEEDLESS),
        "rounds": _rounds(recording),
    }


def _rounds(recording: Recording) -> dict[str, int] | None:
    notes = [note.fields for note in recording.notes if note.kind == ROUNDS]
    if not notes:
        return None
    sums = {name: sum(fields[name] for fields in notes) for name in ("sent", "asked", "reached")}
    return {"rounds": max(fields["rounds"] for fields in notes), **sums}


REPORT_VERSION = "1.6"


def report_json(assessment: Assessment, recording: Recording) -> dict[str, Any]:
    """The assessment of a run as JSON values: amounts are decimal strings, all text can be encoded."""
    facts = assessment.facts
    report = {
        "report_version": REPORT_VERSION,
        "run": facts.run_id,
        "system": facts.system,
        "contract_version": facts.contract_version,
        "suite_version": facts.suite_version,
        "target": facts.target,
        "started_at": facts.started_at,
        "duration_seconds": round(facts.duration_seconds, 3),
        "seed": facts.seed,
        "exchanges": facts.exchanges,
        "environment": dict(facts.environment),
        "command": facts.command,
        "verdict": str(assessment.overall),
        "headline": assessment.headline,
        "remarks": list(assessment.remarks),
        "gate": {
            "exit_status": assessment.exit_status,
            "strict": assessment.strict,
            "objections": list(assessment.objections),
        },
        "assessed": {level: _tally(assessment.tallies.get(level)) for level in LEVELS},
        "requirements": [_requirement(judgement, assessment, recording) for judgement in assessment.judgements],
        "lookalikes": [
            {"id": mutant.id, "breaks": mutant.breaks, "story": mutant.story} for mutant in assessment.lookalikes
        ],
        "observations": [_observation(observation) for observation in assessment.observations],
        "constraints": None if assessment.constraints is None else _constraints(assessment.constraints),
        "generated": generated_json(recording),
        "reach": None if assessment.reach is None else [_reach(reached) for reached in assessment.reach],
        "spend": None if assessment.spend is None else _spend(assessment.spend),
    }
    return dict(_encodable(report))


def _tally(tally: Tally | None) -> dict[str, int]:
    counts = {str(verdict): 0 if tally is None else tally.counts[verdict] for verdict in Verdict}
    return {"total": sum(counts.values()), **counts}


def _requirement(judgement: Judgement, assessment: Assessment, recording: Recording) -> dict[str, Any]:
    requirement = judgement.requirement
    proofs, silences = assessment.proofs(requirement), assessment.silences(requirement)
    return {
        "id": requirement.id,
        "title": requirement.title,
        "level": requirement.level,
        "surface": requirement.surface,
        "release": requirement.release,
        "provisional": requirement.provisional,
        "statement": requirement.statement,
        "sources": [
            {"document": source.document, "section": source.section, "seed": source.seed}
            for source in requirement.sources
        ],
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "flaky": judgement.flaky,
        "expected": None if judgement.expected is None else _expectation(judgement.expected),
        "tests": [_test(outcome) for outcome in judgement.outcomes],
        "evidence": [_evidence(item, recording) for item in judgement.evidence],
        "proved_by": None if proofs is None else [mutant.id for mutant in proofs],
        "silent_on": None if silences is None else list(silences),
    }


def _expectation(expectation: Expectation) -> dict[str, Any]:
    return {
        "reason": expectation.reason,
        "owner": expectation.owner,
        "expires": expectation.expires.isoformat(),
        "flaky": expectation.flaky,
    }


def _test(outcome: RequirementOutcome) -> dict[str, Any]:
    return {
        "name": outcome.judge,
        "verdict": str(outcome.verdict),
        "reason": outcome.reason,
        "history": list(outcome.history),
        "run": outcome.run,
    }


def _evidence(item: Evidence, recording: Recording) -> dict[str, Any]:
    exchange = recording.exchange(item.exchange)
    return {
        "exchange": item.exchange,
        "name": item.name,
        "method": exchange and exchange.request.method,
        "url": exchange and exchange.request.url,
        "status": exchange and exchange.response and exchange.response.status,
        "failure": exchange and exchange.failure,
        "places": [asdict(location) for location in item.locations],
    }


def _observation(observation: Observation) -> dict[str, Any]:
    return {"id": observation.id, "text": observation.text, "exchanges": list(observation.exchanges)}


def _constraints(operations: Sequence[OperationCoverage]) -> dict[str, Any]:
    return {
        "total": sum(operation.constraints for operation in operations),
        "exercised": sum(operation.exercised for operation in operations),
        "operations": [_coverage(operation) for operation in operations],
    }


def _coverage(coverage: OperationCoverage) -> dict[str, Any]:
    return {
        "operation": coverage.operation,
        "total": coverage.constraints,
        "exercised": coverage.exercised,
        "untried": [
            {
                "constraint": untried.constraint,
                "place": untried.place,
                "keyword": untried.keyword,
                "side": untried.side,
                "why": untried.why,
            }
            for untried in coverage.untried
        ],
    }


def _reach(reached: OperationReach) -> dict[str, Any]:
    ways = {str(way): asdict(reached.ways[way]) if way in reached.ways else None for way in ThingAsked}
    return {"operation": reached.operation, "ways": ways, "unreached": list(map(str, reached.unreached))}


def _spend(spend: Spend) -> dict[str, Any]:
    return {
        "unit": spend.unit,
        "debited": _amount(spend.debited),
        "refunded": _amount(spend.refunded),
        "net": _amount(spend.net),
        "cap": None if spend.cap is None else _amount(spend.cap),
        "play": spend.play,
        "tier": spend.tier,
        "at_stake": _amount(spend.at_stake),
        "stopped": spend.stopped,
        "unaffordable": [{"scenario": name, "needed": _amount(needed)} for name, needed in spend.unaffordable],
        "left": [{"task": task.id, "model": task.model, "at_stake": _amount(task.at_stake)} for task in spend.left],
    }


def _amount(value: Decimal) -> str:
    return f"{value:f}"


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return unicode_text(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {unicode_text(key): _encodable(item) for key, item in value.items()}
    return value
