"""A server of Beatoven in another framework, by the documents alone: no alarm, and the same verdicts every time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.others.certifying import expect_silence_and_constancy, tried
from tests.others.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {
    "SERVER_KEY": "token-one-0123456789abcdefghijkl",
    "SERVER_SECOND_KEY": "token-two-0123456789abcdefghijkl",
    "SERVER_EMPTY_KEY": "token-empty-0123456789abcdefghij",
}
STATEMENT = """
[target]
system = "beatoven"

[keys]
main_env = "SERVER_KEY"
second_env = "SERVER_SECOND_KEY"
"""
PRICES = """
[prices]
composeTrack = "1"
composeCreatedTrack = "1"
"""
# The prices that the run is told of, and how it goes about it.
WAYS = {
    "play": (PRICES, "--play-money"),
    "capped": (PRICES, "--max-credits", "16"),
    "purchases": ("", "--max-purchases", "16"),
}


@contextmanager
def server(log: Path) -> Iterator[str]:
    """A server that nobody used before."""
    with served("beatoven_server", "server.toml", KEYS, log) as origin:
        yield origin


@pytest.mark.parametrize("way", tried(tuple(WAYS)))
def test_no_alarm_and_no_verdict_that_changes(way: str, tmp_path: Path) -> None:
    prices, *options = WAYS[way]
    verdicts = expect_silence_and_constancy(server, STATEMENT + prices, KEYS, tmp_path, *options)

    assert ("BEATOVEN-AUTH-01", "pass") in verdicts
