"""API keys that are nearly good ones: each is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError
from conformance.money.budget import reads
from conformance.suite.beatra.answers import refused_with
from conformance.suite.scenarios import requirement, scenario_for_each

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway


def other(character: str) -> str:
    """Another character of the same kind."""
    return "7" if character != "7" else "8"


ALTERATIONS: Final[dict[str, Callable[[str], str]]] = {
    "without its last character": lambda key: key[:-1],
    "with one more character": lambda key: f"{key}7",
    "with another last character": lambda key: key[:-1] + other(key[-1]),
    "with another character in the middle": lambda key: (
        key[: len(key) // 2] + other(key[len(key) // 2]) + key[len(key) // 2 + 1 :]
    ),
}


@scenario_for_each(ALTERATIONS, lambda _: reads(requests=2))
def near_key(gateway: OpenGateway, case: Callable[[str], str]) -> tuple[Exchange, Exchange]:
    """The list of tasks with the account's key, and with one that is nearly the same."""
    with gateway("near-key") as beatra:
        altered = beatra.account.with_altered_key(case, "altered")
        return beatra.list_tasks(limit=1), altered.call("listTasks", query={"limit": 1})


@scenario_for_each({"other letters": str.swapcase}, lambda _: reads(requests=2))
def other_letters(gateway: OpenGateway, case: Callable[[str], str]) -> tuple[Exchange, Exchange]:
    """The list of tasks with the account's key, and with the same in other letters."""
    with gateway("other-letters") as beatra:
        altered = beatra.account.with_altered_key(case, "in other letters")
        return beatra.list_tasks(limit=1), altered.call("listTasks", query={"limit": 1})


def expect_refused(pair: tuple[Exchange, Exchange]) -> None:
    good, near = pair
    if not good.accepted:
        raise BlockedError("BEATRA-LIST-02", f"with the key itself the list is answered {good.failure or good.status}")
    # Where keys have a region, an altered one may be refused for that.
    regional = near.response is not None and near.get("/error/code") == "api_key_region_mismatch"
    refused_with(near, 400 if regional else 401)


@requirement("BEATRA-AUTH-05")
def test_a_key_that_is_nearly_good_is_refused(near_key: tuple[Exchange, Exchange]) -> None:
    expect_refused(near_key)


@requirement("BEATRA-AUTH-06")
def test_a_key_in_other_letters_is_refused(other_letters: tuple[Exchange, Exchange]) -> None:
    expect_refused(other_letters)
