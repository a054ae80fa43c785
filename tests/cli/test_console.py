"""What a run prints while it goes on and at its end, on a terminal and elsewhere."""

from __future__ import annotations

import os
import pty
import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.forking import forker
from tests.cli.runs import clean_environment, conformance, pytest_forked, pytest_run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USAGE, UNJUDGED = 2, 5
# A port that nobody listens on: the shortest run that ends with a summary.
NOBODY = ("run", "http://127.0.0.1:9/v1")
SMALL = ("run", "--examples", "1", "--no-heavy", "--surfaces", "tasks", "--", "-k", "test_tasks")
ESCAPE = "\x1b"


def on_a_terminal(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """What the command writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    variables = clean_environment(**{"TERM": "xterm", "COLUMNS": "100", **(environment or {})})
    streams = (theirs, theirs, theirs)
    process = forker().fork(["-m", "conformance", *arguments], variables, streams, folder=folder, apart=True)
    os.close(theirs)
    told = b""
    try:
        while part := os.read(ours, 4096):
            told += part
    except OSError:  # on Linux the end of a terminal is an error
        pass
    finally:
        os.close(ours)
        process.wait(timeout=60)
    return told.decode()


@pytest.mark.parametrize(
    "options, environment, coloured",
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "yes"), {"NO_COLOR": "1"}, True),
        (("--color", "no"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_a_pipe_gets_colour_only_where_somebody_asks_for_it(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str], *, coloured: bool
) -> None:
    run = conformance(
        *NOBODY, *options, folder=tmp_path, environment={"NO_COLOR": "", "FORCE_COLOR": "", **environment}
    )

    assert run.status == UNJUDGED
    assert (ESCAPE in run.output) == coloured


@pytest.mark.parametrize("environment, coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_unless_it_or_somebody_wants_none(
    tmp_path: Path, environment: dict[str, str], *, coloured: bool
) -> None:
    told = on_a_terminal(tmp_path, *NOBODY, environment={"NO_COLOR": "", "FORCE_COLOR": "", **environment})

    assert "inconclusive · 0 of" in told
    assert (f"{ESCAPE}[" in told) == coloured


def test_on_a_terminal_a_line_tells_how_far_the_run_has_come_and_is_gone_at_its_end(tmp_path: Path) -> None:
    told = on_a_terminal(tmp_path, *SMALL, environment={"NO_COLOR": "1", "FORCE_COLOR": ""})

    progress, _, summary = told.partition(" conformance ")
    assert re.search(r"\rasking the target · \d+ s", progress)
    assert re.search(r"\rjudging · (\d+) of \1 tests · \d+ s", progress)
    assert all(len(line) <= 100 for line in progress.split("\r"))
    assert "tests ·" not in summary


def test_elsewhere_a_short_run_prints_its_summary_alone(tmp_path: Path) -> None:
    run = conformance(*SMALL, folder=tmp_path)

    first, second, *_, last = run.output.strip().splitlines()
    assert first.strip("=") == " conformance "
    assert second == run.report["headline"]
    assert re.fullmatch(r"\d+ pass, .* in [\d.]+ s", last)
    assert "\r" not in run.output


def test_a_quiet_run_without_failures_prints_its_headline_alone(tmp_path: Path) -> None:
    run = conformance("run", "--quiet", *SMALL[1:], folder=tmp_path)

    assert run.output.strip() == run.report["headline"]


@pytest.mark.parametrize("options", [("-q",), ("-q", "-n", "2")])
def test_pytest_itself_ends_at_100_per_cent(options: tuple[str, ...], tmp_path: Path) -> None:
    run = pytest_forked(*options, "--pyargs", "conformance.suite", "-k", "namespace", folder=tmp_path)

    assert re.findall(r"\d+%\]", run.output) == ["100%]"]
    assert re.search(r"^[.sxE]+ +\[100%\]$", run.output, re.MULTILINE)


def test_each_monitor_is_counted_where_each_test_is_named(tmp_path: Path) -> None:
    run = pytest_forked("-v", "--pyargs", "conformance.suite", "-k", "namespace", folder=tmp_path)

    shares = [int(share) for share in re.findall(r"\[ *(\d+)%\]", run.output)]
    assert shares[-1] == 100
    assert max(shares) == 100
    assert "test_monitors.py::" in run.output or "monitors" in run.output


def test_workers_leave_the_line_on_a_terminal_alone(tmp_path: Path) -> None:
    told = on_a_terminal(tmp_path, *SMALL[:-2], "-k", "test_tasks", "-n", "2", environment={"NO_COLOR": "1"})

    assert "bringing up nodes" not in told
    assert re.search(r"\rrunning · \d+ of \d+ tests", told)


def test_a_quiet_run_with_workers_prints_its_headline_alone(tmp_path: Path) -> None:
    run = conformance("run", "--quiet", "-n", "2", *SMALL[1:], folder=tmp_path)

    assert run.output.strip() == run.report["headline"]


def test_what_was_deselected_is_said_to_be(tmp_path: Path) -> None:
    run = conformance("run", "--", "-k", "test_document", folder=tmp_path)

    reasons = {entry["id"]: entry["reason"] for entry in run.report["requirements"] if entry["verdict"] != "pass"}
    assert reasons["BEATRA-MONEY-10"] == "deselected: the tests that judge it were left out of this run"
    assert not [reason for reason in reasons.values() if reason.startswith("nothing in this run exercised it")]
    assert "  deselected: the tests that judge it were left out of this run (" in run.output


def test_who_names_a_target_but_no_tests_is_told_how(tmp_path: Path) -> None:
    run = pytest_run("--base-url", "http://127.0.0.1:9/v1", folder=tmp_path)

    assert "To certify a target: pytest --pyargs conformance.suite --base-url URL" in run.output


def test_a_run_can_not_be_quiet_and_verbose(tmp_path: Path) -> None:
    run = conformance(*NOBODY, "-q", "-v", folder=tmp_path)

    assert run.status == USAGE
    assert "--quiet and --verbose contradict each other" in run.output
