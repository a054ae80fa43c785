"""Mutants of preprocessing."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from conformance.mutants.base import Mutant
from conformance.mutants.minimax.answers import in_successes_of
from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.minimax.handlers.covers import CoverHandlers
from conformance.reference.minimax.services.catalogue import PREPROCESS_MODEL
from conformance.reference.minimax.services.features import FeatureStore
from conformance.reference.minimax.shapes import PREPROCESS, REFERENCES, Shape, check

if TYPE_CHECKING:
    from starlette.requests import Request

    from conformance.reference.minimax.services.features import Features
    from conformance.reference.parts.bodies import Json


class RefusesUrls(CoverHandlers):
    """Has preprocessing for uploads only."""

    def check(self, body: Json) -> None:
        """Refuse URLs."""
        super().check(body)
        if "audio_url" in body:
            raise InvalidParamsError("audio_url is not supported")


class RefusesBase64(CoverHandlers):
    """Has preprocessing for URLs only."""

    def check(self, body: Json) -> None:
        """Refuse base64."""
        super().check(body)
        if "audio_base64" in body:
            raise InvalidParamsError("audio_base64 is not supported")


class TakesBoth(CoverHandlers):
    """Takes the first reference that is there."""

    def check(self, body: Json) -> None:
        """Object only where there is none."""
        check(self.shape, body)
        if not any(name in body for name in REFERENCES):
            raise InvalidParamsError("one of audio_url and audio_base64 must be provided")


class NewIds(FeatureStore):
    """Gives ids in turn."""

    def id_of(self, tenant_id: str, content: bytes) -> str:
        """Make a new one."""
        del tenant_id, content
        return secrets.token_hex(16)


class ShortDigests(FeatureStore):
    """Reads the head of a file to tell it from others."""

    def id_of(self, tenant_id: str, content: bytes) -> str:
        """Take the digest of the first bytes."""
        return super().id_of(tenant_id, content[:4])


class HalfADay(FeatureStore):
    """Keeps features for twelve hours."""

    lifetime_seconds = 43_200.0


class TwoDays(FeatureStore):
    """Cleans up every other day."""

    lifetime_seconds = 172_800.0


class ForEver(FeatureStore):
    """Never cleans up."""

    def has_expired(self, made_at: int, now: int) -> bool:
        """Keep it."""
        del made_at, now
        return False


class TakesAnyId(FeatureStore):
    """Looks features up when the engine needs them."""

    def check(self, tenant_id: str, feature_id: str, now: int) -> None:
        """Not look at all."""


class StructureWithoutBrackets(CoverHandlers):
    """Writes the structure as its language shows it."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Write it with single quotes."""
        return {**super().content(request, found), "structure_result": str(found.structure)}


class DurationInMilliseconds(CoverHandlers):
    """Has one unit for all durations."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Tell milliseconds."""
        return {**super().content(request, found), "audio_duration": found.seconds * 1000}


class DurationOfTheExcerpt(CoverHandlers):
    """Listens to half of the audio."""

    def content(self, request: Request, found: Features) -> dict[str, Any]:
        """Tell how much of it."""
        return {**super().content(request, found), "audio_duration": found.seconds / 2}


class AnyModel(CoverHandlers):
    """Passes over the model, as there is only one."""

    shape = Shape({**PREPROCESS, "properties": {**PREPROCESS["properties"], "model": {"type": "string"}}})


class NoModel(CoverHandlers):
    """Needs no model, as there is only one."""

    def check(self, body: Json) -> None:
        """Put it in."""
        if isinstance(body, dict):
            body.setdefault("model", PREPROCESS_MODEL)
        super().check(body)


def _miscount(content: dict[str, Any]) -> None:
    structure = json.loads(content["structure_result"])
    structure["num_segments"] += 1
    content["structure_result"] = json.dumps(structure)


def _without_labels(content: dict[str, Any]) -> None:
    structure = json.loads(content["structure_result"])
    for segment in structure["segments"]:
        del segment["label"]
    content["structure_result"] = json.dumps(structure)


_PREPROCESS = "/music_cover_preprocess"

MUTANTS = (
    Mutant(
        id="preprocessing-without-urls",
        breaks="MINIMAX-FEATURE-01",
        story="Preprocessing was built for uploads.",
        front={"covers": RefusesUrls},
    ),
    Mutant(
        id="preprocessing-without-base64",
        breaks="MINIMAX-FEATURE-02",
        story="Preprocessing was built for links.",
        front={"covers": RefusesBase64},
    ),
    Mutant(
        id="preprocessing-of-two",
        breaks="MINIMAX-FEATURE-03",
        story="The first reference that is there is taken.",
        front={"covers": TakesBoth},
    ),
    Mutant(
        id="feature-ids-in-turn",
        breaks="MINIMAX-FEATURE-04",
        story="Each call makes a new row with a new id.",
        cast={"features": NewIds},
    ),
    Mutant(
        id="feature-ids-by-the-head",
        breaks="MINIMAX-FEATURE-04",
        story="Files are told apart by their first bytes, which name the format.",
        cast={"features": ShortDigests},
    ),
    Mutant(
        id="feature-for-half-a-day",
        breaks="MINIMAX-FEATURE-05",
        story="Features are kept for twelve hours.",
        cast={"features": HalfADay},
    ),
    Mutant(
        id="feature-for-two-days",
        breaks="MINIMAX-FEATURE-06",
        story="Features are deleted every other day.",
        cast={"features": TwoDays},
    ),
    Mutant(
        id="feature-for-ever",
        breaks="MINIMAX-FEATURE-06",
        story="No one deletes features.",
        cast={"features": ForEver},
    ),
    Mutant(
        id="structure-no-json",
        breaks="MINIMAX-FEATURE-07",
        story="The string is what the server's own language shows.",
        front={"covers": StructureWithoutBrackets},
    ),
    Mutant(
        id="structure-miscounted",
        breaks="MINIMAX-FEATURE-07",
        story="The number is that of the edges, not of the segments between them.",
        wrap=in_successes_of(_PREPROCESS, _miscount),
    ),
    Mutant(
        id="structure-without-labels",
        breaks="MINIMAX-FEATURE-07",
        story="Labels come from another model, which is not there yet.",
        wrap=in_successes_of(_PREPROCESS, _without_labels),
    ),
    Mutant(
        id="duration-in-milliseconds",
        breaks="MINIMAX-FEATURE-08",
        story="There is one unit for all durations.",
        front={"covers": DurationInMilliseconds},
    ),
    Mutant(
        id="duration-of-an-excerpt",
        breaks="MINIMAX-FEATURE-08",
        story="The duration is that of the part that was listened to.",
        front={"covers": DurationOfTheExcerpt},
    ),
    Mutant(
        id="preprocessing-for-any-model",
        breaks="MINIMAX-FEATURE-09",
        story="There is one model, so what is asked for is passed over.",
        front={"covers": AnyModel},
    ),
    Mutant(
        id="preprocessing-without-model",
        breaks="MINIMAX-FEATURE-09",
        story="There is one model, so it need not be named.",
        front={"covers": NoModel},
    ),
)
