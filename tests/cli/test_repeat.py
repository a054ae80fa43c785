"""`conformance run --repeat N`: several runs under one seed and one cap, the last report about all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from conformance.cli.main import main
from tests.cli.runs import conformance

if TYPE_CHECKING:
    from pathlib import Path


class Runs:
    """Runs that are not made: each leaves a report with what it cost."""

    def __init__(self, reports: Path, *ends: tuple[int, str]) -> None:
        self.reports = reports
        self.ends = list(ends)
        self.commands: list[list[str]] = []

    def __call__(self, words: list[str], **_: object) -> Any:  # noqa: ANN401 - stands for a finished process
        self.commands.append(words[4:])
        status, cost = self.ends[len(self.commands) - 1]
        folder = self.reports / f"run-{len(self.commands)}"
        folder.mkdir(parents=True)
        spend = {"net": cost, "at_stake": "0"}
        (folder / "report.json").write_text(json.dumps({"spend": spend}), "utf-8")
        return type("Ended", (), {"returncode": status})


def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, ends: list[tuple[int, str]]) -> Runs:
    runs = Runs(tmp_path / "reports", *ends)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("conformance.cli.repeat.subprocess.run", runs)
    result = CliRunner().invoke(main, ["run", *arguments])
    assert result.exit_code == ends[len(runs.commands) - 1][0], result.output
    return runs


def test_every_run_has_the_same_seed_and_is_compared_with_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = made(tmp_path, monkeypatch, "http://x.test", "--repeat", "3", "-q", ends=[(0, "0"), (1, "0"), (1, "0")])
    seeds = {word for command in runs.commands for word in command if word.startswith("--seed=")}
    named = [command[-1].partition("=")[2] for command in runs.commands[1:]]

    assert len(seeds) == 1
    assert [command[:2] for command in runs.commands] == [["http://x.test", "-q"]] * 3
    assert [len(json.loads((tmp_path / name).read_text("utf-8"))) for name in named] == [1, 2]


def test_the_cap_holds_for_all_runs_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [(0, "130"), (0, "130"), (0, "50")]
    runs = made(tmp_path, monkeypatch, "http://x.test", "--repeat=5", "--max-credits", "310", ends=ends)
    caps = [[word for word in command if word.startswith("--max-credits=")] for command in runs.commands]

    assert caps == [["--max-credits=310"], ["--max-credits=180"], ["--max-credits=50"]]


@pytest.mark.parametrize("status", [2, 5])
def test_a_run_that_can_not_be_carried_out_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    assert len(made(tmp_path, monkeypatch, "http://x.test", "--repeat", "4", ends=[(status, "0")]).commands) == 1


def test_what_is_for_pytest_goes_to_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [(0, "0"), (0, "0")]
    runs = made(tmp_path, monkeypatch, "http://x.test", "--repeat", "2", "--", "-k", "paths", ends=ends)

    assert all(command[command.index("--") + 1 :][:2] == ["-k", "paths"] for command in runs.commands)


def test_the_last_report_speaks_of_all_runs(tmp_path: Path) -> None:
    done = conformance(
        "run", "--system", "beatra", "--repeat", "2", "-n", "0", "--", "-k", "unknown_path", folder=tmp_path
    )
    last = max(done.reports.glob("run-*/report.json"), key=lambda path: path.stat().st_mtime)
    report = json.loads(last.read_text("utf-8"))

    assert done.status == 0, done.output
    assert len(list(done.reports.glob("run-*"))) == 2
    assert "2 runs, all verdicts were the same." in report["remarks"]
