"""A control interface that says it did what it did not do is found out before anything rests on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from conformance.accounts.control import Control, Offer
from conformance.accounts.control_self_check import SELF_CHECKS, failed_self_checks
from tests.client.bench import CONTROL, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.conftest import OpenBench

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass
class Interface:
    """A control interface of one account, whose clock runs at a speed and whose wallet keeps so many places."""

    speed: float = 1.0
    places: int = 4
    balance: str = "1000"
    opens_with: str = ""
    tells_time: bool = True
    refuses: str = ""
    now: datetime = NOON

    def __call__(self, outgoing: Outgoing) -> Incoming:
        assert isinstance(outgoing.content, bytes)
        body = json.loads(outgoing.content) if outgoing.content else {}
        path = outgoing.url.removeprefix(CONTROL)
        if path == self.refuses:
            return answer(501)
        if path == "/clock":
            self.now += timedelta(seconds=body["advance_seconds"] * self.speed)
            return answer(200, {"now": self.now.isoformat().replace("+00:00", "Z")} if self.tells_time else {})
        if path == "/tenants":
            told = body.get("balance_credits", self.balance)
            self.balance = self.opens_with or told
            return answer(201, {"keys": {"main": "sk-0123456789abcdef"}, "balance_credits": told})
        if outgoing.method == "PUT":
            self.balance = f"{float(body['balance_credits']):.{self.places}f}"
        return answer(200, {"balance_credits": self.balance})


def found_out(bench: OpenBench, interface: Interface, *offers: str) -> Mapping[str, str]:
    made = bench(interface)
    control = Control(made.client, CONTROL, Offer(frozenset(offers or SELF_CHECKS), "tenant"), made.sender())
    return failed_self_checks(made.account(control))


@pytest.mark.parametrize("interface", [Interface(), Interface(speed=1.5), Interface(tells_time=False)])
def test_an_interface_that_does_what_it_says_keeps_its_promises(bench: OpenBench, interface: Interface) -> None:
    assert found_out(bench, interface) == {}


@pytest.mark.parametrize(
    "interface, part, sentence",
    [
        (Interface(speed=0), "clock", "a clock that was put ahead by 60 s moved by 0 s"),
        (Interface(speed=0.5), "clock", "a clock that was put ahead by 60 s moved by 30 s"),
        (Interface(refuses="/clock"), "clock", f"the control interface refused POST {CONTROL}/clock: 501 "),
        (Interface(places=2), "wallet", "a balance that was set to 12.3456 shows as 12.35"),
        (Interface(opens_with="7"), "tenants/balance", "an account that was opened with 12.3456 shows 7"),
    ],
)
def test_what_does_not_work_is_told_in_a_sentence(
    bench: OpenBench, interface: Interface, part: str, sentence: str
) -> None:
    assert found_out(bench, interface) == {part: sentence}


def test_what_is_not_offered_is_not_tried_out(bench: OpenBench) -> None:
    assert found_out(bench, Interface(speed=0), "wallet") == {}
