"""The report for people: `index.html`, one file that needs no network and no script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report.machine import generated_json
from conformance.report.page.coverage import covered, observed
from conformance.report.page.money import money_totals
from conformance.report.page.picture import picture_of
from conformance.report.page.rows import anchor, findings_of, merged_sources, rows_of, sections_of, unjudged
from conformance.report.page.trend import trend_of
from conformance.report.text import one_line, printable
from conformance.verdicts.gate import LEVELS
from conformance.verdicts.model import Overall, Verdict
from conformance.verdicts.reach_map import ThingAsked, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.journal.reader import Recording
    from conformance.report.page.rows import Row
    from conformance.report.page.task_timelines import TaskTimeline
    from conformance.report.page.trend import PublishedRun
    from conformance.verdicts.model import Assessment


_LINE_LIMIT: Final = 400
_TEXT_LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class Asset:
    """A stylesheet or script of ours as it stands in a page, and the `hash` by which the page's policy knows it."""

    content: Markup
    hash: str


@cache
def asset(name: str) -> Asset:
    """The stylesheet or script of this name."""
    # As a template, so that stylesheets can share parts.
    content = Markup(templates().get_template(name).render())  # noqa: S704 - our own text
    digest = hashlib.sha256(content.encode()).digest()
    return Asset(content, f"sha256-{base64.b64encode(digest).decode()}")


@cache
def templates() -> Environment:
    """The templates; their filters `line` and `text` make inert, bounded text of what came from a target."""
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = lambda text: one_line(str(text), _LINE_LIMIT)
    environment.filters["text"] = lambda text: printable(str(text), _TEXT_LIMIT)
    return environment


__all__ = ["anchor", "html_page"]

# How much of each kind is shown; report.json and the journal have all.
_SHOWN = {
    "observations": 200,
    "ids": 3,
    "tasks": 100,
    "accounts": 100,
    "statements": 20,
    "sides": 40,
    "stories": 8,
    "changed": 12,
    "findings": 8,
    "lookalikes": 3,
}
_WORDS = {verdict: verdict.words for verdict in Verdict}
_SENTENCES = {
    Overall.CONFORMANT: "Every requirement that the target must meet was judged, and none is broken.",
    Overall.INCOMPLETE: "No requirement that the target must meet is broken, but some could not be judged.",
    Overall.INCONCLUSIVE: "Nothing could be judged that the target must meet.",
}
# How far each tier goes, in words.
_REACHES = {
    "read": "creates nothing",
    "free": "creates nothing that is not refused",
    "paid": "buys, up to the cap",
    "play": "everything",
}


def html_page(assessment: Assessment, recording: Recording, earlier: Sequence[PublishedRun] = ()) -> str:
    """
    The page; `earlier` are runs against the same target, the oldest first.

    All text is escaped and bounded, and so is the number of exchanges, tasks and accounts that are shown: the page of a
    long run stays small enough for a mail. It forbids its reader's browser to load anything, and to run any script but
    its own.
    """
    totals = money_totals(assessment, recording)
    rows = rows_of(assessment, recording, totals)
    timelines = _timelines_in_order(rows, totals.timelines)
    observations = observed(assessment.observations, assessment.contract.sources if assessment.contract else None)
    template = templates().get_template("index.html")
    return template.render(
        assessment=assessment,
        facts=assessment.facts,
        sentence=_sentence(assessment),
        documents=assessment.contract.sources.documents if assessment.contract else {},
        levels=[(level, assessment.tallies[level]) for level in LEVELS if level in assessment.tallies],
        verdicts=tuple(Verdict),
        words=_WORDS,
        counts=Counter(row.judgement.verdict for row in rows),
        level_counts=Counter(row.judgement.requirement.level for row in rows),
        findings=findings_of(assessment, recording, rows),
        met=[verdict for verdict in Verdict if any(row.judgement.verdict is verdict for row in rows)],
        unjudged=unjudged(rows),
        shown=_SHOWN,
        reaches=_REACHES,
        sections=sections_of(rows),
        sources=merged_sources,
        totals=totals,
        unit=_unit(assessment),
        timelines=timelines,
        picture=picture_of(recording.exchanges, totals.timelines, totals.curve),
        trend=trend_of(assessment, rows, earlier),
        generated=generated_json(recording),
        covered=None if assessment.constraints is None else covered(assessment.constraints),
        reach=assessment.reach,
        unreached=in_words(assessment.reach or ()),
        ways=tuple(ThingAsked),
        observations=observations[: _SHOWN["observations"]],
        observations_left_out=len(observations[_SHOWN["observations"] :]),
        style=asset("report.css"),
        script=asset("report.js"),
    )


def _sentence(assessment: Assessment) -> str:
    """The verdict of the run for readers who do not know these words."""
    if assessment.overall is not Overall.NONCONFORMANT:
        return _SENTENCES[assessment.overall]
    broken = assessment.tallies["MUST"].counts[Verdict.FAIL]
    return f"The target breaks {broken} {'requirement' if broken == 1 else 'requirements'} that it must meet."


def _unit(assessment: Assessment) -> str:
    money = assessment.contract.conventions.money if assessment.contract else None
    if money is not None:
        return money.unit
    return assessment.spend.unit if assessment.spend is not None else ""


def _timelines_in_order(rows: tuple[Row, ...], timelines: tuple[TaskTimeline, ...]) -> tuple[TaskTimeline, ...]:
    """The tasks that are shown: those behind what is broken first."""
    first = {(timeline.account, timeline.task): timeline for row in rows for timeline in row.timelines}
    return tuple({**first, **{(timeline.account, timeline.task): timeline for timeline in timelines}}.values())
