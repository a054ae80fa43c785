"""From values to bytes: whatever a target or a test hands over, it arrives as it was meant."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.client.request import Form, PreparedRequest, Upload, encode, prepare
from tests.client.bench import BASE, sample_contract

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS = sample_contract().document.operations
ANY_TEXT = st.text(st.characters())


def url_for(song: object) -> str:
    return prepare(BASE, OPERATIONS["getSong"], path={"song": song}).url


def query_of(query: Mapping[str, Any]) -> str:
    return urlsplit(prepare(BASE, OPERATIONS["listSongs"], query=query).url).query


def parts_of(content: bytes, content_type: str) -> list[tuple[dict[str, str], bytes]]:
    """The parts of a form as a reader of MIME sees them, which knows nothing of how it was made."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    parts: list[Any] = list(message.walk())[1:]
    return [(dict(part.items()), part.get_payload(decode=True)) for part in parts]


@pytest.mark.parametrize(
    "song, segment",
    [
        ("s1", "s1"),
        (7, "7"),
        ("a/b", "a%2Fb"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("%2F", "%252F"),
        ("ü", "%C3%BC"),
        ("{song}", "%7Bsong%7D"),
        ("\r\nHost: x", "%0D%0AHost%3A%20x"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("\ud800", "%ED%A0%80"),
    ],
)
def test_a_value_in_the_path_stays_one_segment(song: object, segment: str) -> None:
    assert url_for(song) == f"{BASE}/songs/{segment}"


@given(song=st.text(min_size=1))
def test_no_value_leads_to_another_path(song: str) -> None:
    sent = httpx.URL(url_for(song)).raw_path.decode()

    assert sent.startswith("/api/songs/")
    assert unquote(sent.removeprefix("/api/songs/")) == song
    assert "/" not in sent.removeprefix("/api/songs/")


@pytest.mark.parametrize(
    "query, sent",
    [
        ({"after": "a&b=c"}, "after=a%26b%3Dc"),
        ({"limit": 5, "after": None}, "limit=5"),
        ({"loud": True, "soft": False}, "loud=true&soft=false"),
        ({"after": "two words+ü"}, "after=two+words%2B%C3%BC"),
        ({"after": "\udfff"}, "after=%ED%BF%BF"),
        ({"after": ""}, "after="),
        ({"after": None}, ""),
        ({}, ""),
    ],
)
def test_values_of_a_query_are_escaped_and_absent_ones_left_out(query: Mapping[str, Any], sent: str) -> None:
    assert query_of(query) == sent


@given(query=st.dictionaries(st.text(min_size=1), st.text()))
def test_a_query_comes_back_as_it_was(query: dict[str, str]) -> None:
    assert dict(parse_qsl(query_of(query), keep_blank_values=True)) == query


def test_without_a_query_there_is_no_question_mark() -> None:
    assert prepare(BASE, OPERATIONS["listSongs"], query={"after": None}).url == f"{BASE}/songs"


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | ANY_TEXT, st.lists))
def test_json_says_the_value_whatever_characters_it_has(value: object) -> None:
    content, content_type = encode({"value": value}, None)

    assert json.loads(content.decode("utf-8", "surrogatepass")) == {"value": value}
    assert content_type == "application/json"


def test_characters_go_over_the_wire_as_utf_8_and_not_as_escapes() -> None:
    assert encode({"lyrics": "für Elise 🎹"}, None)[0] == '{"lyrics": "für Elise 🎹"}'.encode()


@pytest.mark.parametrize("value", [False, 0, "", [], {}])
def test_an_empty_value_is_a_body_nevertheless(value: object) -> None:
    assert prepare(BASE, OPERATIONS["createSong"], json=value).content == json.dumps(value).encode()


def test_no_value_means_neither_body_nor_content_type() -> None:
    prepared = prepare(BASE, OPERATIONS["createSong"])

    assert (prepared.content, prepared.headers) == (b"", ())


def test_a_content_type_that_is_given_stays_alone() -> None:
    prepared = prepare(BASE, OPERATIONS["createSong"], json={}, headers={"content-type": "text/plain"})

    assert prepared.headers == (("content-type", "text/plain"),)


def test_a_request_knows_its_operation() -> None:
    prepared = prepare(BASE, OPERATIONS["stopSong"], path={"song": "s1"})

    assert (prepared.method, prepared.url, prepared.operation) == ("POST", f"{BASE}/songs/s1/stop", "stopSong")


def test_a_form_has_its_fields_and_then_its_files() -> None:
    form = Form({"purpose": "für später", "empty": ""}, {"file": Upload("a.wav", b"\x00\r\n--\xff", "audio/wav")})
    content, content_type = encode(None, form)

    assert content_type is not None
    assert parts_of(content, content_type) == [
        ({"Content-Disposition": 'form-data; name="purpose"'}, "für später".encode()),
        ({"Content-Disposition": 'form-data; name="empty"'}, b""),
        (
            {"Content-Disposition": 'form-data; name="file"; filename="a.wav"', "Content-Type": "audio/wav"},
            b"\x00\r\n--\xff",
        ),
    ]


def test_a_form_without_a_file_is_a_multipart_form_too() -> None:
    content, content_type = encode(None, Form({"purpose": "reference"}))

    assert (content_type or "").startswith("multipart/form-data; boundary=")
    assert b'name="purpose"' in content
    assert b"filename" not in content


def test_an_empty_form_is_only_its_end() -> None:
    content, content_type = encode(None, Form())

    assert content_type is not None
    assert content == f"--{content_type.partition('boundary=')[2]}--\r\n".encode()


def test_the_name_of_a_file_can_not_break_out_of_its_header() -> None:
    content, _ = encode(None, Form({}, {"file": Upload('a"\r\nX-Evil: 1\r\n.wav', b"", "audio/wav")}))

    assert b"\r\nX-Evil" not in content


def test_a_changed_request_leaves_the_first_one_alone() -> None:
    first = PreparedRequest("POST", BASE)
    second = first.with_json({"a": 1}).with_header("X-A", "b")

    assert first == PreparedRequest("POST", BASE)
    assert second.headers == (("Content-Type", "application/json"), ("X-A", "b"))
    assert second.content == b'{"a": 1}'
