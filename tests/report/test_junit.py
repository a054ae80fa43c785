from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from conformance.journal.reader import Recording
from conformance.report.junit import junit_xml
from conformance.verdicts.expectations import Expectation
from conformance.verdicts.model import Verdict
from tests.report.drawn import runs
from tests.report.factory import (
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
    from conformance.verdicts.model import Assessment

# Every element that the schema of Jenkins' xUnit plugin (junit-10.xsd) knows and we use: what it must have, what it may
# have, and what may stand in it. GitLab reads less of the same.
SCHEMA = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
TIME = re.compile(r"[0-9]*(\.[0-9]*)?")


def keeps_the_schema(element: ET.Element) -> bool:
    required, optional, children = SCHEMA[element.tag]
    given = set(element.keys())
    return (
        required <= given <= required | optional
        and TIME.fullmatch(element.get("time", "0")) is not None
        and all(child.tag in children and keeps_the_schema(child) for child in element)
    )


def parsed(run: Assessment, recording: Recording | None = None) -> ET.Element:
    return ET.fromstring(junit_xml(run, recording or Recording()))  # noqa: S314 - our own output


def cases(root: ET.Element) -> list[ET.Element]:
    return root.findall("testsuite/testcase")


def test_each_requirement_is_one_case_named_by_its_id_and_surface() -> None:
    run = assessment(judgement(Verdict.PASS, about=requirement("ACME-9", surface="albums")))

    assert [(case.get("classname"), case.get("name")) for case in cases(parsed(run))] == [("acme.albums", "ACME-9")]


@pytest.mark.parametrize("flaky, words", [(False, "expected to fail"), (True, "known as flaky")])
def test_a_failure_that_somebody_answers_for_is_skipped_and_says_so(*, flaky: bool, words: str) -> None:
    known = Expectation("ACME-SONG-01", "ticket 7", "songs team", date(2027, 1, 31), flaky)
    broken = replace(judgement(Verdict.FAIL, "no title"), expected=known)

    root = parsed(assessment(broken))

    (element,) = root.iter("skipped")
    assert element.get("message") == f"{words} until 2027-01-31 (songs team: ticket 7): no title"
    assert root.get("failures") == "0"


def test_what_the_gate_objects_to_is_a_failure_of_its_own() -> None:
    root = parsed(assessment(judgement(Verdict.PASS), objections=("Too few were judged.",), exit_status=1))

    assert [element.get("message") for element in root.iter("failure")] == ["Too few were judged."]
    assert (root.get("tests"), root.get("failures")) == ("2", "1")


def test_a_run_that_judged_nothing_is_red_for_whoever_reads_only_this_file() -> None:
    root = parsed(assessment(judgement(Verdict.INCONCLUSIVE, "nobody answers"), exit_status=5))

    assert root.get("errors") == "1"


@pytest.mark.parametrize("strict, element", [(False, "skipped"), (True, "failure")])
def test_a_broken_should_is_a_failure_only_where_it_fails_the_run(*, strict: bool, element: str) -> None:
    broken = judgement(Verdict.FAIL, "no title", about=requirement(level="SHOULD"))

    (case,) = cases(parsed(assessment(broken, strict=strict)))

    assert [child.tag for child in case] == [element, "system-out"]


def test_the_verdict_decides_what_a_case_is() -> None:
    found = [[child.tag for child in case] for case in cases(parsed(assessment(*one_of_each_verdict())))]

    assert found == [
        ["system-out"],
        ["failure", "system-out"],
        ["skipped", "system-out"],
        ["skipped", "system-out"],
        ["error", "system-out"],
    ]


def test_the_suite_counts_its_cases() -> None:
    suite = parsed(assessment(*one_of_each_verdict())).find("testsuite")

    assert suite is not None
    assert tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped")) == (
        "5",
        "1",
        "1",
        "2",
    )


def test_everything_that_can_be_in_it_keeps_the_schema_of_jenkins() -> None:
    run = assessment(*one_of_each_verdict(), objections=("Too few were judged.",), exit_status=1)

    assert keeps_the_schema(parsed(run))
    assert len({(case.get("classname"), case.get("name")) for case in cases(parsed(run))}) == 6


def test_what_was_not_judged_says_why() -> None:
    run = assessment(judgement(Verdict.INCONCLUSIVE, "the target offers no clock"))
    skipped = cases(parsed(run))[0].find("skipped")

    assert skipped is not None
    assert skipped.get("message") == "the target offers no clock"


def test_a_failure_shows_request_answer_and_how_to_repeat_it() -> None:
    sent = exchange(request(KEY_HEADER, content='{"title":""}'), answer(200, ("X-Answer", "42"), content='{"a":1}'))
    output = cases(parsed(assessment(judgement(Verdict.FAIL, "no title", "main-1")), Recording(exchanges=(sent,))))[0]
    text = output.findtext("system-out") or ""

    assert "Every song carries a title." in text
    assert "POST http://target.test/v1/songs\nAuthorization: Bearer $CONFORMANCE_API_KEY" in text
    assert '{\n  "title": ""\n}' in text
    assert 'HTTP 200\nX-Answer: 42\n\n{\n  "a": 1\n}' in text
    assert "curl -sS -i -X POST" in text


def test_the_history_that_broke_a_rule_is_a_numbered_list() -> None:
    broken = played(judgement(Verdict.FAIL, "no refund"), "opened with 500 credits", "start a song")
    text = cases(parsed(assessment(broken)))[0].findtext("system-out") or ""

    assert "\n\n1. opened with 500 credits\n2. start a song" in text


def test_a_pass_does_not_repeat_its_exchanges() -> None:
    sent = exchange(response=answer())
    text = cases(parsed(assessment(judgement(Verdict.PASS, "", "main-1")), Recording(exchanges=(sent,))))[0].findtext(
        "system-out"
    )

    assert text == ("MUST: A song has a title\nEvery song carries a title.\njudged by test_songs.py::test_title: pass")


def test_many_exchanges_are_shown_in_part_and_named_in_full() -> None:
    ids = [f"main-{number}" for number in range(9)]
    held = Recording(exchanges=tuple(exchange(response=answer(), id=name) for name in ids))
    text = cases(parsed(assessment(judgement(Verdict.FAIL, "no", *ids)), held))[0].findtext("system-out") or ""

    assert text.count("HTTP 200") == 4
    assert text.endswith("more exchanges in the journal: main-4, main-5, main-6, main-7, main-8")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_a_target_writes_is_text_and_nothing_else(text: str) -> None:
    root = parsed(*hostile(text))

    assert keeps_the_schema(root)
    assert len(cases(root)) == 3


def test_a_target_can_not_make_the_file_large() -> None:
    assert len(junit_xml(*hostile("\0" * 5_000_000))) < 200_000


@given(runs())
@settings(max_examples=50, deadline=None)
def test_any_run_gives_well_formed_xml(run: tuple[Assessment, Recording]) -> None:
    root = parsed(*run)

    assert keeps_the_schema(root)
    assert len(run[0].judgements) == len(cases(root))
