"""The words of a judgement: verdicts, what they rest on, and the assessment of a whole run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.contract import Contract
    from conformance.contract.matrices import KillMatrix, ProvedMutant, ToleranceMatrix
    from conformance.contract.requirements import Requirement
    from conformance.generation.walk import OperationCoverage
    from conformance.journal.records import Location, Observation
    from conformance.verdicts.expectations import Expectation
    from conformance.verdicts.reach_map import OperationReach


MISSING: Final = "conformance/verdicts/reach"
"""The judge of the outcomes that say that the target lacks an operation."""


class Verdict(StrEnum):
    """The verdict of one requirement (ISO/IEC 9646, with `error` for faults of the suite itself)."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"

    @property
    def words(self) -> str:
        """The verdict as words of a sentence."""
        return self.replace("_", " ")


class Overall(StrEnum):
    """The verdict of a run."""

    CONFORMANT = "conformant"
    INCOMPLETE = "incomplete"
    NONCONFORMANT = "nonconformant"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    An exchange that a verdict rests on, by its id in the journal, under the name that the scenario gave it.

    `locations` are the places of its answer that the verdict turns on, as far as they are known.
    """

    exchange: str
    name: str | None = None
    locations: tuple[Location, ...] = ()

    def with_locations(self, more: tuple[Location, ...]) -> Evidence:
        """The same exchange with more places."""
        return replace(self, locations=tuple(dict.fromkeys((*self.locations, *more))))


@dataclass(frozen=True, slots=True)
class RequirementOutcome:
    """
    What one test or one monitor says about one requirement.

    `history` are the steps that lead to a broken rule, the opening first, where the stateful model found it. `run` is
    the earlier run that said it (None: this one); then this run, or another, said otherwise.
    """

    requirement: str
    verdict: Verdict
    judge: str
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    history: tuple[str, ...] = ()
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    The verdict of one requirement with everything that led to it.

    `expected` says that it may fail, and who answers for that; None without an entry, or when it has run out.
    """

    requirement: Requirement
    verdict: Verdict
    reason: str
    outcomes: tuple[RequirementOutcome, ...]
    expected: Expectation | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The exchanges that the verdict rests on: those that decided it, else all; of a flaky one both sides."""
        deciding = tuple(outcome for outcome in self.outcomes if outcome.verdict is self.verdict and not self.flaky)
        seen: dict[str, Evidence] = {}
        for item in (item for outcome in (deciding or self.outcomes) for item in outcome.evidence):
            before = seen.get(item.exchange)
            seen[item.exchange] = item if before is None else before.with_locations(item.locations)
        return tuple(seen.values())

    @property
    def flaky(self) -> bool:
        """Whether the verdict was not the same in all runs that were compared."""
        return any(outcome.run is not None for outcome in self.outcomes)

    @property
    def excused(self) -> bool:
        """Whether it failed as an entry said beforehand that it would, or might."""
        return self.verdict is Verdict.FAIL and self.expected is not None

    @property
    def history(self) -> tuple[str, ...]:
        """The steps of the first history that decided the verdict, none where no history did."""
        return next((said.history for said in self.outcomes if said.verdict is self.verdict and said.history), ())

    def fails_run(self, *, strict: bool) -> bool:
        """Whether the run fails because of it: a broken MUST, when strict a broken SHOULD too, unless excused."""
        weighty = ("MUST", "SHOULD") if strict else ("MUST",)
        return self.verdict is Verdict.FAIL and self.requirement.level in weighty and not self.excused


@dataclass(frozen=True, slots=True)
class LeftTask:
    """A task of the run that could not be ended, and what it may cost."""

    id: str
    model: str
    at_stake: Decimal


@dataclass(frozen=True, slots=True)
class Spend:
    """
    What the run cost, in the system's unit: debits seen, refunds seen, and the cap (None: play money, no cap).

    With real money, `tier` says how far the run went, `at_stake` what may still be lost, `stopped` why paid work ended
    early, `unaffordable` which scenarios did not fit under the cap and what each needed, and `left` what goes on.
    """

    unit: str
    debited: Decimal
    refunded: Decimal
    cap: Decimal | None
    play: bool
    tier: str = "play"
    at_stake: Decimal = Decimal(0)
    stopped: str | None = None
    unaffordable: tuple[tuple[str, Decimal], ...] = ()
    left: tuple[LeftTask, ...] = ()

    @property
    def net(self) -> Decimal:
        """Debits that were not refunded."""
        return self.debited - self.refunded

    @property
    def bound(self) -> str:
        """In words how much may be spent at most: the cap, nothing, or as much as one likes."""
        if self.cap is None:
            return "play money"
        return f"of {self.cap:f}" if self.tier == "paid" else f"tier {self.tier}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requirements of one level have which verdict."""

    counts: Mapping[Verdict, int]

    @property
    def total(self) -> int:
        """All requirements of the level."""
        return sum(self.counts.values())

    @property
    def applicable(self) -> int:
        """Requirements that apply: those of what the target offers and the run is about."""
        return self.total - self.counts[Verdict.NOT_APPLICABLE]

    @property
    def judged(self) -> int:
        """Requirements that passed or failed."""
        return self.counts[Verdict.PASS] + self.counts[Verdict.FAIL]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a reader needs to know about the run itself."""

    run_id: str
    system: str
    title: str
    contract_version: str
    suite_version: str
    target: str
    started_at: str
    duration_seconds: float
    seed: int
    exchanges: int
    environment: Mapping[str, str]
    command: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    The result of a run: one judgement per requirement, in the registry's order, and the overall verdict.

    `matrix` says which faults the suite is known to find, `tolerance` on which liberties of servers it is known to stay
    silent; None where that was not measured for this system.
    `constraints` says how much of the document's constraints was tried, operation by operation; None where the run did
    not come to it. `objections` are sentences on why the run fails although no requirement makes it fail, `remarks`
    those on how it judged, to be read before the verdicts.
    `contract` is what was judged by; reports without it don't show tasks, money and statuses. `stopped` says why the
    run ended before it could judge. `reach` says with what kind of thing each operation on one thing was asked; None
    where the run did not look.
    """

    facts: RunFacts
    overall: Overall
    exit_status: int
    judgements: tuple[Judgement, ...]
    observations: tuple[Observation, ...]
    spend: Spend | None
    tallies: Mapping[str, Tally]
    strict: bool = False
    matrix: KillMatrix | None = None
    tolerance: ToleranceMatrix | None = None
    constraints: tuple[OperationCoverage, ...] | None = None
    objections: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    contract: Contract | None = None
    stopped: str = ""
    reach: tuple[OperationReach, ...] | None = None

    def proofs(self, requirement: Requirement) -> tuple[ProvedMutant, ...] | None:
        """The mutants that prove a requirement, none where it is unproved; None where nothing is known of any."""
        return None if self.matrix is None else self.matrix.killers(requirement.id)

    def silences(self, requirement: Requirement) -> tuple[str, ...] | None:
        """The liberties on which a requirement stays silent that they touch; None where nothing is known of any."""
        return None if self.tolerance is None else self.tolerance.silent_on(requirement.id)

    @property
    def lookalikes(self) -> tuple[ProvedMutant, ...]:
        """The mutants under which exactly those requirements fail that failed here; no mutant lacks an operation."""
        if any(said.judge.startswith(MISSING) for judged in self.judgements for said in judged.outcomes):
            return ()
        failed = {judged.requirement.id for judged in self.judgements if judged.verdict is Verdict.FAIL}
        return () if self.matrix is None else self.matrix.alike(failed)

    @property
    def headline(self) -> str:
        """The first line of every report."""
        must, should = self.tallies["MUST"], self._failed_of("SHOULD")
        parts = [f"{self.overall}{self._broken_shoulds}"]
        parts += [self._judged_in_words("MUST", must)]
        parts += [self._judged_in_words("SHOULD", self.tallies["SHOULD"])] if should else []
        for verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE):
            count = sum(tally.counts[verdict] for tally in self.tallies.values())
            parts += [f"{count} {verdict}"] if count else []
        flaky = sum(judged.flaky for judged in self.judgements)
        parts += [f"{flaky} flaky"] if flaky else []
        if self.objections:
            parts.append(f"{len(self.objections)} objection{'' if len(self.objections) == 1 else 's'} of the gate")
        if self.spend is not None:
            spent = f"{self.spend.net:f} {self.spend.unit}".rstrip()
            parts.append(f"spent {spent} ({self.spend.bound})")
        return " · ".join(parts)

    def _failed_of(self, level: str) -> int:
        """How many requirements of a level fail."""
        return self.tallies[level].counts[Verdict.FAIL] if level in self.tallies else 0

    @property
    def _broken_shoulds(self) -> str:
        """That a run which breaks no MUST breaks a SHOULD; empty where it breaks none."""
        broken = self._failed_of("SHOULD")
        if not broken or self.overall is Overall.NONCONFORMANT:
            return ""
        return f" with {broken} broken SHOULD{'' if broken == 1 else 's'}"

    def _judged_in_words(self, level: str, tally: Tally) -> str:
        """How many requirements of a level were judged, and with which verdicts where some fail."""
        judged, failed = f"{tally.judged} of {tally.applicable} {level} judged", tally.counts[Verdict.FAIL]
        if not failed:
            return judged
        return f"{judged}: {tally.counts[Verdict.PASS]} pass, {failed} fail{self._excused_in_words(level)}"

    def _excused_in_words(self, level: str) -> str:
        """How many of a level's failures were expected, how many are known to come and go; empty where none is."""
        excuses = [
            judged.expected
            for judged in self.judgements
            if judged.excused and judged.expected is not None and judged.requirement.level == level
        ]
        flaky = sum(excuse.flaky for excuse in excuses)
        counts = ((len(excuses) - flaky, "expected"), (flaky, "flaky"))
        said = ", ".join(f"{count} {word}" for count, word in counts if count)
        return f" ({said})" if said else ""
