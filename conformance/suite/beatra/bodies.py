"""Request bodies that every reading of the documents accepts, and the file that is uploaded as a reference."""

from __future__ import annotations

from typing import Any, Final

from conformance.client.request import Upload
from conformance.suite.audio import silence

SUNO: Final = "suno-5.5"
MINIMAX: Final = "minimax-music-2.6"

# Short enough for every model's limit, long enough for the strictest lower bound that any text names.
SONG: Final[dict[str, Any]] = {"model": SUNO, "prompt": "dream pop, warm analog drums, bright chorus"}
CHEAP_SONG: Final[dict[str, Any]] = {
    "model": MINIMAX,
    "prompt": "quiet piano and soft strings at night",
    "lyrics": "[Verse]\nCity lights are waking\nMorning comes again",
    "title": "City Lights",
}
# The example of the music guide, value by value.
DOCUMENTED_EXAMPLE: Final[dict[str, Any]] = {
    "model": SUNO,
    "prompt": "dream pop, warm analog drums, bright chorus",
    "lyrics": "[Verse]\nCity lights are waking",
    "instrumental": False,
    "model_options": {"suno": {"custom_mode": True, "style_weight": 0.6}},
}


# Seven seconds: between the shortest and the longest reference that any model's rules name. MP3 is the one type that a
# document shows.
REFERENCE_FILE: Final = Upload("reference.mp3", silence(7), "audio/mpeg")
# Where two artifacts are needed their bytes must differ: a store may keep equal files once.
OTHER_REFERENCE_FILE: Final = Upload("reference.mp3", silence(7.5), "audio/mpeg")
FOREIGN_REFERENCE_FILE: Final = Upload("reference.mp3", silence(8), "audio/mpeg")
