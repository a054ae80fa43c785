from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from conformance.report.compare.difference import (
    LARGEST_MARKDOWN,
    RunDifference,
    as_json,
    as_markdown,
    as_text,
    difference_of,
)
from tests.report.compare.past import FAIL, INCONCLUSIVE, PASS, past, said
from tests.report.factory import FACTS
from tests.report.test_markdown import TEXTS, tokens, visible

if TYPE_CHECKING:
    from pathlib import Path

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")


@pytest.fixture
def found(tmp_path: Path) -> RunDifference:
    before = past(tmp_path / "before", said("A", PASS), said("B", FAIL, "old"), said("C", INCONCLUSIVE, "no clock"))
    after = past(
        tmp_path / "after",
        said("A", FAIL, "expected a title, got none"),
        said("B", PASS),
        said("C", PASS),
        run_id="run-2",
        target="http://other.test",
        contract_version="1.1",
    )
    return difference_of(before, after)


def hostile(folder: Path, text: str) -> RunDifference:
    """Two reports in which every text that a target, or whoever made them, can write is the same."""
    facts = {"target": text, "run_id": text or "x", "system": text or "x", "suite_version": text or "x"}
    before = past(folder / "before", said("A", PASS, text, title=text, surface=text), contract_version=text, **facts)
    after = past(folder / "after", said("A", FAIL, text, title=text, surface=text), contract_version="1.1", **facts)
    return difference_of(before, after)


def test_the_console_is_told_what_changed_and_why(found: RunDifference) -> None:
    assert as_text(found, strict=False).splitlines() == [
        f"acme: http://target.test/v1 at {FACTS.started_at} (run-1) → http://other.test at {FACTS.started_at} (run-2)",
        "The contracts differ: 1.0 before, 1.1 now.",
        "1 broken, 1 fixed, 0 still failing, 1 newly judged, 0 no longer judged",
        "",
        "Broken (1):",
        "  ACME-A  MUST  pass → fail  Rule A",
        "    expected a title, got none",
        "",
        "Fixed (1):",
        "  ACME-B  MUST  fail → pass  Rule B",
        "",
        "Newly judged (1):",
        "  ACME-C  MUST  inconclusive → pass  Rule C",
        "",
        "1 regression",
    ]


def test_two_equal_runs_have_no_regression(tmp_path: Path) -> None:
    run = past(tmp_path / "run", said("A", FAIL, "no"), said("B", PASS))

    assert as_text(difference_of(run, run), strict=True).splitlines()[-1] == "No regression"


def test_a_program_gets_the_same_with_everything_that_both_runs_say(found: RunDifference) -> None:
    told = as_json(found, strict=False)

    assert told["regressions"] == ["ACME-A"]
    assert not told["same_contract"]
    assert (told["before"]["run"], told["after"]["run"]) == ("run-1", "run-2")
    assert {change: [entry["id"] for entry in entries] for change, entries in told["changes"].items()} == {
        "broken": ["ACME-A"],
        "fixed": ["ACME-B"],
        "still_failing": [],
        "newly_judged": ["ACME-C"],
        "no_longer_judged": [],
    }
    assert told["changes"]["broken"][0] == {
        "id": "ACME-A",
        "title": "Rule A",
        "level": "MUST",
        "surface": "songs",
        "before": "pass",
        "after": "fail",
        "expected": False,
        "reason": "expected a title, got none",
    }


def test_a_comment_begins_with_the_conclusion(found: RunDifference) -> None:
    text = as_markdown(found, strict=False)

    assert text.startswith("## 1 regression\n")
    assert "### Broken (1)\n\n- **MUST** `ACME-A` Rule A (pass → fail): `expected a title, got none`\n" in text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_whatever_a_report_holds_the_console_gets_lines_without_escapes(tmp_path: Path, text: str) -> None:
    told = as_text(hostile(tmp_path, text), strict=False)

    assert CONTROL.search(told) is None
    assert len(told.split("\n")) <= 10
    assert len(told) < 10_000


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_whatever_a_report_holds_a_comment_shows_it_as_code(tmp_path: Path, text: str) -> None:
    told = as_markdown(hostile(tmp_path, text), strict=False)

    kinds = {token.type for token in tokens(told)}
    assert kinds.isdisjoint({"link_open", "image", "html_block", "html_inline", "hr", "table_open"})
    assert not set("@<[|`~&!#") & set(visible(told))
    assert MarkdownIt("commonmark").render(told).count("<h") == 2


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_whatever_a_report_holds_a_program_can_read_it(tmp_path: Path, text: str) -> None:
    told = json.dumps(as_json(hostile(tmp_path, text), strict=False), ensure_ascii=False).encode("utf-8")

    assert json.loads(told)["regressions"] == ["ACME-A"]


def test_a_comment_fits_and_says_that_there_is_more(tmp_path: Path) -> None:
    before = past(tmp_path / "before", *(said(str(number), PASS) for number in range(500)))
    after = past(tmp_path / "after", *(said(str(number), FAIL, "ü" * 900) for number in range(500)))
    text = as_markdown(difference_of(before, after), strict=False)

    assert len(text.encode()) < LARGEST_MARKDOWN + 100
    assert text.startswith("## 500 regressions")
    assert text.endswith("… and more; `conformance diff` shows all.\n")
