"""Pages that have something of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from conformance.generation.walk import OperationCoverage, Untried
from conformance.journal.records import Location
from conformance.report.html import html_page
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Evidence, Judgement, RequirementOutcome, Verdict
from conformance.verdicts.reach_map import OperationReach, Reached, ThingAsked
from tests.report.factory import SPEND, hostile, requirement
from tests.report.money_and_tasks import hostile_tasks, recorded, told, unexplained_fall

BROKEN = "ACME-MONEY-01"
SPOT = Location("body", "/cost/back", "the refund of 30.00", '"0.00"')
UNTRIED = (Untried("query:limit/type", "limit", "type", "broken", "what is sent there always is a text"),)


def judged(name: str, verdict: Verdict, reason: str = "", **about: object) -> Judgement:
    """A requirement whose evidence is the answer with the refund."""
    asked = requirement(name, **about)
    evidence = (Evidence("e00003", "ended", (SPOT,)), Evidence("e00001", "created"))
    return Judgement(
        asked, verdict, reason, (RequirementOutcome(name, verdict, f"test_songs.py::{name}", reason, evidence),)
    )


def whole_page() -> str:
    """A page with every section, verdict and level."""
    excuse = Expectation("ACME-MONEY-02", "being mended", "the money team", date(2027, 1, 31))
    run = told(
        judged("ACME-SONG-01", Verdict.PASS),
        judged("ACME-SONG-02", Verdict.PASS, level="SHOULD", title="A song has a singer"),
        judged(BROKEN, Verdict.FAIL, "expected 500.00, got 440.00", surface="money", title="Refunds reach the wallet"),
        replace(judged("ACME-MONEY-02", Verdict.FAIL, "no refund", surface="money"), expected=excuse),
        judged("ACME-MONEY-03", Verdict.INCONCLUSIVE, "no wallet", surface="money", level="SHOULD"),
        judged("ACME-MONEY-04", Verdict.NOT_APPLICABLE, "nothing is sold", surface="money", level="MAY"),
        judged("ACME-MONEY-05", Verdict.ERROR, "ZeroDivisionError", surface="money"),
        seen=("it is sung twice", "it is sung once"),
    )
    covered = (OperationCoverage("listSongs", 3, 2, UNTRIED), OperationCoverage("getSong", 1, 1, ()))
    ways = {ThingAsked.EXISTING: Reached(12, 7), ThingAsked.NEVER: Reached(3, 0), ThingAsked.ENDED: Reached()}
    reach = (OperationReach("getSong", "GET /songs/{song}", ways),)
    return html_page(replace(run, spend=SPEND, constraints=covered, reach=reach), recorded(unexplained_fall()))


def hostile_pages(text: str) -> tuple[str, ...]:
    """Pages in which everything that a target can write is one text."""
    return html_page(*hostile(text)), html_page(*hostile_tasks(text))
