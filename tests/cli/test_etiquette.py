"""A run treats its target as gently as was asked for, whatever the number of its processes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import KEY, conformance
from tests.cli.watching import watching

if TYPE_CHECKING:
    from pathlib import Path

USAGE, INCOMPLETE = 2, 0
ENVIRONMENT = {KEY: "sk-0123456789abcdef0123456789abcdef"}
# Each a part of the suite that sends enough: one request after the other, or many scenarios side by side.
DRAWN = ("--examples", "8", "--", "-k", "test_generated")
WRITTEN = ("--", "-k", "not test_generated")
# How long a run may take against a target that refuses everything; on an idle machine it takes a third of it.
SECONDS = 30


def test_no_more_requests_are_under_way_than_was_asked_for_over_all_processes(tmp_path: Path) -> None:
    with watching(seconds=0.005) as watch:
        options = ("--concurrency", "1", "-n", "3", *WRITTEN)
        conformance("run", watch.base_url, *options, folder=tmp_path, environment=ENVIRONMENT)

    assert len(watch.moments) > 20
    assert watch.most_at_once == 1


def test_without_being_asked_a_run_keeps_several_requests_under_way(tmp_path: Path) -> None:
    with watching(seconds=0.02) as watch:
        conformance("run", watch.base_url, *WRITTEN, folder=tmp_path, environment=ENVIRONMENT)

    assert watch.most_at_once > 1


def test_a_rate_holds_for_all_processes_together(tmp_path: Path) -> None:
    with watching() as watch:
        options = ("--rate", "20/s", "-n", "2", *DRAWN)
        conformance("run", watch.base_url, *options, folder=tmp_path, environment=ENVIRONMENT)

    # One look at the target comes before the run; on a busy machine two neighbours may change their order.
    assert len(watch.moments) > 40
    assert watch.busiest_second <= 20 + 3


def test_a_target_that_refuses_everything_is_inconclusive_before_long(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text('[target]\nmoney = "play"\n', "utf-8")
    with watching(status=429, headers={"Retry-After": "1"}) as watch:
        options = ("--target", "target.toml", "--examples", "5", "--no-heavy")
        run = conformance("run", watch.base_url, *options, folder=tmp_path, environment=ENVIRONMENT)

    assert run.seconds < SECONDS
    assert run.status == INCOMPLETE
    assert not {verdict for _, verdict in run.verdicts} & {"fail", "error"}
    assert any("429" in entry["reason"] for entry in run.report["requirements"] if entry["verdict"] == "inconclusive")


def test_every_request_names_the_run_and_goes_straight_to_the_target(tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "http_proxy": "http://proxy.invalid:3128", "no_proxy": ""}
    with watching() as watch:
        run = conformance("run", watch.base_url, "--examples", "1", folder=tmp_path, environment=environment)

    (agent,) = watch.agents
    assert re.fullmatch(rf"music-api-conformance/\S+ \(run {run.folder.name}\)", agent)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--rate", "fast"], "--rate must be more than 0 and written like 5/s or 30/min, not 'fast'."),
        (["--concurrency", "0"], "--concurrency must be a whole number from 1 to 1000, not '0'."),
        (["--proxy", "proxy.example:3128"], 'The proxy must start with http://, not "proxy.example:3128".'),
        (["--proxy", "http://me:secret@proxy.example"], "The proxy must not carry a user name or password"),
    ],
)
def test_what_has_no_meaning_is_refused(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    run = conformance("run", *arguments, folder=tmp_path)

    assert run.status == USAGE
    assert sentence in run.output
    assert "secret" not in run.output
    assert "Traceback" not in run.output
