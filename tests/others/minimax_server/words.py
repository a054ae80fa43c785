"""Lyrics: written by rule from the words of a prompt."""

from __future__ import annotations

import random
import re

_PLACES = ("the harbour", "a quiet street", "the morning", "this old town", "the open road", "the river")
_DEEDS = ("keeps on turning", "is calling me", "will not let go", "sings along", "fades to blue", "lights up again")
_STYLES = ("Pop", "Indie Folk", "Soul", "Synthwave", "Acoustic")


def write_song(prompt: str, title: str | None) -> dict[str, str]:
    """A title, style tags and lyrics; the same prompt gives the same song, no prompt a new one each time."""
    chance = random.Random(prompt) if prompt else random.Random()
    word = chance.choice(re.findall(r"\w{4,20}", prompt) or ["tomorrow"])
    verses = "\n".join(_line(chance, word) for _ in range(4))
    chorus = "\n".join(_line(chance, word) for _ in range(2))
    return {
        "song_title": title if title is not None else f"{word.title()} {chance.choice(('Lights', 'Days', 'Road'))}",
        "style_tags": ", ".join(chance.sample(_STYLES, 3)),
        "lyrics": f"[Intro]\n(Ooh)\n\n[Verse]\n{verses}\n\n[Chorus]\n{chorus}\n\n[Outro]\n{_line(chance, word)}",
    }


def edit_song(lyrics: str, prompt: str, title: str | None) -> dict[str, str]:
    """The given lyrics with a bridge that the prompt is the subject of."""
    song = write_song(prompt or lyrics, title)
    bridge = song["lyrics"].splitlines()[-1]
    kept = lyrics[:3300].rstrip()
    return {**song, "lyrics": f"{kept}\n\n[Bridge]\n{bridge}" if kept else song["lyrics"]}


def _line(chance: random.Random, word: str) -> str:
    return f"{word.capitalize()}, {chance.choice(_PLACES)} {chance.choice(_DEEDS)}"
