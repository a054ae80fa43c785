"""The examples of MiniMax's documents pass the validators unchanged, and its table says what the documents say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.conditions import Side
from conformance.contract.outcomes import Outcome
from tests.specs.contents import contract, raw, written_ids

if TYPE_CHECKING:
    from conformance.contract.conditions import LimitRequest

CONTRACT = contract("minimax")
REQUESTS = list(CONTRACT.conditions.requests())
SONG = {
    "model": "music-2.6",
    "prompt": "Indie folk, melancholic, introspective, longing, solitary walk, coffee shop",
    "lyrics": (
        "[verse]\nStreetlights flicker, the night breeze sighs\n[chorus]\nPushing the wooden door, the aroma spreads"
    ),
    "audio_setting": {"sample_rate": 44100, "bitrate": 256000, "format": "mp3"},
}
SONG_ANSWER = {
    "data": {"audio": "ff", "status": 2},
    "trace_id": "04ede0ab069fb1ba8be5156a24b1e081",
    "extra_info": {
        "music_duration": 25364,
        "music_sample_rate": 44100,
        "music_channel": 2,
        "bitrate": 256000,
        "music_size": 813651,
    },
    "analysis_info": None,
    "base_resp": {"status_code": 0, "status_msg": "success"},
}
STRUCTURE = {
    "num_segments": 4,
    "segments": [
        {"start": 0, "end": 15.5, "label": "intro"},
        {"start": 15.5, "end": 45.2, "label": "verse"},
        {"start": 45.2, "end": 75.0, "label": "chorus"},
        {"start": 75.0, "end": 90.0, "label": "outro"},
    ],
}
FEATURE_ANSWER = {
    "cover_feature_id": "a1b2c3d4e5f67890abcdef1234567890",
    "formatted_lyrics": "[Verse 1]\nFirst line of the song\nSecond line continues\n\n[Chorus]\nThis is the chorus",
    "structure_result": json.dumps(STRUCTURE),
    "audio_duration": 90,
    "trace_id": "061e5f144eb7f10b1fdde81126e24f91",
    "base_resp": {"status_code": 0, "status_msg": "success"},
}
LYRICS = {"mode": "write_full_song", "prompt": "A cheerful love song about a summer day at the beach"}
LYRICS_ANSWER = {
    "song_title": "Summer Breeze Promise",
    "style_tags": "Pop, Summer Vibe, Romance, Lighthearted, Beach Pop",
    "lyrics": "[Intro]\n(Ooh-ooh-ooh)\n[Verse 1]\nSunlight on the water",
    "base_resp": {"status_code": 0, "status_msg": "success"},
}


@pytest.mark.parametrize("operation, request_body", [("generateMusic", SONG), ("generateLyrics", LYRICS)])
def test_the_documents_own_requests_fit(operation: str, request_body: dict[str, Any]) -> None:
    media = CONTRACT.document.operations[operation].body["application/json"]

    assert list(CONTRACT.document.validator(media.schema).problems(request_body)) == []


@pytest.mark.parametrize(
    "operation, body",
    [("generateMusic", SONG_ANSWER), ("preprocessCover", FEATURE_ANSWER), ("generateLyrics", LYRICS_ANSWER)],
)
def test_the_documents_own_answers_fit_and_are_successes(operation: str, body: dict[str, Any]) -> None:
    answer = CONTRACT.document.operations[operation].answer(200)

    assert answer is not None
    assert list(answer.content["application/json"].problems(body)) == []
    assert CONTRACT.conventions.interpreter.read(operation, 200, lambda: body).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    "code, outcome",
    [
        (1002, Outcome.THROTTLED),
        (1004, Outcome.UNAUTHENTICATED),
        (1008, Outcome.UNPAID),
        (1026, Outcome.REFUSED),
        (2013, Outcome.REFUSED),
        (2049, Outcome.UNAUTHENTICATED),
        (4711, Outcome.UNCLEAR),
    ],
)
def test_codes_inside_200_are_read_as_what_they_say(code: int, outcome: Outcome) -> None:
    body = {"base_resp": {"status_code": code, "status_msg": "told"}, "data": None}

    assert CONTRACT.conventions.interpreter.read("generateMusic", 200, lambda: body).outcome is outcome


def limits(case: str, model: str, field: str) -> dict[int, Side]:
    """The lengths of a field that are tried in a case, with their sides."""
    return {
        len(str(request.body[field])): request.side
        for request in REQUESTS
        if (request.case, request.model) == (case, model) and request.changed.startswith(f"{field} of ")
    }


@pytest.mark.parametrize("model", ["music-2.6-free", "music-2.6"])
def test_songs_are_tried_at_their_exact_limits(model: str) -> None:
    accepted, refused = Side.ACCEPTED, Side.REFUSED
    instrumental, song = "instrumental music", "a song with lyrics"

    assert limits(instrumental, model, "prompt") == {0: refused, 1: accepted, 2000: accepted, 2001: refused}
    assert limits(song, model, "prompt") == {0: accepted, 2000: accepted, 2001: refused}
    assert limits(song, model, "lyrics") == {0: refused, 1: accepted, 3500: accepted, 3501: refused}


@pytest.mark.parametrize("model", ["music-cover-free", "music-cover"])
@pytest.mark.parametrize(
    "case, empty_lyrics",
    [
        ("a cover of audio behind a URL", Side.OPEN),
        ("a cover of audio in the request", Side.OPEN),
        ("a cover of prepared audio", Side.REFUSED),
    ],
)
def test_covers_are_tried_at_their_exact_limits(model: str, case: str, empty_lyrics: Side) -> None:
    accepted, refused = Side.ACCEPTED, Side.REFUSED

    assert limits(case, model, "prompt") == {0: refused, 9: refused, 10: accepted, 300: accepted, 301: refused}
    assert limits(case, model, "lyrics") == {0: empty_lyrics, 9: refused, 10: accepted, 1000: accepted, 1001: refused}


def test_what_the_table_accepts_fits_the_document() -> None:
    for request in REQUESTS:
        if request.side is Side.ACCEPTED:
            schema = CONTRACT.document.operations[request.operation].body["application/json"].schema
            body = request.filled(dict.fromkeys(request.values, "a value"))

            assert list(CONTRACT.document.validator(schema).problems(body)) == [], request.name


def test_requests_are_told_apart_and_change_nothing_of_each_other() -> None:
    names = [request.name for request in REQUESTS]

    assert sorted(set(names)) == sorted(names)
    assert [request.body for request in REQUESTS] == [request.body for request in CONTRACT.conditions.requests()]


def test_observations_of_what_is_open_are_written_down() -> None:
    known = {entry["id"] for entry in raw("requirements.yaml", "minimax")["observations"]}

    assert {request.observation for request in REQUESTS if request.side is Side.OPEN} <= known


def judged(request: LimitRequest) -> bool:
    return request.side is not Side.OPEN


def test_limits_are_judged_by_written_requirements_and_those_of_a_plan_apart() -> None:
    planned = {request.requirement for request in REQUESTS if request.planned and judged(request)}
    free = {request.requirement for request in REQUESTS if not request.planned and judged(request)}

    assert planned == {"MINIMAX-MODEL-08", "MINIMAX-MODEL-09"}
    assert planned & free == set()
    assert planned | free <= set(written_ids("minimax"))
