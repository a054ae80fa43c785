"""Lyrics that are written or changed on demand."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

TAGS = (
    "Intro",
    "Verse",
    "Pre-Chorus",
    "Chorus",
    "Hook",
    "Drop",
    "Bridge",
    "Solo",
    "Build-up",
    "Instrumental",
    "Breakdown",
    "Break",
    "Interlude",
    "Outro",
)

_LONGEST = 3500
_LINES = (
    "The morning comes in colours",
    "We count the stars by name",
    "A river knows the answer",
    "No summer stays the same",
    "The city hums a little",
    "Your letter on the floor",
    "The wind has learned to whistle",
    "And dances through the door",
)
_STYLES = ("Pop", "Folk", "Warm", "Acoustic", "Upbeat", "Dreamy", "Indie", "Soul")
_TITLES = ("Morning Letters", "River of Names", "Little City", "Door to Summer")
_WORD = re.compile(r"[A-Za-z]{4,}")
_OUTRO = "\n\n[Outro]\nLet it fade, let it stay"


@dataclass(frozen=True, slots=True)
class Lyrics:
    """A song in words."""

    title: str
    style_tags: str
    text: str


class Lyricist:
    """Writes songs, the same for the same request, and another one each time when nothing is asked for."""

    def answer(self, body: dict[str, Any]) -> Lyrics:
        """The song that a request asks for."""
        prompt = body.get("prompt") or secrets.token_hex(8)
        choices = hashlib.sha256(prompt.encode()).digest()
        text = body.get("lyrics") if body["mode"] == "edit" else None
        return Lyrics(
            title=self.title(body, choices),
            style_tags=self.style_tags(choices),
            text=self.edited(text, prompt) if text else self.written(prompt, choices),
        )

    def title(self, body: dict[str, Any], choices: bytes) -> str:
        """The title that was given, else one of our own."""
        given: str | None = body.get("title")
        return given or _TITLES[choices[0] % len(_TITLES)]

    def style_tags(self, choices: bytes) -> str:
        """Styles that fit, separated by commas."""
        first = choices[1] % len(_STYLES)
        return ", ".join((_STYLES * 2)[first : first + 3])

    def written(self, prompt: str, choices: bytes) -> str:
        """A new song about the prompt."""
        found = _WORD.search(prompt)
        word = found[0] if found else "dreams"
        verse = "\n".join(self.line(choices[at]) for at in range(4))
        chorus = f"Oh {word}, oh {word}\n{self.line(choices[5])}"
        return self.song(verse, chorus)

    def song(self, verse: str, chorus: str) -> str:
        """The parts of a song, each with its tag."""
        return f"[Intro]\n(Ooh-ooh)\n\n[Verse]\n{verse}\n\n[Chorus]\n{chorus}{_OUTRO}"

    def edited(self, text: str, prompt: str) -> str:
        """The lyrics that were given, with tags and another end, still short enough to be sung."""
        del prompt
        tagged = text if text.lstrip().startswith("[") else f"[Verse]\n{text}"
        return tagged[: _LONGEST - len(_OUTRO)] + _OUTRO

    def line(self, choice: int) -> str:
        """One line."""
        return _LINES[choice % len(_LINES)]
