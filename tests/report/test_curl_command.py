from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.journal.records import Body, Request
from conformance.report.placeholders import NO_VARIABLES
from conformance.report.reproduction import INLINE_LIMIT, curl_command
from tests.report.factory import KEY_HEADER, URL, exchange, request
from tests.report.hostility import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

# Stands in for curl: prints its arguments, each ended by NUL; what is piped in goes to standard error.
FAKE_CURL = """curl() { printf '%s\\0' "$@"; cat >&2; }; """
TYPED = ("Content-Type", "application/json")


VARIABLES = {"CONFORMANCE_API_KEY": "MUSIC_KEY", "TENANT_KEY": "TENANT_KEY"}
ENVIRONMENT = {"CONFORMANCE_API_KEY": "sk-real", "MUSIC_KEY": "sk-music", "TENANT_KEY": "tenant 7'\"$(id)"}


def run(sent: Request, variables: Mapping[str, str] = NO_VARIABLES) -> tuple[list[str], bytes]:
    """The arguments that curl gets when a shell runs the command, and what is piped into it."""
    done = subprocess.run(
        ["/bin/sh", "-c", FAKE_CURL + curl_command(exchange(sent), variables)],
        env={"PATH": os.environ["PATH"], **ENVIRONMENT},
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    return [argument.decode() for argument in done.stdout.split(b"\0")[:-1]], done.stderr


def test_a_request_reads_as_one_would_type_it() -> None:
    command = curl_command(exchange(request(KEY_HEADER, TYPED, content='{"title":"it\'s"}')))

    assert command == (
        'curl -sS -i -X POST http://target.test/v1/songs -H "Authorization: Bearer $CONFORMANCE_API_KEY" '
        "-H 'Content-Type: application/json' --data-raw '{\"title\":\"it'\"'\"'s\"}'"
    )


def test_the_shell_puts_the_key_in() -> None:
    arguments, _ = run(request(KEY_HEADER, method="GET"))

    assert arguments == ["-sS", "-i", URL, "-H", "Authorization: Bearer sk-real"]


def test_the_key_comes_from_the_variable_that_the_user_named_for_it() -> None:
    arguments, _ = run(request(KEY_HEADER, method="GET"), VARIABLES)

    assert arguments == ["-sS", "-i", URL, "-H", "Authorization: Bearer sk-music"]


@pytest.mark.parametrize("value", ["{}", "Token {}", "t={}; b='2'", "a{}b", "{}{}", '"{}"', "{}_7", "`id` {} $HOME"])
def test_the_shell_puts_the_variable_of_a_stated_header_in(value: str) -> None:
    arguments, _ = run(request(("X-Tenant", value.replace("{}", "$TENANT_KEY")), method="GET"), VARIABLES)

    assert arguments[-1] == f"X-Tenant: {value.replace('{}', ENVIRONMENT['TENANT_KEY'])}"


def test_a_key_that_travels_in_the_url_is_put_in_there() -> None:
    arguments, _ = run(request(method="GET", url=f"{URL}?page=2&key=$TENANT_KEY&limit=1#top"), VARIABLES)

    assert arguments[-1] == f"{URL}?page=2&key={ENVIRONMENT['TENANT_KEY']}&limit=1#top"


@pytest.mark.parametrize(
    "url, headers",
    [
        (f"{URL}/$MUSIC_KEY/$TENANT_KEY", ()),
        (f"{URL}/a?after=$HOME&before=${{PATH}}&x=`id`", ()),
        (f"{URL}/a?after=x$TENANT_KEY&b=$TENANT_KEYx", ()),
        (URL, (("If-Match", '"$HOME"'), ("X-Next", "$PATH $(id) `id` \\ !! ~"))),
    ],
)
def test_what_a_target_writes_like_a_variable_is_not_expanded(url: str, headers: tuple[tuple[str, str], ...]) -> None:
    arguments, _ = run(request(*headers, method="GET", url=url), VARIABLES)

    assert url in arguments
    assert [f"{name}: {value}" for name, value in headers] == [one for one in arguments if one.startswith(("If", "X-"))]


def test_user_and_password_are_encoded_by_curl() -> None:
    arguments, _ = run(request(("Authorization", "Basic $TENANT_KEY"), method="GET"), VARIABLES)

    assert arguments[-2:] == ["-u", ENVIRONMENT["TENANT_KEY"]]


def test_a_key_that_was_changed_on_purpose_is_said_to_be() -> None:
    command = curl_command(exchange(request(("Authorization", "Bearer $CONFORMANCE_API_KEY (altered)"), method="GET")))

    assert command.endswith(" # the key in the variable was sent altered")


def test_a_key_in_a_header_with_other_shell_words_is_all_that_is_expanded() -> None:
    value = "`id` $HOME \"$(id)\" '!x' $CONFORMANCE_API_KEY;rm"
    arguments, _ = run(request(("X-Odd", value), method="GET"))

    assert f"X-Odd: {value.replace('$CONFORMANCE_API_KEY', 'sk-real')}" == arguments[-1]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cf"]), min_size=1))
@settings(max_examples=40, deadline=None)
def test_the_shell_hands_url_and_body_over_unchanged(text: str) -> None:
    arguments, _ = run(request(TYPED, url=f"{URL}/{text}", content=text))

    assert f"{URL}/{text}" in arguments
    assert ["--data-raw", text] == arguments[-2:]


@pytest.mark.parametrize("content", [b"a\x00b", b"\xff\xfe", b"\x1b[31m", "a\u202eb".encode()])
def test_a_body_that_is_not_plain_text_is_piped_in(content: bytes) -> None:
    arguments, piped = run(request(TYPED, content=content))

    assert arguments[-2:] == ["--data-binary", "@-"]
    assert content == piped


@pytest.mark.parametrize(
    "sent", [Body(b"a", 9_000_000, truncated=True), Body(b"a" * (INLINE_LIMIT + 1), INLINE_LIMIT + 1)]
)
def test_a_body_that_is_too_long_or_not_kept_whole_is_left_out_openly(sent: Body) -> None:
    arguments, _ = run(Request("POST", URL, request(TYPED).headers, sent))

    assert arguments[-2:] == ["--data-binary", "@request-body"]


def test_curl_does_not_invent_a_content_type() -> None:
    arguments, _ = run(request(content="x"))

    assert arguments[-4:] == ["-H", "Content-Type:", "--data-raw", "x"]


def test_a_header_without_a_value_is_sent() -> None:
    arguments, _ = run(request(("X-Empty", ""), method="GET"))

    assert arguments[-1] == "X-Empty;"


def test_a_head_request_does_not_wait_for_a_body() -> None:
    arguments, _ = run(request(method="HEAD"))

    assert arguments == ["-sS", "-i", "--head", URL]


def test_curl_leaves_odd_urls_alone() -> None:
    arguments, _ = run(request(method="GET", url=f"{URL}/../x?a[]={{1}}"))

    assert ["--path-as-is", "--globoff", f"{URL}/../x?a[]={{1}}"] == arguments[-3:]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_that_a_terminal_acts_on_is_in_the_command(text: str) -> None:
    data = text.encode("utf-8", "replace")
    command = curl_command(exchange(request((text, text), url=f"{URL}/{text}", content=data)))

    assert [char for char in command if char != "\n" and not char.isprintable()] == []
