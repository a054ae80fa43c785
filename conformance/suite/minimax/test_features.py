"""Reference audio that is prepared once and then named by an id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conformance.client.errors import BlockedError, NotApplicableError, NotOfferedError
from conformance.journal.records import Mismatch
from conformance.money.budget import refuses, spends
from conformance.suite.audio import decode
from conformance.suite.minimax.answers import code_of, is_refusal, made, refused, taken
from conformance.suite.minimax.bodies import FREE, OTHER_REFERENCE, PLANNED_COVER, REFERENCE, in_text
from conformance.suite.minimax.service import PREPARES, feature_in
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.accounts.account_pool import AccountPool
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

DAY_SECONDS: Final = 24 * 60 * 60
MARGIN_SECONDS: Final = 60
PREPROCESS: Final = "preprocessCover"
UNKNOWN_FEATURE: Final = "27182818284590452353602874713526"
# Of 8 seconds: what readers of MP3 leave out, and what a document's example rounds.
_SECONDS_APART: Final = 0.5


@dataclass(frozen=True, slots=True)
class Prepared:
    """The same audio twice, other audio, and a cover of the first."""

    first: Exchange
    again: Exchange
    other: Exchange
    cover: Exchange | None


@dataclass(frozen=True, slots=True)
class Aged:
    """Prepared audio, and covers of it a minute before 24 hours are over, and a minute after."""

    prepared: Exchange
    almost: Exchange | None = None
    over: Exchange | None = None


def body_of(file: bytes, **changed: object) -> dict[str, Any]:
    return {"model": PLANNED_COVER, "audio_base64": in_text(file), **changed}


@scenario(spends(*(PREPROCESS,) * 3, requests=6))
def prepared(service: OpenService) -> Prepared:
    """Preprocessing of audio in the request."""
    with service("prepared") as minimax:
        first = minimax.preprocess(body_of(REFERENCE))
        again = minimax.preprocess(body_of(REFERENCE))
        other = minimax.preprocess(body_of(OTHER_REFERENCE))
        cover = None
        if first.accepted and isinstance(first.get("/cover_feature_id"), str):
            feature = first.string("/cover_feature_id")
            cover = minimax.generate(minimax.cover_of(feature))
            song = minimax.cover_of(feature, model=FREE)
            minimax.observe_each("MINIMAX-OBS-COVER-MODEL", [("music-2.6-free with a feature", song)])
        unknown = minimax.generate(minimax.cover_of(UNKNOWN_FEATURE))
        if unknown.response is not None and unknown.outcome.decisive:
            minimax.observe("MINIMAX-OBS-EXPIRED-FEATURE", f"an unknown id: {unknown.summary}", unknown)
        return Prepared(first, again, other, cover)


@scenario(spends(PREPROCESS, requests=1))
def prepared_by_url(service: OpenService, account_pool: AccountPool) -> Exchange:
    """Preprocessing of audio that the target is known to be able to fetch."""
    url = account_pool.reference_audio_url
    if url is None:
        sentence = "needs the HTTPS URL of an audio file that the target can fetch (reference_audio_url in target.toml)"
        raise NotOfferedError(sentence)
    with service("prepared-by-url") as minimax:
        return minimax.preprocess({"model": PLANNED_COVER, "audio_url": url})


@scenario(refuses(2, demanded_by="MINIMAX-FEATURE-09", requests=2))
def other_models(service: OpenService) -> dict[str, Exchange]:
    """Preprocessing without a model, and with one that makes covers but prepares none."""
    with service("other-models") as minimax:
        return {
            "no model": minimax.preprocess({"audio_base64": in_text(REFERENCE)}),
            "the free model": minimax.preprocess(body_of(REFERENCE, model="music-cover-free")),
        }


@scenario(spends(PREPROCESS, requests=3))
def aged_feature(service: OpenService) -> Aged:
    """Prepared audio over a day, by the clock of the target."""
    with service("aged-feature", needs=("clock",)) as minimax:
        first = minimax.preprocess(body_of(REFERENCE))
        if not (first.accepted and isinstance(first.get("/cover_feature_id"), str)):
            return Aged(first)
        cover = minimax.cover_of(first.string("/cover_feature_id"))
        minimax.control.advance(DAY_SECONDS - MARGIN_SECONDS)
        almost = minimax.generate(cover)
        minimax.control.advance(2 * MARGIN_SECONDS)
        over = minimax.generate(cover)
        if over.response is not None and is_refusal(over):
            minimax.observe("MINIMAX-OBS-EXPIRED-FEATURE", f"an expired id: {code_of(over)}", over)
        return Aged(first, almost, over)


@requirement("MINIMAX-FEATURE-01")
def test_audio_is_prepared_from_its_url(prepared_by_url: Exchange) -> None:
    assert taken(prepared_by_url).string("/cover_feature_id")


@requirement("MINIMAX-FEATURE-02")
def test_audio_is_prepared_from_the_request(prepared: Prepared) -> None:
    assert taken(prepared.first).string("/cover_feature_id")


@requirement("MINIMAX-FEATURE-04")
def test_the_same_audio_has_the_same_id(prepared: Prepared) -> None:
    assert feature_in(prepared.again) == feature_in(prepared.first)


@requirement("MINIMAX-FEATURE-04")
def test_other_audio_has_another_id(prepared: Prepared) -> None:
    assert feature_in(prepared.other) != feature_in(prepared.first)


@requirement("MINIMAX-FEATURE-05")
def test_prepared_audio_serves_for_a_day(aged_feature: Aged) -> None:
    feature_in(aged_feature.prepared)

    assert aged_feature.almost is not None
    taken(aged_feature.almost)


@requirement("MINIMAX-FEATURE-06")
def test_prepared_audio_expires_after_a_day(aged_feature: Aged) -> None:
    feature_in(aged_feature.prepared)
    if aged_feature.almost is None or aged_feature.over is None or not aged_feature.almost.accepted:
        raise BlockedError("MINIMAX-FEATURE-05", "the id did not serve before its end either")

    refused(aged_feature.over)


@requirement("MINIMAX-FEATURE-07")
def test_the_structure_is_json_in_a_string(prepared: Prepared) -> None:
    feature_in(prepared.first)
    told = prepared.first.get("/structure_result")
    if told is None:
        raise NotApplicableError("the answer has no structure_result")
    assert isinstance(told, str), "expected a string of JSON in structure_result"
    try:
        structure = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise Mismatch(f"expected JSON in structure_result, got {told[:80]!r}", prepared.first.id) from error

    assert isinstance(structure, dict)
    segments = structure.get("segments")
    assert isinstance(segments, list)
    assert structure.get("num_segments") == len(segments)
    for segment in segments:
        assert isinstance(segment, dict)
        assert segment.keys() >= {"start", "end", "label"}


@requirement("MINIMAX-FEATURE-08")
def test_the_duration_is_that_of_the_audio(prepared: Prepared) -> None:
    feature_in(prepared.first)
    told = prepared.first.get("/audio_duration")
    if told is None:
        raise NotApplicableError("the answer has no audio_duration")

    assert isinstance(told, int | float)
    assert abs(told - decode(REFERENCE).seconds) <= _SECONDS_APART


@requirement("MINIMAX-FEATURE-09")
def test_preprocessing_needs_a_model(other_models: dict[str, Exchange]) -> None:
    refused(other_models["no model"])


@requirement("MINIMAX-FEATURE-09")
def test_preprocessing_knows_one_model(other_models: dict[str, Exchange]) -> None:
    refused(other_models["the free model"])


@requirement("MINIMAX-FEATURE-10")
def test_prepared_audio_makes_a_cover(prepared: Prepared) -> None:
    if prepared.cover is None:
        raise BlockedError(PREPARES, f"the preprocessing of reference audio gave {prepared.first.summary}")

    made(prepared.cover)
