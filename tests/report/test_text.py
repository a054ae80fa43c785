from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from conformance.report.text import one_line, printable, unicode_text


def test_ordinary_text_is_shown_as_it_is() -> None:
    text = "Süße Töne\t«♪»\n𝄞"

    assert text == printable(text, 100)


def test_what_nobody_can_see_is_shown_as_its_escape() -> None:
    assert printable("\x1b[31m \u202e \ud800 \x00", 100) == r"\x1b[31m \u202e \ud800 \x00"


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert printable("a" * 2000, 3) == "aaa … (2,000 characters in all)"


def test_escapes_do_not_make_a_text_longer_than_its_limit() -> None:
    assert printable("\0\0", 7) == r"\x00\x0 … (2 characters in all)"


def test_one_line_has_no_line_breaks() -> None:
    assert one_line("  a\r\n b\n\tc ", 100) == "a b c"


@given(st.text(st.characters(), max_size=200))
def test_no_control_character_or_surrogate_survives(text: str) -> None:
    kinds = {unicodedata.category(char) for char in printable(text, 100) if char not in "\t\n"}

    assert kinds.isdisjoint({"Cc", "Cs"})


@given(st.text(st.characters(), max_size=50))
def test_all_text_can_be_encoded_and_valid_text_is_unchanged(text: str) -> None:
    encodable = not any("\ud800" <= char <= "\udfff" for char in text)
    made = unicode_text(text)

    assert made == made.encode("utf-8").decode("utf-8")
    assert (made == text) == encodable
