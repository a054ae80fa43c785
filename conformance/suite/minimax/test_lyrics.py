"""Lyrics: written as a whole song or edited, with a title, and with tags that a song can be made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conformance.client.errors import BlockedError
from conformance.journal.records import Mismatch
from conformance.money.budget import refuses, spends
from conformance.suite.minimax.answers import refused, taken
from conformance.suite.minimax.bodies import LYRICS
from conformance.suite.minimax.service import WRITES_LYRICS
from conformance.suite.scenarios import requirement, scenario

if TYPE_CHECKING:
    from conformance.journal.records import Exchange
    from conformance.suite.minimax.conftest import OpenService

OPERATION: Final = "generateLyrics"
PROMPT: Final = "A cheerful love song about a summer day at the beach"
TITLE: Final = "Rain on Tuesday 27"
TAGS: Final = frozenset(
    {
        "intro",
        "verse",
        "pre-chorus",
        "chorus",
        "hook",
        "drop",
        "bridge",
        "solo",
        "build-up",
        "instrumental",
        "breakdown",
        "break",
        "interlude",
        "outro",
    }
)
_TAG: Final = re.compile(r"^\s*\[([^\[\]\n]{1,40})\]", re.MULTILINE)
_NUMBER: Final = re.compile(r"\s*[0-9]+$")


@dataclass(frozen=True, slots=True)
class Written:
    """Lyrics for a prompt, and a song that was made of them; others with a title; others without a prompt."""

    lyrics: Exchange
    song: Exchange | None
    titled: Exchange
    with_empty_prompt: Exchange
    without_prompt: Exchange
    edited: Exchange


@scenario(spends(*(OPERATION,) * 5, requests=6))
def written(service: OpenService) -> Written:
    """Lyrics in both modes."""
    with service("written") as minimax:
        lyrics = minimax.write_lyrics({"mode": "write_full_song", "prompt": PROMPT})
        text = lyrics.get("/lyrics") if lyrics.accepted else None
        if isinstance(text, str):
            others = sorted(set(tags_in(text)) - TAGS)[:12]
            minimax.observe("MINIMAX-OBS-LYRICS-TAGS", f"beside the documented ones: {others}", lyrics)
        return Written(
            lyrics=lyrics,
            song=minimax.song(lyrics=text) if isinstance(text, str) and text else None,
            titled=minimax.write_lyrics({"mode": "write_full_song", "prompt": PROMPT, "title": TITLE}),
            with_empty_prompt=minimax.write_lyrics({"mode": "write_full_song", "prompt": ""}),
            without_prompt=minimax.write_lyrics({"mode": "write_full_song"}),
            edited=minimax.write_lyrics({"mode": "edit", "prompt": "Add a chorus", "lyrics": LYRICS}),
        )


@scenario(refuses(1, demanded_by="MINIMAX-LYRICS-05", requests=1))
def unknown_mode(service: OpenService) -> Exchange:
    """Lyrics in a mode that does not exist."""
    with service("unknown-mode") as minimax:
        return minimax.write_lyrics({"mode": "no_such_mode", "prompt": PROMPT})


def tags_in(text: str) -> list[str]:
    """The structure tags of lyrics, in small letters and without a number."""
    return [_NUMBER.sub("", tag.strip().lower()) for tag in _TAG.findall(text)]


def lyrics_of(exchange: Exchange) -> str:
    """The lyrics of an answer that is accepted (raises `Mismatch` where there are none)."""
    text = taken(exchange).string("/lyrics")
    if not text.strip():
        raise Mismatch("expected lyrics, got an empty text", exchange.id)
    return text


def text_of(written: Written) -> str:
    """The lyrics for a prompt; blocked where not even these are written."""
    try:
        return lyrics_of(written.lyrics)
    except Mismatch as problem:
        raise BlockedError(WRITES_LYRICS, str(problem)) from problem


@requirement("MINIMAX-LYRICS-01")
def test_a_whole_song_is_written(written: Written) -> None:
    lyrics_of(written.lyrics)

    assert written.lyrics.string("/song_title").strip()


@requirement("MINIMAX-LYRICS-02")
def test_a_title_is_kept(written: Written) -> None:
    assert taken(written.titled).string("/song_title") == TITLE


@requirement("MINIMAX-LYRICS-03")
def test_an_empty_prompt_gives_a_song(written: Written) -> None:
    text_of(written)

    lyrics_of(written.with_empty_prompt)


@requirement("MINIMAX-LYRICS-03")
def test_no_prompt_gives_a_song(written: Written) -> None:
    text_of(written)

    lyrics_of(written.without_prompt)


@requirement("MINIMAX-LYRICS-04")
def test_lyrics_are_edited(written: Written) -> None:
    lyrics_of(written.edited)


@requirement("MINIMAX-LYRICS-05")
def test_an_unknown_mode_is_refused(unknown_mode: Exchange) -> None:
    refused(unknown_mode)


@requirement("MINIMAX-LYRICS-08")
def test_written_lyrics_have_structure_tags(written: Written) -> None:
    found = tags_in(text_of(written))

    assert TAGS & set(found), f"expected a documented structure tag, got {found[:12]}"


@requirement("MINIMAX-LYRICS-09")
def test_written_lyrics_make_a_song(written: Written) -> None:
    if written.song is None:
        raise BlockedError(WRITES_LYRICS, f"no lyrics were written: {written.lyrics.summary}")

    taken(written.song)
