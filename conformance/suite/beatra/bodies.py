"""Request bodies that every reading of the documents accepts, and the file that is uploaded as a reference."""

from __future__ import annotations

import io
import wave
from typing import Any, Final

from conformance.client.building import Upload

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


def _silence(seconds: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(2 * 8000 * seconds))
    return buffer.getvalue()


# Seven seconds: between the shortest and the longest reference that any model's rules name.
REFERENCE_FILE: Final = Upload("reference.wav", _silence(7), "audio/wav")
