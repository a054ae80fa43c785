"""Handlers of music that keep other rules for some requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.reference.minimax.handlers.music import MusicHandlers
from conformance.reference.minimax.services.catalogue import FREE_MODELS
from conformance.reference.minimax.shapes import MUSIC, Shape, check, is_cover

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.minimax.rules import MusicRules
    from conformance.reference.parts.bodies import Json

UNBOUNDED = {**MUSIC, "properties": {**MUSIC["properties"], "prompt": {"type": "string"}, "lyrics": {"type": "string"}}}
"""The shape of a body without the lengths that all models share."""


def free(body: dict[str, Any]) -> bool:
    """Requests for a free model."""
    return body.get("model") in FREE_MODELS


def planned(body: dict[str, Any]) -> bool:
    """Requests for a model of a plan."""
    return not free(body)


def free_of_audio(body: dict[str, Any]) -> bool:
    """Requests for a free model, but for covers of prepared audio."""
    return free(body) and "cover_feature_id" not in body


def free_of_prepared(body: dict[str, Any]) -> bool:
    """Requests for free covers of prepared audio."""
    return free(body) and "cover_feature_id" in body


def with_rules(
    rules: MusicRules, applies: Callable[[dict[str, Any]], bool], shape: dict[str, Any] = MUSIC
) -> type[MusicHandlers]:
    """Handlers with these rules and this shape where they apply."""
    other = Shape(shape)

    class Changed(MusicHandlers):
        """Knows two sets of rules."""

        def check(self, body: Json) -> None:
            """Take the set that the request has."""
            if not isinstance(body, dict) or not applies(body):
                super().check(body)
                return
            check(other, body)
            rules.check(body, cover=is_cover(body))

    return Changed
