"""What a monitor is, and what it hands back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from conformance.monitors.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.registry import Requirement
    from conformance.journal.spots import Spot
    from conformance.monitors.faults import Complaint
    from conformance.monitors.traffic import Traffic

# Enough to see what is wrong; a fault that shows in every answer would fill the report otherwise.
MAX_FINDINGS: Final = 20
MAX_EVIDENCE: Final = 6
MAX_WITNESSES: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One way in which the target breaks a rule: what was expected, what came, and the exchanges that show it.

    `spots` are the places that are at fault, by the ids of their exchanges, where the rule is about one place.
    """

    sentence: str
    exchanges: tuple[str, ...]
    spots: Mapping[str, Spot] = field(default_factory=dict)


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
        self._spots: defaultdict[str, dict[str, Spot]] = defaultdict(dict)
        self._witnesses: dict[str, None] = {}

    def hold(self, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and holds there."""
        self._exercised += 1
        if len(self._witnesses) < MAX_WITNESSES:
            self._witnesses.update(dict.fromkeys(exchanges))

    def fail(self, complaint: Complaint, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and is broken there: the place of a fault is in the last one."""
        self._exercised += 1
        sentence = str(complaint)
        if sentence not in self._findings and len(self._findings) >= MAX_FINDINGS:
            return
        evidence = self._findings.setdefault(sentence, [])
        new = [exchange for exchange in exchanges if exchange not in evidence]
        evidence += new[: MAX_EVIDENCE - len(evidence)]
        if isinstance(complaint, Fault) and exchanges:
            self._spots[sentence][exchanges[-1]] = complaint.spot

    def decide(self, complaint: Complaint | None, *exchanges: str) -> None:
        """The rule could be judged on these exchanges: it holds (None), or is broken as the complaint says."""
        if complaint is None:
            self.hold(*exchanges)
        else:
            self.fail(complaint, *exchanges)

    def judged(self) -> Judged:
        """Everything that was gathered."""
        findings = tuple(
            Finding(sentence, tuple(evidence), MappingProxyType(self._spots[sentence]))
            for sentence, evidence in self._findings.items()
        )
        return Judged(self._exercised, findings, tuple(self._witnesses)[:MAX_WITNESSES])
