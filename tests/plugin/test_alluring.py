"""Results for Allure: one for each requirement, also where Allure's own plugin is installed and takes part."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.cli.runs import LEAN, conformance
from tests.plugin.ways import in_the_checkout

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.runs import Finished, Sandbox

OK, ERROR = 0, 3
FEW = ("--conformance-seed", "1", "--conformance-examples", "1", "-k", "namespace or listTasks")
WITH_ALLURE = {**LEAN, "PYTEST_PLUGINS": f"allure_pytest.plugin,{LEAN['PYTEST_PLUGINS']}"}


def results(folder: Path) -> dict[str, str]:
    """The status of each requirement, by its id."""
    found = [json.loads(path.read_text("utf-8")) for path in folder.glob("*-result.json")]
    names = [result["fullName"].rpartition(".")[2] for result in found]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    return {name: result["status"] for name, result in zip(names, found, strict=True)}


def expected(run: Finished) -> dict[str, str]:
    words = {"pass": "passed", "inconclusive": "skipped"}
    return {name: words[verdict] for name, verdict in run.verdicts}


def test_the_command_writes_one_result_for_each_requirement(tmp_path: Path) -> None:
    run = conformance("run", "--alluredir", "allure", "--", *FEW, folder=tmp_path)

    assert run.status == OK, run.output
    assert results(tmp_path / "allure") == expected(run)
    assert len(list((tmp_path / "allure").glob("*-attachment.txt"))) > 3


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_folder_that_can_not_be_written_to_is_told_in_a_sentence(tmp_path: Path, workers: str) -> None:
    (tmp_path / "allure").write_text("no folder")

    run = conformance("run", "--alluredir", "allure", "-n", workers, "--", *FEW, folder=tmp_path)

    assert run.status == ERROR
    assert f"The results for Allure can't be written to {tmp_path / 'allure'}: File exists." in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("workers", ["0", "2"])
def test_pytest_with_allures_own_plugin_writes_the_same(served: Sandbox, tmp_path: Path, workers: str) -> None:
    (tmp_path / "allure").mkdir()
    (tmp_path / "allure" / "old-result.json").write_text("{}")
    options = ("--alluredir", str(tmp_path / "allure"), "--clean-alluredir", "-n", workers)

    run = in_the_checkout(served, tmp_path / "run", *FEW, *options, plugins=WITH_ALLURE)

    assert run.status == OK, run.output
    assert results(tmp_path / "allure") == expected(run)
