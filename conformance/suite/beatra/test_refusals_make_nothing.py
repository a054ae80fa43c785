"""Creations that are refused for several reasons: the list shows no task of them, neither at once nor later."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError
from conformance.money.budget import refuses
from conformance.suite.batch import decided_or_unpaid as answered
from conformance.suite.beatra.bodies import SONG
from conformance.suite.beatra.keys import find_tasks, marked
from conformance.suite.beatra.money import expect_no_task
from conformance.suite.beatra.songs import cover_of
from conformance.suite.scenarios import requirement, scenario_for_each

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway
    from conformance.suite.beatra.keys import Found

FROM_TEXT: Final = "/music/text-to-music"
# An artifact that was never made; the request is refused for its model before.
ARTIFACT: Final = "artifact_27182818284590452"
# Long enough for a worker that takes over what a handler left to it.
PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request is refused: what is changed in a good one, and the requirement that has it refused."""

    demanded_by: str
    send: Callable[[Gateway, dict[str, Any]], Exchange]


def song_with(**members: Any) -> Callable[[Gateway, dict[str, Any]], Exchange]:  # noqa: ANN401 - members of a body
    """A song with other members."""
    return lambda beatra, song: beatra.create_music({**song, **members})


def written(change: Callable[[str], str]) -> Callable[[Gateway, dict[str, Any]], Exchange]:
    """A song whose text is changed after it was written."""
    headers = {"Content-Type": "application/json"}
    return lambda beatra, song: beatra.account.request(
        "POST", FROM_TEXT, headers=headers, content=change(json.dumps(song)).encode()
    )


REASONS: Final = {
    "a model that is nearly a known one": Reason("BEATRA-MUSIC-13", song_with(model="suno-5.5-x")),
    "a cover by an unknown model": Reason(
        "BEATRA-MUSIC-13",
        lambda beatra, song: beatra.create_from_reference(
            {**cover_of(ARTIFACT), "metadata": song["metadata"], "model": "no-such-model"}
        ),
    ),
    "an unknown namespace beside a known one": Reason(
        "BEATRA-MUSIC-09", song_with(model_options={"suno": {"custom_mode": False}, "udio": {"seed": 1}})
    ),
    "a body that breaks off": Reason("BEATRA-ERROR-08", written(lambda text: text[:-1])),
    "a body with something after its end": Reason("BEATRA-ERROR-08", written(lambda text: f"{text} and more")),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that must be refused, by which requirement, and its tasks at once and a little later."""

    attempt: Exchange
    refused_by: str
    at_once: Found
    later: Found


@scenario_for_each(REASONS, lambda case: refuses(1, demanded_by=case.demanded_by, requests=3))
def refused_creation(gateway: OpenGateway, case: Reason) -> Refusal:
    """A creation with one thing that has it refused."""
    with gateway("refused-creation") as beatra:
        song = marked(beatra, SONG)
        attempt = case.send(beatra, song)
        at_once = find_tasks(beatra, song)
        beatra.account.client.sleep(PAUSE_SECONDS)
        return Refusal(attempt, case.demanded_by, at_once, find_tasks(beatra, song))


@requirement("BEATRA-MONEY-23")
def test_whatever_is_refused_makes_no_task(refused_creation: Refusal) -> None:
    if answered(refused_creation.attempt).accepted:
        status = refused_creation.attempt.status
        raise BlockedError(refused_creation.refused_by, f"the request was answered {status}")

    for found in (refused_creation.at_once, refused_creation.later):
        expect_no_task(refused_creation.attempt, found)
