from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.reference.sandbox import REFERENCE_AUDIO_TO_MUSIC, SONG, TASK_SECONDS, TEXT_TO_MUSIC

if TYPE_CHECKING:
    from conformance.reference.parts.bodies import Json
    from tests.reference.sandbox import Account

DOCUMENTED = {
    "model": "suno-5.5",
    "prompt": "dream pop, warm analog drums, bright chorus",
    "lyrics": "[Verse]\nCity lights are waking",
    "instrumental": False,
    "model_options": {"suno": {"custom_mode": True, "style_weight": 0.6}},
}


def refusal(account: Account, body: Json) -> tuple[int, dict[str, Any]]:
    answer = account.create(body)
    return answer.status_code, answer.json()["error"]


def test_the_documented_example_is_accepted_as_a_queued_task(account: Account) -> None:
    answer = account.create(DOCUMENTED)

    assert answer.status_code == 202
    task = answer.json()
    assert (task["object"], task["status"], task["capability"]) == ("task", "queued", "text_to_music")
    assert task["input"] == {name: value for name, value in DOCUMENTED.items() if name != "model"}


def test_auto_is_served_by_a_model_whose_price_is_charged(account: Account) -> None:
    task = account.created({"model": "auto", "prompt": "calm piano"})

    assert (task["model"], task["resolved_model"]) == ("auto", "suno-5.5")
    assert task["billing"]["charged_credits"] == "80.0000"


def test_a_request_without_a_model_leaves_the_choice_to_the_gateway(account: Account) -> None:
    assert account.created({"prompt": "calm piano"})["model"] == "auto"


@pytest.mark.parametrize("model, clips", [("suno-5.5", 2), ("minimax-music-2.6", 1)])
def test_a_finished_task_has_as_many_distinct_playable_clips_as_its_model_makes(
    account: Account, model: str, clips: int
) -> None:
    body = {"model": model, "prompt": "calm piano", "title": "Dusk", "instrumental": True}
    task_id = account.created(body)["task_id"]
    account.advance(TASK_SECONDS)

    found = account.task(task_id)["output"]["clips"]
    files = {account.sandbox.send("GET", clip["url"]).content for clip in found}

    assert len(files) == len(found) == clips
    assert all(file.startswith(b"RIFF") and len(file) == clip["size_bytes"] for file in files for clip in found)
    assert {clip["title"] for clip in found} == {"Dusk"}


def test_a_clip_is_delivered_with_type_and_length_whole_or_in_ranges(account: Account) -> None:
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)
    clip = account.task(task_id)["output"]["clips"][0]

    whole = account.sandbox.send("GET", clip["url"])
    part = account.sandbox.send("GET", clip["url"], headers={"Range": "bytes=4-7"})

    assert whole.headers["content-type"] == clip["mime_type"] == "audio/wav"
    assert int(whole.headers["content-length"]) == clip["size_bytes"]
    assert (part.status_code, part.content) == (206, whole.content[4:8])


def test_a_clip_is_not_found_under_a_url_with_another_token(account: Account) -> None:
    task_id = account.created()["task_id"]
    account.advance(TASK_SECONDS)
    url = account.task(task_id)["output"]["clips"][0]["url"]

    assert account.sandbox.send("GET", url[:-5] + "!.wav").status_code == 404


@pytest.mark.parametrize(
    "changed, param",
    [
        ({"prompt": ""}, "/prompt"),
        ({"prompt": 7}, "/prompt"),
        ({"prompt": "a" * 2001}, "/prompt"),
        ({"lyrics": "a" * 5001}, "/lyrics"),
        ({"title": "a" * 101}, "/title"),
        ({"instrumental": "false"}, "/instrumental"),
        ({"metadata": {"take": 1}}, "/metadata/take"),
        ({"metadata": {"a/b~c": 1}}, "/metadata/a~1b~0c"),
        ({"model": 5.5}, "/model"),
        ({"model_options": {"suno": {"custom_mode": "true"}}}, "/model_options/suno/custom_mode"),
    ],
)
def test_a_wrong_field_is_refused_by_its_json_pointer(account: Account, changed: dict[str, Any], param: str) -> None:
    status, error = refusal(account, {**SONG, **changed})

    assert (status, error["code"], error["param"]) == (422, "invalid_request", param)
    assert [entry["path"] for entry in error["details"]["errors"]] == [param]


@pytest.mark.parametrize("field, longest", [("prompt", 2000), ("lyrics", 5000), ("title", 100)])
def test_a_text_of_the_greatest_length_is_accepted(account: Account, field: str, longest: int) -> None:
    assert account.create({**SONG, "model": "auto", field: "a" * longest}).status_code == 202


def test_a_missing_field_is_named_but_not_pointed_at(account: Account) -> None:
    status, error = refusal(account, {"model": "suno-5.5"})

    assert (status, error["details"]["errors"]) == (422, [{"path": "/prompt", "message": "is required"}])
    assert "param" not in error


def test_unknown_fields_are_ignored_and_absent_ones_may_be_null(account: Account) -> None:
    body = {**SONG, "tempo": 120, "lyrics": None, "title": None, "metadata": None, "model_options": None}

    assert account.create(body).status_code == 202


def test_an_unknown_model_is_refused(account: Account) -> None:
    status, error = refusal(account, {**SONG, "model": "suno-9"})

    assert (status, error["code"], error["param"]) == (400, "unsupported_model", "/model")


@pytest.mark.parametrize("beside", [{}, {"suno": {"custom_mode": False}}])
def test_an_unknown_option_namespace_is_refused_alone_and_beside_a_known_one(
    account: Account, beside: dict[str, Any]
) -> None:
    status, error = refusal(account, {**SONG, "model_options": {**beside, "sunoo": {}}})

    assert (status, error["code"]) == (422, "unsupported_option")
    assert error["details"] == {"unsupported_fields": ["model_options.sunoo"]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nul",
        b'{"prompt": NaN}',
        b'{"prompt": 1e999}',
        b'{"prompt": "\\ud800"}',
        b'{"prompt": "\xff"}',
        b'{"prompt": ' + b"9" * 5000 + b"}",
        b'{"prompt": "calm", "tempo": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"prompt": "calm", "tempo": ' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
def test_a_body_that_is_no_reasonable_json_is_refused(account: Account, body: bytes) -> None:
    answer = account.send("POST", TEXT_TO_MUSIC, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("body", [[], "song", 1, False])
def test_a_body_that_is_no_object_is_refused(account: Account, body: Json) -> None:
    assert refusal(account, body)[0] == 422


def test_text_with_control_characters_and_large_numbers_is_kept_as_it_is(account: Account) -> None:
    body = {"prompt": "calm\x00piano", "model_options": {"suno": {"style_weight": 10**300, "seed": 10**40}}}

    assert account.created(body)["input"] == body


@pytest.mark.parametrize("path", [TEXT_TO_MUSIC, REFERENCE_AUDIO_TO_MUSIC])
@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_type_is_refused(account: Account, path: str, media_type: str) -> None:
    answer = account.send("POST", path, content=b"{}", headers={"Content-Type": media_type})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_a_json_body_of_more_than_a_mebibyte_is_refused(account: Account) -> None:
    answer = account.create({**SONG, "lyrics": "a" * 1_048_576})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")
