"""Rules that no normative document states: judged with `--provisional`, else recorded as observations."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from conformance.journal.records import Observation
from conformance.verdicts.compile import judge_requirement
from conformance.verdicts.model import RequirementOutcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from conformance.contract.contract import Contract
    from conformance.contract.requirements import Registry

_EXCHANGES_KEPT: Final = 3


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
