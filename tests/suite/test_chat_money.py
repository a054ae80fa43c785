"""What chats of beatra cost is known to quote, cap and breaker only where it is stated, and none is repeated."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from conformance.client.errors import ReservationError
from conformance.client.request import prepare
from conformance.contract.contract import load_contract
from conformance.money.budget import Tier
from conformance.money.charges import ChargeReader, ChargeTracker
from conformance.money.ledger import SpendLedger
from conformance.plugin.outcomes import register_markers
from conformance.suite.beatra.chats import ASKED, COMPLETION
from conformance.suite.quote import quote

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.client.request import PreparedRequest
    from conformance.contract.contract import Contract
    from conformance.suite.quote import Quote

BASE: Final = "https://target.test/v1"
PRICE: Final = Decimal(5)
CHATS: Final = {"answers", "chat_streams", "temperatures", "named_models", f"valid {COMPLETION}", f"odd {COMPLETION}"}


@pytest.fixture(autouse=True)
def markers(pytestconfig: pytest.Config) -> None:
    register_markers(pytestconfig)  # which the suite's modules have


def paid(contract: Contract) -> Quote:
    return quote(contract, Tier.PAID, None)


def net_of(found: Quote, names: set[str]) -> Decimal:
    return sum((entry.net for entry in found.entries if entry.scenario in names), Decimal(0))


def chat(key: str = "one") -> PreparedRequest:
    operation = load_contract("beatra").document.operations[COMPLETION]
    return prepare(BASE, operation, json=ASKED).with_header("Idempotency-Key", key)


def test_chats_are_in_no_sum_while_their_price_is_not_known() -> None:
    found = paid(load_contract("beatra"))

    assert {entry.scenario for entry in found.entries} >= CHATS
    assert net_of(found, CHATS) == 0
    assert found.smallest_cap == Decimal(310)


def test_a_stated_price_is_in_the_sums_once_for_every_chat() -> None:
    found = paid(load_contract("beatra").with_prices({COMPLETION: PRICE}))

    assert net_of(found, {"answers"}) == 3 * PRICE
    assert found.smallest_cap == Decimal(310) + net_of(found, CHATS)


def test_where_purchases_are_counted_every_chat_is_one() -> None:
    found = paid(load_contract("beatra").counting_purchases())

    assert net_of(found, {"answers", "chat_streams"}) == Decimal(5)


def test_an_earlier_version_of_the_contract_knows_nothing_of_chats() -> None:
    contract = load_contract("beatra", "1.1")
    found = paid(contract)

    assert not {entry.scenario for entry in found.entries} & {*CHATS, "model_lists", "health"}
    assert COMPLETION not in contract.document.operations
    assert set(contract.conventions.surfaces) == {"conventions", "music", "tasks", "uploads"}
    assert contract.conventions.pricing is not None
    assert contract.conventions.pricing.unknown == ()


def test_nothing_is_set_aside_for_a_chat_whose_price_is_not_known() -> None:
    reader = ChargeReader(load_contract("beatra").conventions)

    assert reader.may_cost(chat())
    with pytest.raises(ReservationError, match="what createChatCompletion costs is not known"):
        reader.model_and_price(chat())


def test_the_stated_price_is_set_aside() -> None:
    contract = load_contract("beatra").with_prices({COMPLETION: PRICE})

    assert ChargeReader(contract.conventions).model_and_price(chat()) == (COMPLETION, PRICE)


def test_no_document_promises_that_a_repeated_chat_is_free(tmp_path: Path) -> None:
    contract = load_contract("beatra")
    ledger = SpendLedger.open(tmp_path, run_id="run", base_url=BASE, system="beatra", unit="credits", cap=Decimal(100))
    tracker = ChargeTracker(ledger, contract, BASE)

    assert not tracker.promises_once(chat())
    ledger.close()
