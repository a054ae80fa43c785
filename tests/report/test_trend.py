"""A run's page beside the runs before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.journal.reader import Recording
from conformance.report.html import html_page
from conformance.report.page.trend import PublishedRun
from tests.report.compare.past import FAIL, INCONCLUSIVE, NOT_APPLICABLE, PASS, said
from tests.report.factory import assessment

if TYPE_CHECKING:
    from conformance.verdicts.model import Verdict


def earlier(page: str | None = None, **verdicts: Verdict) -> PublishedRun:
    return PublishedRun(
        "2026-01-01", "incomplete", {f"ACME-{name}": verdict for name, verdict in verdicts.items()}, page
    )


def trend(*runs: PublishedRun, **verdicts: Verdict) -> str:
    """What the page of a run with these verdicts says of the runs before it."""
    judged = (said(name, verdict) for name, verdict in verdicts.items())
    page = html_page(assessment(*judged), Recording(), runs)
    return page.partition('<h3 id="trend">')[2].partition("</details>")[0]


def test_a_first_run_has_no_trend() -> None:
    assert trend(A=PASS) == ""


def test_what_is_mended_and_what_is_newly_broken_is_named() -> None:
    told = trend(earlier(A=FAIL, B=PASS, C=FAIL, D=INCONCLUSIVE), A=PASS, B=FAIL, C=FAIL, D=PASS)

    assert '1 passed now and failed in the run before: <a href="#ACME-A">ACME-A</a>' in told
    assert '1 broken now and not in the run before: <a href="#ACME-B">ACME-B</a>' in told


def test_nothing_new_is_said_too() -> None:
    told = trend(earlier(A=FAIL), A=FAIL, NEW=FAIL)

    assert "Nothing is mended, and nothing newly broken, since the run before." in told


def test_every_run_is_a_column_of_its_verdicts() -> None:
    told = trend(
        earlier(A=FAIL, B=INCONCLUSIVE, C=NOT_APPLICABLE),
        earlier(A=PASS, B=FAIL, C=NOT_APPLICABLE),
        A=PASS,
        B=PASS,
        C=NOT_APPLICABLE,
    )

    assert re.findall(r"<title>.*: (.*?)</title>", told) == [
        "0 pass, 1 broken, 1 not judged",
        "1 pass, 1 broken, 0 not judged",
        "2 pass, 0 broken, 0 not judged",
    ]
    assert re.findall(r'class="(\w+)" x="11" width="8" y="([\d.]+)" height="([\d.]+)"', told) == [
        ("met", "50.0", "50.0"),
        ("broken", "0.0", "50.0"),
        ("unjudged", "0.0", "0.0"),
    ]


def test_an_earlier_run_is_linked_where_it_has_a_page() -> None:
    told = trend(earlier("../run%201/index.html", A=PASS), earlier(A=PASS), A=PASS)

    assert re.findall(r'<th scope="row">.*?href="(.*?)"', told) == ["../run%201/index.html"]
