"""The Markdown summary, read back with a parser that knows CommonMark and tables."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from conformance.journal.reader import Recording
from conformance.report.markdown import LARGEST, block, code, markdown_summary, prose
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Verdict
from tests.report.drawn import runs
from tests.report.factory import (
    FACTS,
    KEY_HEADER,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    one_of_each_verdict,
    played,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from markdown_it.token import Token

    from conformance.verdicts.model import Assessment

# What means something to Markdown, or to a host that shows it.
MEANINGFUL = {
    "mention": "@everyone @acme/team",
    "image": "![x](http://elsewhere.test/x.png)",
    "link": "[click](javascript:alert(1)) <http://elsewhere.test>",
    "address": "see www.elsewhere.test or https://elsewhere.test/x",
    "reference": "acme/songs#1 !2 ~bug %1",
    "cells": "| a | b |\n|---|---|\n| c | \\| d |",
    "fence": "```\n# out\n````\n## still",
    "quotes": "` `` ``` ````",
    "command": "/close\n/assign @me",
    "html": "</details></summary><details open><b>x</b>",
    "heading": "\n\n# Heading\n\n- item\n\n---\n",
    "entity": "&commat;everyone &lt;b&gt;",
    "emoji": ":rocket: :+1:",
    "nothing": "   ",
}
TEXTS = {**HOSTILE, **MEANINGFUL}
OURS = {"<details>", "</details>"}


def tokens(text: str) -> list[Token]:
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    return [inner for token in parsed for inner in (token, *(token.children or ()))]


def visible(text: str) -> str:
    """All that stands outside of code, where a host looks for what it may turn into something."""
    return "\n".join(token.content for token in tokens(text) if token.type == "text")


def html(text: str) -> list[str]:
    return [token.content.strip() for token in tokens(text) if token.type in ("html_block", "html_inline")]


def summary(run: Assessment, recording: Recording | None = None) -> str:
    return markdown_summary(run, recording or Recording())


def test_the_headline_comes_first() -> None:
    run = assessment(*one_of_each_verdict())

    assert summary(run).splitlines()[0] == f"## {run.headline}"


def test_the_table_counts_every_level_and_verdict() -> None:
    text = summary(assessment(*one_of_each_verdict()))

    assert "| level | pass | fail | inconclusive | not applicable | error | total |" in text
    assert "| MUST | 1 | 1 | 1 | 1 | 1 | 5 |" in text


def test_what_was_not_judged_for_rare_reasons_is_listed_too() -> None:
    judged = [
        judgement(Verdict.INCONCLUSIVE, f"reason {number}", about=requirement(f"ACME-SONG-{number}"))
        for number in range(23)
    ]

    assert "- 3 for other reasons (`ACME-SONG-20`, `ACME-SONG-21`, `ACME-SONG-22`)" in summary(assessment(*judged))


def test_what_failed_says_why_and_how_to_see_it_again() -> None:
    sent = exchange(request(KEY_HEADER), answer(200))
    text = summary(assessment(judgement(Verdict.FAIL, "expected a title", "main-1")), Recording(exchanges=(sent,)))

    assert "### Broken (1)" in text
    assert "**MUST** `ACME-SONG-01` A song has a title\n\n```text\nexpected a title\n```" in text
    assert (
        '```sh\ncurl -sS -i -X POST http://target.test/v1/songs -H "Authorization: Bearer $CONFORMANCE_API_KEY"' in text
    )


def test_the_history_that_broke_a_rule_is_a_numbered_list() -> None:
    steps = ("opened with 500 credits", "start a song", "cancel it")
    text = summary(assessment(played(judgement(Verdict.FAIL, "no refund"), *steps)))

    assert "```text\n1. opened with 500 credits\n2. start a song\n3. cancel it\n```" in text


def test_an_expected_failure_stands_apart_with_who_answers_for_it() -> None:
    expected = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2026, 12, 1))
    text = summary(assessment(replace(judgement(Verdict.FAIL, "no title"), expected=expected)))

    assert "### Broken, as expected (1)" in text
    assert "### Broken (" not in text
    assert "An owner answers for it: `expected to fail until 2026-12-01 (songs team: ticket 7)`" in text


def test_what_was_not_judged_stands_together_by_reason() -> None:
    judged = [judgement(Verdict.INCONCLUSIVE, "no clock", about=requirement(f"ACME-{number}")) for number in range(7)]
    text = summary(assessment(*judged))

    assert "<details><summary>Not judged here (7)</summary>" in text
    assert "- 7: `no clock` (`ACME-0`, `ACME-1`, `ACME-2`, `ACME-3`, `ACME-4`, …)" in text


def test_why_the_gate_objects_stands_at_the_top() -> None:
    text = summary(assessment(judgement(Verdict.PASS), objections=("Only 1 of 4 MUST that apply were judged.",)))

    assert text.index("Only 1 of 4 MUST") < text.index("Suite")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_whatever_a_target_writes_is_code_and_nothing_else(text: str) -> None:
    run, recording = hostile(text)
    shown = markdown_summary(run, recording)

    assert {token.type for token in tokens(shown)}.isdisjoint({"link_open", "image", "hr"})
    assert all(part in OURS or re.fullmatch(r"<details><summary>[\w ()]+</summary>", part) for part in html(shown))
    assert not set("@<[|`~&!#") & set(visible(shown))
    assert "www." not in visible(shown)
    assert "://" not in visible(shown)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_document_of_somebodys_own_can_not_break_the_summary_either(text: str) -> None:
    about = requirement(text or "x", title=text, statement=text)
    facts = replace(FACTS, title=text, contract_version=text, command=text)
    shown = summary(assessment(judgement(Verdict.FAIL, text, about=about), facts=facts, objections=(text,)))

    headings = [token.tag for token in tokens(shown) if token.type == "heading_open"]
    assert headings == ["h2", "h3"]
    assert not set("@<[|`~&!#") & set(visible(shown))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_span_of_code_is_one_span(text: str) -> None:
    found = tokens(f"a {code(text)} b")

    assert [token.type for token in found if token.type.endswith("_inline")] == ["code_inline"]
    assert [token.content for token in found if token.type == "text"] == ["a ", " b"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_block_of_code_is_one_block(text: str) -> None:
    found = tokens(block(text, "sh", 1000))

    assert [token.type for token in found] == ["fence"]


def test_plain_words_stay_plain() -> None:
    assert prose("createSong: valid requests are accepted, all 3.5 of them (really).") == (
        "createSong: valid requests are accepted, all 3.5 of them (really)."
    )


def test_the_summary_fits_into_a_comment_and_says_what_it_leaves_out() -> None:
    judged = [judgement(Verdict.FAIL, "ü" * 5000, about=requirement(f"ACME-{number}")) for number in range(300)]
    text = summary(assessment(*judged))

    shown = text.count("**MUST**")
    assert len(text.encode()) <= LARGEST
    assert shown > 10
    assert f"… and {300 - shown} more; the page of the report shows all of them." in text
    assert text.endswith("</details>\n")


def test_a_target_can_not_make_the_summary_large() -> None:
    run, recording = hostile("\0`" * 2_000_000)

    assert len(markdown_summary(run, recording).encode()) <= LARGEST


@given(runs())
@settings(max_examples=50, deadline=None)
def test_the_summary_of_any_run_fits_and_can_be_encoded(run: tuple[Assessment, Recording]) -> None:
    assert len(markdown_summary(*run).encode()) <= LARGEST


def test_a_gate_with_many_objections_does_not_make_the_summary_large() -> None:
    objections = tuple(f"ACME-{number} is past its day: {'x' * 300}" for number in range(300))

    text = markdown_summary(assessment(objections=objections), Recording())

    assert len(text.encode()) <= LARGEST
    assert "- … and 280 more; report.json has them all." in text
