"""Requests that every reading of the documents accepts, and the files that serve as reference audio."""

from __future__ import annotations

import base64
from typing import Any, Final

from conformance.suite.audio import silence

FREE: Final = "music-2.6-free"
PLANNED: Final = "music-2.6"
FREE_COVER: Final = "music-cover-free"
PLANNED_COVER: Final = "music-cover"

LYRICS: Final = "[Verse]\nRain upon the river\nRain upon the sea"
SONG: Final[dict[str, Any]] = {"model": FREE, "prompt": "Calm piano with soft strings", "lyrics": LYRICS}
INSTRUMENTAL: Final[dict[str, Any]] = {
    "model": FREE,
    "prompt": "Calm piano with soft strings",
    "is_instrumental": True,
}
# The example of the page, value by value.
DOCUMENTED_EXAMPLE: Final[dict[str, Any]] = {
    "model": PLANNED,
    "prompt": "Indie folk, melancholic, introspective, longing, solitary walk, coffee shop",
    "lyrics": (
        "[verse]\nStreetlights flicker, the night breeze sighs\n[chorus]\nPushing the wooden door, the aroma spreads"
    ),
    "audio_setting": {"sample_rate": 44100, "bitrate": 256000, "format": "mp3"},
}
TAGS: Final = (
    "Intro",
    "Verse",
    "Pre Chorus",
    "Chorus",
    "Interlude",
    "Bridge",
    "Outro",
    "Post Chorus",
    "Transition",
    "Break",
    "Hook",
    "Build Up",
    "Inst",
    "Solo",
)
LYRICS_OF_A_COVER: Final = "[Verse]\nRain upon the river"

# Above the shortest that is allowed, as some readers of MP3 leave out the first frames.
REFERENCE: Final = silence(8, 8_000)
OTHER_REFERENCE: Final = silence(9, 8_000)


def in_text(file: bytes) -> str:
    """A file as a request carries it."""
    return base64.b64encode(file).decode()


def cover_of(file: bytes) -> dict[str, Any]:
    """A cover of a file, with lyrics: nothing is sung in silence."""
    return {
        "model": FREE_COVER,
        "prompt": "slow folk with two guitars",
        "lyrics": LYRICS_OF_A_COVER,
        "audio_base64": in_text(file),
    }
