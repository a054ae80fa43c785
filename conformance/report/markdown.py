"""The summary for a job's page or a comment on a pull request: `summary.md`."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from conformance.report.evidence import numbered_steps
from conformance.report.reproduction import shown_command
from conformance.report.text import one_line, printable
from conformance.verdicts.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.journal.reader import Recording
    from conformance.verdicts.model import Assessment, Judgement

# A comment may have 65,536 characters; a byte too many, and it is not posted at all.
LARGEST: Final = 60_000
_LINE_LIMIT = 300
_REASON_LIMIT = 1000
_CURL_LIMIT = 2000
_HISTORY_LIMIT = 4000
_IDS_SHOWN = 5
_ID_LIMIT = 80
_REASONS_SHOWN = 20
_OBJECTIONS_SHOWN = 20
_SENTENCE = 100
_WORDS = {verdict: verdict.words for verdict in Verdict}
# Text without any character that Markdown, its hosts' mentions, references, addresses or emoji could be made of.
_HARMLESS = re.compile(r"(?:[^\W_]|[ ,;'()-]|[.:](?=\s|$)|(?<=\d)\.(?=\d))*", re.ASCII)


def markdown_summary(assessment: Assessment, recording: Recording) -> str:
    """
    The headline, the counts per level, what is broken and why, and what was not judged; at most `LARGEST` bytes.

    Text of the target stands only in code, where no host looks for links, mentions, commands or HTML.
    """
    failed = [judged for judged in assessment.judgements if judged.verdict is Verdict.FAIL]
    head = _head(assessment)
    tail = "\n".join([*_unjudged(assessment), *_run(assessment)])
    sections = (
        ("Broken", [judged for judged in failed if not judged.excused]),
        ("The suite itself erred", [judged for judged in assessment.judgements if judged.verdict is Verdict.ERROR]),
        ("Broken, as expected", [judged for judged in failed if judged.excused]),
    )
    room = LARGEST - len(head.encode()) - len(tail.encode())
    middle = "".join(_fitting(_listed(sections, recording), room))
    return f"{head}{middle}{tail}"


def code(text: str, limit: int = _LINE_LIMIT) -> str:
    """The text as a code span on one line, whatever it holds."""
    shown = one_line(text, limit)
    fence = "`" * (_longest_run(shown) + 1)
    # A space at both ends is taken off again; it keeps back quotes of the text apart from the fence.
    padding = " " if not shown or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{padding}{shown or ' '}{padding}{fence}"


def block(text: str, language: str, limit: int) -> str:
    """The text as a fenced block of code."""
    shown = printable(text, limit)
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def prose(text: str, limit: int = _LINE_LIMIT) -> str:
    """The text as it is where nothing in it can mean anything to Markdown, else as code."""
    shown = one_line(text, limit)
    return shown if _HARMLESS.fullmatch(shown) else code(text, limit)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _head(assessment: Assessment) -> str:
    facts = assessment.facts
    lines = [
        f"## {_headline(assessment)}",
        "",
        f"{prose(facts.title)}, contract {code(facts.contract_version)}, target {code(facts.target)}",
        "",
        *_counts(assessment),
        "",
        *_objections(assessment.objections),
        "",
        *(f"{prose(remark)}\n" for remark in assessment.remarks),
    ]
    return "\n".join(lines)


def _objections(objections: Sequence[str]) -> Iterator[str]:
    yield from (f"- {code(objection)}" for objection in objections[:_OBJECTIONS_SHOWN])
    if len(objections) > _OBJECTIONS_SHOWN:
        yield f"- … and {len(objections) - _OBJECTIONS_SHOWN} more; report.json has them all."


def _headline(assessment: Assessment) -> str:
    """The first line of every report, each of its parts shown on its own."""
    return " · ".join(prose(part) for part in assessment.headline.split(" · "))


def _counts(assessment: Assessment) -> Iterator[str]:
    """The table holds nothing but our own words and numbers: no text of others can break its cells."""
    yield f"| level | {' | '.join(_WORDS.values())} | total |"
    yield f"|---|{'---:|' * (len(_WORDS) + 1)}"
    for level, tally in assessment.tallies.items():
        counts = " | ".join(str(tally.counts[verdict]) for verdict in Verdict)
        yield f"| {level} | {counts} | {tally.total} |"


def _listed(sections: Sequence[tuple[str, Sequence[Judgement]]], recording: Recording) -> Iterator[str]:
    """One piece for each requirement; the first of a section carries its heading."""
    for title, judgements in sections:
        for position, judged in enumerate(judgements):
            heading = "" if position else f"\n### {title} ({len(judgements)})\n"
            yield f"{heading}\n{_broken(judged, recording)}\n"


def _broken(judged: Judgement, recording: Recording) -> str:
    requirement = judged.requirement
    lines = [f"**{requirement.level}** {code(requirement.id)} {prose(requirement.title)}"]
    if judged.expected is not None and judged.excused:
        lines.append(f"An owner answers for it: {code(str(judged.expected))}")
    lines += ["", block(judged.reason or "no reason given", "text", _REASON_LIMIT)]
    if judged.history:
        lines += ["", "How it came about:", "", block(numbered_steps(judged), "text", _HISTORY_LIMIT)]
    curl = _first_curl(judged, recording)
    if curl is not None:
        lines += ["", "<details><summary>Send it again</summary>", "", block(curl, "sh", _CURL_LIMIT), "", "</details>"]
    return "\n".join(lines)


def _first_curl(judged: Judgement, recording: Recording) -> str | None:
    found = filter(None, (recording.exchange(item.exchange) for item in judged.evidence))
    return next((shown_command(exchange, _CURL_LIMIT, recording.variables) for exchange in found), None)


def _fitting(pieces: Iterator[str], room: int) -> Iterator[str]:
    """The pieces as long as there is room for them and for the sentence about the others."""
    room -= _SENTENCE
    for piece in pieces:
        room -= len(piece.encode())
        if room < 0:
            left_out = 1 + sum(1 for _ in pieces)
            yield f"\n… and {left_out} more; the page of the report shows all of them.\n"
            return
        yield piece


def _unjudged(assessment: Assessment) -> Iterator[str]:
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for judged in assessment.judgements:
        if judged.verdict is Verdict.INCONCLUSIVE:
            by_reason[one_line(judged.reason, _LINE_LIMIT) or "no reason given"].append(judged.requirement.id)
    if not by_reason:
        return
    groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
    total = sum(len(ids) for ids in by_reason.values())
    yield from ("", f"<details><summary>Not judged here ({total})</summary>", "")
    for reason, ids in groups[:_REASONS_SHOWN]:
        more = ", …" if len(ids) > _IDS_SHOWN else ""
        yield f"- {len(ids)}: {code(reason)} ({', '.join(code(name, _ID_LIMIT) for name in ids[:_IDS_SHOWN])}{more})"
    if len(groups) > _REASONS_SHOWN:
        yield f"- and {sum(len(ids) for _, ids in groups[_REASONS_SHOWN:])} for other reasons"
    yield from ("", "</details>")


def _run(assessment: Assessment) -> Iterator[str]:
    facts = assessment.facts
    yield from ("", f"Suite {code(facts.suite_version)}, run {code(facts.run_id)}, seed {code(str(facts.seed))}.", "")
    yield from ("<details><summary>Run it again</summary>", "", block(facts.command, "sh", _CURL_LIMIT))
    yield from ("", "</details>", "")
