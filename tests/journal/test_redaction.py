"""However a target gives a secret back, it is not in what is stored."""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import string
import threading
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.journal.redaction import Redactor, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

PLACEHOLDER = "$CONFORMANCE_API_KEY"
KEY = "sk-abcdefghijklmnopqrstuvwxyz012345"

keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
surroundings = st.text(max_size=30)
# None of these can be part of a spelling of a secret, so that what surrounds it is known to remain.
plain_surroundings = st.text("äöü ☃\n\t", max_size=10)


def percent_all(key: str) -> str:
    return "".join(f"%{ord(character):02X}" for character in key)


def json_all(key: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in key)


def html_all(key: str) -> str:
    return "".join(f"&#{ord(character)};" for character in key)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quote": lambda key: quote(key, safe=""),
    "quote_plus": quote_plus,
    "quote in lower case": lambda key: quote(key, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "percent-encoded throughout": percent_all,
    "percent-encoded throughout in lower case": lambda key: percent_all(key).lower(),
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON with escaped slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON escaped throughout": json_all,
    "JSON escaped throughout in upper case": lambda key: json_all(key).upper().replace("\\U", "\\u"),
    "HTML": html.escape,
    "HTML escaped throughout": html_all,
    "HTML escaped throughout in hex": lambda key: "".join(f"&#x{ord(character):X};" for character in key),
    "HTML with named characters": lambda key: key.replace("&", "&amp;").replace("+", "&plus;").replace("=", "&equals;"),
    "hex": lambda key: key.encode().hex(),
    "hex in upper case": lambda key: key.encode().hex().upper(),
    "percent-encoded twice": lambda key: quote(percent_all(key)),
    "HTML within JSON": lambda key: json_all(html.escape(key)),
    "JSON within HTML": lambda key: html.escape(json_all(key)),
    "percent-encoded base64 within JSON": lambda key: json.dumps(
        quote(base64.b64encode(key.encode()).rstrip(b"="), safe="")
    )[1:-1].replace("%", "\\u0025"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64url": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(key=keys, before=plain_surroundings, after=plain_surroundings)
def test_every_spelling_gives_way_to_the_placeholder(spelling: str, key: str, before: str, after: str) -> None:
    spelled = SPELLINGS[spelling](key)
    redacted = Redactor(Secret(key)).text(before + spelled + after)

    # Only the padding of base64 may remain: it says nothing but the length.
    assert redacted.replace("=", "") == (before + PLACEHOLDER + after).replace("=", "")


@given(key=keys, parts=st.data())
def test_any_mixture_of_plain_and_percent_encoded_characters_is_found(key: str, parts: st.DataObject) -> None:
    mixed = "".join(
        parts.draw(st.sampled_from([character, f"%{ord(character):02x}", f"%{ord(character):02X}"]))
        for character in key
    )
    if "%" in key:
        # A mixture that leaves a key's own percent sign as it is decodes to something else.
        mixed = percent_all(key)

    assert Redactor(Secret(key)).text(f"?key={mixed}&x") == f"?key={PLACEHOLDER}&x"


@given(
    key=keys,
    before=st.binary(max_size=20),
    after=st.binary(max_size=20),
    encode=st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
)
def test_base64_of_anything_that_contains_it_keeps_only_what_stood_around_it(
    key: str, before: bytes, after: bytes, encode: Callable[[bytes], bytes]
) -> None:
    encoded = encode(before + key.encode() + after)
    redacted = Redactor(Secret(key)).data(encoded)

    head, placeholder, tail = redacted.partition(PLACEHOLDER.encode())
    assert placeholder
    assert encoded.startswith(head)
    assert len(head) * 6 <= len(before) * 8
    assert encoded.endswith(tail)
    assert len(tail.rstrip(b"=")) * 6 <= len(after) * 8 + 5


@pytest.mark.parametrize("context", ["Bearer {}", "user:{}", "{}:", "a:{}\n", '{{"key": "{}"}}'])
def test_usual_contexts_of_a_key_in_base64_are_covered(context: str) -> None:
    encoded = base64.b64encode(context.format(KEY).encode()).decode()

    for disguised in (encoded, quote(encoded, safe=""), encoded.replace("/", "\\/")):
        redacted = Redactor(Secret(KEY)).text(disguised)
        assert PLACEHOLDER in redacted
        assert all(encoded[start : start + 12] not in redacted for start in range(10, 40))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@given(key=keys)
def test_pages_in_wide_characters_are_no_hiding_place(encoding: str, key: str) -> None:
    page = f"<p>{key}</p>".encode(encoding)

    assert key.encode(encoding).removeprefix("\ufeff".encode("utf-16")) not in Redactor(Secret(key)).data(page)


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        lambda data: zlib.compress(data, 1),
        lambda data: gzip.compress(zlib.compress(data)),
    ],
    ids=["gzip", "zlib", "zlib in a hurry", "zlib within gzip"],
)
def test_a_compressed_stream_that_holds_a_secret_is_replaced_as_a_whole(pack: Callable[[bytes], bytes]) -> None:
    redactor = Redactor(Secret(KEY))
    other = pack(b"nothing to hide " * 10)

    assert redactor.data(pack(f'{{"key": "{quote(KEY)}"}}'.encode())) == PLACEHOLDER.encode()
    assert redactor.data(other) is other


def test_a_stream_that_was_cut_off_or_only_begins_like_one_does_not_disturb() -> None:
    redactor = Redactor(Secret(KEY))
    cut = gzip.compress(random.Random(1).randbytes(200) + KEY.encode())[:-8]

    assert redactor.data(cut) == PLACEHOLDER.encode()
    assert redactor.data(b"\x1f\x8b" + KEY.encode()) == b"\x1f\x8b" + PLACEHOLDER.encode()


@given(key=keys, text=st.lists(st.one_of(surroundings, st.just("\0")), max_size=5))
def test_what_was_redacted_holds_no_secret_and_is_not_changed_again(key: str, text: list[str]) -> None:
    redactor = Redactor(Secret(key, "$K"))
    redacted = redactor.text("".join(key if part == "\0" else part for part in text))

    assert key not in redacted
    assert redactor.text(redacted) == redacted


@given(text=st.text())
def test_a_text_without_secrets_is_left_alone(text: str) -> None:
    assert Redactor(Secret(KEY)).text(text) is text


@given(data=st.binary())
def test_bytes_without_secrets_are_the_very_same_object(data: bytes) -> None:
    assert Redactor(Secret(KEY)).data(data) is data


@given(data=st.binary(max_size=50), key=keys)
def test_bytes_that_are_no_text_keep_what_surrounds_the_secret(data: bytes, key: str) -> None:
    redacted = Redactor(Secret(key)).data(b"\x00" + key.encode() + b"\x00" + data)

    assert redacted.startswith(b"\x00" + PLACEHOLDER.encode() + b"\x00")


def test_every_occurrence_of_every_secret_gets_its_own_placeholder() -> None:
    redactor = Redactor(Secret("first-key-1", "$ONE"), Secret("second-key-2", "$TWO"))

    assert redactor.text("first-key-1second-key-2, first-key-1") == "$ONE$TWO, $ONE"


def test_of_two_keys_that_begin_alike_the_longer_is_seen() -> None:
    redactor = Redactor(Secret("sk-12345678", "$SHORT"), Secret("sk-12345678-more", "$LONG"))

    assert redactor.text("sk-12345678-more sk-12345678") == "$LONG $SHORT"


def test_of_two_keys_that_begin_alike_the_longer_is_seen_also_in_disguise() -> None:
    redactor = Redactor(Secret("sk-12345678", "$SHORT"), Secret("sk-12345678-more", "$LONG"))

    assert redactor.text("sk-12345678%2Dmore sk%2D12345678") == "$LONG $SHORT"


@given(st.lists(st.text("^]-\\[a", min_size=1, max_size=4), min_size=1, max_size=6, unique=True), st.data())
def test_keys_of_any_length_and_beginning_are_seen_beside_each_other(values: list[str], drawn: st.DataObject) -> None:
    redactor = Redactor(*map(Secret, values))

    for value in values:
        before, after = drawn.draw(plain_surroundings), drawn.draw(plain_surroundings)
        assert redactor.text(before + value + after) == before + PLACEHOLDER + after


def test_keys_that_overlap_vanish_together() -> None:
    redactor = Redactor(Secret("abcdefgh", "$ONE"), Secret("fghijklm", "$TWO"))

    assert redactor.text("<abcdefghijklm>") == "<$ONE>"


def test_a_secret_is_removed_from_the_moment_it_is_registered() -> None:
    redactor = Redactor()
    assert redactor.text(KEY) == KEY
    redactor.register(Secret(KEY))
    redactor.register(Secret(KEY, "$AGAIN"))

    assert redactor.text(KEY) == PLACEHOLDER


def test_names_and_strings_of_a_json_value_are_cleaned_at_any_depth() -> None:
    value = {KEY: [1, None, {"a": (KEY, True)}], "b": 2.5}

    assert Redactor(Secret(KEY)).value(value) == {PLACEHOLDER: [1, None, {"a": [PLACEHOLDER, True]}], "b": 2.5}


def test_a_lone_surrogate_does_not_disturb() -> None:
    assert Redactor(Secret(KEY)).text(f"\ud800{KEY}") == f"\ud800{PLACEHOLDER}"


def test_threads_may_register_and_redact_at_the_same_time() -> None:
    drawn = random.Random(3)
    secrets = [Secret("sk-" + "".join(drawn.choices(string.ascii_letters, k=32))) for _ in range(60)]
    redactor = Redactor()
    leaks: list[str] = []

    def register_and_redact(mine: list[Secret]) -> None:
        for secret in mine:
            redactor.register(secret)
            if redactor.text(f"{{{secret.reveal()}}}") != f"{{{PLACEHOLDER}}}":
                leaks.append(secret.placeholder)

    threads = [threading.Thread(target=register_and_redact, args=(secrets[start::6],)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert leaks == []
    assert redactor.text(" ".join(secret.reveal() for secret in secrets)) == " ".join([PLACEHOLDER] * 60)
