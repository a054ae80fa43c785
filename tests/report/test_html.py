from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from conformance.generation.walk import OperationCoverage, Untried
from conformance.journal.reader import Recording
from conformance.journal.records import Location
from conformance.report.html import html_page
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Evidence, Judgement, LeftTask, Overall, RequirementOutcome, Verdict
from conformance.verdicts.reach_map import OperationReach, Reached, ThingAsked
from tests.report.drawn import runs
from tests.report.factory import (
    KEY_HEADER,
    SPEND,
    answer,
    assessment,
    exchange,
    hostile,
    judgement,
    one_of_each_verdict,
    request,
    requirement,
)
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from conformance.verdicts.model import Assessment

VOID = {"meta", "input"}


class Page(HTMLParser):
    """The elements, attributes and texts of a page as a browser finds them; its tags must match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.marked: list[str] = []
        self.unfolded: list[str] = []
        self.raw: dict[str, str] = {}
        self.folds: list[bool] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "details":
            self.folds.append("open" not in dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()
        if tag == "details":
            self.folds.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        if self.open and self.open[-1] == "mark":
            self.marked.append(data)
        if self.folds and not any(self.folds):
            self.unfolded.append(data.strip())
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def inside(self, tag: str) -> str:
        return self.raw[tag]

    def having(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]


def digest(source: str) -> str:
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def failing(*evidence: Evidence) -> Judgement:
    about = requirement()
    return Judgement(about, Verdict.FAIL, "", (RequirementOutcome(about.id, Verdict.FAIL, "a test", "", evidence),))


def page(run: Assessment, recording: Recording | None = None) -> Page:
    return Page(html_page(run, recording or Recording()))


def test_the_first_line_of_the_page_is_the_headline() -> None:
    run = assessment(*one_of_each_verdict())
    body = page(run).text.partition("Skip to the requirements")[2]

    assert run.headline == body.strip().splitlines()[0]


def test_a_sentence_says_what_the_verdict_means() -> None:
    run = assessment(*one_of_each_verdict(), overall=Overall.NONCONFORMANT)

    assert "The target breaks 1 requirement that it must meet." in page(run).text


def test_each_requirement_is_shown_once_with_its_verdict_and_a_place_to_link_to() -> None:
    shown = page(assessment(*one_of_each_verdict()))

    assert shown.having("data-verdict") == ["fail", "error", "inconclusive", "pass", "not_applicable"]
    assert {f"ACME-{number}" for number in range(5)} <= set(shown.having("id"))


def test_every_link_leads_to_a_place_of_the_page_itself() -> None:
    odd = judgement(Verdict.FAIL, about=requirement("ACME-GET /songs/{id}-ACCEPTS"))
    shown = page(assessment(odd, *one_of_each_verdict()))

    assert {link.removeprefix("#") for link in shown.having("href")} <= set(shown.having("id"))


def test_no_id_is_used_twice() -> None:
    ids = page(assessment(*one_of_each_verdict())).having("id")

    assert sorted(set(ids)) == sorted(ids)


def test_requirements_stand_under_their_surface() -> None:
    run = assessment(
        judgement(Verdict.PASS, about=requirement("A-1", surface="songs", title="first")),
        judgement(Verdict.PASS, about=requirement("B-1", surface="albums", title="second")),
        judgement(Verdict.PASS, about=requirement("A-2", surface="songs", title="third")),
    )
    text = page(run).text
    places = [text.rindex(word) for word in ("songs\n", "first", "third", "albums\n", "second")]

    assert sorted(places) == places


def test_what_failed_shows_its_exchanges_and_how_to_repeat_them() -> None:
    sent = exchange(request(KEY_HEADER, content='{"title":""}'), answer(200, content='{"a":1}'))
    text = page(assessment(judgement(Verdict.FAIL, "expected a title", "main-1")), Recording(exchanges=(sent,))).text

    assert "Reason: expected a title" in text
    assert '{\n  "title": ""\n}' in text
    assert 'HTTP 200\n\n{\n  "a": 1\n}' in text
    assert 'curl -sS -i -X POST http://target.test/v1/songs -H "Authorization: Bearer $CONFORMANCE_API_KEY"' in text


def test_what_passed_shows_one_exchange_and_names_the_others() -> None:
    first = exchange(response=answer(content='{"only":"here"}'))
    second = exchange(response=answer(content='{"nowhere":1}'), id="main-2")
    text = page(assessment(judgement(Verdict.PASS, "", "main-1", "main-2")), Recording(exchanges=(first, second))).text

    assert '"only": "here"' in text
    assert "nowhere" not in text
    assert "More exchangesmain-2" in text


def test_what_passed_is_folded_and_what_failed_is_not() -> None:
    shown = page(assessment(*one_of_each_verdict()))

    assert [f"because of {verdict}" for verdict in ("fail", "error")] == [
        text for text in shown.unfolded if text.startswith("because of")
    ]


def test_the_offending_place_is_marked_with_what_was_expected_there_and_what_came() -> None:
    sent = exchange(response=answer(402, content='{"charged":"80","refunded":"40"}'))
    location = Location("body", "/refunded", "the refund of 80", '"40"')
    shown = page(assessment(failing(Evidence("main-1", locations=(location,)))), Recording(exchanges=(sent,)))

    assert shown.marked == ['"refunded": "40"']
    assert "/refundedexpected the refund of 80got" in shown.text


def test_a_status_or_a_header_is_marked_as_well() -> None:
    sent = exchange(response=answer(402, ("Content-Type", "text/html"), ("X-Other", "1")))
    locations = (Location("status"), Location("header", "content-type"))
    shown = page(assessment(failing(Evidence("main-1", locations=locations))), Recording(exchanges=(sent,)))

    assert shown.marked == ["HTTP 402", "Content-Type: text/html"]


def test_expected_and_actual_stand_apart_where_the_reason_has_them() -> None:
    text = page(assessment(judgement(Verdict.FAIL, "expected the wallet to hold 500 again, got 420"))).text

    assert "Expectedthe wallet to hold 500 againGot420" in text


def test_a_failed_requirement_offers_a_program_to_send_its_request_again() -> None:
    text = page(assessment(judgement(Verdict.FAIL, "", "main-1")), Recording(exchanges=(exchange(),))).text

    assert "answer = httpx.request('POST', url, headers=headers, timeout=60)" in text


def test_an_expected_failure_says_who_answers_for_it_and_until_when() -> None:
    excuse = Expectation("ACME-SONG-01", "being mended", "the money team", date(2027, 1, 31))
    text = page(assessment(replace(judgement(Verdict.FAIL, "no title"), expected=excuse))).text

    assert "Expected to fail until 2027-01-31: being mended (the money team)" in text


def test_the_shortest_history_is_a_numbered_list() -> None:
    about = requirement()
    outcome = RequirementOutcome(
        about.id, Verdict.FAIL, "a test", "", history=("begin with a new account", "ask for a song")
    )
    source = html_page(assessment(Judgement(about, Verdict.FAIL, "", (outcome,))), Recording())

    assert "<ol" in source
    assert re.findall("<li>(.*)</li>", source.partition("<ol")[2].partition("</ol>")[0]) == list(outcome.history)


def test_every_requirement_is_a_cell_of_its_surface_with_what_is_broken_first() -> None:
    def judged(name: str, verdict: Verdict) -> Judgement:
        return judgement(verdict, about=requirement(name, surface="songs"))

    shown = html_page(assessment(judged("ACME-1", Verdict.PASS), judged("ACME-2", Verdict.FAIL)), Recording())

    assert re.findall(r'class="cell (\w+)" href="#([\w-]+)"', shown) == [("fail", "ACME-2"), ("pass", "ACME-1")]


def test_why_the_gate_objects_stands_at_the_top() -> None:
    text = page(assessment(*one_of_each_verdict(), objections=("ACME-1 was expected to fail, but it passes",))).text

    assert text.index("ACME-1 was expected to fail") < text.index("To be looked at first")


def test_what_failed_is_listed_before_all_requirements() -> None:
    text = page(assessment(*one_of_each_verdict())).text

    assert text.index("To be looked at first") < text.index("Open all shown")


def test_a_requirement_that_nothing_judged_says_so() -> None:
    unjudged = judgement(Verdict.INCONCLUSIVE, "not exercised")
    run = assessment(type(unjudged)(unjudged.requirement, unjudged.verdict, unjudged.reason, ()))

    assert "nothing in this run" in page(run).text


def test_the_run_can_be_repeated_from_the_page() -> None:
    text = page(assessment()).text

    assert "conformance run http://target.test/v1 --seed 7" in text
    assert "210.0000 credits charged, 80.0000 refunded, 130.0000 net; cap 500" in text


def test_somebodys_money_has_a_section_of_its_own() -> None:
    text = page(assessment()).text

    assert "paid: buys, up to the cap" in text
    assert "500 credits: the most that may be at stake at any time" in text
    assert "130.0000 credits net: 210.0000 charged, 80.0000 refunded" in text
    assert "Paid work stopped" not in text
    assert "could not be ended" not in text
    assert "did not fit" not in text


def test_play_money_is_called_so_and_has_neither_tier_nor_stakes() -> None:
    text = page(assessment(spend=replace(SPEND, cap=None, play=True, tier="play"))).text

    assert "210.0000 charged, 80.0000 refunded, play money" in text
    assert "Tier" not in text
    assert "Still at stake" not in text


def test_without_money_there_is_no_section_about_it() -> None:
    assert "money" not in page(assessment(spend=None)).having("id")


def test_why_paid_work_stopped_and_what_it_left_undone_is_shown() -> None:
    spend = replace(
        SPEND,
        at_stake=Decimal("80.0000"),
        stopped="the run was interrupted",
        unaffordable=(("race", Decimal("150.0000")),),
        left=(LeftTask("task-1", "song-1", Decimal("80.0000")),),
    )
    text = " ".join(page(assessment(spend=spend)).text.split())

    assert "Paid work stopped: the run was interrupted" in text
    assert "task-1 song-1 80.0000".replace(" ", "") in text.replace(" ", "")
    assert "1 scenario left out" in text
    assert "race150.0000" in text


def test_what_was_not_judged_is_listed_by_reason_the_most_common_first() -> None:
    reasons = ("no clock", "no wallet", "no wallet")
    about = (requirement(f"ACME-{number}") for number in range(3))
    open_ = (judgement(Verdict.INCONCLUSIVE, reason, about=one) for reason, one in zip(reasons, about, strict=True))
    text = page(assessment(*open_)).text

    assert text.index("2 requirements: no wallet (ACME-1, ACME-2)") < text.index("1 requirement: no clock (ACME-0)")


def test_how_much_of_the_document_was_tried_is_shown_with_the_reasons_for_the_rest() -> None:
    skipped = Untried("query:limit/type", "limit", "type", "broken", "what is sent there always is a text")
    tried = (OperationCoverage("listSongs", 3, 2, (skipped,)), OperationCoverage("getSong", 1, 1, ()))
    content = html_page(assessment(constraints=tried), Recording())

    assert "3 of 4 constraints on requests were tried" in content
    assert "what is sent there always is a text (1)" in content
    assert "listSongs: limit, type not broken" in content


def test_a_run_that_tried_none_of_it_has_no_such_section() -> None:
    assert "constraints on requests" not in html_page(assessment(), Recording())


def test_with_what_each_operation_was_asked_is_shown_and_what_was_never_asked_is_named() -> None:
    ways = {ThingAsked.EXISTING: Reached(1200, 7), ThingAsked.NEVER: Reached()}
    shown = page(assessment(reach=(OperationReach("readShelf", "GET /shelves/<b>", ways),))).text

    assert "readShelf GET /shelves/<b>1,200 7 acceptednever---" in shown
    assert "one that never did (1)\n\nGET /shelves/<b>\n" in shown
    assert "one that never did" not in page(assessment()).text


def test_the_page_forbids_requests_and_every_script_and_style_but_its_own() -> None:
    shown = page(assessment())
    policy = next(content for content in shown.having("content") if "default-src" in content)

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src '{digest(shown.inside('style'))}'",
        f"script-src '{digest(shown.inside('script'))}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_each_verdict_has_a_filter() -> None:
    shown = page(assessment(*one_of_each_verdict()))

    for verdict in Verdict:
        assert f"show-{verdict}" in shown.having("id")
        assert f'#show-{verdict}:checked) .requirement:not([data-verdict="{verdict}"]' in shown.inside("style")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_is_text_and_nothing_else(text: str) -> None:
    harmless, shown = page(*hostile("harmless")), page(*hostile(text))

    assert [tag for tag, _ in harmless.elements] == [tag for tag, _ in shown.elements]
    assert [sorted(names) for _, names in harmless.elements] == [sorted(names) for _, names in shown.elements]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_is_loaded_from_elsewhere(text: str) -> None:
    shown = page(*hostile(text))

    tags = [tag for tag, _ in shown.elements]
    assert {"link", "img", "image", "use", "iframe", "object", "embed", "base"}.isdisjoint(tags)
    assert (tags.count("script"), tags.count("style")) == (1, 1)
    assert [name for name in ("src", "srcset", "action", "style", "onerror") if shown.having(name)] == []
    assert [link for link in shown.having("href") if not link.startswith("#")] == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_invisible_character_of_a_target_reaches_the_page(text: str) -> None:
    source = html_page(*hostile(text))

    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]", source) == []


def test_a_target_can_not_make_the_page_large() -> None:
    assert len(html_page(*hostile('"' * 5_000_000))) < 400_000


@given(runs())
@settings(max_examples=50, deadline=None)
def test_any_run_gives_a_page_whose_tags_match(run: tuple[Assessment, Recording]) -> None:
    shown = page(*run)

    assert shown.open == []
    assert len(run[0].judgements) == len(shown.having("data-verdict"))
