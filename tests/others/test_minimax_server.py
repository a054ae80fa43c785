"""A server of MiniMax in another framework, by the documents alone: no alarm, and the same verdicts every time."""

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
    "SERVER_KEY": "sk-api-paying-0123456789",
    "SERVER_FREE_KEY": "sk-api-free-0123456789",
    "SERVER_EMPTY_KEY": "sk-api-empty-0123456789",
}
STATEMENT = """
[target]
system = "minimax"

[keys]
main_env = "SERVER_KEY"
"""
PRICES = """
[prices]
"music-2.6" = "0.15"
music-cover = "0.15"
preprocessCover = "0"
generateLyrics = "0"
"""
# The prices that the run is told of, and how it goes about it.
WAYS = {
    "play": (PRICES, "--play-money"),
    "capped": (PRICES, "--max-credits", "6"),
    "purchases": ("", "--max-purchases", "41"),
}


@contextmanager
def server(log: Path) -> Iterator[str]:
    """A server that nobody used before."""
    with served("minimax_server", "server.toml", KEYS, log) as origin:
        yield origin


@pytest.mark.parametrize("way", tried(tuple(WAYS)))
def test_no_alarm_and_no_verdict_that_changes(way: str, tmp_path: Path) -> None:
    prices, *options = WAYS[way]
    verdicts = expect_silence_and_constancy(server, STATEMENT + prices, KEYS, tmp_path, *options)

    assert ("MINIMAX-AUTH-01", "pass") in verdicts
