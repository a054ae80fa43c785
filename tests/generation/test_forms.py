"""Drawn values become the form that the document describes."""

from __future__ import annotations

import base64
from email import message_from_bytes
from typing import Any

import pytest

from conformance.generation.forms import encode_form, with_fields, with_steady_boundary

SCHEMA: dict[str, Any] = {
    "properties": {
        "sound": {"type": "string", "contentEncoding": "base64", "contentMediaType": "audio/wav"},
        "blob": {"type": "string", "format": "binary"},
        "purpose": {"type": "string"},
        "tags": {"type": "array"},
    }
}


def part_of(values: dict[str, Any]) -> Any:  # noqa: ANN401 - a message part, as typeshed knows it
    """The only part of the form that is made of these values."""
    content, content_type = encode_form(values, SCHEMA)
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    (part,) = list(message.walk())[1:]
    return part


def test_what_stands_for_bytes_is_sent_as_a_file_of_these_bytes() -> None:
    part = part_of({"sound": base64.b64encode(b"RIFF\x00\xff").decode()})

    assert part.get_payload(decode=True) == b"RIFF\x00\xff"
    assert part.get_content_type() == "audio/wav"
    assert part.get_filename() == "sound"


@pytest.mark.parametrize("value", [b"\x00\xff", "text"])
def test_what_is_binary_is_sent_as_a_file_of_unknown_kind(value: object) -> None:
    part = part_of({"blob": value})

    assert part.get_payload(decode=True) in (b"\x00\xff", b"text")
    assert part.get_content_type() == "application/octet-stream"


@pytest.mark.parametrize(
    "name, value, sent",
    [
        ("purpose", "für später", "für später"),
        ("purpose", 5, "5"),
        ("purpose", True, "true"),
        ("purpose", None, "null"),
        ("tags", ["a", 1], '["a", 1]'),
        ("unknown", "x", "x"),
    ],
)
def test_anything_else_is_a_text_field(name: str, value: object, sent: str) -> None:
    part = part_of({name: value})

    assert part.get_payload(decode=True).decode() == sent
    assert part.get_filename() is None


def test_a_form_of_no_values_is_a_form_nevertheless() -> None:
    content, content_type = encode_form({}, SCHEMA)

    assert content_type.startswith("multipart/form-data; boundary=")
    assert content.endswith(b"--\r\n")


def test_the_boundary_depends_on_the_parts_alone() -> None:
    forms = [encode_form({"take": text}, {}) for text in ("one", "one", "two")]
    steady = [with_steady_boundary(content, (("Content-Type", kind),)) for content, kind in forms]

    assert steady[0] == steady[1] != steady[2]
    for content, ((_, kind),) in steady:
        boundary = kind.partition("boundary=")[2].encode()
        assert content.count(b"--" + boundary) == 2


def test_what_is_no_form_stays_as_it_is() -> None:
    assert with_steady_boundary(b"{}", (("Content-Type", "application/json"),)) == (
        b"{}",
        (("Content-Type", "application/json"),),
    )


@pytest.mark.parametrize("drawn", [{}, {"purpose": "media_input"}])
def test_a_field_takes_the_place_of_the_one_that_was_drawn(drawn: dict[str, Any]) -> None:
    content, content_type = encode_form({"sound": base64.b64encode(b"RIFF").decode(), **drawn}, SCHEMA)

    changed = with_fields(content, (("Content-Type", content_type),), {"purpose": "reference_audio"})

    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + changed)
    parts = {part.get_param("name", header="content-disposition"): part for part in list(message.walk())[1:]}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        "purpose": b"reference_audio",
        "sound": b"RIFF",
    }


def test_what_is_no_form_gets_no_fields() -> None:
    assert with_fields(b"{}", (("Content-Type", "application/json"),), {"purpose": "reference_audio"}) == b"{}"
