"""
Limits of models: what is beyond them is refused, what is at them is accepted. Most are known from another route only.

Every body breaks one rule by one character, or by one value, and none of the other rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from conformance.money.budget import cancels, refuses
from conformance.money.guard import demanding
from conformance.suite.beatra.answers import is_refusal, refused, taken, tried
from conformance.suite.beatra.bodies import MINIMAX, SUNO
from conformance.suite.beatra.songs import artifact, serving_artifact
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway

Body = dict[str, Any]
# For all of them at once: a refund may come later than the next request.
ENOUGH: Final = Decimal(5000)


def text(length: int) -> str:
    """ASCII of exactly this length, without blanks at its ends."""
    return ("calm piano and strings " * (length // 23 + 1))[: length - 1] + "a"


def suno(prompt: int = 40, **more: object) -> Body:
    return {"model": SUNO, "prompt": text(prompt), **more}


def custom(prompt: int = 40, lyrics: int = 40, title: int = 10, **options: object) -> Body:
    namespace = {"suno": {"custom_mode": True, **options}}
    return {**suno(prompt), "lyrics": text(lyrics), "title": text(title), "model_options": namespace}


def minimax(prompt: int = 40, lyrics: int = 40, **more: object) -> Body:
    return {"model": MINIMAX, "prompt": text(prompt), "lyrics": text(lyrics), "title": text(10), **more}


def without_lyrics(body: Body) -> Body:
    return {name: value for name, value in body.items() if name != "lyrics"}


@dataclass(frozen=True, slots=True)
class Case:
    """A body and the rule that it is at, or beyond."""

    requirement: str
    name: str
    body: Body


OPTIMIZER: Final = {"minimax": {"lyrics_optimizer": True}}
SONGS_BEYOND: Final = (
    Case("BEATRA-MUSIC-22", "a prompt for custom suno-5.5", custom(prompt=2001)),
    Case("BEATRA-MUSIC-22", "a prompt for minimax-music-2.6", minimax(prompt=2001)),
    Case("BEATRA-MUSIC-23", "lyrics for suno-5.5", custom(lyrics=5001)),
    Case("BEATRA-MUSIC-23", "lyrics for minimax-music-2.6", minimax(lyrics=5001)),
    Case("BEATRA-MUSIC-24", "a title for suno-5.5", custom(title=101)),
    Case("BEATRA-MUSIC-24", "a title for minimax-music-2.6", minimax(title=text(101))),
    Case("BEATRA-MUSIC-25", "a simple prompt", suno(prompt=501)),
    Case("BEATRA-MUSIC-26", "a custom prompt", custom(prompt=1001)),
    Case("BEATRA-MUSIC-27", "a title", custom(title=81)),
    Case("BEATRA-MUSIC-29", "a style weight", custom(style_weight=1.01)),
    Case("BEATRA-MUSIC-29", "a weirdness constraint", custom(weirdness_constraint=-0.01)),
    Case("BEATRA-MUSIC-29", "an audio weight", custom(audio_weight=2)),
    Case("BEATRA-MUSIC-29", "a vocal gender", custom(vocal_gender="x")),
    Case("BEATRA-MUSIC-29", "negative tags", custom(negative_tags=text(201))),
    Case("BEATRA-MUSIC-30", "lyrics", minimax(lyrics=3501)),
)
FOREIGN_OPTIONS: Final = (
    Case("BEATRA-MUSIC-34", "suno options", minimax(model_options={"suno": {"style_weight": 0.6}})),
    Case("BEATRA-MUSIC-34", "minimax options", suno(model_options=OPTIMIZER, instrumental=True)),
)
# The guide calls lyrics optional without naming a model, and the texts of another route disagree.
OPTIONAL_LYRICS: Final = (
    ("lyrics for suno-5.5 without custom mode", suno(lyrics=text(40), instrumental=False)),
    ("vocals of minimax-music-2.6 without lyrics", without_lyrics(minimax(instrumental=False))),
    ("vocals of minimax-music-2.6 with lyrics of the model's own", without_lyrics(minimax(model_options=OPTIMIZER))),
)
SONGS_AT: Final = (
    Case("BEATRA-MUSIC-21", "a simple prompt for suno-5.5", suno(prompt=500)),
    Case("BEATRA-MUSIC-21", "custom texts for suno-5.5", custom(prompt=1000, lyrics=5000, title=80)),
    Case("BEATRA-MUSIC-21", "texts for minimax-music-2.6", minimax(prompt=2000, lyrics=3500, title=text(100))),
)
COVERS_BEYOND: Final = (
    Case("BEATRA-MUSIC-32", "a short prompt", without_lyrics(minimax(prompt=9))),
    Case("BEATRA-MUSIC-32", "a long prompt", without_lyrics(minimax(prompt=301))),
    Case("BEATRA-MUSIC-32", "short lyrics", minimax(lyrics=9)),
    Case("BEATRA-MUSIC-32", "long lyrics", minimax(lyrics=1001)),
    Case("BEATRA-MUSIC-33", "an instrumental cover", without_lyrics(minimax(instrumental=True))),
    Case("BEATRA-MUSIC-33", "lyrics of the model's own", without_lyrics(minimax(model_options=OPTIMIZER))),
)
COVERS_AT: Final = (
    Case("BEATRA-MUSIC-21", "texts for a cover", minimax(prompt=300, lyrics=1000, title=text(100))),
    Case("BEATRA-MUSIC-32", "the shortest texts for a cover", minimax(prompt=10, lyrics=10)),
)
Answers = dict[str, "Exchange"]


def each(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    """A test of every case, which judges the requirement of the case."""
    params = [pytest.param(case, marks=requirement(case.requirement), id=case.name) for case in cases]
    return pytest.mark.parametrize("case", params)


def answers(beatra: Gateway, cases: tuple[Case, ...], more: Mapping[str, object]) -> Answers:
    return {case.name: answer(beatra, case, more) for case in cases}


def answer(beatra: Gateway, case: Case, more: Mapping[str, object]) -> Exchange:
    with demanding(case.requirement):
        return tried(beatra, {**case.body, **more})


@scenario(cancels(*(case.body["model"] for case in SONGS_AT), requests=12), provisional=True)
def songs_at_limits(gateway: OpenGateway) -> Answers:
    """Songs at the limits of their models."""
    with gateway("songs-at-limits", balance=ENOUGH) as beatra:
        observe_lyrics(beatra)
        return answers(beatra, SONGS_AT, {})


def observe_lyrics(beatra: Gateway) -> None:
    """Record which models take lyrics, or go without them, where documents and the texts of another route disagree."""
    if beatra.account.frugal:
        return
    for words, body in OPTIONAL_LYRICS:
        exchange = tried(beatra, body)
        if exchange.accepted or is_refusal(exchange):
            beatra.observe("BEATRA-OBS-OPTIONAL-LYRICS", f"{words} get {exchange.status}", exchange)


@scenario(refuses(len(SONGS_BEYOND), doubtful=True, requests=16), provisional=True)
def songs_beyond_limits(gateway: OpenGateway) -> Answers:
    """Songs beyond the limits of their models."""
    with gateway("songs-beyond-limits", balance=ENOUGH) as beatra:
        return answers(beatra, SONGS_BEYOND, {})


@scenario(refuses(len(FOREIGN_OPTIONS), demanded_by="BEATRA-MUSIC-34", doubtful=True, requests=2))
def foreign_options(gateway: OpenGateway) -> Answers:
    """Songs of each model with an option of the other one."""
    with gateway("foreign-options", balance=ENOUGH) as beatra:
        return answers(beatra, FOREIGN_OPTIONS, {})


@scenario(cancels(SUNO, *(case.body["model"] for case in (*COVERS_AT, *COVERS_BEYOND)), requests=16), provisional=True)
def covers_at_limits(gateway: OpenGateway) -> Answers:
    """Covers by minimax-music-2.6 at the limits of covers, and beyond them."""
    with gateway("covers-at-limits", balance=ENOUGH) as beatra:
        beyond = answers(beatra, COVERS_BEYOND, {"reference_audio": artifact(serving_artifact(beatra))})
        # A file for each, in case that one can be used only once.
        at = [answers(beatra, (case,), {"reference_audio": artifact(beatra.uploaded())}) for case in COVERS_AT]
        return {name: answer for found in (beyond, *at) for name, answer in found.items()}


@each(SONGS_AT)
def test_a_song_at_the_limit_is_accepted(songs_at_limits: Answers, case: Case) -> None:
    taken(songs_at_limits[case.name])


@each(SONGS_BEYOND)
def test_a_song_beyond_the_limit_is_refused(songs_beyond_limits: Answers, case: Case) -> None:
    refused(songs_beyond_limits[case.name])


@each(FOREIGN_OPTIONS)
def test_an_option_of_another_model_is_refused(foreign_options: Answers, case: Case) -> None:
    refused(foreign_options[case.name])


@each(COVERS_AT)
def test_a_cover_at_the_limit_is_accepted(covers_at_limits: Answers, case: Case) -> None:
    taken(covers_at_limits[case.name])


@each(COVERS_BEYOND)
def test_a_cover_beyond_the_limit_is_refused(covers_at_limits: Answers, case: Case) -> None:
    refused(covers_at_limits[case.name])
