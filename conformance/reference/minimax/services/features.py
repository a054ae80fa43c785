"""What preprocessing finds in reference audio, to be used for covers within a day."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.reference.minimax.errors import InvalidParamsError
from conformance.reference.parts.clock import seconds

if TYPE_CHECKING:
    from conformance.reference.parts.database import Database

_DAY_SECONDS = 86_400
_LABELS = ("intro", "verse", "chorus", "outro")


@dataclass(frozen=True, slots=True)
class Features:
    """What was found in one audio file."""

    feature_id: str
    seconds: float

    @property
    def lyrics(self) -> str:
        """The words that were heard, with tags for the parts of the song."""
        word = self.feature_id[:6]
        return f"[Verse]\nA voice sings of {word}\nAnd the strings reply\n\n[Chorus]\nOh {word}\nHigher than the sky"

    @property
    def structure(self) -> dict[str, Any]:
        """The parts of the audio from its start to its end, in seconds."""
        edges = [round(self.seconds * part / len(_LABELS), 2) for part in range(len(_LABELS))] + [self.seconds]
        segments = [
            {"start": start, "end": end, "label": label}
            for label, start, end in zip(_LABELS, edges, edges[1:], strict=False)
        ]
        return {"num_segments": len(segments), "segments": segments}


class FeatureStore:
    """Keeps features by the content of the audio."""

    lifetime_seconds: float = _DAY_SECONDS

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_in(self, tenant_id: str, content: bytes, length: float, now: int) -> Features:
        """Look at audio: the same content has the same id, and is good for another day."""
        found = Features(self.id_of(tenant_id, content), length)
        with self._database.transaction():
            self._database.change(
                "DELETE FROM features WHERE tenant_id = ? AND feature_id = ?", (tenant_id, found.feature_id)
            )
            self._database.insert(
                "features",
                {
                    "tenant_id": tenant_id,
                    "feature_id": found.feature_id,
                    "seconds": found.seconds,
                    "made_at": now,
                },
            )
        return found

    def id_of(self, tenant_id: str, content: bytes) -> str:
        """The id of audio, which no other account can know."""
        return hashlib.md5(tenant_id.encode() + content, usedforsecurity=False).hexdigest()

    def check(self, tenant_id: str, feature_id: str, now: int) -> None:
        """Refuse ids that do not exist or have expired; raises InvalidParamsError."""
        row = self._database.row(
            "SELECT * FROM features WHERE tenant_id = ? AND feature_id = ?", (tenant_id, feature_id)
        )
        if row is None or self.has_expired(int(row["made_at"]), now):
            raise InvalidParamsError("cover_feature_id does not exist or has expired")

    def has_expired(self, made_at: int, now: int) -> bool:
        """Whether features that were found at a moment are too old by now."""
        return now >= made_at + seconds(self.lifetime_seconds)

    def forget(self, tenant_id: str) -> None:
        """Delete all features of an account."""
        self._database.change("DELETE FROM features WHERE tenant_id = ?", (tenant_id,))


def as_text(structure: dict[str, Any]) -> str:
    """The structure in the form of the answer: JSON inside a string."""
    return json.dumps(structure, separators=(",", ":"))
