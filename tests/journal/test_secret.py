"""A secret shows itself to nobody who does not ask."""

from __future__ import annotations

import copy
import pickle

import pytest

from conformance.client.transports.base import Incoming, Outgoing
from conformance.journal.records import Body, Headers, Request, Response
from conformance.journal.redaction import Secret, SecretPickledError, UnusableSecretError

KEY = "sk-abcdefghijklmnopqrstuvwxyz012345"


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r:>60}".format, "{:>60}".format, lambda key: f"{[key]}"])
def test_however_it_is_shown_only_its_placeholder_is_seen(shown: object) -> None:
    assert callable(shown)
    text = shown(Secret(KEY, "$SOME_KEY"))

    assert "$SOME_KEY" in text
    assert KEY[3:8] not in text


def test_it_is_revealed_on_demand() -> None:
    assert Secret(KEY).reveal() == KEY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_serialised(protocol: int) -> None:
    with pytest.raises(SecretPickledError, match=r"\$CONFORMANCE_API_KEY") as caught:
        pickle.dumps({"key": Secret(KEY)}, protocol)

    assert KEY not in str(caught.value)


def test_copies_are_the_secret_itself() -> None:
    secret = Secret(KEY)

    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_secrets_are_compared_by_what_they_hide() -> None:
    assert Secret(KEY) == Secret(KEY, "$OTHER")
    assert hash(Secret(KEY)) == hash(Secret(KEY, "$OTHER"))
    assert Secret(KEY) != Secret(KEY + "6")
    assert Secret(KEY) != KEY


@pytest.mark.parametrize("value", ["", " ", "sk-a b", "sk-a\n", "sk-ä", "sk-\x7f"])
def test_what_can_not_stand_in_a_header_is_no_key(value: str) -> None:
    with pytest.raises(UnusableSecretError, match="can't stand in an HTTP header"):
        Secret(value)


@pytest.mark.parametrize(
    "held",
    [
        Request("GET", "/songs", Headers((("Authorization", f"Bearer {KEY}"),)), Body(KEY.encode(), 35)),
        Response(200, Headers((("X-Debug", KEY),)), Body(KEY.encode(), 35)),
        Outgoing("GET", "/songs", (("Authorization", f"Bearer {KEY}"),), KEY.encode(), 1.0, 1),
        Incoming(200, (("X-Debug", KEY),), KEY.encode(), 35, "0" * 64),
    ],
    ids=lambda held: type(held).__name__,
)
def test_a_message_that_is_not_yet_cleaned_shows_neither_headers_nor_body(held: object) -> None:
    assert KEY[3:8] not in f"{held!r} {held} {[held]}"
