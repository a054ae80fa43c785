"""
A deployment of beatra in another framework, by the documents alone, gives no alarm, and the same verdicts every time.

`make others` certifies it several times in each way in which a user would; `make test` does so once, with what is free.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.others.certifying import expect_silence_and_constancy, tried
from tests.others.serving import FOLDER, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {
    "DEPLOYMENT_KEY": "sk-studio-0123456789abcdef",
    "DEPLOYMENT_SECOND_KEY": "sk-label-0123456789abcdef",
    "DEPLOYMENT_READING_KEY": "sk-reading-0123456789abcdef",
}
STATEMENT = """
[target]
system = "beatra"

[keys]
main_env = "DEPLOYMENT_KEY"
second_env = "DEPLOYMENT_SECOND_KEY"
forbidden_env = "DEPLOYMENT_READING_KEY"

[failing_request]
model = "minimax-music-2.6"
prompt = "a song like one of Elvis Presley's"
"""
WAYS = {"free": (), "capped": ("--max-credits", "310"), "play": ("--play-money",)}


HURRIED, UNHURRIED = "run = 1.5", "run = 12"
"""How many seconds a task works."""


@contextmanager
def deployment(log: Path) -> Iterator[str]:
    """A deployment that has no users yet."""
    with served("beatra_deployment", "deployment.toml", KEYS, log) as origin:
        yield f"{origin}/v1"


@contextmanager
def unhurried(log: Path) -> Iterator[str]:
    """
    The same with tasks that work for longer than it takes to cancel them, as polling every 2 to 15 seconds suggests.

    A task that is over before it can be cancelled is paid for, and what else the cap leaves room for is then chance.
    """
    settings = log.with_name("deployment.toml")
    settings.write_text((FOLDER / "beatra_deployment" / settings.name).read_text("utf-8").replace(HURRIED, UNHURRIED))
    assert UNHURRIED in settings.read_text("utf-8")
    with served("beatra_deployment", settings, KEYS, log) as origin:
        yield f"{origin}/v1"


@pytest.mark.parametrize("way", tried(tuple(WAYS)))
def test_no_alarm_and_no_verdict_that_changes(way: str, tmp_path: Path) -> None:
    serve = unhurried if way == "capped" else deployment
    verdicts = expect_silence_and_constancy(serve, STATEMENT, KEYS, tmp_path, *WAYS[way])

    assert ("BEATRA-AUTH-01", "pass") in verdicts
