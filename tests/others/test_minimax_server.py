"""A server of MiniMax in another framework, by the documents alone: no alarm, and the same verdicts every time."""

from __future__ import annotations

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

[prices]
"music-2.6" = "0.15"
music-cover = "0.15"
"""
WAYS = {"play": ("--play-money",)}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("minimax") / "errors.log"
    with served("minimax_server", "server.toml", KEYS, log) as origin:
        yield origin


@pytest.mark.parametrize("way", tried(tuple(WAYS)))
def test_no_alarm_and_no_verdict_that_changes(url: str, way: str, tmp_path: Path) -> None:
    verdicts = expect_silence_and_constancy(url, STATEMENT, KEYS, tmp_path, *WAYS[way])

    assert ("MINIMAX-AUTH-01", "pass") in verdicts
