"""What a run must come up to apart from breaking no requirement, and what it is forgiven."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from conformance.contract.pricing import amount
from conformance.verdicts.errors import UnusableLevelsError, UnusableMinimumError
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.contract.contract import Contract
    from conformance.verdicts.expectations import Expectation
    from conformance.verdicts.model import Judgement

LEVELS: Final = ("MUST", "SHOULD", "MAY")
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Minimum:
    """How many of the MUST requirements that apply must be judged at least: so many, or so many of a hundred."""

    amount: Decimal
    percent: bool

    def of(self, applicable: int) -> int:
        """The number of requirements that it comes to, where so many apply."""
        if not self.percent:
            return int(self.amount)
        return int((self.amount * applicable / _WHOLE).to_integral_value(ROUND_CEILING))

    def __str__(self) -> str:
        return f"{self.amount:f}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Gate:
    """
    What the run is measured by besides its verdicts.

    `expectations` are forgiven while they hold on `today` (UTC); `levels` are judged, others are left out.
    """

    expectations: tuple[Expectation, ...] = ()
    levels: tuple[str, ...] = LEVELS
    minimum: Minimum | None = None
    today: date | None = None

    def forgiving(self, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
        """The judgements, each with the expectation that holds for it today."""
        return tuple(replace(judged, expected=self._held.get(judged.requirement.id)) for judged in judgements)

    def excuse_of(self, requirement_id: str) -> str | None:
        """In words, who answers for it that the requirement may fail today; None where no entry says so."""
        held = self._held.get(requirement_id)
        return None if held is None else str(held)

    def objections(self, judgements: Sequence[Judgement], contract: Contract) -> tuple[str, ...]:
        """Why the gate stays shut although the requirements themselves would let it open, in whole sentences."""
        verdicts = {judged.requirement.id: judged.verdict for judged in judgements}
        said = (self._objection(expectation, verdicts, contract) for expectation in self.expectations)
        return (*filter(None, said), *self._too_few(judgements))

    @property
    def _held(self) -> dict[str, Expectation]:
        return {one.id: one for one in self.expectations if one.holds_on(self._today)}

    @property
    def _today(self) -> date:
        return self.today or datetime.now(UTC).date()

    def _objection(self, expectation: Expectation, verdicts: dict[str, Verdict], contract: Contract) -> str | None:
        name, kind = expectation.id, expectation.kind
        if name not in contract.registry:
            near = difflib.get_close_matches(name, verdicts, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            version = contract.conventions.contract_version
            return f"{name} is {kind}, but there is no such requirement in contract {version}.{hint}"
        if not expectation.holds_on(self._today):
            return f"The time of {name} is over: it was {expectation}."
        if verdicts.get(name) is Verdict.PASS and not expectation.flaky:
            return f"{name} is {kind}, but it passes: take it out of the expected failures."
        return None

    def _too_few(self, judgements: Sequence[Judgement]) -> Iterator[str]:
        if self.minimum is None:
            return
        musts = [judged.verdict for judged in judgements if judged.requirement.level == "MUST"]
        applicable = len(musts) - musts.count(Verdict.NOT_APPLICABLE)
        judged = musts.count(Verdict.PASS) + musts.count(Verdict.FAIL)
        wanted = self.minimum.of(applicable)
        if judged < wanted:
            asked = f"{wanted} ({self.minimum})" if self.minimum.percent else f"{wanted}"
            yield f"Only {judged} of {applicable} MUST that apply were judged; at least {asked} must be."


def parse_minimum(given: str) -> Minimum:
    """
    A number of requirements, or a share of those that apply: `58`, `90%`.

    Raises:
        UnusableMinimumError: it is neither.
    """
    number = amount(given.removesuffix("%"))
    percent = given.endswith("%")
    whole = number is not None and number == number.to_integral_value()
    if number is None or number <= 0 or (percent and number > _WHOLE) or not (percent or whole):
        raise UnusableMinimumError(
            f"--minimum-judged must be a number of requirements such as 58, or a share such as 90%, not {given!r:.40}."
        )
    return Minimum(number, percent)


def parse_levels(given: str, *, strict: bool) -> tuple[str, ...]:
    """
    The levels to be judged, in the order of their weight, from a list such as `MUST,SHOULD`.

    Raises:
        UnusableLevelsError: one is unknown, MUST is not among them, or strictness asks for one that is left out.
    """
    named = {name.strip().upper() for name in given.split(",")}
    unknown = sorted(named.difference(LEVELS))
    if unknown:
        raise UnusableLevelsError(f"--levels must be a list of {', '.join(LEVELS)}, not {given!r:.40}.")
    if "MUST" not in named:
        raise UnusableLevelsError("--levels must name MUST: the verdict of a run rests on these requirements.")
    if strict and "SHOULD" not in named:
        raise UnusableLevelsError("--strict lets a broken SHOULD fail the run, but --levels leaves SHOULD out.")
    return tuple(level for level in LEVELS if level in named)
