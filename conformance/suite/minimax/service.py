"""The calls of the service in its own words, for scenarios to read like the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.client.errors import BlockedError, UndecidedError
from conformance.suite.minimax.bodies import LYRICS_OF_A_COVER, REFERENCE, SONG, in_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.accounts.account import Account
    from conformance.accounts.control import Control
    from conformance.journal.records import Exchange

MAKES_MUSIC = "MINIMAX-MODEL-01"
PREPARES = "MINIMAX-FEATURE-02"
WRITES_LYRICS = "MINIMAX-LYRICS-01"


class MusicService:
    """One account of the service."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @property
    def control(self) -> Control:
        """The control interface in the name of this account (raises `NotOfferedError` without one)."""
        return self.account.control

    def generate(self, body: Mapping[str, Any], *, patient: bool = True) -> Exchange:
        """POST /v1/music_generation, whatever comes back; with `patient` off a refusal of its rate is not repeated."""
        return self.account.call("generateMusic", json=body, patient=patient)

    def preprocess(self, body: Mapping[str, Any]) -> Exchange:
        """POST /v1/music_cover_preprocess, whatever comes back."""
        return self.account.call("preprocessCover", json=body)

    def write_lyrics(self, body: Mapping[str, Any]) -> Exchange:
        """POST /v1/lyrics_generation, whatever comes back."""
        return self.account.call("generateLyrics", json=body)

    def song(self, **changes: object) -> Exchange:
        """A song of the free model, with these fields beside or in place of those that it needs."""
        return self.generate({**SONG, **changes})

    def feature(self, file: bytes = REFERENCE) -> str:
        """
        The id of reference audio that was prepared just now.

        Raises:
            BlockedError: it can't be prepared, so nothing that needs it can be judged.
        """
        return feature_in(self.preprocess({"model": "music-cover", "audio_base64": in_text(file)}))

    def cover_of(self, feature: str, **changes: object) -> dict[str, Any]:
        """A cover of prepared audio."""
        return {
            "model": "music-cover-free",
            "prompt": "slow folk with two guitars",
            "lyrics": LYRICS_OF_A_COVER,
            "cover_feature_id": feature,
            **changes,
        }

    def observe(self, observation_id: str, text: str, *exchanges: Exchange) -> None:
        """Keep what the service does where the documents leave it open."""
        self.account.observe(observation_id, text, *exchanges)

    def observe_each(self, observation_id: str, tried: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """
        Record how requests for music are answered of which no document says whether they are valid.

        What can't be asked is left out: it serves no verdict.
        """
        for words, body in tried:
            try:
                exchange = self.generate(body)
            except UndecidedError:
                continue
            if exchange.outcome.decisive:
                self.observe(observation_id, f"{words}: {exchange.summary}", exchange)


def feature_in(exchange: Exchange) -> str:
    """The id of prepared audio in an answer; blocked when there is none."""
    found = exchange.get("/cover_feature_id") if exchange.accepted else None
    if isinstance(found, str) and found:
        return found
    raise BlockedError(PREPARES, f"the preprocessing of reference audio gave {exchange.summary}")
