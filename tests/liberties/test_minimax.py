"""Each liberty with MiniMax music is really taken: some answer on a tour of the reference is another one."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from conformance.contract.liberties import load_liberties
from conformance.liberties.minimax.app import create_app
from conformance.liberties.minimax.catalogue import TAKEN
from conformance.target.embedded import LIBERTY_VARIABLE
from tests.reference.minimax.sandbox import COVER, DAY, LYRICS, MUSIC, PREPROCESS, SONG, Sandbox, coded, sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    Seen = tuple[str, object]

LIBERTIES = load_liberties("minimax")
# How long an answer takes no answer shows, and a file of 50 MB would take most of the tour's time.
UNSEEN = ("latency", "megabytes-by-thousands")
SHOWN = [liberty.id for liberty in LIBERTIES if liberty.id not in UNSEEN]
MADE_AT_RANDOM = re.compile(
    r"song_[0-9a-f]{32}|[0-9a-f]{32}(?![0-9a-f])|(?:of|Oh) [0-9a-f]{6}|Expires=\d+|Signature=[0-9a-f]{64}"
)
INSTRUMENTAL = {"model": "music-2.6-free", "prompt": "p", "is_instrumental": True}
WRITTEN = {"model": "music-2.6-free", "prompt": "p", "lyrics_optimizer": True}
COVERED = {**COVER, "audio_base64": coded(sound(6))}
SETTINGS = [{"format": "wav"}, {"format": "pcm", "sample_rate": 16000}, {"sample_rate": 48000}, {"bitrate": 320000}]
SONGS: list[dict[str, Any]] = [
    SONG,
    INSTRUMENTAL,
    WRITTEN,
    COVERED,
    {},
    {**SONG, "output_format": "url"},
    {**SONG, "stream": True},
    {**SONG, "stream": True, "output_format": "url"},
    {**SONG, "aigc_watermark": False},
    {**SONG, "a_field_of_the_future": 1},
    {**SONG, "lyrics": "[Yodel]\nRain"},
    {**SONG, "lyrics": "ü" * 2000},
    {**SONG, "audio_base64": "AAAA"},
    {**SONG, "model": "music-2.6"},
    {**INSTRUMENTAL, "lyrics": "Rain upon the river"},
    {**WRITTEN, "lyrics": ""},
    {**WRITTEN, "lyrics": "Rain upon the river"},
    {"model": "music-2.6-free", "lyrics_optimizer": True},
    {**COVERED, "is_instrumental": True},
    {**COVERED, "audio_base64": f"data:audio/wav;base64,{coded(sound(6))}"},
    *({**SONG, "audio_setting": setting} for setting in SETTINGS),
]
WORDS: list[dict[str, Any]] = [
    {"mode": "write_full_song", "prompt": "rain"},
    {"mode": "write_full_song", "prompt": "rain", "model": "music-2.6"},
    {"mode": "edit", "prompt": "rain"},
]


def at_a_server(liberty: str | None) -> Iterator[Seen]:
    """What is seen of a server, step by step, without what is made at random."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(LIBERTY_VARIABLE, liberty or "")
        app = create_app()
    with Sandbox(app=app) as sandbox:
        for name, answer in toured(sandbox):
            text = answer.text if answer.headers.get("content-type", "").startswith("text/") else answer.content.hex()
            body = answer.text if answer.headers.get("content-type", "").endswith("json") else text
            yield name, (answer.status_code, sorted(answer.headers), MADE_AT_RANDOM.sub("#", body))
            yield name, answer.headers.get("content-type")


def toured(sandbox: Sandbox) -> Iterator[tuple[str, Any]]:
    yield "no key", sandbox.send("POST", MUSIC, json=SONG)
    yield "unknown key", sandbox.send("POST", MUSIC, json=SONG, headers={"Authorization": f"Bearer sk-{'0' * 32}"})
    account, poor, throttled = sandbox.new_account(), sandbox.new_account(balance_credits="0"), sandbox.new_account()
    for body in SONGS:
        yield str(body)[:80], account.send("POST", MUSIC, json=body)
    for body in WORDS:
        yield str(body), account.send("POST", LYRICS, json=body)
    yield "unpaid", poor.send("POST", MUSIC, json={**SONG, "model": "music-2.6"})
    throttled.control("POST", "/rate-limit", {"allow": 0})
    yield "throttled", throttled.send("POST", MUSIC, json=SONG)
    sensitive = account.control("GET", "/")["sensitive_text"]
    yield "sensitive", account.send("POST", MUSIC, json={**SONG, "prompt": sensitive})
    audio = {"model": "music-cover", "audio_base64": coded(sound(6.4))}
    heard, elsewhere = account.send("POST", PREPROCESS, json=audio), poor.send("POST", PREPROCESS, json=audio)
    yield "heard", heard
    ids = [answer.json().get("cover_feature_id") for answer in (heard, elsewhere)]
    yield f"the same id for others: {ids[0] == ids[1]}", elsewhere
    delivered = account.send("POST", MUSIC, json={**SONG, "output_format": "url"}).json()["data"]
    url = delivered.get("audio") or delivered["audio_url"]
    yield "new", sandbox.send("GET", url)
    account.advance(DAY)
    yield "old", sandbox.send("GET", url)


@cache
def seen_of_the_reference() -> tuple[Seen, ...]:
    return tuple(at_a_server(None))


def test_the_tour_of_a_reference_without_liberties_always_shows_the_same() -> None:
    assert tuple(at_a_server(None)) == seen_of_the_reference()


@pytest.mark.parametrize("liberty", SHOWN)
def test_a_liberty_changes_an_answer(liberty: str) -> None:
    expected = iter(seen_of_the_reference())

    assert any(step != next(expected, None) for step in at_a_server(liberty))


def test_each_liberty_is_taken_by_something_and_nothing_else_is_taken() -> None:
    by_code = [taken.id for taken in TAKEN]
    by_data = {liberty.id for liberty in LIBERTIES if liberty.wrappers or liberty.withholds}

    assert sorted({*by_code, *by_data}) == sorted(liberty.id for liberty in LIBERTIES)
    assert len(set(by_code)) == len(by_code)


def test_liberties_of_the_same_kind_are_taken_together() -> None:
    together = "keys-as-401,invalid-as-400,throttled-as-429,throttled-until,unpaid-as-402"
    statuses = {str(name): seen[0] for name, seen in at_a_server(together) if isinstance(seen, tuple)}

    assert [statuses[name] for name in ("no key", "{}", "throttled", "unpaid")] == [401, 400, 429, 402]
