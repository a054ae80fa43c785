"""What a monitor is and hands back: places in bodies, what is wrong there, findings; and the rules by their names."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

import jsonpointer

from conformance.journal.records import Location, Mismatch
from conformance.money.budget import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from conformance.journal.records import Body


# The steps of a JSON pointer to a place in a body; `EVERY` stands for each item of an array.
Path = tuple[str, ...]
EVERY: Final = "*"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_SHOWN_CHARACTERS: Final = 120
# Enough to see what is wrong; a fault that shows in every answer would fill the report otherwise.
MAX_FINDINGS: Final = 20
MAX_EVIDENCE: Final = 6
MAX_WITNESSES: Final = 3
F = TypeVar("F", bound="Callable[..., MonitorResult]")
RULES: Final[dict[str, MonitoredRule]] = {}


class Absence(Enum):
    """What stands at a place where nothing stands; a JSON null is something else."""

    ABSENT = "nothing"


ABSENT: Final = Absence.ABSENT


@lru_cache
def steps(pointer: str) -> tuple[str, ...]:
    """The unescaped steps of a JSON pointer (RFC 6901) of the contract."""
    return tuple(jsonpointer.JsonPointer(pointer).parts)


def find(value: object, pointer: str) -> object:
    """What stands at a JSON pointer; `ABSENT` where the value has no such place."""
    return walk(value, steps(pointer))


def walk(value: object, path: Sequence[str]) -> object:
    """
    Where a path of steps leads; `ABSENT` where it leads nowhere.

    Steps lead through objects and arrays only: jsonpointer itself would also walk through strings and past the
    end of arrays, and a target may send any JSON value anywhere.
    """
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, ABSENT)
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def json_of(body: Body) -> object:
    """A body as JSON, `ABSENT` when it is none or was not kept whole."""
    if body.truncated:
        return ABSENT
    try:
        value: object = body.json
    except Mismatch:
        return ABSENT
    return value


def is_given(value: object) -> bool:
    """Whether a place holds a value at all: neither nothing nor null."""
    return value is not ABSENT and value is not None


def show(value: object) -> str:
    """A JSON value as a finding quotes it: on one line, bounded, and printable whatever the target sent."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str):
        value = value[: _SHOWN_CHARACTERS + 1]
    try:
        return clip(json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):
        return "a value that is nested too deeply to be shown"


def clip(text: str) -> str:
    """A text of the target's, cut to what a sentence can hold; halves of surrogate pairs become escapes."""
    kept = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Deviation:
    """A fault as a sentence, and the place of the answer that shows it."""

    sentence: str
    location: Location

    def __str__(self) -> str:
        return self.sentence


def fault_at(pointer: str, whose: str, expected: str, found: object) -> Deviation:
    """The fault of one place of a body; `whose` names the answer, `found` is what stands there."""
    actual = show(found)
    sentence = f"expected {expected} at {pointer or 'the top'} of {whose}, got {actual}"
    return Deviation(sentence, Location("body", pointer, expected, actual))


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One way in which the target breaks a rule: what was expected, what came, and the exchanges that show it.

    `locations` are the places that are at fault, by the ids of their exchanges.
    """

    sentence: str
    exchanges: tuple[str, ...]
    locations: Mapping[str, Location] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MonitorResult:
    """
    What a rule says about a run.

    `exercised` counts how often the rule could be judged (0: the requirement is inconclusive), `findings` are
    the faults (none: it is met), `witnesses` are a few exchanges that a pass rests on.
    """

    exercised: int
    findings: tuple[Finding, ...] = ()
    witnesses: tuple[str, ...] = ()


# What a rule says of a system that has no such thing.
NOTHING_TO_JUDGE: Final = MonitorResult(0)


class Collector:
    """Gathers what one rule sees; faults that read the same are one finding with several exchanges."""

    def __init__(self) -> None:
        self._exercised = 0
        self._findings: dict[str, list[str]] = {}
        self._locations: defaultdict[str, dict[str, Location]] = defaultdict(dict)
        self._witnesses: dict[str, None] = {}

    def hold(self, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and holds there."""
        self._exercised += 1
        if len(self._witnesses) < MAX_WITNESSES:
            self._witnesses.update(dict.fromkeys(exchanges))

    def fail(self, fault: Deviation, *exchanges: str) -> None:
        """The rule could be judged on these exchanges and is broken there: the place of a fault is in the last one."""
        self._exercised += 1
        sentence = fault.sentence
        if sentence not in self._findings and len(self._findings) >= MAX_FINDINGS:
            return
        evidence = self._findings.setdefault(sentence, [])
        new = [exchange for exchange in exchanges if exchange not in evidence]
        kept = new[: MAX_EVIDENCE - len(evidence)]
        # The place of the fault is in the last one, so that one is never left out of the first that are kept.
        evidence += [*kept[:-1], new[-1]] if kept else []
        if exchanges and exchanges[-1] in evidence:
            self._locations[sentence][exchanges[-1]] = fault.location

    def decide(self, fault: Deviation | None, *exchanges: str) -> None:
        """The rule could be judged on these exchanges: it holds (None), or is broken as the fault says."""
        if fault is None:
            self.hold(*exchanges)
        else:
            self.fail(fault, *exchanges)

    def judged(self) -> MonitorResult:
        """Everything that was gathered."""
        findings = tuple(
            Finding(sentence, tuple(evidence), MappingProxyType(self._locations[sentence]))
            for sentence, evidence in self._findings.items()
        )
        return MonitorResult(self._exercised, findings, tuple(self._witnesses)[:MAX_WITNESSES])


class DuplicateRuleError(Exception):
    """Two functions are to be the rule of one name."""


@dataclass(frozen=True, slots=True)
class MonitoredRule:
    """
    A rule over all traffic, and the lowest tier of a run with real money in which there is anything to judge by it.

    `of_requirement` says that the function is given the requirement before the traffic, as it depends on what the
    requirement owns; other rules take all that they need from the conventions.
    """

    function: Callable[..., MonitorResult]
    tier: Tier
    of_requirement: bool


def rule(name: str, tier: Tier = Tier.PAID, *, of_requirement: bool = False) -> Callable[[F], F]:
    """
    Make a function the rule of this name.

    Raises:
        DuplicateRuleError: another function is.
    """

    def decorate(function: F) -> F:
        if name in RULES:
            raise DuplicateRuleError(f"There are two rules of the name {name}.")
        RULES[name] = MonitoredRule(function, tier, of_requirement)
        return function

    return decorate
