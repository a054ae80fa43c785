"""One fault, one verdict: a fail that the fail of a narrower requirement explains leaves the wider one open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.verdicts.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.contract.registry import Registry


def without_echoes(outcomes: Sequence[Outcome], registry: Registry) -> tuple[Outcome, ...]:
    """The outcomes, where every fail of a requirement that rests on one that fails is inconclusive."""
    failed = {outcome.requirement for outcome in outcomes if outcome.verdict is Verdict.FAIL}
    return tuple(_unless_explained(outcome, registry, failed) for outcome in outcomes)


def _unless_explained(outcome: Outcome, registry: Registry, failed: set[str]) -> Outcome:
    if outcome.verdict is not Verdict.FAIL or outcome.requirement not in registry:
        return outcome
    explaining = [narrower for narrower in registry[outcome.requirement].rests_on if narrower in failed]
    if not explaining:
        return outcome
    reason = f"blocked by {', '.join(explaining)}: {outcome.reason}"
    return replace(outcome, verdict=Verdict.INCONCLUSIVE, reason=reason)
