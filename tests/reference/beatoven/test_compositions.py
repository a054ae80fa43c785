from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.suite.audio import decode
from tests.reference.beatoven.studio import COMPOSE, PROMPT, QUEUED_SECONDS, RUNNING_SECONDS, Account, Studio

if TYPE_CHECKING:
    from collections.abc import Iterator

STEMS = {"bass", "chords", "melody", "percussion"}


@pytest.fixture
def accounts() -> Iterator[dict[str, Account]]:
    with Studio() as studio:
        yield studio.accounts()


@pytest.fixture
def account(accounts: dict[str, Account]) -> Account:
    return accounts["main"]


def test_a_composition_is_answered_as_started(account: Account) -> None:
    answer = account.post(COMPOSE, PROMPT).json()

    assert answer["status"] == "started"
    assert answer["task_id"].endswith("_1")


def test_a_task_waits_runs_and_is_composed(account: Account) -> None:
    task_id = account.started()
    seen = [account.task(task_id)]
    for seconds in (QUEUED_SECONDS, RUNNING_SECONDS, 86_400):
        account.advance(seconds)
        seen.append(account.task(task_id))

    assert [task["status"] for task in seen] == ["composing", "running", "composed", "composed"]
    assert seen[:2] == [{"status": "composing"}, {"status": "running"}]
    assert seen[2] == seen[3]


def test_a_composed_task_shows_its_prompt_its_track_and_four_stems(account: Account) -> None:
    meta = account.composed()

    assert meta["prompt"] == PROMPT["prompt"]
    assert meta["stems_url"].keys() == STEMS
    assert len({meta["track_url"], *meta["stems_url"].values()}) == 1 + len(STEMS)


@pytest.mark.parametrize(
    "asked, container, codec",
    [({}, "wav", "pcm_s16le"), ({"format": "mp3"}, "mp3", "mp3float"), ({"format": "aac"}, "aac", "aac")],
)
def test_the_format_that_is_asked_for_is_delivered(
    account: Account, asked: dict[str, str], container: str, codec: str
) -> None:
    meta = account.composed({**PROMPT, **asked})

    for url in (meta["track_url"], meta["stems_url"]["bass"]):
        audio = decode(account.file(url))
        assert (audio.container, audio.codec) == (container, codec)


def test_the_same_request_twice_is_two_tasks(account: Account) -> None:
    assert account.started() != account.started()


def test_the_older_pair_composes_the_track_that_was_created(account: Account) -> None:
    created = account.post("/api/v1/tracks", PROMPT).json()
    (track_id,) = created["tracks"]
    started = account.post(f"{COMPOSE}/{track_id}", {"format": "mp3"}).json()
    account.advance(QUEUED_SECONDS + RUNNING_SECONDS)
    meta = account.task(started["task_id"])["meta"]

    assert created["status"] == "created"
    assert started == {"status": "started", "task_id": f"{track_id}_1"}
    assert (meta["track_id"], meta["version"]) == (track_id, 1)


@pytest.mark.parametrize(
    "body",
    [{}, {"prompt": "a text"}, {"prompt": {"text": ""}}, {**PROMPT, "format": "ogg"}, {**PROMPT, "looping": "no"}],
)
def test_what_is_no_composition_is_refused(account: Account, body: object) -> None:
    answer = account.post(COMPOSE, body)

    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nosuch", "Basic dXNlcjpub3N1Y2g="])
def test_without_a_token_nothing_is_composed_or_shown(account: Account, header: str) -> None:
    task_id = account.started()
    account.headers = {"Authorization": header} if header else {}

    assert account.post(COMPOSE, PROMPT).status_code == 401
    assert account.read(task_id).status_code == 401


def test_another_account_does_not_see_a_task(accounts: dict[str, Account]) -> None:
    assert accounts["second"].read(accounts["main"].started()).status_code == 404


def test_a_task_can_be_made_to_fail(account: Account) -> None:
    account.control("/tasks/outcome", {"outcome": "failed"})
    failing, next_one = account.started(), account.started()
    account.advance(QUEUED_SECONDS + RUNNING_SECONDS)

    assert account.task(failing)["status"] == "failed"
    assert account.task(next_one)["status"] == "composed"


@pytest.mark.parametrize("held, status", [("queued", "composing"), ("running", "running")])
def test_a_task_that_is_held_goes_on_when_it_is_released(account: Account, held: str, status: str) -> None:
    account.control("/tasks/hold", {"state": held})
    task_id = account.started()
    account.advance(3600)
    assert account.task(task_id)["status"] == status
    account.control("/tasks/hold", {"state": None})
    account.advance(QUEUED_SECONDS + RUNNING_SECONDS)

    assert account.task(task_id)["status"] == "composed"


def test_a_reset_forgets_tasks(account: Account) -> None:
    task_id = account.started()
    account.post("/_control/reset", {})

    assert account.read(task_id).status_code == 404
