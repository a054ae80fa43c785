"""
A deployment of beatra in another framework, by the documents alone, gives no alarm, and the same verdicts every time.

`make others` certifies it several times in each way in which a user would; `make test` does so once, with what is free.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import conformance
from tests.others.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = int(os.environ.get("CONFORMANCE_OTHERS_RUNS", "1"))
KEYS = {
    "DEPLOYMENT_KEY": "sk-studio-0123456789abcdef",
    "DEPLOYMENT_SECOND_KEY": "sk-label-0123456789abcdef",
    "DEPLOYMENT_READING_KEY": "sk-reading-0123456789abcdef",
}
STATEMENT = """
[target]
system = "beatra"
surfaces = ["music", "tasks", "uploads"]

[keys]
main_env = "DEPLOYMENT_KEY"
second_env = "DEPLOYMENT_SECOND_KEY"
forbidden_env = "DEPLOYMENT_READING_KEY"

[failing_request]
model = "minimax-music-2.6"
prompt = "a song like one of Elvis Presley's"
"""
WAYS = {"free": (), "capped": ("--max-credits", "310"), "play": ("--play-money",)}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("deployment") / "errors.log"
    with served("beatra_deployment", "deployment.toml", KEYS, log) as origin:
        yield f"{origin}/v1"


@pytest.mark.parametrize("way", WAYS if RUNS > 1 else ("free",))
def test_no_alarm_and_no_verdict_that_changes(url: str, way: str, tmp_path: Path) -> None:
    seen = set()
    for seed in range(1, RUNS + 1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "target.toml").write_text(STATEMENT)
        arguments = ("run", url, "--target", "target.toml", "--seed", str(seed), *WAYS[way])
        finished = conformance(*arguments, folder=folder, environment=KEYS)
        assert finished.status == 0, finished.output
        seen.add(finished.verdicts)

    assert len(seen) == 1, [sorted(verdicts - next(iter(seen))) for verdicts in seen]
    assert {verdict for _, verdict in next(iter(seen))} <= {"pass", "inconclusive", "not_applicable"}
