"""What each model takes, at the edges of every limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.reference.minimax.sandbox import COVER, LYRICS, MUSIC, PREPROCESS, SONG, coded, sound

if TYPE_CHECKING:
    from tests.reference.minimax.sandbox import Account

ACCEPTED, INVALID = 0, 2013
SOUND = coded(sound(6))
INSTRUMENTAL = {"model": "music-2.6-free", "prompt": "p", "is_instrumental": True}
WRITTEN = {"model": "music-2.6-free", "prompt": "p", "lyrics_optimizer": True}
COVERED = {**COVER, "audio_base64": SOUND}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@pytest.mark.parametrize(
    "body, code",
    [
        (SONG, ACCEPTED),
        ({**SONG, "model": "music-2.6"}, ACCEPTED),
        ({**SONG, "prompt": ""}, ACCEPTED),
        ({**SONG, "prompt": "p" * 2000}, ACCEPTED),
        ({**SONG, "prompt": "p" * 2001}, INVALID),
        ({**SONG, "lyrics": "l"}, ACCEPTED),
        ({**SONG, "lyrics": "l" * 3500}, ACCEPTED),
        ({**SONG, "lyrics": "l" * 3501}, INVALID),
        ({**SONG, "lyrics": ""}, INVALID),
        (without(SONG, "lyrics"), INVALID),
        (without(SONG, "model"), INVALID),
        ({**SONG, "model": "music-1.5"}, INVALID),
        (INSTRUMENTAL, ACCEPTED),
        ({**INSTRUMENTAL, "prompt": "p" * 2000}, ACCEPTED),
        ({**INSTRUMENTAL, "prompt": "p" * 2001}, INVALID),
        ({**INSTRUMENTAL, "prompt": ""}, INVALID),
        (without(INSTRUMENTAL, "prompt"), INVALID),
        ({**INSTRUMENTAL, "lyrics": ""}, ACCEPTED),
        (WRITTEN, ACCEPTED),
        ({**WRITTEN, "lyrics": ""}, ACCEPTED),
        ({**WRITTEN, "lyrics": "l"}, ACCEPTED),
        (without(WRITTEN, "prompt"), INVALID),
        (COVERED, ACCEPTED),
        ({**COVERED, "model": "music-cover"}, ACCEPTED),
        ({**COVERED, "prompt": "p" * 10}, ACCEPTED),
        ({**COVERED, "prompt": "p" * 9}, INVALID),
        ({**COVERED, "prompt": "p" * 300}, ACCEPTED),
        ({**COVERED, "prompt": "p" * 301}, INVALID),
        (without(COVERED, "prompt"), INVALID),
        ({**COVERED, "lyrics": "l" * 10}, ACCEPTED),
        ({**COVERED, "lyrics": "l" * 9}, INVALID),
        ({**COVERED, "lyrics": "l" * 1000}, ACCEPTED),
        ({**COVERED, "lyrics": "l" * 1001}, INVALID),
        (COVER, INVALID),
        ({**COVERED, "audio_url": "https://example.com/a.mp3"}, INVALID),
        ({**COVERED, "cover_feature_id": "a" * 32}, INVALID),
        ({**COVERED, "audio_base64": "no base64!"}, INVALID),
        ({**COVERED, "audio_base64": coded(b"no audio")}, INVALID),
        ({**COVERED, "audio_base64": coded(sound(5.999))}, INVALID),
        ({**COVERED, "audio_base64": coded(sound(360))}, ACCEPTED),
        ({**COVERED, "audio_base64": coded(sound(360.001))}, INVALID),
        ({**SONG, "stream": True, "output_format": "url"}, INVALID),
        ({**SONG, "output_format": "base64"}, INVALID),
        ({**SONG, "audio_setting": {"format": "flac"}}, INVALID),
        ({**SONG, "audio_setting": {"sample_rate": 48000}}, INVALID),
        ({**SONG, "audio_setting": {"bitrate": 320000}}, INVALID),
        ({**SONG, "a_field_of_the_future": 1}, ACCEPTED),
    ],
)
def test_a_request_for_music_is_taken_or_refused(account: Account, body: dict[str, Any], code: int) -> None:
    assert account.code(MUSIC, body) == code


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"lyrics": "l" * 10}, ACCEPTED),
        ({"lyrics": "l" * 1000}, ACCEPTED),
        ({"lyrics": "l" * 9}, INVALID),
        ({"lyrics": "l" * 1001}, INVALID),
        ({}, INVALID),
        ({"lyrics": "l" * 10, "audio_base64": SOUND}, INVALID),
        ({"lyrics": "l" * 10, "prompt": "p" * 9}, INVALID),
    ],
)
def test_prepared_audio_needs_lyrics_and_excludes_other_references(
    account: Account, changes: dict[str, Any], code: int
) -> None:
    body = {**COVER, "cover_feature_id": account.feature(sound(6)), **changes}

    assert account.code(MUSIC, body) == code


@pytest.mark.parametrize(
    "body, code",
    [
        ({"model": "music-cover", "audio_base64": SOUND}, ACCEPTED),
        ({"model": "music-cover-free", "audio_base64": SOUND}, INVALID),
        ({"audio_base64": SOUND}, INVALID),
        ({"model": "music-cover"}, INVALID),
        ({"model": "music-cover", "audio_base64": SOUND, "audio_url": "https://example.com/a.mp3"}, INVALID),
        ({"model": "music-cover", "audio_base64": coded(sound(5))}, INVALID),
    ],
)
def test_a_request_for_preprocessing_is_taken_or_refused(account: Account, body: dict[str, Any], code: int) -> None:
    assert account.code(PREPROCESS, body) == code


@pytest.mark.parametrize(
    "body, code",
    [
        ({"mode": "write_full_song"}, ACCEPTED),
        ({"mode": "write_full_song", "prompt": "p" * 2000}, ACCEPTED),
        ({"mode": "write_full_song", "prompt": "p" * 2001}, INVALID),
        ({"mode": "edit", "lyrics": "l" * 3500}, ACCEPTED),
        ({"mode": "edit", "lyrics": "l" * 3501}, INVALID),
        ({"mode": "edit"}, ACCEPTED),
        ({"mode": "improvise"}, INVALID),
        ({}, INVALID),
    ],
)
def test_a_request_for_lyrics_is_taken_or_refused(account: Account, body: dict[str, Any], code: int) -> None:
    assert account.code(LYRICS, body) == code


def test_large_audio_is_refused(account: Account) -> None:
    too_large = sound(6) + bytes(account.sandbox.settings.audio_bytes)

    assert account.code(MUSIC, {**COVERED, "audio_base64": coded(too_large)}) == INVALID


@pytest.mark.parametrize(
    "parts",
    [
        {"content": "{", "headers": {"Content-Type": "application/json"}},
        {"content": '{"model": "music-2.6-free", "lyrics": "l"}', "headers": {"Content-Type": "text/plain"}},
        {"json": ["model"]},
        {"json": {**SONG, "prompt": None}},
        {"json": {**SONG, "stream": "true"}},
    ],
)
def test_a_body_that_can_not_be_read_is_refused(account: Account, parts: dict[str, Any]) -> None:
    answer = account.send("POST", MUSIC, **parts)

    assert answer.status_code == 200
    assert answer.json()["base_resp"]["status_code"] == INVALID
