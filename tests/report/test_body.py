from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from conformance.journal.records import Body
from conformance.report.body import TEXT_LIMIT, readable
from tests.report.factory import body

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_json_is_laid_out_as_the_standard_library_does_it(value: object) -> None:
    expected = json.dumps(value, indent=2)

    assert expected == readable(body(json.dumps(value)))


def test_json_keeps_its_own_numbers_order_and_repeated_keys() -> None:
    assert readable(body('{"b":80.0000,"a":1E2,"a":2}')) == '{\n  "b": 80.0000,\n  "a": 1E2,\n  "a": 2\n}'


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    assert readable(body("<h1>Bad Gateway</h1>")) == "<h1>Bad Gateway</h1>"


def test_of_binary_content_only_the_beginning_is_shown() -> None:
    shown = readable(body(b"RIFF\xff\xfe\x00" + b"\xff" * 10_000))

    assert shown.startswith(r"RIFF\xff\xfe\x00")
    assert shown.endswith("(10,007 bytes in all, not text)")
    assert len(shown) < 1000


def test_a_body_that_is_not_kept_whole_says_so() -> None:
    shown = readable(Body('["ä'.encode()[:-1], 5_000_000, truncated=True))

    assert shown == '["\n… (5,000,000 bytes in all, not all of them kept)'


def test_a_long_body_is_cut() -> None:
    shown = readable(body(json.dumps(list(range(100_000)))))

    assert len(shown) < TEXT_LIMIT + 100
    assert shown.endswith("characters in all)")


def test_deep_nesting_neither_fails_nor_grows() -> None:
    for depth in (400, 100_000):
        assert len(readable(body("[" * depth + "]" * depth))) < TEXT_LIMIT + 100


def test_control_characters_of_a_body_are_escaped() -> None:
    assert readable(body("a\x1b[31m\x00")) == r"a\x1b[31m\x00"
