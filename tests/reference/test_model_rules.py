"""What each model takes of a body that has the shape of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.reference.sandbox import REFERENCE_AUDIO_TO_MUSIC

if TYPE_CHECKING:
    from tests.reference.sandbox import Account

SUNO = {"model": "suno-5.5", "prompt": "calm piano"}
CUSTOM = {**SUNO, "lyrics": "one by one", "model_options": {"suno": {"custom_mode": True}}}
MINIMAX = {"model": "minimax-music-2.6", "prompt": "calm piano", "lyrics": "one by one"}


def refusal(account: Account, body: dict[str, Any]) -> tuple[int, str, str | None]:
    answer = account.create(body)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


@pytest.mark.parametrize(
    "body",
    [
        {**SUNO, "prompt": "a" * 500, "title": "a" * 80},
        {**CUSTOM, "prompt": "a" * 1000, "lyrics": "a" * 5000},
        {**SUNO, "model_options": {"suno": {"vocal_gender": "f", "negative_tags": "a" * 200, "audio_weight": 1}}},
        {**MINIMAX, "prompt": "a" * 2000, "lyrics": "a" * 3500, "title": "a" * 100},
        {**MINIMAX, "lyrics": None, "instrumental": True},
        {**MINIMAX, "lyrics": "", "model_options": {"minimax": {"lyrics_optimizer": True}}},
        {**MINIMAX, "model_options": {"suno": {}, "minimax": {}}},
        {**MINIMAX, "model": "auto", "prompt": "a" * 2000, "lyrics": None},
    ],
)
def test_what_a_model_takes_is_accepted(account: Account, body: dict[str, Any]) -> None:
    assert account.create(body).status_code == 202


@pytest.mark.parametrize(
    "body, param",
    [
        ({**SUNO, "prompt": "a" * 501}, "/prompt"),
        ({**CUSTOM, "prompt": "a" * 1001}, "/prompt"),
        ({**SUNO, "title": "a" * 81}, "/title"),
        ({**SUNO, "lyrics": "one by one"}, "/lyrics"),
        ({**SUNO, "model_options": {"suno": {"style_weight": 1.01}}}, "/model_options/suno/style_weight"),
        ({**SUNO, "model_options": {"suno": {"audio_weight": "1"}}}, "/model_options/suno/audio_weight"),
        ({**SUNO, "model_options": {"suno": {"vocal_gender": "x"}}}, "/model_options/suno/vocal_gender"),
        ({**SUNO, "model_options": {"suno": {"negative_tags": "a" * 201}}}, "/model_options/suno/negative_tags"),
        ({**MINIMAX, "lyrics": "a" * 3501}, "/lyrics"),
        ({**MINIMAX, "lyrics": ""}, None),
    ],
)
def test_what_a_model_does_not_take_is_refused_by_its_json_pointer(
    account: Account, body: dict[str, Any], param: str | None
) -> None:
    assert refusal(account, body) == (422, "invalid_request", param)


@pytest.mark.parametrize(
    "body, param",
    [
        ({**SUNO, "model_options": {"minimax": {"lyrics_optimizer": True}}}, "/model_options/minimax"),
        ({**MINIMAX, "model_options": {"suno": {"custom_mode": True}}}, "/model_options/suno"),
    ],
)
def test_options_of_another_model_are_unsupported(account: Account, body: dict[str, Any], param: str) -> None:
    assert refusal(account, body) == (422, "unsupported_option", param)


@pytest.mark.parametrize(
    "changed",
    [
        {"prompt": "a" * 9},
        {"prompt": "a" * 301},
        {"lyrics": "a" * 9},
        {"lyrics": "a" * 1001},
        {"instrumental": True},
        {"model_options": {"minimax": {"lyrics_optimizer": True}}},
    ],
)
def test_a_cover_of_minimax_has_narrower_bounds(account: Account, changed: dict[str, Any]) -> None:
    artifact = {"type": "artifact", "artifact_id": account.upload().json()["artifact_id"]}
    cover = {"model": "minimax-music-2.6", "prompt": "a" * 10, "reference_audio": artifact}

    assert account.create(cover, path=REFERENCE_AUDIO_TO_MUSIC).status_code == 202
    assert account.create({**cover, **changed}, path=REFERENCE_AUDIO_TO_MUSIC).status_code == 422
