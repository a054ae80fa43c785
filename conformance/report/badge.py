"""The verdict of a run as a small picture for a README: `badge.svg`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # only written, nothing is parsed

from conformance.verdicts.model import Overall, Verdict

if TYPE_CHECKING:
    from conformance.verdicts.model import Assessment

LABEL: Final = "conformance"
_COLOURS: Final = {
    Overall.CONFORMANT: "#116329",
    Overall.INCOMPLETE: "#7d4e00",
    Overall.NONCONFORMANT: "#b3121d",
    Overall.INCONCLUSIVE: "#57606a",
}
_GREY: Final = "#3c434b"
_HEIGHT: Final = 20
_PADDING: Final = 6
# Of the fonts that are asked for at this size, in pixels; `textLength` makes up for what a reader's font differs by.
_FONT: Final = "Verdana, Geneva, 'DejaVu Sans', sans-serif"
_FONT_SIZE: Final = 11
_NARROW: Final = frozenset("fijlrt/1 ")
_WIDTHS: Final = {True: 5.0, False: 7.0}


def badge_svg(assessment: Assessment) -> bytes:
    """The picture: the verdict of the run, and how many of the MUST requirements that apply are met."""
    must = assessment.tallies["MUST"]
    applicable = must.total - must.counts[Verdict.NOT_APPLICABLE]
    message = f"{assessment.overall} {must.counts[Verdict.PASS]}/{applicable}"
    left, right = _width(LABEL), _width(message)
    size = {"width": _number(left + right), "height": _number(_HEIGHT)}
    title = f"{LABEL}: {message}"
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-label": title})
    ET.SubElement(root, "title").text = title
    _part(root, 0, left, _GREY, LABEL)
    _part(root, left, right, _COLOURS[assessment.overall], message)
    return bytes(ET.tostring(root, "utf-8"))


def _part(root: ET.Element, start: float, width: float, colour: str, text: str) -> None:
    box = {"x": _number(start), "width": _number(width), "height": _number(_HEIGHT), "fill": colour}
    ET.SubElement(root, "rect", box)
    shown = ET.SubElement(
        root,
        "text",
        {
            "x": _number(start + _PADDING),
            "y": "14",
            "fill": "#fff",
            "font-family": _FONT,
            "font-size": str(_FONT_SIZE),
            "textLength": _number(width - 2 * _PADDING),
            # The title has said it already.
            "aria-hidden": "true",
        },
    )
    shown.text = text


def _width(text: str) -> float:
    return sum(_WIDTHS[letter in _NARROW] for letter in text) + 2 * _PADDING


def _number(value: float) -> str:
    return f"{value:g}"
