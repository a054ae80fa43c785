"""What a monitor is, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conformance.contract.registry import Requirement
    from conformance.monitors.traffic import Traffic

# Enough to see what is wrong; a fault that shows in every answer would fill the report otherwise.
MAX_FINDINGS: Final = 20
MAX_EVIDENCE: Final = 6
MAX_WITNESSES: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which the target breaks a rule: what was expected, what came, and the exchanges that show it."""

    sentence: str
    exchanges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What a rule says about a run.

    `exercised` counts how often the rule could be judged (0: the requirement is inconclusive), `findings` are
    the faults (none: it is met), `witnesses` are a few exchanges that a pass rests on.
    """

    exercised: int
    findings: tuple[Finding, ...] = ()
    witnesses: tuple[str, ...] = ()


# What a rule says of a system that has no such thing.
NOTHING_TO_JUDGE: Final = Judged(0)
Monitor = Callable[["Requirement", "Traffic"], Judged]


class Collector:
    """Gathers what one rule sees; faults that read the same are one finding with several exchanges."""

    def __init__(self) -> None:
        self._exercised = 0
        self._findings: dict[str, list[str]] = {}
        self._witnesses: dict[str, None] = {}

    def hold(self, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and holds there."""
        self._exercised += 1
        if len(self._witnesses) < MAX_WITNESSES:
            self._witnesses.update(dict.fromkeys(exchanges))

    def fail(self, sentence: str, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and is broken there."""
        self._exercised += 1
        if sentence not in self._findings and len(self._findings) >= MAX_FINDINGS:
            return
        evidence = self._findings.setdefault(sentence, [])
        new = [exchange for exchange in exchanges if exchange not in evidence]
        evidence += new[: MAX_EVIDENCE - len(evidence)]

    def decide(self, sentence: str | None, *exchanges: str) -> None:
        """The rule could be judged on these exchanges: it holds (None), or is broken as the sentence says."""
        if sentence is None:
            self.hold(*exchanges)
        else:
            self.fail(sentence, *exchanges)

    def judged(self) -> Judged:
        """Everything that was gathered."""
        findings = tuple(Finding(sentence, tuple(evidence)) for sentence, evidence in self._findings.items())
        return Judged(self._exercised, findings, tuple(self._witnesses)[:MAX_WITNESSES])
