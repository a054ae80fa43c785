"""Ways to present no usable key: all different, and none of them a key that anybody could have."""

from __future__ import annotations

import base64

from conformance.contract.conventions import Authentication, Refusal
from conformance.generation.credentials import bad_credentials

NONE = Refusal((401,), None)
WAYS = bad_credentials(Authentication("X-Auth", "Token", NONE, NONE))


def test_all_ways_differ_in_name_and_value() -> None:
    assert len({way.name for way in WAYS}) == len({way.value for way in WAYS}) == len(WAYS)


def test_one_way_is_to_send_nothing() -> None:
    assert [way.name for way in WAYS if way.value is None] == ["absent"]


def test_the_scheme_of_the_system_is_used_with_no_key_and_with_unknown_ones() -> None:
    values = [way.value for way in WAYS if way.value is not None]

    assert "Token" in values
    assert sum(value.startswith("Token ") and len(value) > len("Token ") for value in values) >= 2
    assert not any("Bearer" in value for value in values)


def test_what_httpx_would_refuse_to_send_is_marked() -> None:
    assert {way.name for way in WAYS if way.raw} == {
        way.name for way in WAYS if way.value is not None and way.value != way.value.strip()
    }


def test_a_key_without_a_scheme_is_left_out_or_replaced() -> None:
    ways = bad_credentials(Authentication("X-Key", "", NONE, NONE))

    assert [way.name for way in ways] == ["absent", "unknown key", "key of another form"]
    assert not any(way.raw for way in ways)


def test_basic_credentials_are_encoded_and_confused_with_another_scheme() -> None:
    values = {
        way.name: way.value or "" for way in bad_credentials(Authentication("Authorization", "Basic", NONE, NONE))
    }

    assert values["unknown key"].startswith("Basic ")
    assert base64.b64decode(values["unknown key"].removeprefix("Basic "), validate=True)
    assert values["another scheme"].startswith("Bearer ")
