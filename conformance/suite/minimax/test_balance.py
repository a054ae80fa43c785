"""What an account without any balance gets, and what the free models cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import NotApplicableError, NotOfferedError
from conformance.contract.outcomes import Outcome
from conformance.money.budget import PLAY
from conformance.suite.minimax.answers import is_refusal, named, taken
from conformance.suite.minimax.bodies import PLANNED, PLANNED_COVER, SONG
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

NOTHING: Final = Decimal(0)
SOME: Final = Decimal(100)


REFUSED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "music": ("generateMusic", {"model": PLANNED, "prompt": SONG["prompt"]}),
    "preprocessing": ("preprocessCover", {"model": PLANNED_COVER}),
    "lyrics": ("generateLyrics", {"mode": "no-such-mode"}),
}


@dataclass(frozen=True, slots=True)
class WatchedRequest:
    """A request, with the balance before and after it."""

    request: Exchange
    before: Decimal | None
    after: Decimal | None


@scenario(PLAY)
def unpaid(service: OpenService) -> Exchange:
    """A song of the model of a plan, for an account without any balance."""
    with service("unpaid", needs=("wallet",), balance=NOTHING) as minimax:
        return minimax.song(model=PLANNED)


@scenario(PLAY)
def free_of_charge(service: OpenService) -> Exchange:
    """A song of the free model, for an account without any balance."""
    with service("free-of-charge", needs=("wallet",), balance=NOTHING) as minimax:
        return minimax.generate(SONG)


@scenario(PLAY, provisional=True)
def purse(service: OpenService) -> WatchedRequest:
    """A song of the free model, for an account with a balance."""
    with service("purse", needs=("wallet",), balance=SOME) as minimax:
        before = minimax.account.visible_balance()
        song = minimax.generate(SONG)
        return WatchedRequest(song, before, minimax.account.visible_balance())


@scenario(PLAY, provisional=True)
def refusals(service: OpenService) -> dict[str, WatchedRequest]:
    """A request to each operation that can't be carried out, for an account with a balance."""
    with service("refusals", needs=("wallet",), balance=SOME) as minimax:
        made = {}
        for name, (operation, body) in REFUSED.items():
            before = minimax.account.visible_balance()
            exchange = minimax.account.call(operation, json=body)
            made[name] = WatchedRequest(exchange, before, minimax.account.visible_balance())
        return made


@requirement("MINIMAX-ERROR-03")
def test_a_balance_that_is_too_low_has_its_code(unpaid: Exchange) -> None:
    if unpaid.outcome is Outcome.FORBIDDEN:
        raise NotApplicableError("the key has no plan for a model that costs anything")
    named(unpaid, Outcome.UNPAID, "1008")


@requirement("MINIMAX-MODEL-06")
def test_the_free_model_serves_an_account_without_a_balance(free_of_charge: Exchange) -> None:
    # Here a refusal for the balance is an answer to the question.
    if free_of_charge.outcome is not Outcome.UNPAID:
        taken(free_of_charge)

    assert free_of_charge.outcome is Outcome.ACCEPTED


@requirement("MINIMAX-MODEL-07")
def test_the_free_model_costs_nothing(purse: WatchedRequest) -> None:
    taken(purse.request)

    unchanged(purse)


@requirement("MINIMAX-MONEY-01")
@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_costs_nothing(refusals: dict[str, WatchedRequest], name: str) -> None:
    purse = refusals[name]
    if not is_refusal(purse.request):
        # Whether it must be refused is the requirement of the parameter that is wrong.
        raise NotOfferedError(f"what should be refused is answered {purse.request.summary}")

    unchanged(purse)


def unchanged(purse: WatchedRequest) -> None:
    """The balance is no lower after the request; it may rise by what others do."""
    if purse.before is None or purse.after is None:
        raise NotOfferedError("the balance can't be compared: others may move it")

    assert purse.after >= purse.before, f"expected no charge for {purse.request.id}"
