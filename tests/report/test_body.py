from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from conformance.journal.records import Body
from conformance.report import body as bodies
from conformance.report.body import TEXT_LIMIT
from tests.report.factory import body


def readable(shown: Body, *marks: str) -> str:
    return "".join(piece.text for piece in bodies.readable(shown, marks))


def marked(content: str, *marks: str) -> list[str]:
    return [piece.text for piece in bodies.readable(body(content), marks) if piece.marked]


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


def test_a_place_is_marked_with_its_key_and_nothing_else() -> None:
    assert marked('{"a":{"b":[1,{"c":2}]},"b":3}', "/b") == ['"b": 3']
    assert marked('{"a":{"b":[1,{"c":2}]},"b":3}', "/a/b/1") == ['{\n        "c": 2\n      }']


def test_of_a_place_that_is_not_there_the_innermost_value_around_it_is_marked() -> None:
    assert marked('{"billing":{"charged":"1"},"id":"x"}', "/billing/refunded/whole") == [
        '"billing": {\n    "charged": "1"\n  }'
    ]


def test_the_text_as_a_whole_is_never_marked() -> None:
    assert marked('{"a":1}', "", "/nowhere") == []


def test_a_pointer_with_escapes_leads_to_its_place() -> None:
    assert marked('{"a/b":{"~":1}}', "/a~1b/~0") == ['"~": 1']


def test_a_marked_place_far_down_is_shown() -> None:
    content = json.dumps({"data": list(range(5000)), "last": "here"})

    assert marked(content, "/last") == ['"last": "here"']
    assert len(readable(body(content), "/last")) < TEXT_LIMIT + 100


@given(JSON)
def test_marks_change_no_character(value: object) -> None:
    content = json.dumps({"a": value})

    assert readable(body(content), "/a") == readable(body(content))
