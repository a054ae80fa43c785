from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.report.html import html_page
from conformance.verdicts.model import Verdict
from tests.report.money_and_tasks import long_run

if TYPE_CHECKING:
    from conformance.verdicts.model import Judgement


def test_the_page_of_20_000_exchanges_is_small_enough_for_a_mail() -> None:
    assert len(html_page(*long_run(20_000)).encode()) < 10_000_000


def test_more_exchanges_do_not_make_it_larger() -> None:
    small, large = (len(html_page(*long_run(number))) for number in (4_000, 8_000))

    assert large < 1.1 * small


def test_neither_do_very_many_requirements_that_all_fail() -> None:
    run, recording = long_run(1_000, requirements=4_000)
    failing = tuple(failed(judged) for judged in run.judgements)

    assert len(html_page(replace(run, judgements=failing), recording).encode()) < 10_000_000


def failed(judged: Judgement) -> Judgement:
    outcomes = tuple(replace(outcome, verdict=Verdict.FAIL) for outcome in judged.outcomes)
    return replace(judged, verdict=Verdict.FAIL, outcomes=outcomes)
