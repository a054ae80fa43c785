"""The models that make music, and what the operations cost."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.reference.beatra.services.money import UNITS_PER_CREDIT

MODELS = ("music-2.6", "music-3.0", "music-cover", "music-2.6-free", "music-3.0-free", "music-cover-free")
COVER_MODELS = ("music-cover", "music-cover-free")
FREE_MODELS = ("music-2.6-free", "music-3.0-free", "music-cover-free")
PREPROCESS_MODEL = "music-cover"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Prices in ten-thousandths of a credit; the free models cost nothing."""

    song: int = UNITS_PER_CREDIT
    lyrics: int = UNITS_PER_CREDIT // 10
    preprocessing: int = 0

    def price_of(self, model: str) -> int:
        """What a song of a model costs."""
        return 0 if model in FREE_MODELS else self.song
