"""The scenarios of this system: a few compositions serve most requirements."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

from conformance.client.errors import NothingToAddError, NotOfferedError, UndecidedError
from conformance.money.budget import PLAY, spends
from conformance.suite.beatoven.observing import (
    observe_composition,
    observe_failure,
    observe_refusals,
    observe_strangers,
)
from conformance.suite.beatoven.studio import Composition, Later, SameRequest, Studio
from conformance.suite.scenarios import FIXTURE_FACTORIES, package_of, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from conformance.accounts.account_pool import AccountPool


class OpenStudio(Protocol):
    """Opens the studio for one scenario, under a name; `wants` is what it uses of the control interface if offered."""

    def __call__(self, name: str, *wants: str) -> AbstractContextManager[Studio]:
        """Open it."""


def opening(account_pool: AccountPool) -> OpenStudio:
    """The studio as an account of its own for each scenario, where the target can open some."""

    @contextmanager
    def open_studio(name: str, *wants: str) -> Iterator[Studio]:
        with account_pool.account(name, needs=tuple(filter(account_pool.offers, wants))) as account:
            yield Studio(account)

    return open_studio


FIXTURE_FACTORIES[package_of(opening)]["studio"] = opening


COMPOSE: Final = "composeTrack"
DOCUMENTED: Final[Mapping[str, Any]] = {
    "prompt": {"text": "30 seconds peaceful lo-fi chill hop track"},
    "format": "wav",
    "looping": False,
}
BARE: Final[Mapping[str, Any]] = {"prompt": {"text": "20 seconds calm piano"}}
# One text in two formats: a service that keeps compositions by their text gives both the same task.
_SONG: Final = {"text": "20 seconds slow acoustic folk with two guitars and a brushed snare"}
MP3: Final[Mapping[str, Any]] = {"prompt": _SONG, "format": "mp3", "looping": True}
AAC: Final[Mapping[str, Any]] = {"prompt": _SONG, "format": "aac"}
_DAY_SECONDS: Final = 86_400


@scenario(spends(COMPOSE, requests=2))
def documented_example(studio: OpenStudio) -> Composition:
    """The example of the specification."""
    with studio("documented-example") as beatoven:
        found = beatoven.composition("documented example", DOCUMENTED, stems=True)
        observe_composition(beatoven, found)
        observe_strangers(beatoven, found)
        return found


@scenario(spends(COMPOSE, requests=2))
def prompt_alone(studio: OpenStudio) -> Composition:
    """A prompt without anything else."""
    with studio("prompt-alone") as beatoven:
        return beatoven.composition("prompt alone", BARE)


@scenario(spends(COMPOSE, requests=2))
def in_mp3(studio: OpenStudio) -> Composition:
    """A track in mp3 that shall repeat itself more."""
    with studio("in-mp3") as beatoven:
        found = beatoven.composition("in mp3", MP3, stems=True)
        observe_composition(beatoven, found)
        return found


@scenario(spends(COMPOSE, requests=2))
def in_aac(studio: OpenStudio) -> Composition:
    """A track in aac."""
    with studio("in-aac") as beatoven:
        found = beatoven.composition("in aac", AAC)
        observe_composition(beatoven, found)
        return found


@scenario(PLAY)
def same_request_twice(studio: OpenStudio) -> SameRequest:
    """The same request twice; then what documents leave open: refusals, other media types, a task that fails."""
    with studio("same-request", "tasks/outcome") as beatoven:
        first, second = beatoven.compose(AAC), beatoven.compose(AAC)
        observe_refusals(beatoven)
        observe_failure(beatoven, BARE)
        return SameRequest(first, second)


@scenario(PLAY)
def read_later(studio: OpenStudio) -> Later:
    """A composed task, read again a day later."""
    with studio("read-later", "clock") as beatoven:
        if not beatoven.offers("clock"):
            raise NotOfferedError("the target does not offer control:clock")
        created = beatoven.compose(BARE)
        found = beatoven.followed(BARE["prompt"]["text"], created, created)
        beatoven.account.pass_time(_DAY_SECONDS)
        return Later(found, beatoven.get_task(found.task_id))


@pytest.fixture(params=["documented_example", "prompt_alone", "in_mp3", "in_aac"])
def composition(request: pytest.FixtureRequest) -> Composition:
    """Each composition in turn."""
    found: Composition = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def same_request(request: pytest.FixtureRequest) -> SameRequest:
    """The same request twice, where money is worthless; elsewhere different requests must do."""
    try:
        found: SameRequest = request.getfixturevalue("same_request_twice")
    except UndecidedError as error:
        raise NothingToAddError(str(error)) from error
    return found


@pytest.fixture(params=["documented_example", "in_mp3"])
def with_stems(request: pytest.FixtureRequest) -> Composition:
    """Each composition whose stems were downloaded."""
    found: Composition = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def a_day_later(request: pytest.FixtureRequest) -> Later:
    """A composed task and what it showed a day later, where the clock can be advanced."""
    try:
        found: Later = request.getfixturevalue("read_later")
        found.composition.composed  # noqa: B018 - raises where it never was
    except UndecidedError as error:
        raise NothingToAddError(str(error)) from error
    return found
