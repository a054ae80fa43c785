"""The key travels where the conventions say, and is stored nowhere, whatever place that is."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance.accounts.account import Account
from conformance.client.errors import NotOfferedError
from conformance.client.request import PreparedRequest
from conformance.contract.conventions import Authentication, Refusal
from conformance.journal.redaction import Secret
from tests.client.bench import BASE, KEY, headers_of, sample_contract

if TYPE_CHECKING:
    from conformance.contract.contract import Contract
    from tests.client.conftest import OpenBench

READ = PreparedRequest("GET", f"{BASE}/songs", operation="listSongs")
MEDIA = PreparedRequest("GET", "https://media.test/clip.wav", origin="media")
REFUSAL = Refusal((401,), None)


def contract_with(authentication: Authentication | None) -> Contract:
    contract = sample_contract()
    return replace(contract, conventions=replace(contract.conventions, authentication=authentication))


@pytest.mark.parametrize(
    "scheme, value",
    [
        ("Token", f"Token {KEY}"),
        ("", KEY),
        ("Basic", f"Basic {base64.b64encode(KEY.encode()).decode()}"),
    ],
)
def test_a_key_in_a_header_stands_after_its_scheme(scheme: str, value: str, bench: OpenBench) -> None:
    made = bench(contract=contract_with(Authentication("X-Key", scheme, REFUSAL, REFUSAL)))

    made.client.send(READ, made.sender())

    assert headers_of(made.sent[0], "X-Key") == [value]
    assert value.encode() not in made.stored
    assert KEY.encode() not in made.stored


@pytest.mark.parametrize("asked", ["", "?limit=2"])
def test_a_key_in_the_query_stands_beside_what_is_asked(asked: str, bench: OpenBench) -> None:
    made = bench(contract=contract_with(Authentication("", "", REFUSAL, REFUSAL, query="api key")))

    exchange = made.client.send(replace(READ, url=READ.url + asked), made.sender())

    query = parse_qs(urlsplit(made.sent[0].url).query)
    assert query == {"api key": [KEY], **({"limit": ["2"]} if asked else {})}
    assert headers_of(made.sent[0], "Authorization") == []
    assert KEY.encode() not in made.stored
    assert exchange.request.url.endswith("=$CONFORMANCE_API_KEY")


def test_a_key_in_the_query_stays_away_from_other_hosts(bench: OpenBench) -> None:
    made = bench(contract=contract_with(Authentication("", "", REFUSAL, REFUSAL, query="key")))

    made.client.send(MEDIA, made.sender())

    assert made.sent[0].url == MEDIA.url


def test_an_account_needs_no_key_where_nobody_says_that_one_travels(bench: OpenBench) -> None:
    made = bench(contract=contract_with(None))

    Account(made.client, "anybody", {}, None, None).send(READ)

    assert len(made.sent) == 1


def test_an_account_without_the_key_that_is_needed_asks_nothing(bench: OpenBench) -> None:
    made = bench()

    with pytest.raises(NotOfferedError, match="needs a main key"):
        Account(made.client, "anybody", {}, None, None).send(READ)
    assert made.sent == []


def test_a_key_can_be_presented_under_another_scheme_and_is_not_kept_either(bench: OpenBench) -> None:
    made = bench()

    Account(made.client, "anybody", {"main": Secret(KEY)}, None, None).send(READ, scheme="Token")

    assert headers_of(made.sent[0], "Authorization") == [f"Token {KEY}"]
    assert KEY.encode() not in made.stored
