"""However a run is started, on however many workers: it collects the same tests and comes to the same verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import CHECKOUT, LEAN, conformance, pytest_run
from tests.plugin.ways import WAYS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox

OK = 0
FEW = (
    *("--conformance-seed", "1", "--conformance-examples", "1", "--conformance-histories", "0"),
    *("--conformance-heavy", "no"),
)
# Hand-written tests with parameters and generated ones: not many, because every way runs them again.
SELECTED = (*FEW, "-k", "namespace or listTasks")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The selection as `conformance run` without a URL judges it."""
    return conformance("run", "--", *SELECTED, folder=tmp_path_factory.mktemp("embedded"))


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_start_runs_the_same_tests_to_the_same_verdicts(
    way: str, workers: str, embedded: Finished, served: Sandbox, tmp_path: Path
) -> None:
    run = WAYS[way](served, tmp_path, *SELECTED, "-n", workers)

    assert embedded.status == OK, embedded.output
    assert run.status == OK, run.output
    assert len(run.collected) >= 5
    assert run.collected == embedded.collected
    assert run.verdicts == embedded.verdicts


def test_the_whole_suite_comes_to_the_same_verdicts_embedded_and_served_and_distributed(
    served: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "served").mkdir()
    whole = conformance("run", "--", *FEW, folder=tmp_path)
    distributed = WAYS["command"](served, tmp_path / "served", *FEW, "-n", "2")

    assert whole.status == OK, whole.output
    assert distributed.status == OK, distributed.output
    assert distributed.collected == whole.collected
    assert distributed.verdicts == whole.verdicts


def test_every_way_to_start_lists_the_same_tests(served: Sandbox, tmp_path: Path) -> None:
    listed = {way: start(served, tmp_path, "--collect-only", "-qq", "--verbosity=-1") for way, start in WAYS.items()}
    ids = {way: {line for line in run.output.splitlines() if "::" in line} for way, run in listed.items()}

    assert [run.status for run in listed.values()] == [OK, OK, OK]
    assert len(ids["command"]) > 50
    assert {name.partition("/test_")[0] for name in ids["command"]} == {
        "conformance/suite",
        "conformance/suite/beatra",
    }
    assert ids["checkout"] == ids["command"]
    assert ids["pyargs"] == ids["command"]
    assert not list(tmp_path.glob("**/run-*"))


def test_plain_pytest_in_the_checkout_collects_the_projects_own_tests_only(tmp_path: Path) -> None:
    # Of the files of the project's tests and of the suite, those of one name, since importing all takes seconds.
    name = "test_documents.py"
    arguments = ("--collect-only", "-q", "-o", f"cache_dir={tmp_path}", "-o", f"python_files={name}")

    run = pytest_run(*arguments, folder=CHECKOUT, environment=LEAN)

    ids = [line for line in run.output.splitlines() if "::" in line]
    assert run.status == OK
    assert list((CHECKOUT / "conformance" / "suite").rglob(name))
    assert len(ids) > 20
    assert [name for name in ids if not name.startswith("tests/")] == []
