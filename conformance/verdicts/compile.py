"""From outcomes to verdicts, one for each fault; and what becomes of rules that no normative document states."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.journal.records import Observation
from conformance.verdicts.gate import LEVELS, Gate
from conformance.verdicts.model import Assessment, Judgement, Overall, RequirementOutcome, Tally, Verdict
from conformance.verdicts.reach import not_offered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from conformance.contract.contract import Contract
    from conformance.contract.matrices import KillMatrix
    from conformance.contract.requirements import Registry, Requirement
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import RunFacts, Spend


# The first of these that any outcome has is the requirement's verdict: one thing that could not be judged leaves the
# requirement unjudged, however much else of it passed.
PRECEDENCE = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS, Verdict.NOT_APPLICABLE)
_NOT_EXERCISED = "nothing in this run exercised it"
_OPEN_GATE = Gate()
EXIT_OK, EXIT_NONCONFORMANT, EXIT_ERROR, EXIT_INCONCLUSIVE = 0, 1, 3, 5
_EXCHANGES_KEPT: Final = 3


def without_echoes(outcomes: Sequence[RequirementOutcome], registry: Registry) -> tuple[RequirementOutcome, ...]:
    """The outcomes, where every fail of a requirement that rests on one that fails is inconclusive."""
    failed = {outcome.requirement for outcome in outcomes if outcome.verdict is Verdict.FAIL}
    return tuple(_unless_explained(outcome, registry, failed) for outcome in outcomes)


def _unless_explained(outcome: RequirementOutcome, registry: Registry, failed: set[str]) -> RequirementOutcome:
    if outcome.verdict is not Verdict.FAIL or outcome.requirement not in registry:
        return outcome
    explaining = [narrower for narrower in registry[outcome.requirement].rests_on if narrower in failed]
    if not explaining:
        return outcome
    reason = f"blocked by {', '.join(explaining)}: {outcome.reason}"
    return replace(outcome, verdict=Verdict.INCONCLUSIVE, reason=reason)


def judge_requirement(
    requirement: Requirement, outcomes: Sequence[RequirementOutcome], unjudged: str = ""
) -> Judgement:
    """The verdict of one requirement; `unjudged` says why nothing judged it when `outcomes` is empty."""
    # What a test of the one rule says is easier to read than what came of a history of many steps.
    outcomes = sorted(outcomes, key=lambda outcome: bool(outcome.history))
    for verdict in PRECEDENCE:
        deciding = [outcome for outcome in outcomes if outcome.verdict is verdict]
        if deciding:
            reasons = dict.fromkeys(outcome.reason for outcome in deciding if outcome.reason)
            return Judgement(requirement, verdict, f"{_changes(outcomes)}{'; '.join(reasons)}", tuple(outcomes))
    needs = f" (it needs {', '.join(requirement.needs)})" if requirement.needs else ""
    return Judgement(requirement, Verdict.INCONCLUSIVE, unjudged or f"{_NOT_EXERCISED}{needs}", ())


def _changes(outcomes: Sequence[RequirementOutcome]) -> str:
    """The verdicts of all runs, where they are not the same; empty where one run alone speaks."""
    runs = list(dict.fromkeys(outcome.run for outcome in outcomes if outcome.run is not None))
    if not runs:
        return ""
    said = {
        run: next(verdict for verdict in PRECEDENCE if any((o.verdict, o.run) == (verdict, run) for o in outcomes))
        for run in (*runs, None)
    }
    listed = ", ".join(f"{verdict.words} in {run or 'this run'}" for run, verdict in said.items())
    return f"not constant ({listed}): "


def assess(
    contract: Contract,
    outcomes: Iterable[RequirementOutcome],
    recording: Recording,
    facts: RunFacts,
    *,
    spend: Spend | None = None,
    strict: bool = False,
    unjudged: str = "",
    broken_off: str = "",
    unexercised: Callable[[Requirement], str] | None = None,
    surfaces: Collection[str] = (),
    unoffered: Collection[str] = (),
    matrix: KillMatrix | None = None,
    gate: Gate = _OPEN_GATE,
    observed: Collection[str] = (),
    remarks: tuple[str, ...] = (),
) -> Assessment:
    """
    The assessment of a run from everything that tests and monitors said, with what it spent.

    `surfaces` are those in question (none named: all); requirements of other surfaces don't apply, nor do those of
    surfaces that are `unoffered`. Those that are `observed` only are not judged at all, unless the suite erred about
    them.
    `unexercised` says why a requirement was left out on purpose, `unjudged` why no test was run at all, where that is
    so. What little monitors saw then can show that the target is at fault, but never that it is in order. `gate` says
    what is forgiven, and what the run must come up to besides; `broken_off` is its objection to a run that began to
    judge and did not come to its end.
    """
    by_requirement: dict[str, list[RequirementOutcome]] = defaultdict(list)
    for outcome in outcomes:
        by_requirement[outcome.requirement].append(outcome)
    judged = tuple(
        Judgement(requirement, Verdict.NOT_APPLICABLE, reason, ())
        if (reason := _why_not(requirement, surfaces, unoffered))
        else judge_requirement(
            requirement, by_requirement[requirement.id], unjudged or (unexercised(requirement) if unexercised else "")
        )
        for requirement in contract.registry
        if requirement.id not in observed or _erred(by_requirement[requirement.id])
    )
    judgements = gate.forgiving(judged)
    objections = (
        *filter(None, (broken_off,)),
        *gate.objections(judgements, contract),
        *_nothing_else(judgements),
    )
    overall = overall_verdict(judgements)
    if unjudged and overall is not Overall.NONCONFORMANT:
        overall = Overall.INCONCLUSIVE
    return Assessment(
        facts=facts,
        overall=overall,
        exit_status=exit_status(judgements, overall, strict=strict, stopped=bool(unjudged), objections=objections),
        judgements=judgements,
        observations=recording.observations,
        spend=spend,
        tallies=MappingProxyType({level: _tally(judgements, level) for level in LEVELS}),
        strict=strict,
        matrix=matrix,
        objections=objections,
        remarks=remarks,
        contract=contract,
        stopped=unjudged,
    )


def _why_not(requirement: Requirement, surfaces: Collection[str], unoffered: Collection[str]) -> str:
    """Why a requirement does not apply; empty where it does."""
    if surfaces and requirement.surface not in surfaces:
        return f"the surface {requirement.surface} is not in question"
    return not_offered(requirement.surface) if requirement.surface in unoffered else ""


def _erred(outcomes: Sequence[RequirementOutcome]) -> bool:
    return any(outcome.verdict is Verdict.ERROR for outcome in outcomes)


def overall_verdict(judgements: Sequence[Judgement]) -> Overall:
    """The verdict of the run over the MUST requirements that apply."""
    musts = [j.verdict for j in judgements if j.requirement.level == "MUST"]
    applicable = [verdict for verdict in musts if verdict is not Verdict.NOT_APPLICABLE]
    if Verdict.FAIL in applicable:
        return Overall.NONCONFORMANT
    if not any(verdict is Verdict.PASS for verdict in applicable):
        return Overall.INCONCLUSIVE
    if all(verdict is Verdict.PASS for verdict in applicable):
        return Overall.CONFORMANT
    return Overall.INCOMPLETE


def exit_status(
    judgements: Sequence[Judgement],
    overall: Overall,
    *,
    strict: bool,
    stopped: bool = False,
    objections: Sequence[str] = (),
) -> int:
    """
    The exit status by precedence: a MUST fails, the suite erred, nothing could be judged, the gate objects, else 0.

    What was excused beforehand fails no run, but shows nothing in order either: without a MUST that passed, or in a run
    that was stopped, nothing was judged.
    """
    if any(judgement.fails_run(strict=strict) for judgement in judgements):
        return EXIT_NONCONFORMANT
    if any(j.verdict is Verdict.ERROR for j in judgements):
        return EXIT_ERROR
    if stopped or overall is Overall.INCONCLUSIVE or _without_excused(judgements) is Overall.INCONCLUSIVE:
        return EXIT_INCONCLUSIVE
    return EXIT_NONCONFORMANT if objections else EXIT_OK


def _without_excused(judgements: Sequence[Judgement]) -> Overall:
    return overall_verdict([judgement for judgement in judgements if not judgement.excused])


def _nothing_else(judgements: Sequence[Judgement]) -> tuple[str, ...]:
    excused = any(judgement.excused for judgement in judgements)
    if not excused or _without_excused(judgements) is not Overall.INCONCLUSIVE:
        return ()
    return ("Apart from failures that an owner answers for, nothing was judged.",)


def _tally(judgements: Sequence[Judgement], level: str) -> Tally:
    counts = Counter(judgement.verdict for judgement in judgements if judgement.requirement.level == level)
    return Tally(MappingProxyType({verdict: counts[verdict] for verdict in Verdict}))


def provisional_in(registry: Registry) -> frozenset[str]:
    """The requirements that no normative document states."""
    return frozenset(requirement.id for requirement in registry if requirement.provisional)


def remarks_on(observed: Collection[str]) -> tuple[str, ...]:
    """What a reader learns about requirements that are not judged."""
    if not observed:
        return ()
    rules = "1 provisional rule was" if len(observed) == 1 else f"{len(observed)} provisional rules were"
    return (f"{rules} observed, not judged: no normative document states them (--provisional judges them as SHOULD).",)


def remarks_on_coming(outcomes: Iterable[RequirementOutcome], contract: Contract) -> tuple[str, ...]:
    """What a reader learns about requirements that no released version of the contract has."""
    if not contract.coming:
        return ()
    failed = {said.requirement for said in outcomes if said.verdict is Verdict.FAIL} & contract.coming
    count = f"{len(contract.coming)} rule{'' if len(contract.coming) == 1 else 's'}"
    broken = f"{len(failed)} would fail here ({', '.join(sorted(failed))})" if failed else "none would fail here"
    return (f"Contract {contract.conventions.contract_version}: {count} to come, observed and not judged; {broken}.",)


def observations_of(
    outcomes: Iterable[RequirementOutcome], observed: Collection[str], registry: Registry
) -> Iterator[Observation]:
    """What was seen of requirements that are not judged, each with a few of its exchanges."""
    said: defaultdict[str, list[RequirementOutcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.requirement in observed:
            said[outcome.requirement].append(outcome)
    for name, found in said.items():
        judgement = judge_requirement(registry[name], found)
        if judgement.verdict in (Verdict.PASS, Verdict.FAIL):
            seen = "as it says" if judgement.verdict is Verdict.PASS else f"otherwise: {judgement.reason}"
            exchanges = tuple(item.exchange for item in judgement.evidence[:_EXCHANGES_KEPT])
            kind = "provisional" if registry[name].provisional else "to come"
            yield Observation(name, f"{registry[name].title} ({kind}): {seen}", exchanges)
