"""Requests that ask for what does not exist are refused, and leave neither a task nor a debit behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.client.errors import BlockedError
from conformance.money.budget import refuses
from conformance.suite.batch import decided_or_unpaid as answered
from conformance.suite.beatra.bodies import SONG
from conformance.suite.beatra.keys import find_tasks, marked
from conformance.suite.beatra.money import expect_no_task
from conformance.suite.scenarios import requirement, scenario_for_each

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.keys import Found

FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown model": ({"model": "no-such-model"}, "BEATRA-MUSIC-13"),
    "unknown namespace": ({"model_options": {"udio": {}}}, "BEATRA-MUSIC-09"),
}


@dataclass(frozen=True, slots=True)
class RefusedSong:
    """A request that must be refused, the requirement that says so, and its tasks as the list shows them."""

    attempt: Exchange
    refused_by: str
    found: Found


@scenario_for_each(FAULTS, lambda case: refuses(1, demanded_by=case[1], requests=2))
def refused_song(gateway: OpenGateway, case: tuple[dict[str, Any], str]) -> RefusedSong:
    """A song with one thing that does not exist."""
    fault, refused_by = case
    with gateway("refused-song") as beatra:
        song = marked(beatra, {**SONG, **fault})
        with beatra.account.balance_watched():
            attempt = beatra.create_music(song)
        return RefusedSong(attempt, refused_by, find_tasks(beatra, song))


@requirement("BEATRA-MONEY-20")
def test_a_refused_request_creates_no_task(refused_song: RefusedSong) -> None:
    if answered(refused_song.attempt).accepted:
        raise BlockedError(refused_song.refused_by, f"the request was answered {refused_song.attempt.status}")

    expect_no_task(refused_song.attempt, refused_song.found)
