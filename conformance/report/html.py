"""The report for people: `index.html`, one file that needs no network and runs no script."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from conformance.report.evidence import ShownEvidence, shown_evidence
from conformance.report.machine import LEVELS
from conformance.report.text import one_line, printable
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.contract.matrix import ProvedMutant
    from conformance.generation.coverage import OperationCoverage, Untried
    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment, Judgement

_LINE_LIMIT = 400
_TEXT_LIMIT = 2000
_OBSERVATIONS_SHOWN = 200
_IDS_SHOWN = 3
_TASKS_SHOWN = 200
_SIDES_SHOWN = 40
_WORDS = {verdict: str(verdict).replace("_", " ") for verdict in Verdict}
_BROKEN = (Verdict.FAIL, Verdict.ERROR)
# How far each tier goes, in words.
_REACHES = {
    "read": "creates nothing",
    "free": "creates nothing that is not refused",
    "paid": "buys, up to the cap",
    "play": "everything",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One requirement as the page shows it."""

    anchor: str
    judgement: Judgement
    evidence: ShownEvidence
    open: bool
    proofs: tuple[ProvedMutant, ...] | None


@dataclass(frozen=True, slots=True)
class _Section:
    """The requirements of one surface."""

    name: str
    rows: tuple[_Row, ...]
    counts: Mapping[Verdict, int]


@dataclass(frozen=True, slots=True)
class _Covered:
    """How much of the document's constraints was tried; `reasons` groups what was not, the most common first."""

    total: int
    exercised: int
    operations: tuple[OperationCoverage, ...]
    reasons: tuple[tuple[str, list[tuple[str, Untried]]], ...]


def html_page(assessment: Assessment, recording: Recording) -> str:
    """
    The page.

    All text is escaped and bounded. Only what failed shows its exchanges, and only the first of them, so that
    the page of a long run stays small enough for a mail.
    """
    rows = tuple(_row(judgement, assessment, recording) for judgement in assessment.judgements)
    return _template().render(
        assessment=assessment,
        facts=assessment.facts,
        levels=[(level, assessment.tallies[level]) for level in LEVELS if level in assessment.tallies],
        verdicts=tuple(Verdict),
        words=_WORDS,
        counts=Counter(row.judgement.verdict for row in rows),
        broken=[row for row in rows if row.judgement.verdict in _BROKEN],
        unjudged=_unjudged(rows),
        ids_shown=_IDS_SHOWN,
        reaches=_REACHES,
        tasks_shown=_TASKS_SHOWN,
        sections=_sections(rows),
        covered=None if assessment.constraints is None else _covered(assessment.constraints),
        sides_shown=_SIDES_SHOWN,
        observations=assessment.observations[:_OBSERVATIONS_SHOWN],
        observations_left_out=len(assessment.observations[_OBSERVATIONS_SHOWN:]),
    )


def _row(judgement: Judgement, assessment: Assessment, recording: Recording) -> _Row:
    broken = judgement.verdict in _BROKEN
    return _Row(
        anchor=anchor(judgement.requirement.id),
        judgement=judgement,
        evidence=shown_evidence(judgement, recording) if broken else _named_only(judgement),
        open=broken,
        proofs=assessment.proofs(judgement.requirement),
    )


def _named_only(judgement: Judgement) -> ShownEvidence:
    return ShownEvidence((), tuple(one_line(item.exchange, _LINE_LIMIT) for item in judgement.evidence))


def _unjudged(rows: tuple[_Row, ...]) -> list[tuple[str, list[_Row]]]:
    """What could not be judged, by the reason, the most common first."""
    by_reason: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.judgement.verdict is Verdict.INCONCLUSIVE:
            by_reason[row.judgement.reason or "no reason given"].append(row)
    return sorted(by_reason.items(), key=lambda group: -len(group[1]))


def _covered(operations: tuple[OperationCoverage, ...]) -> _Covered:
    by_reason: defaultdict[str, list[tuple[str, Untried]]] = defaultdict(list)
    for operation in operations:
        for untried in operation.untried:
            by_reason[untried.why].append((operation.operation, untried))
    return _Covered(
        total=sum(operation.constraints for operation in operations),
        exercised=sum(operation.exercised for operation in operations),
        operations=operations,
        reasons=tuple(sorted(by_reason.items(), key=lambda group: -len(group[1]))),
    )


def _sections(rows: tuple[_Row, ...]) -> list[_Section]:
    order = list(dict.fromkeys(row.judgement.requirement.surface for row in rows))
    by_surface = sorted(rows, key=lambda row: order.index(row.judgement.requirement.surface))
    grouped = groupby(by_surface, key=lambda row: row.judgement.requirement.surface)
    return [_section(name, tuple(members)) for name, members in grouped]


def _section(name: str, rows: tuple[_Row, ...]) -> _Section:
    return _Section(name, rows, Counter(row.judgement.verdict for row in rows))


def anchor(requirement_id: str) -> str:
    """The fragment of the page that shows a requirement: derived ids hold operation ids, which may be any text."""
    return re.sub(r"[^\w.-]", "_", requirement_id, flags=re.ASCII)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = lambda text: one_line(str(text), _LINE_LIMIT)
    environment.filters["text"] = lambda text: printable(str(text), _TEXT_LIMIT)
    return environment.get_template("index.html")
