"""Requests at both sides of every limit that holds for some of them only, made from the table of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.client.errors import NothingToAddError, NotOfferedError, UndecidedError
from conformance.contract.conditions import LimitRequest, Side
from conformance.contract.contract import load_contract
from conformance.money.budget import harmless, reads, refuses, spends
from conformance.money.guard import demanding
from conformance.suite.minimax.answers import refused, taken
from conformance.suite.minimax.bodies import REFERENCE, in_text
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.money.budget import Budget
    from conformance.suite.minimax.conftest import OpenService
    from conformance.suite.minimax.service import MusicService

    Group = tuple[LimitRequest, ...]
    # What came of each request, by its name.
    Attempts = Mapping[str, Exchange | UndecidedError]

AUDIO: Final = "reference_audio"
AUDIO_URL: Final = "reference_audio_url"
FEATURE: Final = "cover_feature_id"
PREPARES: Final = "preprocessCover"
NO_URL: Final = "needs the HTTPS URL of an audio file that the target can fetch (reference_audio_url in target.toml)"
ALL: Final = tuple(load_contract("minimax").conditions.requests())


def values_of_case(request: LimitRequest) -> frozenset[str]:
    """The values of a run that the case of a request is about."""
    return frozenset[str]().union(*(one.values for one in ALL if one.case == request.case))


def group(operation: str, *, planned: bool, about: str | None = None) -> Group:
    """The requests to an operation with models of a plan or others, about songs or about one kind of reference."""

    def kind(request: LimitRequest) -> str | None:
        values = values_of_case(request)
        return FEATURE if FEATURE in values else AUDIO if values else None

    return tuple(one for one in ALL if (one.operation, one.planned, kind(one)) == (operation, planned, about))


SONGS: Final = group("generateMusic", planned=False)
SONGS_OF_A_PLAN: Final = group("generateMusic", planned=True)
COVERS: Final = group("generateMusic", planned=False, about=AUDIO)
COVERS_OF_A_PLAN: Final = group("generateMusic", planned=True, about=AUDIO)
PREPARED: Final = group("generateMusic", planned=False, about=FEATURE)
PREPARED_OF_A_PLAN: Final = group("generateMusic", planned=True, about=FEATURE)
PREPROCESSING: Final = group(PREPARES, planned=False, about=AUDIO)
LYRICS: Final = group("generateLyrics", planned=False)


def of_a_plan(requests: Group) -> Budget:
    """With real money only what must be refused is asked of the models of a plan."""
    count = sum(request.side is Side.REFUSED for request in requests)
    demanded = next(request.requirement for request in requests)
    return refuses(count, count, demanded_by=demanded)


def priced(requests: Group) -> Budget:
    """Requests to an operation that is paid for: what may be accepted is."""
    bought = [request.operation for request in requests if request.side is not Side.REFUSED]
    return spends(*bought, requests=len(requests))


def each(requests: Group) -> pytest.MarkDecorator:
    """A test of every request whose side a document states, which judges the requirement of its rule."""
    stated = (request for request in requests if request.side is not Side.OPEN)
    params = [pytest.param(one, marks=requirement(one.requirement), id=one.name) for one in stated]
    return pytest.mark.parametrize("case", params)


def tried(minimax: MusicService, account_pool: AccountPool, requests: Group) -> Attempts:
    """What came of each of the requests, or why it could not be asked."""
    values = values_for(minimax, account_pool, requests)
    return {request.name: attempt(minimax, request, values) for request in requests}


def values_for(minimax: MusicService, account_pool: AccountPool, requests: Group) -> Mapping[str, Any]:
    """The values of this run that the requests need, as far as it has them."""
    needed = frozenset[str]().union(*(request.values for request in requests))
    values: dict[str, Any] = {AUDIO: in_text(REFERENCE)}
    if account_pool.reference_audio_url is not None:
        values[AUDIO_URL] = account_pool.reference_audio_url
    if FEATURE in needed:
        values[FEATURE] = minimax.feature()
    return values


def attempt(minimax: MusicService, request: LimitRequest, values: Mapping[str, Any]) -> Exchange | UndecidedError:
    """A request, sent where this run may and can."""
    if AUDIO_URL in request.values - values.keys():
        return without_url(request)
    if request.planned and request.side is not Side.REFUSED and minimax.account.frugal:
        return NothingToAddError("what models of a plan must accept is tried with play money only")
    try:
        with demanding(request.requirement if request.side is Side.REFUSED else None):
            exchange = minimax.account.call(request.operation, json=request.filled(values))
    except UndecidedError as error:
        return error
    if request.observation is not None and exchange.outcome.decisive:
        minimax.observe(request.observation, f"{request.name}: {exchange.summary}", exchange)
    return exchange


def without_url(request: LimitRequest) -> UndecidedError:
    """Why a request is not sent that needs audio behind a URL: where others try the same, they judge it alone."""
    others = (one for one in ALL if one.requirement == request.requirement and one.changed == request.changed)
    if any(AUDIO_URL not in one.values for one in others):
        return NothingToAddError(NO_URL)
    return NotOfferedError(NO_URL)


def judge(case: LimitRequest, attempts: Attempts) -> None:
    """The request is accepted or refused, as the table has it."""
    found = attempts[case.name]
    if isinstance(found, UndecidedError):
        raise found
    if case.side is Side.ACCEPTED:
        taken(found)
    else:
        refused(found)


@scenario(harmless(len(SONGS)))
def song_limits(service: OpenService, account_pool: AccountPool) -> Attempts:
    """Songs and instrumental music of the free model."""
    with service("song-limits") as minimax:
        return tried(minimax, account_pool, SONGS)


@scenario(of_a_plan(SONGS_OF_A_PLAN))
def song_limits_of_a_plan(service: OpenService, account_pool: AccountPool) -> Attempts:
    """The same of the model of a plan."""
    with service("song-limits-of-a-plan") as minimax:
        return tried(minimax, account_pool, SONGS_OF_A_PLAN)


@scenario(harmless(len(COVERS)))
def cover_limits(service: OpenService, account_pool: AccountPool) -> Attempts:
    """Covers of the free model."""
    with service("cover-limits") as minimax:
        return tried(minimax, account_pool, COVERS)


@scenario(of_a_plan(COVERS_OF_A_PLAN))
def cover_limits_of_a_plan(service: OpenService, account_pool: AccountPool) -> Attempts:
    """The same of the model of a plan."""
    with service("cover-limits-of-a-plan") as minimax:
        return tried(minimax, account_pool, COVERS_OF_A_PLAN)


@scenario(spends(PREPARES, requests=len(PREPARED) + 1))
def prepared_limits(service: OpenService, account_pool: AccountPool) -> Attempts:
    """Covers of prepared audio by the free model."""
    with service("prepared-limits") as minimax:
        return tried(minimax, account_pool, PREPARED)


@scenario(reads())
def prepared_limits_of_a_plan(service: OpenService, account_pool: AccountPool) -> Attempts:
    """The same by the model of a plan."""
    with service("prepared-limits-of-a-plan") as minimax:
        if minimax.account.frugal:
            nothing = NothingToAddError("what models of a plan make of prepared audio is tried with play money only")
            return {request.name: nothing for request in PREPARED_OF_A_PLAN}
        return tried(minimax, account_pool, PREPARED_OF_A_PLAN)


@scenario(priced(PREPROCESSING))
def preprocessing_limits(service: OpenService, account_pool: AccountPool) -> Attempts:
    """Preprocessing of one reference, of none and of two."""
    with service("preprocessing-limits") as minimax:
        return tried(minimax, account_pool, PREPROCESSING)


@scenario(priced(LYRICS))
def lyrics_limits(service: OpenService, account_pool: AccountPool) -> Attempts:
    """Lyrics in both modes."""
    with service("lyrics-limits") as minimax:
        return tried(minimax, account_pool, LYRICS)


@each(SONGS)
def test_a_limit_of_songs(song_limits: Attempts, case: LimitRequest) -> None:
    judge(case, song_limits)


@each(SONGS_OF_A_PLAN)
def test_a_limit_of_songs_of_a_plan(song_limits_of_a_plan: Attempts, case: LimitRequest) -> None:
    judge(case, song_limits_of_a_plan)


@each(COVERS)
def test_a_limit_of_covers(cover_limits: Attempts, case: LimitRequest) -> None:
    judge(case, cover_limits)


@each(COVERS_OF_A_PLAN)
def test_a_limit_of_covers_of_a_plan(cover_limits_of_a_plan: Attempts, case: LimitRequest) -> None:
    judge(case, cover_limits_of_a_plan)


@each(PREPARED)
def test_a_limit_of_covers_of_prepared_audio(prepared_limits: Attempts, case: LimitRequest) -> None:
    judge(case, prepared_limits)


@each(PREPARED_OF_A_PLAN)
def test_a_limit_of_covers_of_prepared_audio_of_a_plan(prepared_limits_of_a_plan: Attempts, case: LimitRequest) -> None:
    judge(case, prepared_limits_of_a_plan)


@each(PREPROCESSING)
def test_a_limit_of_preprocessing(preprocessing_limits: Attempts, case: LimitRequest) -> None:
    judge(case, preprocessing_limits)


@each(LYRICS)
def test_a_limit_of_lyrics(lyrics_limits: Attempts, case: LimitRequest) -> None:
    judge(case, lyrics_limits)
