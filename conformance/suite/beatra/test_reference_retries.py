"""Idempotency-Keys on the second way to make music: from reference audio."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from conformance.client.errors import BlockedError
from conformance.client.request import Form
from conformance.money.budget import cancels
from conformance.suite.batch import decided
from conformance.suite.beatra.bodies import OTHER_REFERENCE_FILE, REFERENCE_FILE, SONG, SUNO
from conformance.suite.beatra.gateway import CREATES_FROM_REFERENCE, accepted, artifact_id_in, uploaded_id
from conformance.suite.beatra.keys import REPLAYS_REFERENCES, Repetition
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.beatra.conftest import OpenGateway
    from conformance.suite.beatra.gateway import Gateway


@dataclass(frozen=True, slots=True)
class ReferenceRetry:
    """A request with reference audio, the same again with its key, and two other ones with it."""

    first: Exchange
    again: Exchange
    other_prompt: Exchange
    other_reference: Exchange

    @property
    def replayed(self) -> bool:
        """Whether the retry was answered with the task of the first request."""
        return Repetition(self.first, self.again).replayed


@scenario(cancels(*(SUNO,) * 5, open_at_once=2, requests=10))
def reference_retry(gateway: OpenGateway) -> ReferenceRetry:
    """A retry, and the key for another prompt and for another file."""
    with gateway("reference-retry", balance=Decimal(1000)) as beatra:
        artifact, other_artifact = uploaded_twice(beatra), beatra.uploaded(OTHER_REFERENCE_FILE)
        key = beatra.fresh_key()
        body = {**SONG, "reference_audio": {"type": "artifact", "artifact_id": artifact}}
        other_prompt = {**body, "prompt": "turn this into polished synth pop"}
        other_reference = {**body, "reference_audio": {"type": "artifact", "artifact_id": other_artifact}}
        first = accepted(beatra.create_from_reference(body, key), "/task_id", CREATES_FROM_REFERENCE)
        again = beatra.create_from_reference(body, key)
        beatra.discard(first, again)
        on_the_other = beatra.create_music(SONG, key)
        observe_key_scope(beatra, first, on_the_other)
        beatra.discard(on_the_other)
        others = [beatra.create_from_reference(other, key) for other in (other_prompt, other_reference)]
        beatra.discard(*others)
        return ReferenceRetry(first, again, *others)


def uploaded_twice(beatra: Gateway) -> str:
    """The artifact of an upload that is repeated with its key, to see what becomes of the repetition."""
    key = beatra.fresh_key()
    first, again = (
        beatra.account.call(
            "createUpload",
            form=Form({"purpose": "reference_audio"}, {"file": REFERENCE_FILE}),
            idempotency_key=key,
        )
        for _ in range(2)
    )
    artifact = uploaded_id(first)
    shown = again.failure or again.status
    result = "the same artifact" if artifact_id_in(again) == artifact else f"{shown}, not the same artifact"
    beatra.observe("BEATRA-OBS-UPLOAD-RETRY", f"An upload repeated with its key gives {result}.", first, again)
    return artifact


def observe_key_scope(beatra: Gateway, first: Exchange, on_the_other: Exchange) -> None:
    created: Any = on_the_other.get("/task_id")
    if not on_the_other.accepted:
        result = f"is answered {on_the_other.failure or on_the_other.status}"
    else:
        result = "returns the same task" if created == first.get("/task_id") else "makes a second task"
    text = f"The key of a reference-audio-to-music request, on text-to-music, {result}."
    beatra.observe("BEATRA-OBS-KEY-SCOPE", text, first, on_the_other)


@requirement("BEATRA-IDEMPOTENCY-02")
def test_a_retry_with_reference_audio_returns_the_same_task(reference_retry: ReferenceRetry) -> None:
    assert decided(reference_retry.again).string("/task_id") == reference_retry.first.string("/task_id")


@requirement("BEATRA-IDEMPOTENCY-06")
@pytest.mark.parametrize("difference", ["other_prompt", "other_reference"])
def test_a_key_with_another_reference_body_is_a_conflict(reference_retry: ReferenceRetry, difference: str) -> None:
    if not reference_retry.replayed:
        raise BlockedError(REPLAYS_REFERENCES, "a retry is not answered with the task of the first request")
    refused: Exchange = getattr(reference_retry, difference)

    assert decided(refused).status == 409
