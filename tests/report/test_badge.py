from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from conformance.report.badge import badge_svg
from conformance.verdicts.model import Overall, Verdict
from tests.report.factory import assessment, hostile, judgement, one_of_each_verdict, requirement
from tests.report.hostility import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def picture(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - our own output


def test_it_says_the_verdict_and_how_many_musts_of_those_that_apply_are_met() -> None:
    root = picture(badge_svg(assessment(*one_of_each_verdict(), overall=Overall.NONCONFORMANT)))

    assert [text.text for text in root.iter(f"{SVG}text")] == ["conformance", "nonconformant 1/4"]


def test_who_can_not_see_it_is_told_the_same() -> None:
    run = assessment(judgement(Verdict.PASS), judgement(Verdict.FAIL, about=requirement("ACME-2", level="SHOULD")))
    root = picture(badge_svg(run))

    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "conformance: incomplete 1/1"


@pytest.mark.parametrize("overall", Overall)
def test_every_verdict_has_a_colour_and_its_text_fits_into_its_box(overall: Overall) -> None:
    root = picture(badge_svg(assessment(judgement(Verdict.PASS), overall=overall)))
    boxes, texts = root.findall(f"{SVG}rect"), root.findall(f"{SVG}text")

    assert boxes[0].get("fill") != boxes[1].get("fill")
    assert float(root.get("width", "0")) == sum(float(box.get("width", "0")) for box in boxes)
    for box, text in zip(boxes, texts, strict=True):
        start, end = float(box.get("x", "0")), float(box.get("x", "0")) + float(box.get("width", "0"))
        assert start < float(text.get("x", "0"))
        assert float(text.get("x", "0")) + float(text.get("textLength", "0")) < end


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_that_a_target_writes_gets_into_it(text: str) -> None:
    run, _ = hostile(text)
    other, _ = hostile("innocent")

    assert badge_svg(run) == badge_svg(other)
