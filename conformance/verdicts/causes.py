"""
Which failures have one cause: each group has the requirement first that explains the others.

Two failures belong together when the contract says that one rests on the other or follows it, when a mutant that breaks
one alone is known to fail the other, when both turn on the same place of the same answer, or when the same rule makes
the same complaint of two operations, or when both show that an operation accepts what is invalid.

Causes come in the order in which a person mends them: what operations are for, what may be asked for besides, what they
have to refuse, the form of answers. In each of these the weightiest level is first, then what explains most. Operations
that are missing come last: one sentence above all failures names them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.journal.reader import Recording
from conformance.verdicts.gate import LEVELS
from conformance.verdicts.model import MISSING, Assessment, Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from conformance.contract.requirements import Requirement
    from conformance.journal.records import Exchange

_CONCERNS: Final = ("purpose", "option", "refusal", "form")
_NO_RECORDING: Final = Recording()
_PARTICULAR: Final = re.compile(r"(?:[A-Z]+ )?https?://\S+?(?=,|\s|$)|[A-Z]+ /\S*|, and \d+ more$|\d+")
_MORE: Final = re.compile(r"and \d+ more")
_EVERY: Final = " for every request"
_NAMED: Final = 6
_BLOCKED: Final = re.compile(r"blocked by (?P<ids>[^\s:,]+(?:, [^\s:,]+)*):")


@dataclass(frozen=True, slots=True)
class Cause:
    """
    Failures with one cause: the requirement that explains the others, these, and what could not be judged for it.

    `missing` says that the target lacks the operation of the first.
    """

    first: Judgement
    others: tuple[Judgement, ...] = ()
    blocked: tuple[Judgement, ...] = ()

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """All failures of the cause, the one that explains them first."""
        return (self.first, *self.others)

    @property
    def missing(self) -> bool:
        """Whether the target lacks the operation of the first."""
        return _lacks_operation(self.first)


@dataclass(frozen=True, slots=True)
class _Explanations:
    """Of the failures of a run, which are known to bring others along: both ways, by the ids of requirements."""

    causes: Mapping[str, AbstractSet[str]]
    consequences: Mapping[str, AbstractSet[str]]


def causes_of(assessment: Assessment, recording: Recording = _NO_RECORDING) -> tuple[Cause, ...]:
    """The causes of all failures that are not excused, in the order in which a person mends them."""
    failed = [judged for judged in assessment.judgements if judged.verdict is Verdict.FAIL and not judged.excused]
    roots = _blocked_by_root(assessment)
    known = _explanations(assessment)
    concerns = {judged.requirement.id: _concern(judged, recording) for judged in failed}
    lenient = {judged.requirement.id for judged in failed if _shows_leniency(judged, recording)}
    found = [_cause(group, known, roots, concerns) for group in _groups(failed, known, lenient)]
    order = {judged.requirement.id: position for position, judged in enumerate(assessment.judgements)}
    return tuple(sorted(found, key=lambda cause: (*_weight(cause, concerns), order[cause.first.requirement.id])))


def missing_operations(assessment: Assessment) -> tuple[str, ...]:
    """One sentence on the operations that the target lacks, with what they leave unjudged; none where it has all."""
    causes = [cause for cause in causes_of(assessment) if cause.missing]
    lacks = [found for cause in causes for judged in cause.judgements if (found := _lacking(judged)) is not None]
    if not lacks:
        return ()
    places = [place.removeprefix("expected an operation ") for place, _, _ in lacks]
    named = ", ".join(places[:_NAMED]) + (f" and {len(places) - _NAMED} more" if len(places) > _NAMED else "")
    got = " or ".join(dict.fromkeys(got.removesuffix(_EVERY) for _, _, got in lacks))
    count = len({held.requirement.id for cause in causes for held in cause.blocked})
    needing = f"{count} requirement{'' if count == 1 else 's'} that need{'s' if count == 1 else ''} "
    needing += f"{'it' if len(lacks) == 1 else 'them'} could not be judged"
    return (f"The target has no {named}{f' (got {got}{_EVERY})' if got else ''}{f': {needing}' if count else ''}.",)


def missing_place(judged: Judgement) -> str:
    """That the target lacks an operation, in a few words; empty where it is something else that failed."""
    found = _lacking(judged)
    return f"no {found[0].removeprefix('expected an operation ')}" if found else ""


def _lacking(judged: Judgement) -> tuple[str, str, str] | None:
    """What is said of an operation that the target lacks: where it should be, and what came instead."""
    said = (outcome.reason for outcome in judged.outcomes if outcome.judge.startswith(MISSING))
    return next((reason.partition(", got ") for reason in said), None)


def _weight(cause: Cause, concerns: Mapping[str, int]) -> tuple[bool, int, int, int]:
    concern = min(concerns[judged.requirement.id] for judged in cause.judgements)
    level = min(map(_level, cause.judgements))
    return cause.missing, concern, level, -len(cause.others) - len(cause.blocked)


def _concern(judged: Judgement, recording: Recording) -> int:
    """What a failure is about, as a number: of a rule on all answers what those are that disagree."""
    concern = judged.requirement.concern
    if concern != "answer":
        return _CONCERNS.index(concern)
    shown = _shown(judged, recording)
    if not shown or any(exchange.accepted and exchange.generated != "invalid" for exchange in shown):
        return _CONCERNS.index("purpose")
    return _CONCERNS.index("form" if all(exchange.outcome.refusal for exchange in shown) else "refusal")


def _shows_leniency(judged: Judgement, recording: Recording) -> bool:
    """Whether every exchange that a failure turns on is a request that was drawn to be invalid, and was accepted."""
    shown = _shown(judged, recording)
    return bool(shown) and all(exchange.accepted and exchange.generated == "invalid" for exchange in shown)


def _shown(judged: Judgement, recording: Recording) -> list[Exchange]:
    return [*filter(None, (recording.exchange(item.exchange) for item in judged.evidence))]


def _cause(
    group: list[Judgement], known: _Explanations, roots: Mapping[str, list[Judgement]], concerns: Mapping[str, int]
) -> Cause:
    ids = {judged.requirement.id for judged in group}
    first, *others = sorted(
        group, key=lambda judged: (*_rank(judged, ids, known), concerns[judged.requirement.id], _level(judged))
    )
    blocked = {held.requirement.id: held for judged in group for held in roots.get(judged.requirement.id, ())}
    return Cause(first, tuple(others), tuple(blocked.values()))


def _level(judged: Judgement) -> int:
    return LEVELS.index(judged.requirement.level)


def _rank(judged: Judgement, group: AbstractSet[str], known: _Explanations) -> tuple[bool, int, int]:
    """Before others comes what lacks its operation, what fewer others explain, and what explains more of them."""
    own = judged.requirement.id
    explained, explaining = known.causes[own] & group, known.consequences[own] & group
    return not _lacks_operation(judged), len(explained), -len(explaining)


def _lacks_operation(judged: Judgement) -> bool:
    return any(outcome.judge.startswith(MISSING) for outcome in judged.outcomes)


def _explanations(assessment: Assessment) -> _Explanations:
    """What the contract and the kill matrix say of the failures of a run."""
    failed = {one.requirement.id: one.requirement for one in assessment.judgements if one.verdict is Verdict.FAIL}
    causes = {own: {*requirement.rests_on, *requirement.follows} & failed.keys() for own, requirement in failed.items()}
    if assessment.matrix is not None:
        for cause in failed:
            for mutant in assessment.matrix.killers(cause):
                if mutant.failed <= failed.keys():
                    for brought in mutant.failed:
                        causes[brought].add(cause)
    consequences: dict[str, set[str]] = {own: set() for own in failed}
    for own, known in causes.items():
        known.discard(own)
        for cause in known:
            consequences[cause].add(own)
    return _Explanations(causes, consequences)


def _groups(failed: list[Judgement], known: _Explanations, lenient: Collection[str]) -> Iterator[list[Judgement]]:
    """The failures in groups: two are in one where a chain of others connects them, or both show the same leniency."""
    ties = [{*_ties(judged, lenient), *_known_ties(judged, known)} for judged in failed]
    tied: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, own in enumerate(ties):
        for tie in own:
            tied[tie].append(position)
    grouped: set[int] = set()
    for start in range(len(failed)):
        if start in grouped:
            continue
        group = [start]
        grouped.add(start)
        for position in group:
            near = {other for tie in ties[position] for other in tied.pop(tie, ())} - grouped
            group += sorted(near)
            grouped |= near
        yield [failed[position] for position in group]


def _known_ties(judged: Judgement, known: _Explanations) -> Iterator[tuple[str, ...]]:
    own = judged.requirement.id
    yield from (("explained", cause, own) for cause in known.causes[own])
    yield from (("explained", own, consequence) for consequence in known.consequences[own])


def _ties(judged: Judgement, lenient: Collection[str]) -> Iterator[tuple[str, ...]]:
    """What shows that a failure belongs to another one that has the same."""
    requirement = judged.requirement
    yield from (("place", *place) for place in _places(judged))
    if requirement.operation is not None and requirement.id in lenient:
        yield "lenient", requirement.operation
    kind = _kind(requirement)
    # Where one rule, derived for two operations, finds the same of both; each missing one is a cause of its own.
    if kind is not None and not _lacks_operation(judged):
        yield from (("complaint", kind, complaint) for complaint in _complaints(judged))


def _kind(requirement: Requirement) -> str | None:
    """What is judged of each operation alike, None where a requirement has no like."""
    own = requirement.id.partition(f"-{requirement.operation}-")[2] if requirement.operation else ""
    return requirement.generated_kind or requirement.monitor or own or None


def _complaints(judged: Judgement) -> frozenset[str]:
    """What the reason says, without the operation, the addresses and the numbers in it."""
    own = judged.requirement.operation
    text = judged.reason if own is None else judged.reason.replace(own, "")
    return frozenset(_PARTICULAR.sub("", part).strip() for part in text.split("; ") if not _MORE.fullmatch(part))


def _places(judged: Judgement) -> frozenset[tuple[str, str, str]]:
    """The places of answers that a failure turns on, by the exchange; none where they are not known."""
    return frozenset(
        (item.exchange, location.part, location.name) for item in judged.evidence for location in item.locations
    )


def _blocked_by_root(assessment: Assessment) -> Mapping[str, list[Judgement]]:
    """What could not be judged, by the requirement at the end of the chain that blocks it."""
    by_id = {judged.requirement.id: judged for judged in assessment.judgements}
    found: dict[str, list[Judgement]] = defaultdict(list)
    for judged in assessment.judgements:
        if judged.verdict is Verdict.INCONCLUSIVE:
            for root in dict.fromkeys(_roots(judged, by_id, frozenset())):
                found[root].append(judged)
    return found


def _roots(judged: Judgement, by_id: Mapping[str, Judgement], seen: frozenset[str]) -> Iterator[str]:
    for name in blockers_of(judged.reason):
        held = by_id.get(name)
        if held is None or name in seen:
            continue
        if held.verdict is Verdict.FAIL:
            yield name
        elif held.verdict is Verdict.INCONCLUSIVE:
            yield from _roots(held, by_id, seen | {name})


def blockers_of(reason: str) -> tuple[str, ...]:
    """The requirements that a reason names as those that come first and are not met."""
    return tuple(dict.fromkeys(name for found in _BLOCKED.finditer(reason) for name in found["ids"].split(", ")))
