"""What a run with real money will not send is said before its first test, with what that leaves unjudged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.money.budget import REMEDIES
from conformance.plugin.outcomes import register_markers
from conformance.plugin.settings import RunSettings
from conformance.plugin.withheld import withheld
from conformance.suite.tiers import spending_of_tests
from tests.contract.described import document, loaded, operation

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.contract.contract import Contract


def settings(folder: Path, **given: Any) -> RunSettings:  # noqa: ANN401 - see RunSettings
    stated = {"system": "beatra", "base_url": "https://api.example.com/v1", "play": False, **given}
    return RunSettings(run_id="r1", folder=str(folder), seed=1, started_at="2026-11-20", **stated)


@pytest.fixture(autouse=True)
def markers(request: pytest.FixtureRequest) -> None:
    """The tests of the suite are imported, so that their budgets are known; they carry its marks."""
    register_markers(request.config)


@pytest.fixture
def unpriced(tmp_path: Path) -> Contract:
    made = {"201": {"description": "made", "links": {"read": {"operationId": "read", "parameters": {"id": "$x"}}}}}
    paths = {
        "/songs": {"post": operation({}, operationId="make", responses=made), "get": operation(operationId="list")},
        "/songs/{id}": {"get": operation(operationId="read")},
    }
    return loaded(tmp_path, document(paths=paths))


def test_a_document_without_prices_is_read_from_only(unpriced: Contract, tmp_path: Path) -> None:
    said = withheld(settings(tmp_path, max_credits="10"), unpriced)

    left = [one.id for one in unpriced.registry if "-make-" in one.id or one.id.endswith("-read-ACCEPTS")]
    assert said == (
        f"What may cost real money is not sent (POST /songs), so at least {len(left)} requirements will not be judged: "
        f"use {REMEDIES} (no price is known: --max-credits needs [prices] in target.toml)."
    )


def test_with_prices_the_tier_decides(tmp_path: Path) -> None:
    free = settings(tmp_path)

    said = withheld(free, free.contract())

    assert said.startswith("What may cost real money is not sent, so at least ")
    assert said.endswith(f" requirements will not be judged: use {REMEDIES}.")


def test_nothing_is_said_where_everything_is_sent(unpriced: Contract, tmp_path: Path) -> None:
    assert withheld(settings(tmp_path, play=True), unpriced) == ""
    assert withheld(settings(tmp_path, max_purchases=5), unpriced) == ""
    stated = settings(tmp_path, max_credits="500", prices=(("createChatCompletion", "5"),))
    assert withheld(stated, stated.contract()) == ""


def test_what_has_no_price_is_named_where_others_are_paid_for(tmp_path: Path) -> None:
    paid = settings(tmp_path, max_credits="500")

    said = withheld(paid, paid.contract())

    asked = {name for name, spent in spending_of_tests("beatra").items() if spent}
    assert {"BEATRA-CHAT-01", "BEATRA-STREAM-01", "BEATRA-MODELS-04"} <= asked
    assert said.startswith("What may cost real money is not sent (POST /chat/completions), so ")
    assert int(said.partition("at least ")[2].partition(" ")[0]) > len(asked)
